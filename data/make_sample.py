"""Makes the sample company Aurora Systems: `python data/make_sample.py [FOLDER]` writes its book to data/sample.

Texts, and the figures around which each segment is drawn, stand in sample_texts.toml. The seed is fixed and only
`Generator.random` is drawn from, so every run writes the same bytes.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from workbench.book.quarters import shift
from workbench.book.tables import TABLES

HERE = Path(__file__).resolve().parent
SEED = 20261
LATEST = "2026Q3"
QUARTERS = [shift(LATEST, back) for back in range(-11, 1)]
LAST_YEAR = 2025
YEARS_BACK = 10
YEARS_AHEAD = 4
SEASON = (0.985, 0.995, 0.99, 1.03)
SHOCK = {2020: -0.05, 2021: 0.04}

Row = dict[str, Any]
Texts = dict[str, Any]


def noise(rng: np.random.Generator, size: int, width: float) -> np.ndarray:
    """`size` draws between −width and width, most of them near 0."""
    return width * (rng.random(size) - rng.random(size))


def spread(rng: np.random.Generator, total: int, weights: np.ndarray) -> np.ndarray:
    """`total` things dropped into cells with chances in proportion to `weights`: counts of the same shape."""
    edges = np.cumsum(weights.ravel() / weights.sum())
    cells = np.searchsorted(edges, rng.random(total), side="right").clip(max=weights.size - 1)
    return np.bincount(cells, minlength=weights.size).reshape(weights.shape)


def rounded(value: float, step: float) -> float:
    """The value as a multiple of `step`."""
    return round(round(float(value) / step) * step, 2)


def parts(segment: Row, power: float) -> np.ndarray:
    """How a segment divides over the products that sell there: revenue, flattened by `power`; they add up to 1."""
    revenue = np.array(segment["revenue"])
    weights: np.ndarray = np.where(revenue > 0, (revenue + 0.3) ** power, 0.0)
    return np.asarray(weights / weights.sum())


def cells(texts: Texts, segment: Row, column: str) -> Iterator[tuple[Row, Any]]:
    """The key of each product × segment, with the segment's figure for the product."""
    for product, figure in zip(texts["products"], segment[column], strict=True):
        yield {"product": product["product"], "segment": segment["segment"]}, figure


# ---------------------------------------------------------------- what its people said


def relevance(texts: Texts) -> Iterator[Row]:
    for segment in texts["segments"]:
        for key, degree in cells(texts, segment, "relevance"):
            yield {**key, "relevance": degree, "judged_by": segment["owner"], "judged_on": segment["judged_on"]}


def segment_needs(texts: Texts) -> Iterator[Row]:
    """Signed by the segment's owner, except where `signatures` says otherwise."""
    for segment in texts["segments"]:
        for need, importance, who, why, outcome in segment["needs"]:
            usual = [segment["owner"], segment["validated_on"]]
            by, on = texts["signatures"].get(f"{segment['segment']}/{need}", usual)
            said = {"who": who, "why": why, "outcome": outcome, "importance": importance}
            yield {"segment": segment["segment"], "need": need, **said, "validated_by": by, "validated_on": on}


def statements(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """Each rater around the figures in the texts: impact a step up or down now and then, likelihood within 0.25."""
    raters = texts["raters"]
    for segment in texts["segments"]:
        for quadrant, impact, likelihood, statement, evidence in segment["statements"]:
            steps, doubts = np.rint(noise(rng, len(raters), 1.5)), noise(rng, len(raters), 0.25)
            for rater, step, doubt in zip(raters, steps, doubts, strict=True):
                key = {"segment": segment["segment"], "quadrant": quadrant, "statement": statement, "rater": rater}
                likely = rounded(np.clip(likelihood + doubt, 0.05, 0.95), 0.05)
                yield {**key, "impact": int(np.clip(impact + step, 1, 5)), "likelihood": likely, "evidence": evidence}


def impacts(texts: Texts) -> Iterator[Row]:
    for ask in texts["asks"]:
        for segment, (thousands, points, adopters, confidence, evidence) in ask["impacts"].items():
            claims = {"revenue_y": thousands * 1000, "retention_points": points, "adopters": adopters}
            claims = {name: None if claim < 0 else claim for name, claim in claims.items()}
            yield {"ask": ask["ask"], "segment": segment, **claims, "confidence": confidence, "evidence": evidence}


# ---------------------------------------------------------------- what its systems recorded


def revenue(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """Quarters that lead, at the segment's growth and the product's drift, to the four-quarter figures of the texts."""
    back = np.arange(len(QUARTERS) - 1, -1, -1) / 4
    season = np.array([SEASON[int(quarter[5]) - 1] for quarter in QUARTERS])
    drift = {product["product"]: product["drift"] for product in texts["products"]}
    for segment in texts["segments"]:
        for key, millions in cells(texts, segment, "revenue"):
            path = (1 + segment["growth"] + drift[key["product"]]) ** -back * season
            path = path * (1 + noise(rng, len(path), 0.02))
            path = path / path[-4:].sum() * millions * 1e6
            for quarter, amount in zip(QUARTERS, path, strict=True):
                yield {**key, "quarter": quarter, "revenue": rounded(amount, 0.01)}


def market(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    for segment in texts["segments"]:
        for category, (size, rate, past, ahead) in segment["market"].items():
            known = {"addressable_rate": rate, "source": texts["analysts"][category]}
            foreseen = foreseen_years(size * 1e6, ahead) if segment.get("foreseen", True) else ()
            for row in [*actual_years(rng, size * 1e6, past, ahead), *foreseen]:
                yield {"segment": segment["segment"], "category": category, **row, **known}


def actual_years(rng: np.random.Generator, size: float, past: float, ahead: float) -> Iterator[Row]:
    """Ten years back from `size`; growth turns from `past` to `ahead`, with the shock of 2020 and its rebound."""
    rates = past + (ahead - past) * np.linspace(0, 1, YEARS_BACK) ** 2 + noise(rng, YEARS_BACK, 0.015)
    for year, rate in zip(range(LAST_YEAR, LAST_YEAR - YEARS_BACK, -1), rates[::-1], strict=True):
        yield {"year": year, "size": rounded(size, 1e5), "kind": "actual", "low": None, "high": None}
        size = size / (1 + float(rate) + SHOCK.get(year, 0.0))


def foreseen_years(size: float, ahead: float) -> Iterator[Row]:
    """Four years ahead with the analyst's 80 % interval, which widens."""
    for step in range(1, YEARS_AHEAD + 1):
        centre, width = size * (1 + ahead) ** step, 0.025 * step**0.8
        low, high = rounded(centre * (1 - width), 1e5), rounded(centre * (1 + width), 1e5)
        yield {"year": LAST_YEAR + step, "size": rounded(centre, 1e5), "kind": "forecast", "low": low, "high": high}


def deals(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """The deals of each year dropped over its quarters and the products that sell there."""
    for segment in texts["segments"]:
        share = parts(segment, 0.7)
        weights = np.tile(share, (4, 1))
        lost_deals = [round(won / segment["win_rate"]) - won for won in segment["won"]]
        won = np.vstack([spread(rng, total, weights) for total in segment["won"]])
        lost = np.vstack([spread(rng, total, weights) for total in lost_deals])
        worth = 1e6 * sum(segment["revenue"]) / segment["pairs"]
        waiting = 1.5 * (won.sum() + lost.sum()) / len(QUARTERS)
        for place, (key, _) in enumerate(cells(texts, segment, "revenue")):
            sizes = worth * (1 + noise(rng, 2 * len(QUARTERS), 0.3)).reshape(2, -1)
            for row, quarter in enumerate(QUARTERS):
                counts = {"won": int(won[row, place]), "lost": int(lost[row, place])}
                won_value = rounded(counts["won"] * sizes[0, row], 100)
                open_value = rounded(waiting * share[place] * sizes[1, row], 100)
                yield {**key, "quarter": quarter, **counts, "won_value": won_value, "open_value": open_value}


def customers(rng: np.random.Generator, texts: Texts, won: dict[tuple[str, str], int]) -> Iterator[Row]:
    """Back from the latest counts: half of the deals won are new customers, the others widen what customers have."""
    for segment in texts["segments"]:
        gained = [won[segment["segment"], quarter] for quarter in QUARTERS]
        new = [round(0.52 * deals_won) for deals_won in gained]
        lost = lost_customers(rng, segment, new)
        count, pairs = segment["customers"], segment["pairs"]
        each = pairs / count
        for row in range(len(QUARTERS) - 1, -1, -1):
            counts = {"customers": count, "new": new[row], "lost": lost[row], "product_customers": pairs}
            yield {"segment": segment["segment"], "quarter": QUARTERS[row], **counts}
            count, pairs = count - new[row] + lost[row], pairs - gained[row] + round(each * lost[row])


def lost_customers(rng: np.random.Generator, segment: Row, new: list[int]) -> list[int]:
    """Lost customers by quarter such that each year keeps the declared share of those at its start."""
    lost: list[int] = []
    end = segment["customers"]
    for year in (2, 1, 0):
        fresh = sum(new[4 * year : 4 * year + 4])
        gone = round((end - fresh) * (1 / segment["retention"][year] - 1))
        lost = [*spread(rng, gone, np.ones(4)).tolist(), *lost]
        end = end - fresh + gone
    return lost


# ---------------------------------------------------------------- what it spends


def spend(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """Spread thin: a segment's amount over all products that sell there, hardly by their size, then over the levers."""
    unstarted = {tuple(row[:3]): row[3] for row in texts["spend"]["unstarted"]}
    for segment in texts["segments"]:
        for (cell, sold), part in zip(cells(texts, segment, "revenue"), parts(segment, 0.35), strict=True):
            draws = 1 + noise(rng, 3, 0.2)
            for (lever, mix), draw in zip(texts["spend"]["lever_mix"].items(), draws, strict=True):
                key = {"product": cell["product"], "lever": lever, "segment": cell["segment"]}
                half = unstarted.get(tuple(key.values()))
                current = 0.0 if half else rounded(segment["spend"] * 1e6 * part * mix * draw, 1000)
                if current or half:
                    rules = spend_rules(texts["spend"], key, current, sold)
                    yield {**key, "current_y": current, **rules, "half_saturation_y": half, "shape": None}


def spend_rules(declared: Texts, key: Row, current: float, sold: float) -> Row:
    """Least and most spend of a line, and its erosion where that has been measured; blank where nothing is spent."""
    limits = declared["limits"][key["lever"]]
    bound = current > 0 and sold >= limits["from_revenue"]
    measured = [each["lever"][key["lever"]] for each in declared["erosion"]
                if key["product"] in each["products"] and key["segment"] in each["segments"]]  # fmt: skip
    return {
        "minimum_y": rounded(current * limits["least"], 1000) if bound and limits["least"] else None,
        "maximum_y": rounded(current * limits["most"], 1000) if bound and limits["most"] else None,
        "erosion": measured[0] if measured and current > 0 else None,
    }


def capacity(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """The next quarter as declared, the three before it a little lower."""
    for team, days in texts["capacity"].items():
        for quarter, less in zip(QUARTERS[-3:], noise(rng, 3, 0.05), strict=True):
            yield {"team": team, "quarter": quarter, "capacity": rounded(days * (0.95 + less), 5)}
        yield {"team": team, "quarter": shift(LATEST, 1), "capacity": days}


# ---------------------------------------------------------------- writing


def make_tables(texts: Texts) -> dict[str, Iterable[Row]]:
    """The rows of every table of the book."""
    rng = [np.random.default_rng([SEED, number]) for number in range(7)]
    deal_rows = list(deals(rng[2], texts))
    won: dict[tuple[str, str], int] = {}
    for row in deal_rows:
        won[row["segment"], row["quarter"]] = won.get((row["segment"], row["quarter"]), 0) + row["won"]
    return {
        "segments": texts["segments"],
        "products": texts["products"],
        "needs": [{"need": need, "what": what} for need, what in texts["needs"].items()],
        "coverage": [dict(zip(TABLES["coverage"].names, row, strict=True)) for row in texts["coverage"]["rows"]],
        "goals": texts["goals"],
        "asks": texts["asks"],
        "efforts": [{"ask": ask["ask"], "team": team, "effort": effort}
                    for ask in texts["asks"] for team, effort in ask["efforts"].items()],
        "relevance": relevance(texts),
        "segment_needs": segment_needs(texts),
        "impacts": impacts(texts),
        "deals": deal_rows,
        "revenue": revenue(rng[0], texts),
        "market": market(rng[1], texts),
        "customers": customers(rng[3], texts, won),
        "statements": statements(rng[4], texts),
        "spend": spend(rng[5], texts),
        "capacity": capacity(rng[6], texts),
    }  # fmt: skip


def as_text(value: Any) -> str:
    """The text of a cell: whole amounts without decimals, nothing for a blank."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def write_table(path: Path, rows: Iterable[Row]) -> None:
    """CSV in the declared column order, sorted by key."""
    table = TABLES[path.stem]
    lines = [{name: as_text(row.get(name)) for name in table.names} for row in rows]
    lines.sort(key=lambda line: [line[name] for name in table.key])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table.names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def make_sample(folder: Path) -> None:
    """Writes the whole book into `folder`."""
    texts = tomllib.loads((HERE / "sample_texts.toml").read_text(encoding="utf-8"))
    (folder / "scenarios").mkdir(parents=True, exist_ok=True)
    for name, rows in make_tables(texts).items():
        write_table(folder / f"{name}.csv", rows)
    (folder / "book.toml").write_text(texts["templates"]["book"], encoding="utf-8", newline="\n")
    for name, values in texts["scenarios"].items():
        text = Template(texts["templates"]["scenario"]).substitute(values)
        (folder / "scenarios" / f"{name}.toml").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    make_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sample")
