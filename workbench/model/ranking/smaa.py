"""Rank acceptability over draws of weights and values (SMAA-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from workbench.model.ranking.values import UNITS

CHUNK = 1 << 18  # scores held at a time: the memory stays bounded, and the chunk in the processor's cache
BLOCK = 1 << 15  # scores of one matrix product: small enough for one thread
PAIRS = 1 << 24  # ranks held at a time while pairs are counted


@dataclass(frozen=True, eq=False)
class Acceptability:
    """`rank_acceptability` (segments, ranks): part of the draws in which a segment takes a rank, rows add up to 1;
    `central_weights` (segments, criteria): mean weights that put it first, NaN where none do; `pairwise` (segments,
    segments): part of the draws in which the row is ahead of the column, ½ on the diagonal; `entropy`: of a segment's
    rank in bits, mean over the segments: 0 where every rank is certain.
    """

    rank_acceptability: np.ndarray
    central_weights: np.ndarray
    pairwise: np.ndarray | None
    entropy: float


Values = Callable[[slice], np.ndarray]


def smaa(values: np.ndarray, weights: np.ndarray, *, pairwise: bool = True) -> Acceptability:
    """Rank acceptability of `values` (segments, criteria) or (draws, segments, criteria), under `weights` (draws,
    criteria). SMAA-2 (Lahdelma & Salminen 2001); winning in pairs after Leskinen et al. (2006).

    Scores are added left to right and quantised to 1e-9, as in the ranking. Equal scores share: each of t equals takes
    each of their t ranks for 1/t of the draw, and counts as half ahead of another. Given draws give one result, whatever
    the chunks. All numbers must be finite.

    Parameters
    ----------
    values : array (segments, criteria) or (draws, segments, criteria)
        Values, 0–1 as a rule; all finite.
    weights : array (draws, criteria)
        Weights of each draw; all finite.
    pairwise : bool
        Whether pairs are counted, too.

    Returns
    -------
    Acceptability
        Acceptability of ranks, central weights, winning in pairs and entropy, as arrays.

    Notes
    -----
    NaN is not allowed in; `central_weights` is NaN for a segment that is never first.
    """
    values, weights = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    return smaa_of(
        (lambda part: values[part]) if values.ndim == 3 else (lambda part: values), weights, pairwise=pairwise
    )


def smaa_of(values: Values, weights: np.ndarray, *, pairwise: bool = True) -> Acceptability:
    """As `smaa`, with values made as they are needed: `values(part)` gives those of a slice of the draws."""
    draws, count = len(weights), values(slice(0, 1)).shape[-2]
    alone, shared = np.zeros(count * count, dtype=np.int64), dict[int, np.ndarray]()  # by rank and segment
    pairs = _Pairs(count) if pairwise else None
    firsts = []
    for part, scores in _scores(values, weights, count):
        order, equal = _ranked(scores)
        tied = equal.any(axis=1)
        clear = order[~tied] if tied.any() else order
        flat = (clear + np.arange(count) * count).ravel()
        alone += np.bincount(flat, minlength=count * count)
        firsts.append((part.start + np.flatnonzero(~tied), clear[:, 0], np.ones(len(clear))))
        if tied.any():
            firsts.append(_share(order[tied], equal[tied], part.start + np.flatnonzero(tied), shared))
        if pairs is not None:
            pairs.add(order, equal)
    acceptability = (alone.reshape(count, count).T + shared.pop(1, 0.0)) / draws
    for size in sorted(shared):
        acceptability += shared[size] / size / draws
    central = _central_weights(firsts, weights, count)
    in_pairs = None if pairs is None else pairs.share(draws)
    chances = np.where(acceptability > 0, acceptability, 1.0)
    entropy = -float((chances * np.log2(chances)).sum()) / count
    return Acceptability(acceptability, central, in_pairs, entropy + 0.0)


def _scores(values: Values, weights: np.ndarray, count: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Quantised scores (draws of the chunk, segments), chunk by chunk, in units of 1e-9."""
    size = max(1, CHUNK // count)
    for start in range(0, len(weights), size):
        part = slice(start, min(start + size, len(weights)))
        yield part, quantised_scores(values(part), weights[part])


def quantised_scores(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Scores (draws, segments) of values (segments, criteria) or (draws, segments, criteria) under weights (draws,
    criteria), in whole units of 1e-9, added left to right.

    For values that are the same in every draw a matrix product finds nearly all of them: only where the sum comes so
    close to the border between two units that the order of adding may matter is it added again, left to right.
    """
    if values.ndim == 3:
        return _left_to_right(values, weights)
    total = np.empty((len(weights), len(values)))
    step = max(1, BLOCK // max(len(values), 1))
    for start in range(0, len(weights), step):
        np.matmul(weights[start : start + step], values.T, out=total[start : start + step])
    total *= UNITS
    total += 0.5
    whole = np.floor(total)
    total -= whole
    total -= 0.5
    np.abs(total, out=total)  # ½ at a border
    largest = float(np.abs(values).max(initial=0.0)) * float(np.abs(weights).sum(axis=1).max(initial=0.0))
    error = 4 * np.finfo(float).eps * (weights.shape[1] * UNITS * largest + float(np.abs(whole).max(initial=0.0)))
    if error > 1e-3:
        return _left_to_right(values, weights)
    draw, segment = np.nonzero(total > 0.5 - error)
    whole[draw, segment] = _left_to_right(values[segment][:, None], weights[draw])[:, 0]
    return whole


def _left_to_right(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """As `quantised_scores`, every sum added criterion by criterion."""
    total = np.zeros((len(weights), values.shape[-2]))
    product = np.empty_like(total)
    for column in range(weights.shape[1]):
        np.multiply(weights[:, column, None], values[..., column], out=product)
        total += product
    total *= UNITS
    total += 0.5
    return np.floor(total, out=total)


def _ranked(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Segments best first (draws, segments), equal ones by index; and whether each equals the next.

    Score and index are packed into one whole number each, since sorting those is many times as fast as sorting indices.
    """
    count = scores.shape[1]
    bits = (count - 1).bit_length()
    if float(np.abs(scores).max(initial=0.0)) < 2.0 ** (62 - bits):
        packed = scores.astype(np.int64)
        packed *= -(1 << bits)
        packed += np.arange(count)
        packed.sort(axis=1)
        level = packed >> bits
        packed &= (1 << bits) - 1
        return packed, level[:, 1:] == level[:, :-1]
    order = np.argsort(-scores, axis=1, kind="stable")
    level = np.take_along_axis(scores, order, axis=1)
    return order, level[:, 1:] == level[:, :-1]


def _share(
    order: np.ndarray, equal: np.ndarray, draws: np.ndarray, shared: dict[int, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts the shared ranks of draws with ties by size of the tie; returns who comes first, and for what part."""
    rows, count = order.shape
    fresh = np.concatenate([np.ones((rows, 1), dtype=bool), ~equal], axis=1)
    group = np.cumsum(fresh.ravel()) - 1  # every draw starts a new one
    sizes = np.bincount(group)
    size_of = sizes[group].reshape(rows, count)
    start = np.flatnonzero(fresh.ravel())[group].reshape(rows, count) % count
    for size in np.unique(size_of).tolist():
        table = shared.setdefault(int(size), np.zeros((count, count)))
        row, place = np.nonzero(size_of == size)
        for step in range(int(size)):
            np.add.at(table, (order[row, place], start[row, place] + step), 1.0)
    row, place = np.nonzero(start == 0)
    return draws[row], order[row, place], 1 / size_of[row, place]


class _Pairs:
    """Counts for each pair of segments the draws in which the row ranks before the column, and those it shares.

    Ranks are kept in as few bytes as they need, segment by segment, and compared when enough of them have come.
    """

    def __init__(self, count: int) -> None:
        self.count, self.held, self.kept, self.tied = count, 0, list[np.ndarray](), False
        self.doubled = np.zeros((count, count), dtype=np.int64)  # 2 where ahead, 1 where equal

    def add(self, order: np.ndarray, equal: np.ndarray) -> None:
        """Takes the ranks of some draws from their order, equal ones at the better rank."""
        kind = np.uint8 if self.count <= 256 else np.uint16 if self.count <= 65_536 else np.uint32
        place = np.arange(self.count, dtype=kind)[None]
        if equal.any():
            self.tied = True
            fresh = np.concatenate([np.ones((len(order), 1), dtype=bool), ~equal], axis=1)
            place = np.maximum.accumulate(np.where(fresh, place, kind(0)), axis=1)
        ranks = np.empty(order.shape, dtype=kind)
        ranks.reshape(-1)[order + (np.arange(len(order)) * self.count)[:, None]] = place
        self.kept.append(np.ascontiguousarray(ranks.T))
        self.held += ranks.size
        if self.held >= PAIRS:
            self._count()

    def share(self, draws: int) -> np.ndarray:
        """The part of the draws in which the row is ahead of the column; a draw in which both are equal by half."""
        self._count()
        np.fill_diagonal(self.doubled, draws)
        return np.asarray(self.doubled / (2 * draws))

    def _count(self) -> None:
        if not self.kept:
            return
        ranks = np.concatenate(self.kept, axis=1)
        draws = ranks.shape[1]
        for row in range(self.count):
            for column in range(row + 1, self.count):
                ahead = np.count_nonzero(ranks[row] < ranks[column])
                same = np.count_nonzero(ranks[row] == ranks[column]) if self.tied else 0
                self.doubled[row, column] += 2 * ahead + same
                self.doubled[column, row] += 2 * (draws - ahead) - same
        self.kept, self.held = [], 0


def _central_weights(
    firsts: list[tuple[np.ndarray, np.ndarray, np.ndarray]], weights: np.ndarray, count: int
) -> np.ndarray:
    """Mean weights of the draws in which each segment comes first, a shared first place in part; added draw by draw."""
    draw, who, part = (np.concatenate(each) for each in zip(*firsts, strict=True))
    by_draw = np.lexsort((who, draw))
    draw, who, part = draw[by_draw], who[by_draw], part[by_draw]
    total = np.bincount(who, weights=part, minlength=count)
    sums = [
        np.bincount(who, weights=part * weights[draw, column], minlength=count) for column in range(weights.shape[1])
    ]
    with np.errstate(invalid="ignore"):
        return np.stack(sums, axis=1) / np.where(total > 0, total, np.nan)[:, None]
