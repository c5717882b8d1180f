"""What can be said of repeated, paired measurements. Pure."""

from __future__ import annotations

import random
from statistics import median

RESAMPLES = 10_000
SEED = 1


def paired_ratio(ours: list[float], theirs: list[float]) -> tuple[float, float, float]:
    """Gives the median of the ratios ours/theirs of each round, and its 95 % bootstrap interval.

    The ratio is taken within a round, where both met the same machine, so what changes between rounds cancels out. The
    interval is the percentile bootstrap over rounds (Efron and Tibshirani 1993, chapter 13), seeded: the same samples
    give the same interval.
    """
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    draw = random.Random(SEED)
    medians = sorted(median(draw.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return median(ratios), medians[RESAMPLES // 40], medians[-RESAMPLES // 40]


def spread(values: list[float]) -> float:
    """Gives half the distance between the quartiles, as a share of the median; 0 for fewer than four values."""
    if len(values) < 4:
        return 0.0
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return (ordered[-1 - quarter] - ordered[quarter]) / 2 / median(ordered)
