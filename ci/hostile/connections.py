"""Reconnecting is bounded, however a target lets go of connections."""

import socket
import struct
import time

from bench import Bench, trial
from servers import OnConnection, Server

PLACES = 8
MOST = 1 + PLACES * 14
"""Pauses of 0, 10, 20, 40 .. 1,000 ms on each place, in some four seconds; the probe opens one more."""

EMPTY_SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
GOAWAY = bytes([0, 0, 8, 7, 0, 0, 0, 0, 0]) + bytes(8)
BAD_SETTINGS = bytes([0, 0, 5, 4, 0, 0, 0, 0, 0]) + b"wrong"


def hang_up(connection: socket.socket) -> None:
    """Closes at once."""


def later(connection: socket.socket) -> None:
    time.sleep(0.01)


def half_close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65_536):
        pass


def after_request(connection: socket.socket) -> None:
    connection.recv(65_536)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def within_answer(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")


def goaway(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(EMPTY_SETTINGS + GOAWAY)
    time.sleep(0.005)


def bad_settings(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(BAD_SETTINGS)
    time.sleep(0.005)


def never_more_than_planned(bench: Bench, on_connection: OnConnection, *flags: str) -> None:
    tape, server = bench.tape(count=20_000), Server(on_connection)
    run = ["--rate", "1000", "--duration", "3s", "--warm-up", "0s", "--timeout", "1s", "--connections", PLACES]
    bench.run("replay", tape, "--target", server.url, *run, *flags).expect((1, 3, 5))
    assert server.connections <= MOST, f"{server.connections} connections, at most {MOST}"


for name, on_connection, flags in [
    ("closes at once", hang_up, []),
    ("closes after 10 ms", later, []),
    ("closes its half", half_close, []),
    ("closes on every request", after_request, []),
    ("resets at once", reset, []),
    ("closes within answers", within_answer, []),
    ("says GOAWAY at once", goaway, ["--http", "2"]),
    ("sends damaged SETTINGS", bad_settings, ["--http", "2"]),
]:
    trial(f"reconnecting: a target that {name}")(
        lambda bench, on_connection=on_connection, flags=flags: never_more_than_planned(bench, on_connection, *flags)
    )
