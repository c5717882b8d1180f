#!/usr/bin/env python3
"""What measuring costs: CPU per request with checks, decisions and slots, beside the same requests without any of them.

Both send authorizations of the same size to the embedded rule engine and get the same answers. With everything, each
request is stamped at three places, its answer parsed, checked and scored; without, the answer's status is looked at. The
series per second are taken in both: they cannot be turned off.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from statistics import median

import session
from process import RunFailed, Target, run
from stats import paired_ratio, spread

RULE_ENGINE = Path(__file__).parents[2] / "services/builtin/rule-engine.toml"

STAMPED = {
    "${fire.id}": '"t0123456789abcdef-01234567"',
    "${fire.sent_at}": '"2025-01-06T00:00:00.000Z"',
}
"""Slots, and text of the same length for the requests without them."""


def main() -> int:
    flags = session.parser(__doc__, rounds=10, seconds=10)
    flags.add_argument("--connections", type=int, default=32)
    flags.add_argument("--offered", type=int, default=120_000, help="requests per second, more than can be sent")
    options = flags.parse_args()
    session.require(options.tapdeck)
    with session.folder(options) as folder:
        tapes = {}
        for name, definition in definitions().items():
            service = folder / f"{name}.toml"
            service.write_text(definition)
            tapes[name] = session.make_tape(options.tapdeck, service, options.records, folder / f"{name}.tape")
        target = Target([options.tapdeck, "stand-in", "rule-engine", "--port", "0"], options.target_cores)
        try:
            tools = {
                name: lambda tape=tape: measure(options, tape, target) for name, tape in tapes.items()
            }
            samples = session.turns(options.rounds, tools)
        finally:
            target.stop()
    for name in tapes:
        costs = session.column(samples, name, "cpu_us_per_request")
        print(f"{name:<10} {median(costs):6.2f} us of CPU per request, +-{spread(costs):.1%}")
    costs = [session.column(samples, name, "cpu_us_per_request") for name in ("everything", "nothing")]
    ratio, low, high = paired_ratio(*costs)
    print(f"everything / nothing: {ratio:.3f} (95 % of resamples: {low:.3f} to {high:.3f})")
    session.save(options, "overhead", samples)
    return 0


def definitions() -> dict[str, str]:
    """Gives the rule engine's authorizations with everything that is done for a request, and with nothing of it."""
    source = RULE_ENGINE.read_text()
    head, authorizations, *_ = source.split("[[endpoints]]")
    everything = head + "[[endpoints]]" + authorizations
    nothing = re.sub(r"(?ms)^checks = \[.*?^\]$", "", everything)
    nothing = re.sub(r"(?ms)^\[endpoints\.decision\].*", "", nothing)
    for slot, text in STAMPED.items():
        nothing = nothing.replace(slot, text)
    return {"everything": everything, "nothing": nothing}


def measure(options: argparse.Namespace, tape: Path, target: Target) -> session.Sample:
    """One run at the limit of the client's core."""
    command = [options.tapdeck, "replay", str(tape), "--json", "--lanes", "1", "--target", target.url]
    command += ["--rate", str(options.offered), "--duration", f"{options.seconds}s", "--warm-up", "0s"]
    command += ["--connections", str(options.connections), "--max-in-flight", str(2 * options.connections)]
    cost = run(command, options.client_cores, target, {0, 1, 5})
    ledger = json.loads(cost.stdout)["ledger"]
    return {
        "cpu_us_per_request": cost.cpu_s * 1e6 / ledger["sent"],
        "requests": ledger["sent"],
        "errors": ledger["sent"] - ledger["good"],
        "foreign_cores": cost.foreign_cores,
        "stolen_cores": cost.stolen_cores,
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as failure:
        sys.exit(f"overhead.py: {failure}")
