"""Portfolio SWOT of the company in each segment: indicators against neutral points, cells, statements, diagnosis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.book import Book
from workbench.book.tables import RELEVANT
from workbench.model.results import Facts, Swot, listed
from workbench.scenario import CRITERIA, EXTERNAL, INTERNAL, Anchor, Scenario

FACT_OF = {"size": "size_y", "revenue": "revenue_y", "runway": "runway_y"}
REMEDY = {
    "go-to-market": "marketing and sales: the product fits and meets the needs, it is not being sold",
    "product": "product: close the gaps before selling harder",
    "not ours": "none: leave, or serve only what comes by itself",
    "healthy": "none on our side",
    "not judged": "judge relevance and coverage first",
}


def score_swot(facts: Facts, book: Book, scenario: Scenario) -> Swot:
    """The SWOT of every segment: a value in 0–1 for each criterion, compared with its declared neutral point.

    Above neutral is strength (internal) or opportunity (external), below it weakness or threat, in proportion and
    weighted: score = Σ w·neutral + strength − weakness + opportunity − threat + judgement's part.
    """
    values, missing = _values(facts, scenario)
    statements, judgement, agreement = _statements(book, scenario, facts)
    values["judgement"] = judgement.reindex(values.index).to_numpy() if book.has("statements") else np.nan
    if not book.has("statements"):
        missing.append("Judgement is absent: the book has no statements.")
    indicators = _indicators(values, facts, scenario)
    cells = classify_cells(facts, scenario)
    balances = _balances(indicators, values, facts, scenario)
    answer = _answer(balances, cells)
    return Swot(tuple(missing), answer, values.reset_index(), indicators, cells, statements, agreement, balances)


def _answer(balances: pd.DataFrame, cells: pd.DataFrame) -> str:
    weak = balances[~balances["diagnosis"].isin(["healthy", "not judged"])]
    kinds = [f"{listed(list(part['name']))} ({kind})" for kind, part in weak.groupby("diagnosis")]
    if (cells["kind"] == "not judged").all():
        return "Relevance is not judged yet, so the matrix cannot tell strengths from opportunities."
    chances = int((cells["kind"] == "opportunity").sum())
    head = (
        f"{len(weak)} of {len(balances)} segments are weak: {'; '.join(kinds)}."
        if kinds
        else "No judged segment is weak."
    )
    open_ = int((balances["diagnosis"] == "not judged").sum())
    head += f" {open_} cannot be judged." if open_ else ""
    if (balances["diagnosis"] == "not judged").all():
        head = "No segment is diagnosed, for its share is not known."
    return f"{head} In {chances} of {len(cells)} cells a relevant product does not sell yet."


def value_of(x: np.ndarray, anchor: Anchor) -> np.ndarray:
    """Values in 0–1 of figures `x`: 0 at `low`, 1 at `high`, straight or logarithmic between; NaN stays NaN."""
    if anchor.scale == "log":
        low, high = np.log(anchor.low), np.log(anchor.high)
        x = np.log(np.clip(x, anchor.low, anchor.high))
    else:
        low, high = anchor.low, anchor.high
    return np.asarray(np.clip((x - low) / (high - low), 0.0, 1.0), dtype=float)


def kendalls_w(ratings: np.ndarray, *, correct: bool = True) -> tuple[float, float]:
    """Kendall's W (0 no agreement, 1 full) and its χ² of `ratings` (subjects, raters); ties share ranks.

    `correct` applies the tie correction. NaN where all raters tie everything. Kendall & Babington Smith (1939).
    """
    subjects, raters = ratings.shape
    ranks = pd.DataFrame(ratings).rank().to_numpy()
    spread = float(((ranks.sum(axis=1) - raters * (subjects + 1) / 2) ** 2).sum())
    ties = 0.0
    if correct:
        for rater in range(raters):
            counts = np.unique(ranks[:, rater], return_counts=True)[1].astype(float)
            ties += float((counts**3 - counts).sum())
    whole = raters**2 * (subjects**3 - subjects) - raters * ties
    w = 12 * spread / whole if whole > 0 else float("nan")
    return w, raters * (subjects - 1) * w


def classify_cells(facts: Facts, scenario: Scenario) -> pd.DataFrame:
    """One row per product × segment and its kind: strength, opportunity, revenue at risk, leave, or not judged.

    Relevant from ½ on; selling where revenue reaches the neutral share of the cell's addressable market, or, where
    that is unknown, where there is any.
    """
    cells = facts.cells
    anchor = scenario.anchors.share
    least = (anchor.neutral if anchor else 0.0) * cells["addressable_y"].fillna(0.0)
    selling = (cells["revenue_y"] > 0) & (cells["revenue_y"] >= least)
    relevant = cells["relevance"] >= RELEVANT
    kinds = [relevant & selling, relevant & ~selling, ~relevant & selling, ~relevant & ~selling]
    names = ["strength", "opportunity", "revenue at risk", "leave"]
    cells["kind"] = np.select(kinds, names, "leave")
    cells.loc[cells["relevance"].isna() | cells["revenue_y"].isna(), "kind"] = "not judged"
    return cells[["product", "segment", "kind", "relevance", "revenue_y", "addressable_y", "runway_y", "coverage"]]


def _values(facts: Facts, scenario: Scenario) -> tuple[pd.DataFrame, list[str]]:
    """Values per segment × criterion (NaN where the figure is missing, or the criterion has no anchor)."""
    table = facts.segments.set_index("segment")
    values = pd.DataFrame(index=table.index)
    for name in CRITERIA[:-1]:
        anchor: Anchor | None = getattr(scenario.anchors, name)
        figures = table[FACT_OF.get(name, name)].to_numpy(dtype=float)
        values[name] = value_of(figures, anchor) if anchor is not None else np.nan
    absent = [name for name in CRITERIA[:-1] if getattr(scenario.weights, name) > 0 and values[name].isna().all()]
    said = [
        f"Criterion {name} drops out: no segment has the figure; the other weights are scaled up." for name in absent
    ]
    return values, said


def _statements(book: Book, scenario: Scenario, facts: Facts) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Points (impact ÷ 5 × likelihood, mean over raters) per segment × quadrant; value of judgement; agreement.

    J = (S + O − W − T) ÷ (S + O + W + T + k) lies in −1…1; k, the scenario's `judgement_strength`, keeps few weak
    statements from proving much. The value is ½ + J/2.
    """
    table = book.table("statements").astype({"impact": "float64", "likelihood": "float64"})
    table["points"] = table["impact"] / 5 * table["likelihood"]
    each = table.groupby(["segment", "quadrant", "statement"], as_index=False)["points"].mean()
    wide = each.pivot_table(index="segment", columns="quadrant", values="points", aggfunc="sum", observed=True)
    keys = facts.segments["segment"]
    wide = wide.reindex(index=keys, columns=["S", "W", "O", "T"]).astype("float64").fillna(0.0)
    good, bad = wide["S"] + wide["O"], wide["W"] + wide["T"]
    balance = (good - bad) / (good + bad + scenario.judgement_strength)
    agreement = [(key, *_agreement(part)) for key, part in table.groupby("segment")]
    frame = pd.DataFrame(agreement, columns=["segment", "raters", "statements", "kendalls_w"])
    return wide.reset_index(), 0.5 + balance / 2, frame


def _agreement(part: pd.DataFrame) -> tuple[int, int, float]:
    """Raters, statements that all of them rated, and their W."""
    wide = part.pivot_table(index=["quadrant", "statement"], columns="rater", values="points").dropna()
    raters = wide.shape[1]
    w = kendalls_w(wide.to_numpy(dtype=float))[0] if raters > 1 and len(wide) > 1 else float("nan")
    return raters, len(wide), w


def _indicators(values: pd.DataFrame, facts: Facts, scenario: Scenario) -> pd.DataFrame:
    """Long table: figure, value, neutral value, weight and quadrant of each segment × criterion that has anchors."""
    present = [name for name in CRITERIA if values[name].notna().any()]
    weights = scenario.weights_over(present)
    table = facts.segments.set_index("segment")
    rows = []
    for name in (name for name in present if name != "judgement"):
        anchor: Anchor = getattr(scenario.anchors, name)
        neutral = float(value_of(np.array([anchor.neutral]), anchor)[0])
        for segment, value in values[name].items():
            figure = float(table.loc[segment, FACT_OF.get(name, name)])
            known = not np.isnan(value)
            distance = value - neutral if known else 0.0
            good, bad = ("opportunity", "threat") if name in EXTERNAL else ("strength", "weakness")
            quadrant = good if distance > 0 else bad if distance < 0 else "neutral"
            rows.append(
                (segment, name, figure, value, neutral, weights[name], weights[name] * distance, quadrant, not known)
            )
    columns = ["segment", "criterion", "figure", "value", "neutral", "weight", "points", "quadrant", "flagged"]
    return pd.DataFrame(rows, columns=columns)


def _balances(indicators: pd.DataFrame, values: pd.DataFrame, facts: Facts, scenario: Scenario) -> pd.DataFrame:
    """Per segment the subtotals of the weighted value table, judgement and the diagnosis."""
    table = facts.segments[["segment", "name"]].set_index("segment")
    for side, good, bad in ((INTERNAL, "strength", "weakness"), (EXTERNAL, "opportunity", "threat")):
        part = indicators[indicators["criterion"].isin(side)]
        points = part.groupby("segment")["points"]
        table[good] = points.agg(lambda each: each.clip(lower=0).sum()).reindex(table.index).fillna(0.0)
        table[bad] = points.agg(lambda each: (-each).clip(lower=0).sum()).reindex(table.index).fillna(0.0)
    table["internal"] = table["strength"] - table["weakness"]
    table["external"] = table["opportunity"] - table["threat"]
    table["judgement"] = values["judgement"] * 2 - 1
    table["diagnosis"] = [_diagnose(row, scenario) for _, row in facts.segments.iterrows()]
    table["remedy"] = table["diagnosis"].map(REMEDY)
    return table.reset_index()


def _diagnose(row: pd.Series, scenario: Scenario) -> str:
    """What kind of problem a segment has, asked in this order.

    Not ours: no product is relevant. Product: coverage below its neutral point. Healthy: our share reaches its
    neutral point, or we win deals at least at the neutral rate (the share is on its way). Else go-to-market: relevant
    and covered, yet neither sold nor being won.
    """
    share, coverage, win_rate = scenario.anchors.share, scenario.anchors.coverage, scenario.anchors.win_rate
    if pd.isna(row["relevance"]) or share is None or pd.isna(row["share"]):
        return "not judged"
    if row["relevance"] < RELEVANT:
        return "not ours"
    if coverage is not None and row["coverage"] < coverage.neutral:
        return "product"
    if row["share"] >= share.neutral or (win_rate is not None and row["win_rate"] >= win_rate.neutral):
        return "healthy"
    return "not judged" if pd.isna(row["coverage"]) else "go-to-market"
