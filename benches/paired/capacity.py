"""Searches targets of known capacity and says how far off the findings are.

A stand-in with a fixed pool of servers and a known delay law can answer servers / mean delay requests per second, and no
more. With a promise that leaves room for some queueing, the capacity is that, less a percent or two: the queue before a
pool that is nearly always busy is long. Needs a release build; nothing to install.

    python3 benches/paired/capacity.py --rounds 3
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from process import Target


@dataclass(frozen=True)
class Pool:
    """A target of known capacity."""

    law: str
    servers: int
    mean_s: float
    slo: str

    @property
    def capacity(self) -> float:
        """Requests per second that the servers can answer."""
        return self.servers / self.mean_s


POOLS = [
    Pool("fixed:8ms", 16, 0.008, "p99<100ms,errors<1%"),
    # The mean of a log-normal law is its median times exp(sigma^2 / 2).
    Pool("lognormal:5ms,0.5", 16, 0.005 * math.exp(0.125), "p99<100ms,errors<1%"),
]


def main() -> int:
    options = parse()
    with tempfile.TemporaryDirectory() as folder:
        tape = Path(folder) / "cards.tape"
        generate = [options.tapdeck, "generate", "--quiet", "--service", "rule-engine"]
        subprocess.run([*generate, "--count", "100000", "-o", str(tape)], check=True)
        rows = [
            (pool, search(options, tape, pool, Path(folder) / f"{idx}"))
            for pool in POOLS
            for idx in range(options.rounds)
        ]
    print("| pool | can answer | found | off by | runs | spoiled |")
    print("|---|---|---|---|---|---|")
    worst = 0.0
    for pool, report in rows:
        found = report["result"]["capacity_per_s"] or math.nan
        off = found / pool.capacity - 1
        worst = max(worst, abs(off)) if not math.isnan(off) else math.inf
        spoiled = sum(step["verdict"] == "spoiled" for step in report["steps"])
        print(
            f"| {pool.servers} servers, {pool.law} | {pool.capacity:,.0f}/s | {found:,.0f}/s | {100 * off:+.1f} % "
            f"| {len(report['steps'])} | {spoiled} |"
        )
    return 0 if worst <= options.tolerance else 1


def search(options: argparse.Namespace, tape: Path, pool: Pool, out: Path) -> dict:
    """Makes one search against a fresh target."""
    target = Target(
        [options.tapdeck, "stand-in", "rule-engine", "--delay", pool.law, "--servers", str(pool.servers)],
        options.target_cores,
    )
    command = [options.tapdeck, "capacity", str(tape), "--target", target.url, "--slo", pool.slo]
    command += ["--start-rate", "250", "--connections", "256", "--lanes", "1", "--json", "--out", str(out)]
    done = subprocess.run(
        ["taskset", "-c", options.client_cores, *command], stdout=subprocess.PIPE, text=True, check=False
    )
    target.stop()
    return json.loads(done.stdout)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tapdeck", default="target/release/tapdeck", help="the binary")
    parser.add_argument("--rounds", type=int, default=3, help="searches of each pool")
    parser.add_argument("--tolerance", type=float, default=0.05, help="share a finding may be off by")
    parser.add_argument("--client-cores", default="0")
    parser.add_argument("--target-cores", default="1")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
