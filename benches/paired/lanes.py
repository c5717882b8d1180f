#!/usr/bin/env python3
"""The highest valid rate of one lane and of two, at constant and at random (Poisson) instants, by tapdeck calibrate.

Each round calibrates once per arrival process, in turns. Two lanes make sense where there are four cores: with fewer, the
target shares a core with one of them, and the rate says so little of the lanes that it is only shown.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import session
from process import RunFailed
from stats import paired_ratio

PROCESSES = ("constant", "poisson")


def main() -> int:
    flags = session.parser(__doc__, rounds=5, seconds=2)
    flags.add_argument("--lanes", default="1,2", help="numbers of lanes, joined by commas")
    flags.add_argument("--pacing", default="hybrid", help="one mode")
    flags.add_argument("--quick", action="store_true", help="shorter steps, coarser rates")
    options = flags.parse_args()
    session.require(options.tapdeck)
    with session.folder(options) as folder:
        tools = {process: lambda process=process: calibrate(options, folder, process) for process in PROCESSES}
        samples = session.turns(options.rounds, tools)
    for process in PROCESSES:
        for lanes in options.lanes.split(","):
            rates = session.column(samples, process, f"lanes_{lanes}")
            limits = [sample[f"limit_{lanes}"] for sample in samples if sample["peer"] == process]
            print(
                f"{process:<9} {lanes} lanes: {median(rates):>9,.0f}/s, {min(rates):,.0f} to {max(rates):,.0f}; "
                f"ended by {', '.join(sorted(set(limits)))}"
            )
        if "lanes_1" in samples[0] and "lanes_2" in samples[0]:
            two, one = (session.column(samples, process, f"lanes_{lanes}") for lanes in (2, 1))
            ratio, low, high = paired_ratio(two, one)
            print(f"{process:<9} two lanes / one: {ratio:.2f} (95 % of resamples: {low:.2f} to {high:.2f})")
    session.save(options, "lanes", samples)
    return 0


def calibrate(options: argparse.Namespace, folder: Path, process: str) -> session.Sample:
    """Calibrates once, on all cores: the command divides them itself."""
    command = [options.tapdeck, "calibrate", "--json", "--cache", str(folder), "--arrivals", process]
    command += ["--lanes", options.lanes, "--pacing", options.pacing] + ["--quick"] * options.quick
    cores = f"{options.client_cores},{options.target_cores}"
    done = subprocess.run(["taskset", "--cpu-list", cores, *command], capture_output=True, text=True)
    if done.returncode not in {0, 5}:
        raise RunFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    sample: session.Sample = {}
    for capacity in json.loads(done.stdout)["capacities"]:
        lanes = capacity["lanes"]
        # A ratio needs a number; no machine that can be measured on does less than one request a second.
        sample[f"lanes_{lanes}"] = capacity["highest_per_s"] or 1.0
        sample[f"limit_{lanes}"] = capacity["limit"]
    return sample


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as failure:
        sys.exit(f"lanes.py: {failure}")
