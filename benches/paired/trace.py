#!/usr/bin/env python3
"""Whether service times agree with a packet trace of the same exchanges.

tcpdump notes each packet on the loopback device while a run of evenly spaced requests goes to a target that answers in
about 2 ms. The time from the first packet of a request to the last packet of its answer, connection by connection, is
what the run calls its service time. Needs tcpdump and root.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import session
from process import RunFailed, Target, pinned

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
LIMIT_US = 20.0
"""How far the quantiles may lie apart, microseconds."""

NANOSECOND_MAGIC = 0xA1B23C4D
ETHERNET_BYTES = 14


def main() -> int:
    flags = session.parser(__doc__, rounds=3, seconds=2)
    flags.add_argument("--rate", type=int, default=500)
    flags.add_argument("--connections", type=int, default=16)
    options = flags.parse_args()
    session.require(options.tapdeck, "tcpdump")
    with session.folder(options) as folder:
        tape = session.make_tape(options.tapdeck, "rule-engine", 20_000, folder / "tape")
        sides = {"tapdeck": lambda: measure(options, tape, folder)}
        samples = session.turns(options.rounds, sides)
    worst = 0.0
    print("| exchanges | quantile | service time | packet trace | apart |")
    print("|---|---|---|---|---|")
    for sample in samples:
        for name in QUANTILES:
            ours, theirs = sample[f"service_us_{name}"], sample[f"trace_us_{name}"]
            worst = max(worst, abs(ours - theirs))
            print(f"| {sample['exchanges']:,} | {name} | {ours:,.0f} us | {theirs:,.0f} us | {ours - theirs:+.1f} us |")
    session.save(options, "trace", samples)
    return 0 if worst <= LIMIT_US else 1


def measure(options, tape: Path, folder: Path) -> session.Sample:
    """Plays one run under a trace."""
    target = Target([options.tapdeck, "stand-in", "rule-engine", "--port", "0", "--delay", "fixed:2ms"], options.target_cores)
    port = int(re.search(r":(\d+)", target.url.removeprefix("http:")).group(1))
    capture, out = folder / "trace.pcap", folder / "out"
    # Unbuffered in nanoseconds; 96 bytes hold all headers.
    command = ["tcpdump", "-i", "lo", "-s", "96", "-w", str(capture), "--time-stamp-precision=nano", "-U", f"tcp port {port}"]
    trace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        # It says so once it captures.
        while "listening on" not in trace.stderr.readline():
            if trace.poll() is not None:
                raise RunFailed("tcpdump does not capture; it needs root")
        command = [options.tapdeck, "replay", str(tape), "--target", target.url, "--rate", str(options.rate), "--lanes", "1"]
        command += ["--duration", f"{options.seconds}s", "--warm-up", "0s", "--arrivals", "constant", "--out", str(out)]
        command += ["--connections", str(options.connections)]
        done = subprocess.run(pinned(command, options.client_cores), capture_output=True, text=True)
        if done.returncode not in {0, 1, 5}:
            raise RunFailed(done.stderr)
        # The capture's last packets are written within a second.
        time.sleep(1)
    finally:
        trace.terminate()
        trace.wait()
        target.stop()
    times_us = sorted(exchanges(packets(capture.read_bytes()), port))
    summary = json.loads((out / "summary.json").read_text())
    rows = {row["name"]: row for row in summary["quantiles"]}
    sample: session.Sample = {"exchanges": len(times_us)}
    if abs(len(times_us) - summary["ledger"]["sent"]) > 2:
        raise RunFailed(f"{len(times_us)} exchanges in the trace, {summary['ledger']['sent']} in the run")
    for name, quantile in QUANTILES.items():
        rank = max(0, -(-len(times_us) * quantile // 1) - 1)
        sample[f"trace_us_{name}"] = times_us[int(rank)]
        sample[f"service_us_{name}"] = rows[name]["service_ms"] * 1e3
    return sample


def packets(data: bytes):
    """Gives each packet of a capture: time in microseconds, source and target port, bytes of payload."""
    magic = struct.unpack_from("<I", data)[0]
    if magic != NANOSECOND_MAGIC:
        raise RunFailed(f"the capture is of another kind: {magic:#x}")
    at = 24
    while at + 16 <= len(data):
        seconds, nanoseconds, kept, _whole = struct.unpack_from("<IIII", data, at)
        packet = data[at + 16 : at + 16 + kept]
        at += 16 + kept
        ip = packet[ETHERNET_BYTES:]
        head = (ip[0] & 15) * 4
        length = struct.unpack_from(">H", ip, 2)[0]
        source, target = struct.unpack_from(">HH", ip, head)
        payload = length - head - (ip[head + 12] >> 4) * 4
        yield seconds * 1e6 + nanoseconds / 1e3, source, target, payload


def exchanges(packets, port: int):
    """Gives the length of each exchange: first packet of the request to last packet of the answer, microseconds."""
    asked: dict[int, float] = {}
    answered: dict[int, float] = defaultdict(float)
    for at_us, source, target, payload in packets:
        if payload == 0:
            continue
        if target == port:
            if answered.get(source):
                yield answered[source] - asked.pop(source)
                answered[source] = 0.0
            asked.setdefault(source, at_us)
        elif target in asked:
            answered[target] = at_us
    yield from (answered[client] - asked[client] for client in asked if answered[client])


if __name__ == "__main__":
    sys.exit(main())
