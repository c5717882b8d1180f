"""What can be said of repeated, paired measurements. Pure."""

from __future__ import annotations

import math
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


def quantile(values: list[float], share: float) -> float:
    """Gives the smallest value that at least this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def grid_deviations(instants_ns: list[int], rate: float, start_s: float = 1.0, end_s: float = 0.5) -> tuple[list[float], float]:
    """Gives how far each instant lies from the grid of a constant rate, in microseconds, and the rate of that grid.

    The k-th request belongs to the k-th point of the grid. The grid's period is fitted by least squares, so a tool that keeps
    another rate than it was asked for is judged by its own; its offset is the median, so a few late requests do not move
    it. The first second, in which tools find their pace, and the last half are left out.
    """
    first, last = instants_ns[0] + start_s * 1e9, instants_ns[-1] - end_s * 1e9
    kept = [at_ns - instants_ns[0] for at_ns in instants_ns if first <= at_ns <= last]
    if len(kept) < 0.5 * rate * (last - first) / 1e9 or len(kept) < 10:
        raise ValueError(f"{len(kept)} requests are too few for {rate}/s")
    middle, mean = (len(kept) - 1) / 2, sum(kept) / len(kept)
    products = sum((idx - middle) * (at_ns - mean) for idx, at_ns in enumerate(kept))
    period_ns = products / sum((idx - middle) ** 2 for idx in range(len(kept)))
    residuals = [at_ns - idx * period_ns for idx, at_ns in enumerate(kept)]
    offset = median(residuals)
    return [abs(residual - offset) / 1e3 for residual in residuals], 1e9 / period_ns
