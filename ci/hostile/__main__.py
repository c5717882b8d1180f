"""Plays hostile input and machines that lack something against the release binary, and expects the stated end of each.

Usage: python3 ci/hostile [--tapdeck FILE] [--only WORD]

Each trial runs in a folder of its own, within 15 s and 200 MB unless it says otherwise. Ends with 1 if any did not end as
it should. Needs Linux and Python's standard library; what needs root is left out without it, and said so.
"""

import argparse
import sys
from pathlib import Path

import addresses  # noqa: F401
import bounds  # noqa: F401
import connections  # noqa: F401
import files  # noqa: F401
import leftovers  # noqa: F401
import machine  # noqa: F401
import secrets_and_persons  # noqa: F401
import ways  # noqa: F401
from bench import TRIALS, Bench, LeftOut


def main() -> int:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--tapdeck", type=Path, default=Path("target/release/tapdeck"))
    flags.add_argument("--only", default="", help="trials whose name holds this")
    options = flags.parse_args()
    failed = 0
    for name, trial in TRIALS.items():
        if options.only not in name:
            continue
        with Bench(options.tapdeck.resolve()) as bench:
            try:
                trial(bench)
                outcome = "ok"
            except LeftOut as reason:
                outcome = f"left out: {reason}"
            except Exception as failure:  # noqa: BLE001 (whatever is wrong with a trial is its failure)
                failed += 1
                outcome = f"FAILED: {type(failure).__name__}: {failure}"
        print(f"{name}: {outcome} ({bench.seconds:.1f} s, {bench.peak_mb:.0f} MB)", flush=True)
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
