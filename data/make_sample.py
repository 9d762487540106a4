"""Makes the sample company Aurora Systems: `python data/make_sample.py [FOLDER]` writes the book to data/sample.

Texts and the figures around which each segment is drawn stand in sample_texts.toml. The seed is fixed and only
`Generator.random` is drawn from, so every run writes the same bytes.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Iterator
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
YEARS_BACK = 10
YEARS_AHEAD = 4
SEASON = (0.985, 0.995, 0.99, 1.03)
SHOCK = {2020: -0.05, 2021: 0.04}

Row = dict[str, Any]
Rows = list[Row]
Texts = dict[str, Any]


def noise(rng: np.random.Generator, size: int, width: float) -> np.ndarray:
    """`size` draws between −width and width, most of them near 0."""
    return width * (rng.random(size) - rng.random(size))


def spread(rng: np.random.Generator, total: int, weights: np.ndarray) -> np.ndarray:
    """`total` things dropped into cells with chances in proportion to `weights`: counts of the same shape."""
    edges = np.cumsum(weights.ravel() / weights.sum())
    cells = np.searchsorted(edges, rng.random(total), side="right").clip(max=weights.size - 1)
    return np.bincount(cells, minlength=weights.size).reshape(weights.shape)


def money(value: float, step: float) -> float:
    """The amount rounded to a multiple of `step`."""
    return round(round(value / step) * step, 2)


def lean(texts: Texts, segment: Row, power: float) -> np.ndarray:
    """How a segment's figures divide over its products: revenue to a power, with something for each that sells."""
    revenue = np.array(segment["revenue"])
    return np.where(revenue > 0, (revenue + 0.3) ** power, 0.0)


# ---------------------------------------------------------------- what the company is


def segments(texts: Texts) -> Rows:
    return [{name: each[name] for name in TABLES["segments"].names} for each in texts["segments"]]


def products(texts: Texts) -> Rows:
    return [{name: each[name] for name in TABLES["products"].names} for each in texts["products"]]


def relevance(texts: Texts) -> Iterator[Row]:
    for segment in texts["segments"]:
        for product, degree in zip(texts["products"], segment["relevance"], strict=True):
            yield {
                "product": product["product"],
                "segment": segment["segment"],
                "relevance": degree,
                "judged_by": segment["owner"],
                "judged_on": segment["judged_on"],
            }


def segment_needs(texts: Texts) -> Iterator[Row]:
    """Signed by the segment's owner, except where `signatures` says otherwise."""
    for segment in texts["segments"]:
        for need, importance, who, why, outcome in segment["needs"]:
            by, on = texts["signatures"].get(f"{segment['segment']}/{need}", [segment["owner"], segment["validated_on"]])
            yield {
                "segment": segment["segment"],
                "need": need,
                "who": who,
                "why": why,
                "outcome": outcome,
                "importance": importance,
                "validated_by": by,
                "validated_on": on,
            }


def coverage(texts: Texts) -> Iterator[Row]:
    for row in texts["coverage"]["rows"]:
        yield dict(zip(TABLES["coverage"].names, row, strict=True))


def statements(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """Each rater around the figures in the texts: impact a step up or down now and then, likelihood within 0.15."""
    for segment in texts["segments"]:
        for quadrant, impact, likelihood, statement, evidence in segment["statements"]:
            steps = np.rint(noise(rng, len(texts["raters"]), 1.1))
            doubts = noise(rng, len(texts["raters"]), 0.15)
            for rater, step, doubt in zip(texts["raters"], steps, doubts, strict=True):
                yield {
                    "segment": segment["segment"],
                    "quadrant": quadrant,
                    "statement": statement,
                    "impact": int(np.clip(impact + step, 1, 5)),
                    "likelihood": round(round(float(np.clip(likelihood + doubt, 0.05, 0.95)) / 0.05) * 0.05, 2),
                    "rater": rater,
                    "evidence": evidence,
                }


# ---------------------------------------------------------------- what its systems recorded


def revenue(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """Quarters that lead, at the segment's growth and the product's drift, to the four-quarter figures of the texts."""
    back = np.arange(len(QUARTERS) - 1, -1, -1) / 4
    season = np.array([SEASON[int(quarter[5]) - 1] for quarter in QUARTERS])
    for segment in texts["segments"]:
        for product, yearly in zip(texts["products"], segment["revenue"], strict=True):
            path = (1 + segment["growth"] + product["drift"]) ** -back * season
            path = path * (1 + noise(rng, len(path), 0.02))
            path = path / path[-4:].sum() * yearly * 1e6
            for quarter, amount in zip(QUARTERS, path, strict=True):
                key = {"product": product["product"], "segment": segment["segment"], "quarter": quarter}
                yield {**key, "revenue": round(float(amount), 2)}


def market(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    for segment in texts["segments"]:
        for category, (size, rate, past, ahead) in segment["market"].items():
            for row in market_path(rng, size * 1e6, past, ahead):
                key = {"segment": segment["segment"], "category": category}
                yield {**key, **row, "addressable_rate": rate, "source": texts["analysts"][category]}


def market_path(rng: np.random.Generator, size: float, past: float, ahead: float) -> Iterator[Row]:
    """Ten actual years whose growth turns from `past` to `ahead`, and four foreseen with 80 % intervals."""
    last = int(LATEST[:4]) - 1
    turn = np.linspace(0, 1, YEARS_BACK - 1) ** 2
    rates = past + (ahead - past) * turn + noise(rng, YEARS_BACK - 1, 0.015)
    sizes = [size]
    for year, rate in zip(range(last, last - YEARS_BACK + 1, -1), rates[::-1], strict=True):
        sizes.append(sizes[-1] / (1 + float(rate) + SHOCK.get(year, 0.0)))
    for year, value in zip(range(last - YEARS_BACK + 1, last + 1), reversed(sizes), strict=True):
        yield {"year": year, "size": money(value, 1e5), "kind": "actual", "low": None, "high": None}
    for step in range(1, YEARS_AHEAD + 1):
        value, width = size * (1 + ahead) ** step, 0.025 * step**0.8
        bounds = {"low": money(value * (1 - width), 1e5), "high": money(value * (1 + width), 1e5)}
        yield {"year": last + step, "size": money(value, 1e5), "kind": "forecast", **bounds}


def deals(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """Deals of each year dropped over its quarters and the products that sell there."""
    for segment in texts["segments"]:
        worth = 1e6 * sum(segment["revenue"]) / segment["pairs"]
        weights = np.ones((4, 1)) * lean(texts, segment, 0.7)[None, :]
        by_year = []
        for won in segment["won"]:
            lost = round(won / segment["win_rate"]) - won
            by_year.append((spread(rng, won, weights), spread(rng, lost, weights)))
        won_all, lost_all = (np.vstack([pair[side] for pair in by_year]) for side in (0, 1))
        for place, product in enumerate(texts["products"]):
            sizes = worth * (1 + noise(rng, 2 * len(QUARTERS), 0.3))
            waiting = weights[0, place] / weights[0].sum() * len(won_all) ** -1
            for row, quarter in enumerate(QUARTERS):
                won, lost = int(won_all[row, place]), int(lost_all[row, place])
                pipeline = 1.5 * (won_all.sum() + lost_all.sum()) * waiting * sizes[len(QUARTERS) + row]
                yield {
                    "product": product["product"],
                    "segment": segment["segment"],
                    "quarter": quarter,
                    "won": won,
                    "lost": lost,
                    "won_value": money(won * sizes[row], 100),
                    "open_value": money(pipeline, 100),
                }


def customers(rng: np.random.Generator, texts: Texts, deal_rows: Rows) -> Iterator[Row]:
    """Back from the latest counts: a bit more than half of the deals won are new customers, the rest widen old ones."""
    for segment in texts["segments"]:
        own = [row for row in deal_rows if row["segment"] == segment["segment"]]
        won = [sum(row["won"] for row in own if row["quarter"] == quarter) for quarter in QUARTERS]
        new = [round(0.52 * each) for each in won]
        lost = lost_customers(rng, segment, new)
        dropped = [round(1.2 * each) for each in lost]
        count, pairs, rows = segment["customers"], segment["pairs"], []
        for quarter, gained, fresh, gone, off in reversed(
            list(zip(QUARTERS, won, new, lost, dropped, strict=True))
        ):
            figures = {"customers": count, "new": fresh, "lost": gone, "product_customers": pairs}
            rows.append({"segment": segment["segment"], "quarter": quarter, **figures})
            count, pairs = count - fresh + gone, pairs - gained + off
        yield from reversed(rows)


def lost_customers(rng: np.random.Generator, segment: Row, new: list[int]) -> list[int]:
    """Lost customers by quarter such that each year keeps the declared share of those at its start."""
    end, lost = segment["customers"], []
    for year in (2, 1, 0):
        fresh = sum(new[4 * year : 4 * year + 4])
        gone = round((end - fresh) * (1 / segment["retention"][year] - 1))
        lost = [*spread(rng, gone, np.ones(4)).tolist(), *lost]
        end = end - fresh + gone
    return lost


# ---------------------------------------------------------------- what it spends and wants


def spend(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """Spread thin: a segment's amount over all products that sell there, hardly by their size, then over the levers."""
    unstarted = {tuple(row[:3]): row[3] for row in texts["spend"]["unstarted"]}
    for segment in texts["segments"]:
        parts = lean(texts, segment, 0.35)
        for product, part, sold in zip(texts["products"], parts / parts.sum(), segment["revenue"], strict=True):
            draws = 1 + noise(rng, 3, 0.2)
            for (lever, mix), draw in zip(texts["spend"]["lever_mix"].items(), draws, strict=True):
                half = unstarted.get((product["product"], lever, segment["segment"]))
                current = 0.0 if half or part == 0 else money(segment["spend"] * 1e6 * part * mix * draw, 1000)
                if current or half:
                    erosion = texts["spend"]["erosion"].get(segment["segment"], {}).get(lever) if current else None
                    key = {"product": product["product"], "lever": lever, "segment": segment["segment"]}
                    yield {
                        **key,
                        "current_y": current,
                        **spend_rules(lever, current, sold),
                        "half_saturation_y": half,
                        "erosion": erosion,
                        "shape": None,
                    }


def spend_rules(lever: str, current: float, sold: float) -> Row:
    """Upkeep promised in contracts for products that sell for 1.5 million or more; sales teams grow threefold at most."""
    upkeep = lever == "product" and sold >= 1.5
    return {
        "minimum_y": money(current * 0.4, 1000) if upkeep else None,
        "maximum_y": money(current * 3, 1000) if lever == "sales" and current >= 150_000 else None,
    }


def asks(texts: Texts) -> Iterator[Row]:
    for ask in texts["asks"]:
        yield {name: ask.get(name) for name in TABLES["asks"].names}


def impacts(texts: Texts) -> Iterator[Row]:
    for ask in texts["asks"]:
        for segment, (thousands, points, adopters, confidence, evidence) in ask["impacts"].items():
            yield {
                "ask": ask["ask"],
                "segment": segment,
                "revenue_y": None if thousands < 0 else thousands * 1000,
                "retention_points": None if points < 0 else points,
                "adopters": None if adopters < 0 else adopters,
                "confidence": confidence,
                "evidence": evidence,
            }


def efforts(texts: Texts) -> Iterator[Row]:
    for ask in texts["asks"]:
        for team, effort in ask["efforts"].items():
            yield {"ask": ask["ask"], "team": team, "effort": effort}


def capacity(rng: np.random.Generator, texts: Texts) -> Iterator[Row]:
    """The next quarter as declared, earlier ones a little below it."""
    for team, days in texts["capacity"].items():
        earlier = [*QUARTERS[-3:]]
        for quarter, less in zip(earlier, noise(rng, len(earlier), 0.05), strict=True):
            yield {"team": team, "quarter": quarter, "capacity": money(days * (0.95 + less), 5)}
        yield {"team": team, "quarter": shift(LATEST, 1), "capacity": days}


# ---------------------------------------------------------------- writing


def make_tables(texts: Texts) -> dict[str, Rows]:
    """Every table of the book as rows."""
    rng = [np.random.default_rng([SEED, number]) for number in range(7)]
    deal_rows = list(deals(rng[2], texts))
    made = {
        "segments": segments(texts),
        "products": products(texts),
        "needs": [{"need": need, "what": what} for need, what in texts["needs"].items()],
        "goals": texts["goals"],
        "deals": deal_rows,
        "revenue": revenue(rng[0], texts),
        "market": market(rng[1], texts),
        "customers": customers(rng[3], texts, deal_rows),
        "statements": statements(rng[4], texts),
        "spend": spend(rng[5], texts),
        "capacity": capacity(rng[6], texts),
    }
    for table in (relevance, segment_needs, coverage, asks, impacts, efforts):
        made[table.__name__] = table(texts)
    return {name: list(rows) for name, rows in made.items()}


def cell(value: Any) -> str:
    """The text of a cell: whole amounts without decimals, nothing for a blank."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def write_table(path: Path, rows: Rows) -> None:
    """CSV in the declared column order, sorted by key."""
    table = TABLES[path.stem]
    ordered = sorted(rows, key=lambda row: tuple(cell(row[name]) for name in table.key))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.names)
        writer.writerows([cell(row[name]) for name in table.names] for row in ordered)


def make_sample(folder: Path) -> None:
    """Writes the whole book into `folder`."""
    texts = tomllib.loads((HERE / "sample_texts.toml").read_text(encoding="utf-8"))
    (folder / "scenarios").mkdir(parents=True, exist_ok=True)
    made = make_tables(texts)
    for name, rows in made.items():
        write_table(folder / f"{name}.csv", rows)
    (folder / "book.toml").write_text(texts["templates"]["book"], encoding="utf-8", newline="\n")
    for name, values in texts["scenarios"].items():
        text = Template(texts["templates"]["scenario"]).substitute(values)
        (folder / "scenarios" / f"{name}.toml").write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(made)} tables, {sum(map(len, made.values()))} rows in {folder}")


if __name__ == "__main__":
    make_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sample")
