"""What each product × segment is, and what kind of problem a segment has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.book.tables import RELEVANT
from workbench.model.results import Facts
from workbench.scenario import Anchor, Scenario

REMEDY = {
    ("go-to-market", "marketing"): "marketing: the product fits and we win when asked, too few ask",
    ("go-to-market", "sales"): "sales: the product fits, yet we lose the deals",
    ("product", "product"): "product: close the gaps before selling harder",
    ("not ours", ""): "none: leave, or serve only what comes by itself",
    ("healthy", ""): "none on our side",
    ("healthy", "market"): "none on our side: it is the market that is weak",
    ("not judged", ""): "judge relevance and coverage, and declare the addressable market, first",
}


def classify_cells(facts: Facts, scenario: Scenario) -> pd.DataFrame:
    """One row per product × segment and its kind: strength, opportunity, revenue at risk, leave, or not judged.

    Relevant from ½ on; selling where revenue reaches the neutral share of the cell's addressable market, or, where
    that is unknown, where there is any.
    """
    cells = facts.cells
    anchor = scenario.anchors.share
    revenue, relevance = (cells[name].to_numpy(dtype=float) for name in ("revenue_y", "relevance"))
    least = (anchor.neutral if anchor else 0.0) * np.nan_to_num(cells["addressable_y"].to_numpy(dtype=float))
    selling, relevant = (revenue > 0) & (revenue >= least), relevance >= RELEVANT
    unknown = np.isnan(revenue) | np.isnan(relevance)
    kinds = [unknown, relevant & selling, relevant & ~selling, ~relevant & selling]
    cells["kind"] = np.select(kinds, ["not judged", "strength", "opportunity", "revenue at risk"], "leave")
    return cells[["product", "segment", "kind", "relevance", "revenue_y", "addressable_y", "runway_y", "coverage"]]


def diagnose(segments: pd.DataFrame, external: np.ndarray, scenario: Scenario) -> dict[str, list[str]]:
    """Diagnosis, lever, the figures that decided it, and remedy: columns, in the order of `segments`.

    Asked in this order. Not ours: no product is relevant. Product: coverage lies below its neutral point. Healthy:
    the share of the addressable market reaches its neutral point. Else go-to-market: relevant and covered, yet with
    little business; the lever is marketing where deals are won at the neutral rate, or the rate is not known, and sales
    where they are lost. Not judged where a figure that decides is missing. A healthy segment whose `external` balance is
    below 0 says that the market is weak.
    """
    relevance, coverage, share, won = (
        segments[name].astype("float64").tolist() for name in ("relevance", "coverage", "share", "win_rate")
    )
    found = [_one(*figures, scenario) for figures in zip(relevance, coverage, share, won, strict=True)]
    remedies = [
        REMEDY[kind, "market" if kind == "healthy" and side < 0 else lever]
        for (kind, lever, _), side in zip(found, external.tolist(), strict=True)
    ]
    kinds, levers, decided = zip(*found, strict=True)
    return {"diagnosis": list(kinds), "lever": list(levers), "decided_by": list(decided), "remedy": remedies}


def _one(relevance: float, coverage: float, share: float, win_rate: float, scenario: Scenario) -> tuple[str, str, str]:
    """Diagnosis, lever and figures of one segment."""
    anchors = scenario.anchors
    if np.isnan(relevance):
        return "not judged", "", "relevance not judged"
    seen = [_beside("relevance", relevance, RELEVANT, "")]
    if relevance < RELEVANT:
        return "not ours", "", seen[0]
    below, text = _against("coverage", coverage, anchors.coverage)
    seen.append(text)
    if below:
        return "product", "product", "; ".join(seen)
    covered = below is not None
    below, text = _against("share", share, anchors.share)
    seen.append(text)
    if below is None:
        return "not judged", "", "; ".join(seen)
    if not below:
        return "healthy", "", "; ".join(seen)
    if not covered:
        return "not judged", "", "; ".join(seen)
    losing, text = _against("win rate", win_rate, anchors.win_rate)
    return "go-to-market", "sales" if losing else "marketing", "; ".join([*seen, text])


def _against(name: str, figure: float, anchor: Anchor | None) -> tuple[bool | None, str]:
    """Whether the figure lies below its neutral point (None where that cannot be said), and both in words."""
    if np.isnan(figure):
        return None, f"{name} not known"
    if anchor is None:
        return None, f"{name} {figure * 100:.1f} %, no neutral point declared"
    return figure < anchor.neutral, _beside(name, figure * 100, anchor.neutral * 100, " %")


def _beside(name: str, figure: float, neutral: float, unit: str) -> str:
    fewest = 1 if unit else 2
    apart = (
        places for places in range(fewest, 9) if figure == neutral or f"{figure:.{places}f}" != f"{neutral:.{places}f}"
    )
    places = next(apart, 9)
    return f"{name} {figure:.{places}f}{unit} {'<' if figure < neutral else '≥'} {neutral:.{places}f}{unit}"
