#!/usr/bin/env python3
"""Whole runs of tapdeck beside other load generators, on the same machine, against the same target, in turns.

Owns the order of things: target, tape, rounds, raw samples. README.md beside this file says how to use it and what each
figure counts.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report
import session
from peers import HyperFloor, Load, Oha, Peer, Tapdeck, Wrk
from process import Cost, RunFailed, Target, core_list, machine_facts, run

SETTLE_S = 2
"""Length of round 0, in which every tool runs once and which no figure includes: caches and the target settle."""


def main() -> int:
    options = parse()
    tools, pairs = contenders(options)
    with tempfile.TemporaryDirectory(prefix="tapdeck-paired-") as folder:
        tape, body = make_tape(options, Path(folder))
        target = start_target(options)
        # The harness only waits, but where it runs it takes time from somebody: never from the client.
        os.sched_setaffinity(0, core_list(options.target_cores))
        try:
            load = Load(
                url=target.url,
                tape=tape,
                body=body,
                connections=options.connections,
                seconds=options.seconds,
                rate=options.rate,
            )
            facts = machine_facts() | asked(options) | {"body_bytes": body.stat().st_size}
            samples = play(options, tools, load, target)
        finally:
            said = target.stop()
    save(options, facts, samples)
    print(json.dumps(facts))
    print(report.render([sample for sample in samples if sample["round"]], pairs))
    # In flight at the end of a run, a request may be counted by one side alone.
    counted = sum(sample["requests"] for sample in samples)
    print(f"counted by the tools: {counted:,}; by the target: {' '.join(said.split()[3:])}")
    print(f"raw samples: {options.raw}")
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mode", choices=["saturate", "paced", "sustain"])
    parser.add_argument("--tapdeck", default="target/release/tapdeck", help="our binary")
    parser.add_argument("--baseline", help="another build of it, as one more peer")
    parser.add_argument("--wrk", default="wrk", help="wrk's binary, or none")
    parser.add_argument("--oha", default="oha", help="oha's binary, or none")
    parser.add_argument("--floor", default="none", help="hyper_floor's binary, or none")
    parser.add_argument("--target", choices=["null", "rule-engine"], default="null")
    parser.add_argument("--client-cores", default="0", help="as taskset takes them")
    parser.add_argument("--target-cores", default="1")
    parser.add_argument("--target-threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, help="rounds of one run per tool [10, sustain 5]")
    parser.add_argument("--seconds", type=int, help="length of a run [10, sustain 20]")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rate", type=int, help="of paced [10000] and sustain [30000]")
    parser.add_argument("--offered", type=int, default=120_000, help="to tapdeck in saturate")
    parser.add_argument("--pacing", default="default", help="tapdeck's modes, joined by commas")
    parser.add_argument("--arrivals", help="tapdeck's processes, joined by commas [paced constant,poisson, else poisson]")
    parser.add_argument("--records", type=int, default=500_000, help="on the tape")
    parser.add_argument("--raw", type=Path, help="raw samples [target/paired/MODE-TIME.json]")
    options = parser.parse_args()
    rounds, seconds, rate = {
        "saturate": (10, 10, None),
        "paced": (10, 10, 10_000),
        "sustain": (5, 20, 30_000),
    }[options.mode]
    options.rounds = options.rounds or rounds
    options.seconds = options.seconds or seconds
    options.rate = None if options.mode == "saturate" else options.rate or rate
    options.arrivals = options.arrivals or ("constant,poisson" if options.mode == "paced" else "poisson")
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    options.raw = options.raw or Path(f"target/paired/{options.mode}-{stamp}.json")
    return options


def contenders(options: argparse.Namespace) -> tuple[list[Peer], list[tuple[str, str]]]:
    """Gives every tool that takes part, ours first, and the pairs of names whose costs are compared."""
    arrivals = options.arrivals.split(",")
    variants = [(process, pacing) for process in arrivals for pacing in options.pacing.split(",")]
    peers: list[Peer] = []
    if options.mode == "saturate" and options.wrk != "none":
        peers.append(Wrk(options.wrk))
    if options.mode == "saturate" and options.floor != "none":
        peers.append(HyperFloor(options.floor))
    if options.mode != "sustain" and options.oha != "none":
        peers.append(Oha(options.oha))
    ours: list[Peer] = []
    pairs = []
    for process, pacing in variants:
        traits = [process] * (len(arrivals) > 1) + [pacing] * (pacing != "default")
        name = " ".join(["tapdeck", *traits])
        tool = Tapdeck(options.tapdeck, name, process, pacing, options.offered)
        ours.append(tool)
        if options.baseline:
            before = dataclasses.replace(
                tool, binary=options.baseline, name=" ".join(["baseline", *traits])
            )
            ours.append(before)
            pairs.append((name, before.name))
        pairs.extend((name, peer.name) for peer in peers)
    if {"hyper", "oha"} <= {peer.name for peer in peers}:
        # How much of the distance to oha a client on hyper can make up at all.
        pairs.append(("hyper", "oha"))
    for tool in ours + peers:
        if shutil.which(tool.binary) is None:
            sys.exit(f"{tool.name}: there is no program {tool.binary}; see README.md, or say none")
    return ours + peers, pairs


def make_tape(options: argparse.Namespace, folder: Path) -> tuple[Path, Path]:
    """Generates the tape, and takes from it a body of the usual size for tools that send one over and over."""
    service = session.NULL_SERVICE if options.target == "null" else "rule-engine"
    tape = session.make_tape(options.tapdeck, service, options.records, folder / "paired.tape")
    return tape, session.usual_body(options.tapdeck, tape, folder / "body.json")


def start_target(options: argparse.Namespace) -> Target:
    command = [options.tapdeck, "stand-in", options.target, "--port", "0"]
    return Target([*command, "--threads", str(options.target_threads)], options.target_cores)


def asked(options: argparse.Namespace) -> dict[str, object]:
    """Gives the session's options and the versions of the programs they name."""
    given = {name: str(value) for name, value in vars(options).items() if value is not None}
    versions = {}
    for name in ("tapdeck", "baseline", "wrk", "oha"):
        if program := shutil.which(given.get(name, "none")):
            # wrk tells its version on the first line of its help, and ends as if that were an error.
            said = subprocess.run([program, "--version"], capture_output=True, text=True)
            versions[name] = (said.stdout or said.stderr).split("\n", 1)[0].strip()
    return {"options": given, "versions": versions}


def play(
    options: argparse.Namespace, tools: list[Peer], load: Load, target: Target
) -> list[report.Sample]:
    """Runs every tool once per round, every other round backwards: ABBA, so a drift in time favors nobody."""
    samples = []
    for round_idx in range(options.rounds + 1):
        settling = dataclasses.replace(load, seconds=SETTLE_S)
        for tool in reversed(tools) if round_idx % 2 == 0 else tools:
            sample = measure(options, tool, load if round_idx else settling, target)
            samples.append({"round": round_idx, "peer": tool.name} | sample)
            print(
                f"round {round_idx}/{options.rounds} {tool.name}: {sample['rate_per_s']:,.0f}/s, "
                f"{sample['cpu_us_per_request']:.2f} us of CPU per request",
                file=sys.stderr,
            )
    return samples


def measure(
    options: argparse.Namespace, tool: Peer, load: Load, target: Target
) -> report.Sample:
    """One run of one tool, as a sample."""
    cost = run(tool.command(load), options.client_cores, target, tool.expected_exits)
    figures = tool.figures(cost.stdout)
    if figures.requests == 0:
        raise RunFailed(f"{tool.name} sent nothing")
    return dataclasses.asdict(figures) | shares(options, cost) | {
        "rate_per_s": figures.requests / figures.seconds,
        "cpu_us_per_request": cost.cpu_s * 1e6 / figures.requests,
        "user_us_per_request": cost.user_s * 1e6 / figures.requests,
    }


def shares(options: argparse.Namespace, cost: Cost) -> report.Sample:
    """The cost of a run, and how much of their cores client and target used."""
    fields = {name: value for name, value in dataclasses.asdict(cost).items() if name != "stdout"}
    client, target = (len(core_list(cores)) for cores in (options.client_cores, options.target_cores))
    return fields | {
        "client_cpu_share": cost.cpu_s / cost.wall_s / client,
        "target_cpu_share": cost.target_cpu_s / cost.wall_s / target,
    }


def save(
    options: argparse.Namespace, facts: dict[str, object], samples: list[report.Sample]
) -> None:
    options.raw.parent.mkdir(parents=True, exist_ok=True)
    options.raw.write_text(json.dumps({"facts": facts, "samples": samples}, indent=1) + "\n")


if __name__ == "__main__":
    # Whoever ends the session ends the target with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("run.py: terminated"))
    try:
        sys.exit(main())
    except RunFailed as failure:
        sys.exit(f"run.py: {failure}")
