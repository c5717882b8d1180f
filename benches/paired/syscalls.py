#!/usr/bin/env python3
"""System calls per request, counted by strace: two runs of different length, so that setting up cancels out.

Tracing slows every call down, which makes a lane find more work per wake-up than it would: the counts of calls that wait
(epoll_wait, timerfd_settime) are lower bounds at high rates. Reads and writes do not depend on it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import session
from process import RunFailed, Target, pinned

LEAST = 0.001
"""Calls per request that are worth a line."""


def main() -> int:
    flags = session.parser(__doc__, rounds=1, seconds=4)
    flags.add_argument("--rate", type=int, default=2_000)
    flags.add_argument("--arrivals", default="constant")
    flags.add_argument("--pacing", default="timer", help="one mode; those that poll read the clock without a call")
    flags.add_argument("--connections", type=int, default=32)
    options = flags.parse_args()
    session.require(options.tapdeck, "strace")
    samples = []
    with session.folder(options) as folder:
        tape = session.make_tape(options.tapdeck, session.NULL_SERVICE, options.records, folder / "calls.tape")
        target = Target([options.tapdeck, "stand-in", "null", "--port", "0"], options.target_cores)
        try:
            for _ in range(options.rounds):
                samples.append(per_request(options, folder, tape, target.url))
        finally:
            target.stop()
    for sample in samples:
        print(f"{sample['requests']:,} requests at {options.rate:,}/s, calls per request:")
        for name, calls in sample["calls"].items():
            print(f"  {name:<20}{calls:8.3f}")
        print(f"  {'all':<20}{sum(sample['calls'].values()):8.3f}")
    session.save(options, "syscalls", samples)
    return 0


def per_request(options: argparse.Namespace, folder: Path, tape: Path, url: str) -> session.Sample:
    """Gives the calls that three times the requests need more, over the requests that are more."""
    short, few = trace(options, folder, tape, url, options.seconds)
    long, many = trace(options, folder, tape, url, 3 * options.seconds)
    more = {name: (long[name] - short[name]) / (many - few) for name in long}
    notable = sorted(((calls, name) for name, calls in more.items() if calls >= LEAST), reverse=True)
    return {"requests": many - few, "calls": {name: calls for calls, name in notable}}


def trace(
    options: argparse.Namespace, folder: Path, tape: Path, url: str, seconds: int
) -> tuple[Counter[str], int]:
    """Runs once under strace; gives the number of calls by name, and the requests sent."""
    counts = folder / "strace.txt"
    command = ["strace", "-f", "-c", "-o", str(counts), options.tapdeck, "replay", str(tape), "--json"]
    command += ["--lanes", "1", "--target", url, "--connections", str(options.connections)]
    command += ["--rate", str(options.rate), "--arrivals", options.arrivals, "--pacing", options.pacing]
    command += ["--duration", f"{seconds}s", "--warm-up", "0s"]
    done = subprocess.run(pinned(command, options.client_cores), capture_output=True, text=True)
    if done.returncode not in {0, 1, 5}:
        raise RunFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    calls: Counter[str] = Counter()
    for line in counts.read_text().splitlines():
        # % time, seconds, usecs/call, calls, errors or nothing, name
        match line.split():
            case [share, _, _, count, *_, name] if share[0].isdigit() and name != "total":
                calls[name] += int(count)
    return calls, json.loads(done.stdout)["ledger"]["sent"]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as failure:
        sys.exit(f"syscalls.py: {failure}")
