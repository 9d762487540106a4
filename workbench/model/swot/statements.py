"""The SWOT statements: points per quadrant, what they say on balance, and how far the raters agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.scenario import Scenario

QUADRANTS = ("S", "W", "O", "T")
SHOWN = 10  # disputed statements that are named
DISPUTED = ["segment", "quadrant", "statement", "raters", "points", "points_low", "points_high", "spread"]


def kendalls_w(ratings: np.ndarray, *, correct: bool = True) -> tuple[float, float]:
    """Kendall's W (0 no agreement, 1 full) and its χ² of `ratings` (subjects, raters); ties share ranks.

    `correct` applies the tie correction. NaN where all raters tie everything. Kendall & Babington Smith (1939).

    Parameters
    ----------
    ratings : array (subjects, raters)
        Ratings; only their order within a rater counts.
    correct : bool
        Whether ties are corrected for.

    Returns
    -------
    tuple of float
        W, 0–1, and its χ² with subjects − 1 degrees of freedom.

    Notes
    -----
    NaN where every rater ties everything; ratings must be finite.
    """
    subjects, raters = ratings.shape
    below = (ratings[None, :, :] < ratings[:, None, :]).sum(axis=1)
    equal = (ratings[None, :, :] == ratings[:, None, :]).sum(axis=1)
    ranks = below + (equal + 1) / 2
    spread = float(((ranks.sum(axis=1) - raters * (subjects + 1) / 2) ** 2).sum())
    ties = float((equal.astype(float) ** 2 - 1).sum()) if correct else 0.0  # Σ t³ − t over the groups of t equals
    whole = raters**2 * (subjects**3 - subjects) - raters * ties
    w = 12 * spread / whole if whole > 0 else float("nan")
    return w, raters * (subjects - 1) * w


def judge(
    book: Book, scenario: Scenario, segments: list[str]
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Points per segment × quadrant; the balance J of each segment; the raters' agreement; the most disputed statements.

    Points of a statement are impact ÷ 5 × likelihood, mean over raters. J = (S + O − W − T) ÷ (S + O + W + T + k) lies
    in −1…1; k, the scenario's `judgement_strength`, keeps few weak statements from proving much. Disputed is a statement
    by the spread of its points, highest − lowest rater.
    """
    table = book.table("statements")
    table = table[table["segment"].isin(segments)]
    text = {name: table[name].tolist() for name in ("segment", "quadrant", "statement", "rater")}
    of_segment = {key: row for row, key in enumerate(segments)}
    place = np.array([of_segment[key] for key in text["segment"]], dtype=int)
    quadrant = np.array([QUADRANTS.index(key) for key in text["quadrant"]], dtype=int)
    points = table["impact"].to_numpy(dtype=float) / 5 * table["likelihood"].to_numpy(dtype=float)
    each = list(zip(text["segment"], text["quadrant"], text["statement"], strict=True))
    new = [row for row, key in enumerate(each) if row == 0 or key != each[row - 1]]  # the table is sorted by these
    start = np.array(new, dtype=int)
    many = np.diff(np.append(start, len(each)))
    mean = np.add.reduceat(points, start) / many if len(start) else np.zeros(0)
    wide = np.zeros((len(segments), 4))
    np.add.at(wide, (place[start], quadrant[start]), mean)
    good, bad = wide[:, 0] + wide[:, 2], wide[:, 1] + wide[:, 3]
    balance = (good - bad) / (good + bad + scenario.judgement_strength)
    by_quadrant = pd.DataFrame({"segment": segments, **dict(zip(QUADRANTS, wide.T, strict=True))})
    return by_quadrant, balance, _agreement(each, text["rater"], points), _disputed(each, points, start, many, mean)


Statement = tuple[str, str, str]


def _agreement(each: list[Statement], raters: list[str], points: np.ndarray) -> pd.DataFrame:
    """Raters per segment, the statements that all of them rated, and their Kendall's W on these."""
    seen: dict[str, dict[Statement, dict[str, float]]] = {}
    for key, rater, value in zip(each, raters, points.tolist(), strict=True):
        seen.setdefault(key[0], {}).setdefault(key, {})[rater] = value
    rows = []
    for segment, by_statement in seen.items():
        who = sorted({rater for by in by_statement.values() for rater in by})
        full = [[by[rater] for rater in who] for by in by_statement.values() if len(by) == len(who)]
        w = kendalls_w(np.array(full))[0] if len(who) > 1 and len(full) > 1 else float("nan")
        rows.append((segment, len(who), len(full), w))
    return pd.DataFrame(rows, columns=["segment", "raters", "statements", "kendalls_w"])


def _disputed(
    each: list[Statement], points: np.ndarray, start: np.ndarray, many: np.ndarray, mean: np.ndarray
) -> pd.DataFrame:
    """The statements on which raters differ most, the widest spread first."""
    if not each:
        return pd.DataFrame(columns=DISPUTED)
    low, high = np.minimum.reduceat(points, start), np.maximum.reduceat(points, start)
    spread = np.floor((high - low) * 1e9 + 0.5) / 1e9
    order = [row for row in np.argsort(-spread, kind="stable").tolist() if spread[row] > 0][:SHOWN]
    rows = [(*each[start[row]], int(many[row]), mean[row], low[row], high[row], spread[row]) for row in order]
    return pd.DataFrame(rows, columns=DISPUTED)
