"""Servers on loopback that do what a trial wants, right or wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

OnConnection = Callable[[socket.socket], None]


class Server:
    """Hands each connection to a function on a thread of its own, and counts them."""

    def __init__(self, on_connection: OnConnection) -> None:
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(1024)
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        self.on_connection = on_connection
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def accept(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.guarded, args=[connection], daemon=True).start()

    def guarded(self, connection: socket.socket) -> None:
        try:
            self.on_connection(connection)
        except OSError:
            pass
        finally:
            connection.close()


def answering(answer: Callable[[bytes, bytes], bytes | None]) -> OnConnection:
    """Answers each request by its head and body; `None` hangs up."""

    def on_connection(connection: socket.socket) -> None:
        file = connection.makefile("rb")
        while (head := read_head(file)) is not None:
            lines = head.lower().split(b"\r\n")
            lengths = [int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")]
            reply = answer(head, file.read(sum(lengths)))
            if reply is None:
                return
            connection.sendall(reply)

    return on_connection


def read_head(file) -> bytes | None:
    """Reads the head of a request; `None` at the end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = file.readline()
        if not line:
            return None
        head += line
    return head


def ok(body: str | bytes = "{}", extra: str = "", status: str = "200 OK") -> bytes:
    """Writes an answer."""
    body = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def endless(first: bytes, piece: bytes) -> OnConnection:
    """Reads a request and answers without end."""

    def on_connection(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(first)
        while True:
            connection.sendall(piece)

    return on_connection


def silent(connection: socket.socket) -> None:
    """Reads and never answers."""
    while connection.recv(65_536):
        pass
