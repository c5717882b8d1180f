"""Runs the binary, with its time and memory taken, and says what a trial expects."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

SECONDS, MEGABYTES = 15.0, 200.0
"""What a command may take unless its trial says otherwise."""

Trial = Callable[["Bench"], None]
TRIALS: dict[str, Trial] = {}

SERVICE = """
name = "thing"
title = "A thing"
[target]
base_url = "http://localhost:1"
[[endpoints]]
name = "thing"
method = "GET"
path = "/thing"
event = "authorization"
"""

PLAIN = ["--rate", "50", "--duration", "1s", "--warm-up", "0s", "--connections", "4", "--slo", "errors<=100%"]
"""A short run that any target is good enough for."""


class LeftOut(Exception):
    """This machine cannot play the trial."""


def trial(name: str) -> Callable[[Trial], Trial]:
    """Lists a trial."""

    def list_it(function: Trial) -> Trial:
        assert name not in TRIALS, name
        TRIALS[name] = function
        return function

    return list_it


def needs_root() -> None:
    """Leaves a trial out without root."""
    if os.geteuid() != 0:
        raise LeftOut("needs root")


@dataclass
class Ended:
    """What became of a command."""

    code: int
    out: str
    err: str
    seconds: float
    peak_mb: float

    def told(self) -> str:
        return self.err[-600:] or self.out[-600:]

    def expect(
        self, code: int | Iterable[int], *fragments: str, seconds: float = SECONDS, megabytes: float = MEGABYTES
    ) -> Ended:
        """Fails unless the command ended like this; fragments in whatever it said."""
        codes = [code] if isinstance(code, int) else list(code)
        assert self.code in codes, f"exit {self.code} instead of {codes}: {self.told()}"
        said = " ".join((self.out + self.err).split())
        for fragment in fragments:
            assert fragment in said, f"does not say {fragment!r}: {self.told()}"
        for never in ["internal error", "panicked", "report it"]:
            assert never not in said, self.told()
        assert self.seconds <= seconds, f"took {self.seconds:.1f} s, at most {seconds:g}"
        assert self.peak_mb <= megabytes, f"took {self.peak_mb:.0f} MB, at most {megabytes:g}"
        return self


class Bench:
    """A folder for one trial, and the binary."""

    def __init__(self, tapdeck: Path) -> None:
        self.tapdeck = tapdeck
        self.stack = ExitStack()
        self.folder = Path()
        self.seconds = self.peak_mb = 0.0
        self.serving: set[int] = set()

    def __enter__(self) -> Bench:
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        """Gives the variables of a command: nothing that leads anywhere but what the trial sets."""
        led = ("S3_", "MINIO_", "AUTH", "RULE", "TRANS", "APPROV", "TAPDECK")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(led)}
        return kept | {"TAPDECK_CACHE": str(self.folder / "cache")} | variables

    def start(
        self,
        *words: object,
        variables: dict[str, str] | None = None,
        limits: dict[int, int] | None = None,
        prefix: Iterable[str] = (),
        out: object = None,
    ) -> subprocess.Popen:
        """Starts a command."""

        def limit() -> None:
            for what, most in (limits or {}).items():
                resource.setrlimit(what, (most, most))

        return subprocess.Popen(
            [*prefix, str(self.tapdeck), *map(str, words)],
            cwd=self.folder,
            env=self.environment(variables or {}),
            preexec_fn=limit,
            stdin=subprocess.DEVNULL,
            stdout=out if out is not None else (self.folder / "stdout").open("wb"),
            stderr=(self.folder / "stderr").open("wb"),
        )

    def run(self, *words: object, timeout: float = 60, during: Callable[[subprocess.Popen], None] | None = None, **how) -> Ended:
        """Runs a command to its end; one that takes too long is killed."""
        begun = time.monotonic()
        process = self.start(*words, **how)
        killer = threading.Timer(timeout, process.kill)
        killer.start()
        if during:
            threading.Thread(target=during, args=[process], daemon=True).start()
        _, status, usage = os.wait4(process.pid, 0)
        killer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = Ended(
            process.returncode,
            (self.folder / "stdout").read_text(errors="replace") if (self.folder / "stdout").exists() else "",
            (self.folder / "stderr").read_text(errors="replace"),
            time.monotonic() - begun,
            usage.ru_maxrss / 1024,
        )
        self.seconds = max(self.seconds, ended.seconds)
        self.peak_mb = max(self.peak_mb, ended.peak_mb)
        return ended

    def left_running(self) -> list[int]:
        """Gives the processes of the trial that still run, but for its stand-ins."""
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in pids if pid not in self.serving and self.is_ours(pid)]

    def is_ours(self, pid: int) -> bool:
        try:
            where, what = os.readlink(f"/proc/{pid}/cwd"), os.readlink(f"/proc/{pid}/exe")
        except OSError:
            return False
        return Path(where) == self.folder and Path(what) == self.tapdeck

    def write(self, name: str, text: str | bytes) -> Path:
        """Writes a file of the trial."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def tape(self, service: str = SERVICE, count: int = 1_000, name: str = "some.tape") -> Path:
        """Makes a tape of one endpoint without bodies."""
        definition = self.write("thing.toml", service)
        self.run("generate", "--service", definition, "--seed", 1, "--count", count, "-o", name, "--quiet").expect(0)
        return self.folder / name

    def stand_in(self, *words: str, variables: dict[str, str] | None = None) -> str:
        """Starts a stand-in for the length of the trial; gives its address."""
        command = [str(self.tapdeck), "stand-in", *words, "--port", "0"]
        environment = self.environment(variables or {})
        process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.serving.add(process.pid)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        for line in process.stdout:
            for word in line.decode().split():
                if word.startswith("http://"):
                    return word.rstrip(".,;")
        raise AssertionError("the stand-in did not start")


def send_after(seconds: float, number: int) -> Callable[[subprocess.Popen], None]:
    """Sends a signal to a command a while after its start."""

    def during(process: subprocess.Popen) -> None:
        time.sleep(seconds)
        process.send_signal(number)

    return during


def interrupt_after(seconds: float) -> Callable[[subprocess.Popen], None]:
    """Does what Ctrl-C does."""
    return send_after(seconds, signal.SIGINT)


def has(program: str) -> bool:
    """Tells whether a program is installed."""
    return shutil.which(program) is not None
