#!/usr/bin/env python3
"""Whether a disturbed generator says so, and still knows what an undisturbed one would have measured.

A target on cores of its own always answers in 2 ms. The generator is stopped, starved of its core or held to a share of
it in the middle of its run. A run whose published p50, p95 or p99 is off by more than a tenth must be INVALID, and its
undisturbed p50 and p99 must be those of the calm run. A target that itself stalls must be charged in full.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import session
from process import RunFailed, Target, pinned

WARM_UP_S = 1
DELAY_MS = 2.0
TOLERANCE = 0.10
"""How far quantiles may be off, of their value."""

STALL = "4s+1s"
"""When the stalling target stalls, from its first request on, and for how long."""

JUDGED = ["p50", "p95", "p99"]

Disturb = Callable[[subprocess.Popen], None]


def main() -> int:
    flags = session.parser(__doc__, rounds=3, seconds=8)
    flags.add_argument("--rate", type=int, default=2_000)
    flags.add_argument("--connections", type=int, default=16, help="four times what the target keeps busy; more of them let a backlog crowd the target")
    flags.add_argument("--only", help="one of the disturbances")
    options = flags.parse_args()
    session.require(options.tapdeck)
    with session.folder(options) as folder:
        tape = session.make_tape(options.tapdeck, "rule-engine", options.records, folder / "tape")
        runs = {name: (lambda name=name: measure(options, tape, name)) for name in DISTURBANCES}
        if options.only:
            runs = {options.only: runs[options.only]}
        samples = session.turns(options.rounds, runs)
    print("| disturbance | verdict | published p50 / p95 / p99 | undisturbed | service p99 | stall | as it should be |")
    print("|---|---|---|---|---|---|---|")
    failed = 0
    for sample in samples:
        complaint = complain(sample)
        failed += complaint is not None
        figures = [" / ".join(f"{sample[f'{kind}_{name}']:.2f}" for name in JUDGED) for kind in ("response", "undisturbed")]
        print(
            f"| {sample['peer']} | {sample['verdict']} | {figures[0]} | {figures[1]} | {sample['service_p99']:.2f} "
            f"| {sample['longest_stall']:.0f} ms | {complaint or 'yes'} |"
        )
    session.save(options, "disturbed", samples)
    return 1 if failed else 0


def complain(sample: session.Sample) -> str | None:
    """Says what is wrong with a run, if anything is."""
    off = {
        name: abs(sample[f"response_{name}"] - sample[f"undisturbed_{name}"]) / sample[f"undisturbed_{name}"]
        for name in JUDGED
    }
    if sample["peer"] == "target stalls":
        worst = max(off.values())
        if sample["verdict"] == "invalid":
            return "invalid, but the target stalled"
        return None if worst <= 0.02 else f"{worst:.1%} of what the target did is charged to us"
    worst = max(off.values())
    if worst > TOLERANCE and sample["verdict"] != "invalid":
        return f"off by {worst:.0%} and {sample['verdict']}"
    for name in ("p50", "p99"):
        undisturbed = sample[f"undisturbed_{name}"]
        expected = DELAY_MS * 1.025
        if abs(undisturbed - expected) > TOLERANCE * expected:
            return f"undisturbed {name} {undisturbed:.2f} ms"
    return None


def measure(options, tape: Path, name: str) -> session.Sample:
    """Plays one run and disturbs it."""
    prefix, disturb, stall = DISTURBANCES[name]
    with ExitStack() as stack:
        command = [options.tapdeck, "stand-in", "rule-engine", "--port", "0", "--delay", f"fixed:{DELAY_MS:g}ms"]
        target = Target(command + (["--stall", stall] if stall else []), options.target_cores)
        stack.callback(target.stop)
        around = stack.enter_context(prefix(options)) if prefix else (lambda command: command)
        out = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        command = [options.tapdeck, "replay", str(tape), "--target", target.url, "--rate", str(options.rate), "--lanes", "1"]
        command += ["--connections", str(options.connections)]
        command += ["--duration", f"{options.seconds}s", "--warm-up", f"{WARM_UP_S}s", "--out", str(out)]
        process = subprocess.Popen(
            around(pinned(command, options.client_cores)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        if disturb:
            threading.Thread(target=disturb, args=[process], daemon=True).start()
        _, complaint = process.communicate()
        if process.returncode not in {0, 1, 5}:
            raise RunFailed(f"{name} ended with {process.returncode}: {complaint}")
        summary = json.loads((out / "summary.json").read_text())
    rows = {row["name"]: row for row in summary["quantiles"]}
    figures = {
        f"{kind}_{quantile}": figure(rows[quantile][f"{kind}_ms"])
        for kind in ("response", "undisturbed", "service")
        for quantile in JUDGED
    }
    stalls = [second["longest_stall_ms"] for second in summary["seconds"]]
    return figures | {
        "longest_stall": float(max(stalls, default=0.0)),
        "verdict": summary["verdict"]["verdict"],
        "reasons": summary["verdict"]["reasons"],
    }


def figure(published: float | None) -> float:
    """Reads a quantile; one that lies among requests without an answer is not known."""
    return math.inf if published is None else float(published)


def stop_for(seconds: float) -> Disturb:
    """Stops the generator for a while, three seconds into its measure phase."""

    def disturb(process: subprocess.Popen) -> None:
        time.sleep(WARM_UP_S + 3)
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)

    return disturb


@contextmanager
def hogs(options, count: int) -> Iterator[None]:
    """Keeps the client's cores busy with something else."""
    command = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(pinned(command, options.client_cores)) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


@contextmanager
def hog(options) -> Iterator[Callable[[list[str]], list[str]]]:
    """One busy loop beside the generator."""
    with hogs(options, 1):
        yield lambda command: command


@contextmanager
def low_priority(options) -> Iterator[Callable[[list[str]], list[str]]]:
    """Four busy loops beside a generator that gives way to them."""
    with hogs(options, 4):
        yield lambda command: ["nice", "-n", "19", *command]


@contextmanager
def quota(_options) -> Iterator[Callable[[list[str]], list[str]]]:
    """Three tenths of a core, as a container is given; needs root."""
    v1, v2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
    group = (v1 if v1.is_dir() else v2) / f"tapdeck-disturbed-{os.getpid()}"
    try:
        group.mkdir()
        if v1.is_dir():
            (group / "cpu.cfs_period_us").write_text("100000")
            (group / "cpu.cfs_quota_us").write_text("30000")
        else:
            (group / "cpu.max").write_text("30000 100000")
    except OSError as error:
        raise RunFailed(f"a group with a quota cannot be made: {error}; leave it out with --only") from error
    join = f'echo $$ > {group}/cgroup.procs && exec "$@"'
    try:
        yield lambda command: ["sh", "-c", join, "sh", *command]
    finally:
        for _ in range(50):
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.1)


DISTURBANCES: dict[str, tuple] = {
    "none": (None, None, None),
    "stopped for 200 ms": (None, stop_for(0.2), None),
    "stopped for 1 s": (None, stop_for(1.0), None),
    "busy loop on its core": (hog, None, None),
    "30 % of a core": (quota, None, None),
    "nice 19, four busy loops": (low_priority, None, None),
    "target stalls": (None, None, STALL),
}


if __name__ == "__main__":
    sys.exit(main())
