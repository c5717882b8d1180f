"""From samples to what is printed: medians, ratios, and what speaks against believing them.

A sample is one run as run.py recorded it, a flat dictionary; the raw file holds the same ones.
"""

from __future__ import annotations

from collections import Counter
from statistics import median

from stats import paired_ratio, spread

LIMIT = 0.95
"""Share of its cores from which a process is at its limit."""

QUIET = 0.05
"""Cores that may be busy with other work, or stolen, on a machine that counts as quiet."""

Sample = dict[str, object]

COLUMNS = [
    # heading, key, digits
    ("rate/s", "rate_per_s", 0),
    ("cpu us/req", "cpu_us_per_request", 2),
    ("of it user", "user_us_per_request", 2),
    ("cpu share", "client_cpu_share", 2),
    ("target", "target_cpu_share", 2),
    ("p50 us", "p50_us", 0),
    ("p99 us", "p99_us", 0),
    ("lag p50", "send_lag_p50_us", 1),
    ("lag p99", "send_lag_p99_us", 1),
    ("rss MiB", "peak_rss_mib", 0),
    ("anon MiB", "peak_anonymous_mib", 0),
]


def render(samples: list[Sample], pairs: list[tuple[str, str]]) -> str:
    """Gives the table of medians, the ratios of the pairs of tools, and the warnings."""
    by_peer: dict[str, list[Sample]] = {}
    for sample in samples:
        by_peer.setdefault(str(sample["peer"]), []).append(sample)
    lines = [*table(by_peer), "", *ratios(by_peer, pairs)]
    return "\n".join([*lines, *warnings(by_peer)])


def table(by_peer: dict[str, list[Sample]]) -> list[str]:
    """Medians over all rounds, one line per tool."""
    width = max(len(name) for name in by_peer)
    headings = "".join(f"{heading:>12}" for heading, *_ in COLUMNS)
    lines = [f"{'median of':<{width}}{headings}  +-cpu  verdicts"]
    for name, samples in by_peer.items():
        cells = []
        for _, key, digits in COLUMNS:
            found = numbers(samples, key)
            cells.append(f"{median(found):>12,.{digits}f}" if found else f"{'-':>12}")
        scatter = spread(numbers(samples, "cpu_us_per_request"))
        verdicts = Counter(sample["verdict"] for sample in samples if sample["verdict"])
        said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
        lines.append(f"{name:<{width}}{''.join(cells)}  {scatter:5.1%}  {said or '-'}")
    return lines


def ratios(by_peer: dict[str, list[Sample]], pairs: list[tuple[str, str]]) -> list[str]:
    """CPU per request of the first of each pair over that of the second."""
    lines = []
    for pair in pairs:
        costs = [numbers(by_peer[name], "cpu_us_per_request") for name in pair]
        ratio, low, high = paired_ratio(*costs)
        lines.append(
            f"cpu per request, {' / '.join(pair)}: {ratio:.3f} "
            f"(95 % of resamples: {low:.3f} to {high:.3f}; {len(costs[0])} rounds)"
        )
    return lines


def warnings(by_peer: dict[str, list[Sample]]) -> list[str]:
    """What a reader must know before believing the figures; a tool at its limit is named, us included."""
    lines = []
    for name, samples in by_peer.items():
        client = median(numbers(samples, "client_cpu_share"))
        target = median(numbers(samples, "target_cpu_share"))
        if client >= LIMIT:
            lines.append(f"note: {name} was at its limit, {client:.0%} of its cores")
        elif target >= LIMIT:
            lines.append(f"note: with {name} the target was at its limit, {target:.0%} of its cores")
        wrong = sum(numbers(samples, "errors"))
        if wrong:
            lines.append(f"warning: {name} met {wrong:,.0f} errors")
    everyone = [sample for samples in by_peer.values() for sample in samples]
    for what, key in (("busy with other work", "foreign_cores"), ("stolen", "stolen_cores")):
        cores = median(numbers(everyone, key))
        if cores > QUIET:
            lines.append(f"warning: not a quiet machine, {cores:.2f} cores were {what}")
    return lines


def numbers(samples: list[Sample], key: str) -> list[float]:
    """Gives a column, without the runs that do not have it."""
    return [float(sample[key]) for sample in samples if sample[key] is not None]
