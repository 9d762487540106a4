"""What the steps of the chain hand to one another: frozen results, their tables described column by column.

Money is in the book's currency a year (suffix `_y`), rates and shares are 0–1, growth is a rate a year. A figure that
cannot be had is missing (NaN); `missing` says why. `answer` is the finding in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbench.book.frozen import Result


@dataclass(frozen=True, eq=False)
class Facts(Result):
    """`segments`: one row per segment, by key; `cells`: one row per product × segment; `growth`: size by year.

    `grades` tells for each fact whether it is observed (a system's record), estimated (a method), claimed (a
    person's word) or assumed (our default). `needs`: one row per segment × need, with the best coverage and whether it
    is signed; `proofs`: product × segment × need that the product addresses; `owners` and `products`: who and what they are.
    """

    quarter: str
    segments: pd.DataFrame
    cells: pd.DataFrame
    growth: pd.DataFrame
    grades: pd.DataFrame
    needs: pd.DataFrame
    proofs: pd.DataFrame
    owners: pd.DataFrame
    products: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Swot(Result):
    """`values`: segment × criterion, 0–1, the table that the ranking weighs; `indicators`: each value with its neutral
    point and quadrant; `cells`: product × segment and its kind; `statements`: points per segment × quadrant;
    `agreement`: Kendall's W per segment; `disputed`: the statements on which raters differ most; `balances`: strength,
    weakness, opportunity, threat, judgement (−1…1), the runway where we are strong, and the diagnosis per segment with
    its lever, remedy and the figures that decided it.
    """

    answer: str
    values: pd.DataFrame
    indicators: pd.DataFrame
    cells: pd.DataFrame
    statements: pd.DataFrame
    agreement: pd.DataFrame
    disputed: pd.DataFrame
    balances: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Ranking(Result):
    """`order`: one row per segment, best first, with rank, score (0–1), whether chosen, and the figures behind it;
    `contributions`: segment × criterion, adding up to the score; `values`: segment × criterion, the neutral point where
    a figure is missing; `weights`: the normalised weights; `overlaps`: criteria that say nearly the same.
    """

    answer: str
    quarter: str
    order: pd.DataFrame
    contributions: pd.DataFrame
    values: pd.DataFrame
    weights: pd.DataFrame
    overlaps: pd.DataFrame

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of the chosen segments, best first."""
        return tuple(self.order.loc[self.order["chosen"], "segment"])


@dataclass(frozen=True, eq=False)
class Robustness(Result):
    """`segments`: rank interval (80 %), the part of the draws in which a segment is chosen, how sure that is in words, and
    the single weight that would take it in or out; `acceptability`: the part of the draws in which it takes a rank;
    `pairs`: segments that change places in some draws; `near_ties`: segments that cannot be told apart; `certificate`: the
    smallest change of weights that alters who is chosen; `central_weights`: mean weights that put a segment first;
    `overall`: draws, entropy, the certificate's radius.
    """

    answer: str
    overall: pd.DataFrame
    segments: pd.DataFrame
    acceptability: pd.DataFrame
    pairs: pd.DataFrame
    near_ties: pd.DataFrame
    certificate: pd.DataFrame
    central_weights: pd.DataFrame

    def ahead(self, segment: str, other: str) -> float:
        """The part of the draws in which `segment` is ahead of `other`, a draw with equal scores by half."""
        pairs = self.pairs
        for one, two, turned in ((segment, other, False), (other, segment, True)):
            found = pairs.loc[(pairs["segment"] == one) & (pairs["other"] == two), "probability"]
            if len(found):
                return 1 - float(found.iloc[0]) if turned else float(found.iloc[0])
        ranks = dict(zip(self.segments["segment"], self.segments["place"], strict=True))
        return 1.0 if ranks[segment] < ranks[other] else 0.0


@dataclass(frozen=True, eq=False)
class Stability(Result):
    """Against the quarter before. `moves`: rank and score of each segment then and now, the difference split into
    weights, data, forecast (and, for ranks, segments that came or went), adding up; `overall`: Kendall's tau and average
    overlap; `held`: incumbents that stay although a challenger ranks before them, and what that costs.
    """

    answer: str
    before: str
    moves: pd.DataFrame
    overall: pd.DataFrame
    held: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Allocation(Result):
    """`spend`: one row per product × lever × segment, today and plan; `segments` and `products`: its sums;
    `cells`: product × segment with margin, revenue, runway, spend and where the next 100,000 earns most; `growth_lines`:
    each line that grows, with its reason; `alternatives`: what else the same budget could earn; `frontier`: the best plan
    at other budgets; `prices`: what each binding rule costs; `kinds`: product spend on base and on specific needs;
    `goals`: the plan's part of each goal; `solver`: status, gap, approximation error and our own check of every rule.
    """

    answer: str
    spend: pd.DataFrame
    segments: pd.DataFrame
    products: pd.DataFrame
    cells: pd.DataFrame
    growth_lines: pd.DataFrame
    alternatives: pd.DataFrame
    frontier: pd.DataFrame
    prices: pd.DataFrame
    kinds: pd.DataFrame
    goals: pd.DataFrame
    solver: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Triage(Result):
    """`asks`: one row per ask: decision, value, reason and what would change it; `effects`: each claim in a chosen
    segment beside its threshold; `teams`: capacity and use; `swaps`: specific work that came in for base work, by the
    preference for it, and what that costs.
    """

    answer: str
    asks: pd.DataFrame
    effects: pd.DataFrame
    teams: pd.DataFrame
    swaps: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Brief(Result):
    """One segment of a plan, for those who sell to it. `standing`: its figures with unit and grade; `needs`: who needs
    what and why, the most important first; `proposition`: the relevant products that meet a need, as proof points;
    `gaps`: needs with what is funded against them; `missing_today`: what today's customers lack; `money`: spend by
    product × lever, today and plan; `funded` and `parked`: the asks that claim effects here.
    """

    answer: str
    currency: str
    segment: str
    name: str
    owner: str
    description: str
    chosen: bool
    standing: pd.DataFrame
    needs: pd.DataFrame
    proposition: pd.DataFrame
    gaps: pd.DataFrame
    missing_today: pd.DataFrame
    money: pd.DataFrame
    funded: pd.DataFrame
    parked: pd.DataFrame


def listed(names: list[str]) -> str:
    """Names as people list them: `A, B and C`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def millions(amount: float) -> str:
    """An amount in millions for a sentence: `12.3 m`; smaller amounts in thousands: `340 k`."""
    if abs(amount) >= 999_500:
        return f"{amount / 1e6:,.1f} m"
    return f"{amount / 1e3:,.0f} k" if abs(amount) >= 1_000 else f"{amount:,.0f}"
