"""Portfolio SWOT of the company in each segment: every indicator against its declared neutral point."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.criteria import ANCHORED, CRITERIA, EXTERNAL
from workbench.model.ranking import value_of, weights_over
from workbench.model.results import Facts, Swot, listed
from workbench.model.swot.diagnosis import classify_cells, diagnose
from workbench.model.swot.statements import judge
from workbench.model.swot.statements import kendalls_w as kendalls_w
from workbench.scenario import Anchor, Scenario


def score_swot(facts: Facts, book: Book, scenario: Scenario) -> Swot:
    """The SWOT of every segment: a value in 0–1 for each criterion, compared with its declared neutral point.

    Above neutral is strength (internal) or opportunity (external), below it weakness or threat, in proportion and
    weighted: score = Σ w·neutral + strength − weakness + opportunity − threat + judgement's part. A criterion whose
    table the book lacks drops out; a missing figure of a segment stands at neutral, flagged.

    Parameters
    ----------
    facts : Facts
        What is known of each segment, from `segment_facts`.
    book : Book
        The company's tables, as `load_book` gives them.
    scenario : Scenario
        The assumptions, as `load_scenario` gives them.

    Returns
    -------
    Swot
        `values` (0–1 by segment and criterion), `indicators`, `cells`, `statements`, `balances` in points of the score.

    Notes
    -----
    A figure that is NaN stands at its neutral point in the balances, flagged; in `values` it stays NaN.
    """
    segments = facts.segments
    keys = segments["segment"].tolist()
    statements, balance, agreement, disputed = judge(book, scenario, keys)
    values = _values(segments, book, scenario)
    if book.has("statements"):
        values["judgement"] = 0.5 + balance / 2
        values = {name: values[name] for name in CRITERIA if name in values}
    indicators = _indicators(segments, values, scenario)
    cells = classify_cells(facts, scenario)
    balances = _balances(segments, indicators, balance if book.has("statements") else None, cells, scenario)
    missing = tuple(_left_out(values, book, scenario))
    frame = pd.DataFrame({"segment": keys, **values})
    answer = _answer(balances, cells, scenario)
    return Swot(missing, answer, frame, indicators, cells, statements, agreement, disputed, balances)


def _values(segments: pd.DataFrame, book: Book, scenario: Scenario) -> dict[str, np.ndarray]:
    """Values of the segments for each criterion that the book has tables for and the scenario has anchors for."""
    values = {}
    for name in ANCHORED:
        anchor: Anchor | None = getattr(scenario.anchors, name)
        if anchor is not None and all(book.has(table) for table in CRITERIA[name].needs):
            values[name] = value_of(segments[CRITERIA[name].fact].to_numpy(dtype=float), anchor)
    return values


def _left_out(values: dict[str, np.ndarray], book: Book, scenario: Scenario) -> list[str]:
    """Which weighted criteria drop out, and which say nothing because no segment has the figure."""
    said = []
    for name in (name for name in scenario.weighted if name not in values):
        lacking = listed([table for table in CRITERIA[name].needs if not book.has(table)])
        said.append(f"Criterion {name} drops out: the book has no {lacking} table; the other weights are scaled up.")
    empty = [name for name in scenario.weighted if name in values and np.isnan(values[name]).all()]
    said += [f"Criterion {name} says nothing: no segment has the figure, and the neutral point stands in everywhere. "
             "Weigh it 0, or complete the data." for name in empty]  # fmt: skip
    return said


def _indicators(segments: pd.DataFrame, values: dict[str, np.ndarray], scenario: Scenario) -> pd.DataFrame:
    """Long table: figure, value, neutral value, weight and quadrant of each segment × criterion that has anchors."""
    weights = weights_over(scenario, values)
    names = [name for name in values if name in ANCHORED]
    count = len(segments)
    value = np.concatenate([values[name] for name in names]) if names else np.zeros(0)
    each = [float(value_of(np.array([anchor.neutral]), anchor)[0])
            for anchor in (getattr(scenario.anchors, name) for name in names)]  # fmt: skip
    neutral, weight = np.repeat(each, count), np.repeat([weights[name] for name in names], count)
    outside = np.repeat([name in EXTERNAL for name in names], count).astype(bool)
    distance = np.where(np.isnan(value), 0.0, value - neutral)
    kinds = [distance == 0, outside & (distance > 0), outside, distance > 0]
    figures = [segments[CRITERIA[name].fact].to_numpy(dtype=float) for name in names]
    return pd.DataFrame({
        "segment": segments["segment"].tolist() * len(names),
        "criterion": np.repeat(np.array(names, dtype=object), count),
        "figure": np.concatenate(figures) if names else value,
        "value": value, "neutral": neutral, "weight": weight, "points": weight * distance,
        "quadrant": np.select(kinds, ["neutral", "opportunity", "threat", "strength"], "weakness"),
        "flagged": np.isnan(value),
    })  # fmt: skip


def _balances(
    segments: pd.DataFrame,
    indicators: pd.DataFrame,
    judgement: np.ndarray | None,
    cells: pd.DataFrame,
    scenario: Scenario,
) -> pd.DataFrame:
    """Per segment the subtotals of the weighted value table, judgement, the room left where we are strong, diagnosis."""
    count = len(segments)
    points = indicators["points"].to_numpy().reshape(-1, count)
    outside = np.isin(indicators["criterion"].to_numpy(dtype=object)[::count], EXTERNAL)
    up, down = points.clip(min=0), (-points).clip(min=0)
    found = {
        "segment": segments["segment"], "name": segments["name"],
        "strength": up[~outside].sum(axis=0), "weakness": down[~outside].sum(axis=0),
        "opportunity": up[outside].sum(axis=0), "threat": down[outside].sum(axis=0),
    }  # fmt: skip
    found["internal"] = found["strength"] - found["weakness"]
    found["external"] = found["opportunity"] - found["threat"]
    found["judgement"] = np.full(count, np.nan) if judgement is None else judgement
    found["runway_strong_y"] = _room_of_the_strong(found["segment"].tolist(), cells)
    return pd.DataFrame({**found, **diagnose(segments, found["external"], scenario)})


def _room_of_the_strong(keys: list[str], cells: pd.DataFrame) -> np.ndarray:
    """Runway in the cells that are strengths, per segment; missing where there are none."""
    sums: dict[str, float] = {}
    for key, kind, runway in zip(*(cells[name].tolist() for name in ("segment", "kind", "runway_y")), strict=True):
        if kind == "strength" and runway == runway:
            sums[key] = sums.get(key, 0.0) + runway
    return np.array([sums.get(key, np.nan) for key in keys])


def _answer(balances: pd.DataFrame, cells: pd.DataFrame, scenario: Scenario) -> str:
    share = scenario.anchors.share
    little = (
        "does not sell" if share is None else f"sells less than the neutral share of its market, {share.neutral:.0%}"
    )
    little = little.replace("%", " %")
    kinds = balances["diagnosis"].tolist()
    names: dict[str, list[str]] = {}
    for name, kind in zip(balances["name"].tolist(), kinds, strict=True):
        names.setdefault(kind, []).append(name)
    said = [f"{listed(names[kind])} ({kind})" for kind in sorted(set(names) - {"healthy", "not judged"})]
    weak = sum(kind not in ("healthy", "not judged") for kind in kinds)
    each = cells["kind"].tolist()
    if all(kind == "not judged" for kind in each):
        lacking = "Revenue over four quarters" if cells["relevance"].notna().any() else "Relevance"
        return f"{lacking} is not known yet, so the matrix cannot tell strengths from opportunities."
    verb = "is" if weak == 1 else "are"
    head = f"{weak} of {len(kinds)} segments {verb} weak: {'; '.join(said)}." if said else "No judged segment is weak."
    head += f" {kinds.count('not judged')} cannot be judged." if "not judged" in kinds else ""
    if set(kinds) == {"not judged"}:
        head = "No segment can be diagnosed: relevance, coverage or the share is not known."
    return f"{head} In {each.count('opportunity')} of {len(each)} cells a relevant product {little}."
