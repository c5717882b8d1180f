#!/usr/bin/env python3
"""How evenly requests arrive at a constant rate, as the target sees it: tapdeck beside oha and hey, in turns.

The null stand-in notes when it reads each request. A constant rate means a grid of instants; the figures say how far the
requests are from it. README.md beside this file says how the grid is fitted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

import session
from process import RunFailed, Target, run
from stats import grid_deviations, paired_ratio, quantile

PATH = "/v1/evaluate/auth"
QUANTILES = {"p50_us": 0.50, "p90_us": 0.90, "p99_us": 0.99}


def main() -> int:
    flags = session.parser(__doc__, rounds=10, seconds=10)
    flags.add_argument("--rates", default="1000,10000", help="requests per second, joined by commas")
    flags.add_argument("--oha", default="oha", help="oha's binary, or none")
    flags.add_argument("--hey", default="hey", help="hey's binary, or none")
    flags.add_argument("--pacing", default="default", help="tapdeck's modes, joined by commas")
    flags.add_argument("--connections", type=int, default=50)
    flags.add_argument("--keep-awake", action="store_true", help="a target that never sleeps, see README.md")
    options = flags.parse_args()
    peers = [peer for peer in (options.oha, options.hey) if peer != "none"]
    session.require(options.tapdeck, *peers)
    samples = []
    with session.folder(options) as folder:
        tape = session.make_tape(options.tapdeck, session.NULL_SERVICE, options.records, folder / "grid.tape")
        body = session.usual_body(options.tapdeck, tape, folder / "body.json")
        for rate in map(int, options.rates.split(",")):
            tools = {
                name: lambda name=name, command=command: measure(options, folder, rate, command)
                for name, command in commands(options, tape, body, rate).items()
            }
            of_rate = session.turns(options.rounds, tools)
            samples += [{"rate": rate} | sample for sample in of_rate]
            print("\n".join(render(rate, of_rate)))
    session.save(options, "grid", samples)
    return 0


def commands(options: argparse.Namespace, tape: Path, body: Path, rate: int) -> dict[str, list[str]]:
    """Gives the command line of every tool, ours first; URL stands for the target's address."""
    connections, seconds = str(options.connections), f"{options.seconds}s"
    found = {}
    for pacing in options.pacing.split(","):
        ours = [options.tapdeck, "replay", str(tape), "--json", "--lanes", "1", "--target", "URL"]
        ours += ["--connections", connections, "--rate", str(rate), "--arrivals", "constant"]
        ours += ["--duration", seconds, "--warm-up", "0s"]
        if pacing == "default":
            found["tapdeck"] = ours
        else:
            found[f"tapdeck {pacing}"] = [*ours, "--pacing", pacing]
    if options.oha != "none":
        oha = [options.oha, "--no-tui", "--output-format", "json", "--worker-threads", "1"]
        oha += ["-z", seconds, "-c", connections, "-q", str(rate), "--latency-correction"]
        found["oha"] = [*oha, "-m", "POST", "-T", "application/json", "-D", str(body), "URL" + PATH]
    if options.hey != "none":
        # hey's limit is one per worker.
        hey = [options.hey, "-cpus", "1", "-z", seconds, "-c", connections, "-q", str(rate / options.connections)]
        found["hey"] = [*hey, "-m", "POST", "-T", "application/json", "-D", str(body), "URL" + PATH]
    return found


def measure(options: argparse.Namespace, folder: Path, rate: int, command: list[str]) -> session.Sample:
    """Runs a tool against a target of its own, and compares with the grid what that target saw."""
    arrivals = folder / "arrivals.txt"
    stand_in = [options.tapdeck, "stand-in", "null", "--port", "0", "--arrivals", str(arrivals)]
    target = Target(stand_in + ["--spin"] * options.keep_awake, options.target_cores)
    try:
        address = [word.replace("URL", target.url) for word in command]
        # tapdeck's exit codes 1 and 5 are verdicts.
        cost = run(address, options.client_cores, target, {0, 1, 5})
    finally:
        target.stop()
    instants_ns = [int(line) for line in arrivals.read_text().split()]
    deviations_us, fitted_rate = grid_deviations(instants_ns, rate)
    figures = {name: quantile(deviations_us, share) for name, share in QUANTILES.items()}
    return figures | {
        "fitted_rate": fitted_rate,
        "requests": len(instants_ns),
        "client_cpu_us": cost.cpu_s * 1e6 / len(instants_ns),
        "foreign_cores": cost.foreign_cores,
        "stolen_cores": cost.stolen_cores,
    }


def render(rate: int, samples: list[session.Sample]) -> list[str]:
    """Medians over the rounds, and how many times as far from the grid the others are, within a round."""
    names = list(dict.fromkeys(str(sample["peer"]) for sample in samples))
    lines = [f"\n{rate:,}/s, deviation from the grid in us, medians of {samples[-1]['round']} rounds:"]
    keys = [*QUANTILES, "fitted_rate", "client_cpu_us", "foreign_cores", "stolen_cores"]
    lines.append(f"{'':<16}" + "".join(f"{key:>15}" for key in keys))
    for name in names:
        medians = (median(session.column(samples, name, key)) for key in keys)
        lines.append(f"{name:<16}" + "".join(f"{value:>15,.2f}" for value in medians))
    ours = [name for name in names if name.startswith("tapdeck")]
    for name in ours:
        for peer in (peer for peer in names if peer not in ours):
            for key in ("p50_us", "p90_us"):
                theirs, mine = (session.column(samples, who, key) for who in (peer, name))
                ratio, low, high = paired_ratio(theirs, mine)
                lines.append(f"{key}: {peer} / {name}: {ratio:.1f} (95 % of resamples: {low:.1f} to {high:.1f})")
    return lines


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as failure:
        sys.exit(f"grid.py: {failure}")
