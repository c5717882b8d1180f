#!/usr/bin/env python3
"""Whether memory stays flat: a long run, its anonymous resident memory sampled throughout, and by how much it grew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from statistics import median

import session
from process import MemoryWatch, RunFailed, Target, pinned

SETTLED_S = 60
"""Until then memory may grow: buffers find their size, pages are touched for the first time."""

COMPARED_S = 30
"""Length of the stretches that are compared, after that and at the end."""


def main() -> int:
    flags = session.parser(__doc__, rounds=1, seconds=600)
    flags.add_argument("--rate", type=int, default=10_000)
    options = flags.parse_args()
    if options.seconds < SETTLED_S + 2 * COMPARED_S:
        sys.exit(f"--seconds must be at least {SETTLED_S + 2 * COMPARED_S}")
    session.require(options.tapdeck)
    samples = []
    with session.folder(options) as folder:
        tape = session.make_tape(options.tapdeck, session.NULL_SERVICE, options.records, folder / "flat.tape")
        target = Target([options.tapdeck, "stand-in", "null", "--port", "0"], options.target_cores)
        try:
            for _ in range(options.rounds):
                command = [options.tapdeck, "replay", str(tape), "--json", "--lanes", "1", "--target", target.url]
                command += ["--rate", str(options.rate), "--duration", f"{options.seconds}s", "--warm-up", "0s"]
                samples.append(watch(pinned(command, options.client_cores), options.seconds))
        finally:
            target.stop()
    for sample in samples:
        print(
            f"{sample['anonymous_mib_before']:.2f} MiB anonymous after {SETTLED_S} s, {sample['anonymous_mib_after']:.2f} "
            f"at the end: grew by {sample['grown_kib']:.0f} KiB; at most {sample['anonymous_mib_max']:.2f} MiB in between"
        )
    session.save(options, "flat", samples)
    return 0


def watch(command: list[str], seconds: int) -> session.Sample:
    """Runs a command of known length and compares its memory before and after."""
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
        memory = MemoryWatch(process.pid)
        _, status, _ = os.wait4(process.pid, 0)
        memory.end()
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        if process.returncode not in {0, 1, 5}:
            raise RunFailed(f"{' '.join(command)} ended with {process.returncode}:\n{stderr.read()}")
        sent = json.load(stdout)["ledger"]["sent"]
    # What is made of the figures at the end needs memory of its own, and is no part of the run.
    during = [(at_s, mib) for at_s, mib in memory.anonymous_mib if at_s < seconds]
    settled = [mib for at_s, mib in during if SETTLED_S <= at_s < SETTLED_S + COMPARED_S]
    last = [mib for at_s, mib in during if at_s >= seconds - COMPARED_S]
    before, after = median(settled), median(last)
    return {
        "sent": sent,
        "anonymous_mib_before": before,
        "anonymous_mib_after": after,
        "anonymous_mib_max": max(mib for at_s, mib in during if at_s >= SETTLED_S),
        "grown_kib": (after - before) * 1024,
        "series": during[:: max(1, len(during) // 600)],
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as failure:
        sys.exit(f"flat.py: {failure}")
