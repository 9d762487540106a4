"""Invented companies whose segments have a known kind of problem. Nothing here comes from the workbench.

A segment's kind is chosen first, then its true levels (relevance, coverage, share) on the sides of the boundaries that
the kind stands for, then the tables as people would fill them in, with their errors. A company's needs are shared by
its segments, and each is covered as well as the best of all products covers it; its market is published in one category
or in several, by calendar year.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

KINDS = ("not ours", "product", "go-to-market", "healthy")
SIDES = {  # where the true levels lie: below their boundary (−1), above it (+1), on either side (0)
    "not ours": {"relevance": -1, "coverage": 0, "share": 0},
    "product": {"relevance": 1, "coverage": -1, "share": 0},
    "go-to-market": {"relevance": 1, "coverage": 1, "share": -1},
    "healthy": {"relevance": 1, "coverage": 1, "share": 1},
}
WAVER = 0.375  # between "few" (0.25) and "some" (0.5): here a judge wavers whether a product is relevant
NEAR = {"relevance": 0.02, "coverage": 0.02, "share": 0.04}  # a boundary is near within this, share relative to it
JUDGE, RATER, RATERS = 0.03, 0.10, 3  # spread of a judgement of relevance, of one rating of coverage; raters
MARKET, REVENUE = 0.07, 0.05  # spread of a published market size and of a quarter's revenue, relative
QUARTERS = tuple(f"{year}Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4))
NEUTRAL = (
    {"share": 0.05, "coverage": 0.55},
    {"share": 0.08, "coverage": 0.45},
    {"share": 0.08, "coverage": 0.65},
    {"share": 0.15, "coverage": 0.55},
)
CATEGORIES = ("plan", "run", "learn")
HEADERS = {
    "segments": ["segment", "name", "owner"],
    "products": ["product", "name", "category", "gross_margin"],
    "revenue": ["product", "segment", "quarter", "revenue"],
    "market": ["segment", "category", "year", "size", "kind", "addressable_rate"],
    "relevance": ["product", "segment", "relevance", "judged_by"],
    "customers": ["segment", "quarter", "customers", "new", "lost", "product_customers"],
    "deals": ["product", "segment", "quarter", "won", "lost"],
    "needs": ["need", "what"],
    "segment_needs": ["segment", "need", "importance"],
    "coverage": ["product", "need", "coverage"],
}


@dataclass(frozen=True)
class Planted:
    """A company, its number in all its keys: its tables as text, the last quarter, its neutral points, and per segment
    the kind and, where one of its boundaries is near, which.
    """

    number: int
    quarter: str
    neutral: dict[str, float]
    tables: dict[str, list[list[str]]]
    kinds: dict[str, str] = field(default_factory=dict)
    near: dict[str, str] = field(default_factory=dict)

    def add(self, table: str, *cells: object) -> None:
        """Adds a row."""
        self.tables[table].append([str(cell) for cell in cells])


def plant(number: int, seed: int) -> Planted:
    """A company with 3 to 5 products and 4 to 8 segments; one segment in five lies close to a boundary.

    Companies whose numbers differ by a multiple of 20 share their last quarter and their neutral points.
    """
    random = np.random.default_rng([seed, number])
    planted = Planted(number, QUARTERS[7 + number % 5], NEUTRAL[number % 4], {name: [] for name in HEADERS})
    products = {f"{number}p{place}": str(random.choice(CATEGORIES)) for place in range(random.integers(3, 6))}
    for product, category in products.items():
        planted.add("products", product, f"Product {product}", category, round(random.uniform(0.5, 0.8), 2))
    whole = bool(random.random() < 0.3)  # the market is published for all categories together
    covered = _needs(planted, list(products), random)
    for place in range(random.integers(4, 9)):
        segment, kind = f"{number}s{place}", str(random.choice(KINDS))
        sides = {level: side or int(random.choice([-1, 1])) for level, side in SIDES[kind].items()}
        own = [level for level, side in SIDES[kind].items() if side]
        near = str(random.choice(own)) if random.random() < 0.2 else ""
        planted.kinds[segment], planted.near[segment] = kind, near
        planted.add("segments", segment, f"Segment {segment}", "Ana")
        _segment_needs(planted, segment, _coverage(planted.neutral["coverage"], sides, near, random), covered, random)
        relevance = _relevance(planted, segment, list(products), sides, near, random)
        pools = _market(planted, segment, [""] if whole else sorted(set(products.values())), random)
        best = {name: max(relevance[p] for p in products if whole or products[p] == name) for name in pools}
        addressable = sum(pools[name] * best[name] for name in pools)
        share = planted.neutral["share"] * _share(sides["share"], near == "share", random)
        _business(planted, segment, share * addressable, relevance, random)
    return planted


def _coverage(neutral: float, sides: dict[str, int], near: str, random: np.random.Generator) -> float:
    distance = random.uniform(0, NEAR["coverage"]) if near == "coverage" else random.uniform(0.06, 0.25)
    return neutral + sides["coverage"] * float(distance)


def _share(side: int, near: bool, random: np.random.Generator) -> float:
    """The true share as a multiple of its neutral point."""
    if near:
        return 1 + side * float(random.uniform(0, NEAR["share"]))
    return float(random.uniform(0.1, 0.88) if side < 0 else random.uniform(1.12, 3))


def _needs(planted: Planted, products: list[str], random: np.random.Generator) -> dict[str, float]:
    """Needs with the true coverage by the product that leads in each; others cover it clearly less, or not at all."""
    covered = {}
    for place, level in enumerate(random.permutation(np.linspace(0.03, 0.97, 12))):
        need = f"{planted.number}n{place}"
        covered[need] = float(level + random.uniform(-0.02, 0.02))
        planted.add("needs", need, f"Need {need}")
        leader = random.choice(products)
        for product in products:
            true = covered[need] * (1 if product == leader else random.uniform(0, 0.6))
            rated = np.clip(true + random.normal(0, RATER, RATERS), 0, 1).mean()
            if product == leader or random.random() < 0.5:
                planted.add("coverage", product, need, round(float(rated), 2))
    return covered


def _segment_needs(
    planted: Planted, segment: str, coverage: float, covered: dict[str, float], random: np.random.Generator
) -> None:
    """Two to four well and two to four badly covered needs, their importance such that they average to `coverage`."""
    pull = {}  # by how much each side pulls the average away from `coverage`
    for side in (-1, 1):
        fit = [need for need, level in covered.items() if side * (level - coverage) > 0.03]
        chosen = random.choice(fit, size=min(len(fit), int(random.integers(2, 5))), replace=False)
        pull[side] = {str(need): float(random.uniform(0.5, 1)) for need in chosen}
    force = {side: sum(w * abs(covered[n] - coverage) for n, w in pull[side].items()) for side in pull}
    for side, needs in pull.items():
        for need, weight in needs.items():
            planted.add("segment_needs", segment, need, round(weight * min(force.values()) / force[side], 3))


def _relevance(
    planted: Planted, segment: str, products: list[str], sides: dict[str, int], near: str, random: np.random.Generator
) -> dict[str, float]:
    """The part of the segment that would buy each product. One product is the best; a judge writes the nearest step."""
    if near == "relevance":
        best = WAVER + sides["relevance"] * random.uniform(0, NEAR["relevance"])
    else:
        best = random.choice([0, 0.25] if sides["relevance"] < 0 else [0.5, 0.75, 1]) + random.uniform(-0.06, 0.06)
    best = float(np.clip(best, 0, 1))
    true = {product: best * float(random.uniform(0, 0.9)) for product in products}
    true[str(random.choice(products))] = best
    for product, level in true.items():
        judged = np.clip(round((level + random.normal(0, JUDGE)) * 4) / 4, 0, 1)
        blank = level < best and random.random() < 0.05
        planted.add("relevance", product, segment, "" if blank else judged, "" if blank else "Ana")
    return true


def _market(planted: Planted, segment: str, categories: list[str], random: np.random.Generator) -> dict[str, float]:
    """Spending that products such as ours can serve, by category, in the four quarters up to the last one."""
    pools = {}
    ended = int(planted.quarter[:4]) - (planted.quarter[-1] != "4")
    moment = int(planted.quarter[:4]) - 1 + int(planted.quarter[-1]) / 4
    for category in categories:
        size, growth, rate = random.lognormal(18, 0.5), random.uniform(-0.02, 0.08), round(random.uniform(0.1, 0.4), 2)
        pools[category] = float(size * rate)
        for year in range(ended - 2, int(planted.quarter[:4]) + 4):
            figure = size * (1 + growth) ** (year - moment) * random.lognormal(0, MARKET)
            kind = "actual" if year <= ended else "forecast"
            planted.add("market", segment, category, year, round(float(figure), -4), kind, rate)
    return pools


def _business(
    planted: Planted, segment: str, revenue_y: float, relevance: dict[str, float], random: np.random.Generator
) -> None:
    """Eight quarters of revenue with a season, the last four worth `revenue_y` but for noise; customers, a year of deals.

    The win rate has nothing to do with the kind of problem.
    """
    sold = [product for product in relevance if random.random() < 0.3 + relevance[product]] or list(relevance)[:1]
    parts = random.dirichlet(np.full(len(sold), 2.0))
    season = 1 + random.uniform(0, 0.3) * np.cos(np.pi / 2 * (np.arange(8) - random.integers(4)))
    trend = (1 + random.uniform(-0.1, 0.3)) ** (np.arange(8) / 4)
    path = season * trend / (season * trend)[4:].sum() * revenue_y
    last = QUARTERS.index(planted.quarter)
    quarters = QUARTERS[last - 7 : last + 1]
    rate = random.uniform(0.1, 0.6)
    for product, part in zip(sold, parts, strict=True):
        amounts = (path * part * random.lognormal(0, REVENUE, 8)).tolist()
        for quarter, amount in zip(quarters, amounts, strict=True):
            planted.add("revenue", product, segment, quarter, f"{amount:.2f}")
        won, lost = random.poisson(4 * rate, 4).tolist(), random.poisson(4 * (1 - rate), 4).tolist()
        for place, quarter in enumerate(quarters[4:]):
            planted.add("deals", product, segment, quarter, won[place], lost[place])
    count = int(random.integers(20, 200))
    for place, quarter in enumerate(quarters):
        planted.add("customers", segment, quarter, count + place, 3, 2, count + place + int(random.integers(0, count)))
