"""What the sessions beside run.py have in common: their flags, a tape and a body, turns, raw samples.

Knows nothing of what is measured in a turn.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from process import core_list, machine_facts

NULL_SERVICE = Path(__file__).parents[2] / "src/stand_in/null.toml"
"""What the null stand-in can be asked."""

SAMPLED_RECORDS = 200
"""Records among which the body of middle length is looked for."""

Sample = dict[str, object]


def parser(about: str, rounds: int, seconds: int) -> argparse.ArgumentParser:
    """The flags every session has."""
    flags = argparse.ArgumentParser(description=about.splitlines()[0])
    flags.add_argument("--tapdeck", default="target/release/tapdeck", help="our binary")
    flags.add_argument("--client-cores", default="0", help="as taskset takes them")
    flags.add_argument("--target-cores", default="1")
    flags.add_argument("--rounds", type=int, default=rounds, help=f"[{rounds}]")
    flags.add_argument("--seconds", type=int, default=seconds, help=f"length of a run [{seconds}]")
    flags.add_argument("--records", type=int, default=100_000, help="on the tape")
    flags.add_argument("--raw", type=Path, help="raw samples [target/paired/NAME-TIME.json]")
    return flags


def require(*programs: str) -> None:
    """Ends the session if a program is missing."""
    for program in programs:
        if shutil.which(program) is None:
            sys.exit(f"there is no program {program}; see README.md, or say none")


@contextmanager
def folder(options: argparse.Namespace) -> Iterator[Path]:
    """A temporary folder for a session, with this harness off the client's cores and ended cleanly by a signal."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    os.sched_setaffinity(0, core_list(options.target_cores))
    with tempfile.TemporaryDirectory(prefix="tapdeck-paired-") as path:
        yield Path(path)


def make_tape(tapdeck: str, service: str | Path, records: int, tape: Path) -> Path:
    """Generates a tape; the same one every time."""
    command = [tapdeck, "generate", "--quiet", "--service", str(service), "-o", str(tape)]
    subprocess.run([*command, "--count", str(records), "--seed", "42"], check=True)
    return tape


def usual_body(tapdeck: str, tape: Path, body: Path) -> Path:
    """Takes from a tape a body of the usual size, for tools that send one over and over."""
    command = [tapdeck, "inspect", str(tape), "--json", "--sample", str(SAMPLED_RECORDS)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    bodies = [sample["body"] for sample in json.loads(said)["samples"] if sample["endpoint"] == "auth"]
    body.write_text(sorted(bodies, key=len)[len(bodies) // 2])
    return body


def turns(rounds: int, tools: dict[str, Callable[[], Sample]]) -> list[Sample]:
    """Runs every tool once per round, every other round backwards: ABBA, so a drift in time favors nobody."""
    samples = []
    for round_idx in range(1, rounds + 1):
        names = list(tools) if round_idx % 2 else list(reversed(tools))
        for name in names:
            sample = {"round": round_idx, "peer": name} | tools[name]()
            samples.append(sample)
            figures = ", ".join(f"{key} {value:,.1f}" for key, value in sample.items() if isinstance(value, float))
            print(f"round {round_idx}/{rounds} {name}: {figures}", file=sys.stderr)
    return samples


def column(samples: list[Sample], peer: str, key: str) -> list[float]:
    """One figure of one tool, round by round."""
    mine = [sample for sample in samples if sample["peer"] == peer]
    return [float(sample[key]) for sample in sorted(mine, key=lambda sample: sample["round"])]


def save(options: argparse.Namespace, name: str, samples: list[Sample]) -> None:
    """Writes the raw samples with the machine's facts, and says where."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = options.raw or Path(f"target/paired/{name}-{stamp}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    given = {key: str(value) for key, value in vars(options).items() if value is not None}
    facts = machine_facts() | {"options": given}
    path.write_text(json.dumps({"facts": facts, "samples": samples}, indent=1) + "\n")
    print(f"raw samples: {path}")
