"""The smallest change of weights that alters who is chosen, as an exact optimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.model.ranking.smaa import quantised_scores

CLOSE = 1e-12  # differences of score, and of weight, below this are rounding


@dataclass(frozen=True, eq=False)
class Certificate:
    """`radius`: the smallest sum of absolute changes of the normalised weights (0–2) from which on the first k change,
    infinite where no weights do it; `weights` (criteria,) at which `enters` draws level with `leaves` and beyond which
    it is ahead; None without such weights.
    """

    radius: float
    weights: np.ndarray | None
    leaves: int | None
    enters: int | None


def certificate(values: np.ndarray, weights: np.ndarray, k: int) -> Certificate:
    """The smallest L1 change of the normalised `weights` (criteria,) that alters who is among the first `k` of `values`
    (segments, criteria), equal scores by index.

    For each pair of a segment within and one without, weight moves to the criterion that favours the latter most, first
    from the criteria that favour it least: a fractional knapsack, whose greedy solution is the optimum (Dantzig 1957).
    The least over all pairs is the certificate; a pair in which one is at least as good in everything has none.

    Parameters
    ----------
    values : array (segments, criteria)
        Values of the segments.
    weights : array (criteria,)
        Weights ≥ 0 with a sum above 0; normalised here.
    k : int
        How many are chosen.

    Returns
    -------
    Certificate
        The distance (L1 of normalised weights, 0–2), the weights there, and who leaves and enters; distance inf and None
        where no weights alter the choice.

    Notes
    -----
    All figures must be finite.
    """
    values, weights = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    share = weights / weights.sum()
    order = np.argsort(-quantised_scores(values, share[None])[0], kind="stable")
    inside, outside = order[: max(k, 0)], order[max(k, 0) :]
    if not len(inside) or not len(outside):
        return Certificate(np.inf, None, None, None)
    pairs = np.stack([each.ravel() for each in np.meshgrid(inside, outside, indexing="ij")], axis=1)
    lead = values[pairs[:, 1]] - values[pairs[:, 0]]  # of the one outside, per criterion
    best = lead.argmax(axis=1)
    most = lead.max(axis=1)
    behind = np.maximum(-(lead * share).sum(axis=1), 0.0)
    worst_first = np.argsort(lead, axis=1, kind="stable")
    gain = most[:, None] - np.take_along_axis(lead, worst_first, axis=1)  # per unit of weight moved
    held = share[worst_first]
    reached = np.cumsum(gain * held, axis=1)
    before = np.concatenate([np.zeros((len(pairs), 1)), reached[:, :-1]], axis=1)
    needed = np.clip((behind[:, None] - before) / np.where(gain > 0, gain, np.inf), 0.0, held)
    moved = needed.sum(axis=1)
    possible = (most > 0) | ((most == 0) & (pairs[:, 1] < pairs[:, 0]))
    if not possible.any():
        return Certificate(np.inf, None, None, None)
    pair = int(np.where(possible, moved, np.inf).argmin())
    found = share.copy()
    found[worst_first[pair]] -= needed[pair]
    found[best[pair]] += moved[pair]
    return Certificate(2 * float(moved[pair]), found, int(pairs[pair, 0]), int(pairs[pair, 1]))


def turning_weights(values: np.ndarray, weights: np.ndarray, k: int, segments: np.ndarray) -> np.ndarray:
    """For each of `segments` (rows) and each criterion (columns) the nearest weight (0–1) of that criterion alone from
    which on the segment enters or leaves the first `k` of `values` (segments, criteria), the other weights keeping
    their proportions; NaN where there is none.
    """
    share = weights / weights.sum()
    score = quantised_scores(values, share[None])[0]
    first = set(np.argsort(-score, kind="stable")[: max(k, 0)].tolist())
    nearest = np.full((len(segments), len(share)), np.nan)
    for column in np.flatnonzero(share < 1).tolist():
        own = float(share[column])
        base = (values @ share - own * values[:, column]) / (1 - own)  # the score at weight 0
        slope = values[:, column] - base
        for row, segment in enumerate(segments.tolist()):
            lines = (np.delete(base - base[segment], segment), np.delete(slope - slope[segment], segment))
            before = np.arange(len(values) - 1) < segment
            found = [_turn(*lines, before, own, end, k, segment in first) for end in (0.0, 1.0)]
            known = [each for each in found if each is not None]
            nearest[row, column] = min(known, key=lambda each: abs(each - own)) if known else np.nan
    return nearest


def _turn(
    gap: np.ndarray, slope: np.ndarray, before: np.ndarray, start: float, end: float, k: int, inside: bool
) -> float | None:
    """The first weight from `start` to `end` beyond which k or more (fewer than k, where not `inside`) of the lines
    gap + weight × slope lie above 0; a line that stays at 0 counts where it is listed `before`.
    """
    if start == end:
        return None
    way = 1.0 if end > start else -1.0
    level = gap + start * slope
    still = np.abs(level) < CLOSE
    beyond = np.where(np.abs(slope) < CLOSE, before, slope * way > 0)
    ahead = np.where(still, beyond, level > 0)  # just beyond the start
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = np.round(-gap / slope, 12)  # lines that meet in one point are looked at together
    meets = ~still & np.isfinite(crossing) & ((crossing - start) * way > 0) & ((end - crossing) * way > 0)
    count = int(ahead.sum())
    for place in [
        None,
        *sorted(np.flatnonzero(meets).tolist(), key=lambda each: (crossing[each] * way, ahead[each] != inside)),
    ]:
        if place is not None:
            count += -1 if ahead[place] else 1
        if (count >= k) == inside:
            return start if place is None else float(crossing[place])
    return None
