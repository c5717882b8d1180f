"""The tools that are compared: how each is told to do the same work, and what it says it did.

Owns command lines and output formats. Knows nothing of cores, of costs, or of who wins.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PATH = "/v1/evaluate/auth"

BACKLOG = 2
"""Requests that may wait or be in flight per connection while tapdeck is offered more than it can send: one in flight
and one waiting, so that no connection is ever without work and everything else is dropped at once."""


@dataclass(frozen=True)
class Load:
    """What every tool of a session is asked for."""

    url: str
    tape: Path
    body: Path
    connections: int
    seconds: int
    rate: int | None
    """Requests per second; None for as many as possible."""


@dataclass(frozen=True)
class Figures:
    """What a tool says about its run."""

    requests: int
    """Requests sent, by tools that count them; answers received otherwise."""
    errors: int
    seconds: float
    """Time over which the requests were counted."""
    p50_us: float
    p99_us: float
    send_lag_p50_us: float | None = None
    send_lag_p99_us: float | None = None
    verdict: str | None = None
    lane_cpu_us: float | None = None
    """CPU time of the sending threads alone, per request."""


class Peer(Protocol):
    """A tool under comparison."""

    binary: str
    name: str
    expected_exits: set[int]

    def command(self, load: Load) -> list[str]: ...

    def figures(self, stdout: str) -> Figures: ...


@dataclass(frozen=True)
class Tapdeck:
    """Us. A verdict is part of the result, so its exit codes are no failures."""

    binary: str
    name: str
    arrivals: str
    pacing: str
    """One of its modes, or default."""
    offered: int
    """Rate to offer when the load asks for as much as possible."""
    expected_exits = {0, 1, 5}

    def command(self, load: Load) -> list[str]:
        saturates = load.rate is None
        rate = self.offered if saturates else load.rate
        command = [self.binary, "replay", str(load.tape), "--json", "--lanes", "1"]
        command += ["--target", load.url, "--connections", str(load.connections)]
        command += ["--rate", str(rate), "--arrivals", self.arrivals]
        # No warm-up: its requests would cost CPU time and not be counted.
        command += ["--duration", f"{load.seconds}s", "--warm-up", "0s"]
        if saturates:
            command += ["--max-in-flight", str(BACKLOG * load.connections)]
        if self.pacing != "default":
            command += ["--pacing", self.pacing]
        return command

    def figures(self, stdout: str) -> Figures:
        summary = json.loads(stdout)
        ledger = summary["ledger"]
        lag = summary["latency"]["send_lag_ms"]
        # With drops in it the response time says "at least the timeout"; what came back says more.
        latency = summary["latency"]["service_ms" if ledger["dropped"] else "response_ms"]
        return Figures(
            requests=ledger["sent"],
            errors=ledger["sent"] - ledger["good"],
            seconds=summary["phases"]["measured_s"],
            p50_us=latency["p50"] * 1e3,
            p99_us=latency["p99"] * 1e3,
            send_lag_p50_us=lag["p50"] * 1e3,
            send_lag_p99_us=lag["p99"] * 1e3,
            verdict=summary["verdict"]["verdict"],
            lane_cpu_us=summary["generator"]["cpu_us_per_request"],
        )


@dataclass(frozen=True)
class Wrk:
    """wrk: closed loop, one thread, no pacing."""

    binary: str
    name = "wrk"
    expected_exits = {0}

    def command(self, load: Load) -> list[str]:
        assert load.rate is None, "wrk cannot be paced"
        script = Path(__file__).with_name("post.lua")
        command = [self.binary, "-t1", f"-c{load.connections}", f"-d{load.seconds}s"]
        return [*command, "-s", str(script), load.url + PATH, "--", str(load.body)]

    def figures(self, stdout: str) -> Figures:
        return Figures(**json.loads(stdout.strip().rpartition("\n")[2]))


@dataclass(frozen=True)
class HyperFloor:
    """hyper and nothing else: closed loop, one thread, no pacing, no latency."""

    binary: str
    name = "hyper"
    expected_exits = {0}

    def command(self, load: Load) -> list[str]:
        assert load.rate is None, "the floor cannot be paced"
        address = load.url.removeprefix("http://")
        return [self.binary, address, PATH, str(load.body), str(load.connections), str(load.seconds)]

    def figures(self, stdout: str) -> Figures:
        return Figures(**json.loads(stdout))


@dataclass(frozen=True)
class Oha:
    """oha: hyper and tokio like ourselves; paced if asked, latency then corrected for late sends."""

    binary: str
    name = "oha"
    expected_exits = {0}

    def command(self, load: Load) -> list[str]:
        command = [self.binary, "--no-tui", "--output-format", "json", "--worker-threads", "1"]
        command += ["-z", f"{load.seconds}s", "-c", str(load.connections)]
        command += ["-m", "POST", "-T", "application/json", "-D", str(load.body)]
        if load.rate is not None:
            command += ["-q", str(load.rate), "--latency-correction"]
        return [*command, load.url + PATH]

    def figures(self, stdout: str) -> Figures:
        result = json.loads(stdout)
        answers = result["statusCodeDistribution"]
        # Requests cut off by the end of the run are no errors of anybody.
        errors = sum(
            count
            for what, count in result["errorDistribution"].items()
            if "deadline" not in what
        )
        latency = result["metrics"]["latency_ms"]
        return Figures(
            requests=sum(answers.values()),
            errors=errors + sum(answers.values()) - answers.get("200", 0),
            seconds=result["summary"]["total"],
            p50_us=latency["p50"] * 1e3,
            p99_us=latency["p99"] * 1e3,
        )
