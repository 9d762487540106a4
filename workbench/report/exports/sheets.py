"""Which tables of a plan stand in `plan.xlsx`, in what order, and what is said about each: declared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_FACTS, _GROWTH, _SWOT, _RANKING = "method.md §1", "method.md §2", "method.md §3", "method.md §4"
_SURE, _MOVED, _MONEY, _ASKS = "method.md §5", "method.md §6", "method.md §7", "method.md §8"
_ANALYTIC = "Keeney & Raiffa (1976), additive value model"
_SMAA = "Lahdelma & Salminen (2001), SMAA-2"
_RESPONSE = "Little (1970), response curves; Gilmore & Gomory (1961), column generation"
_KNAPSACK = "an exact integer program, every rule checked again after it"
_CHAIN = "the pecking order, spend, revenue, relevance and coverage"


@dataclass(frozen=True)
class Sheet:
    """A table of the plan as a sheet.

    `name`: its tab; `table`: `step.table` of the plan; `about`, `source`, `method`: what it is, which tables of the book it
    rests on, where its method stands. `first`: columns that lead; `without`: columns left out; `sums`: columns whose sum
    means something; `labels`, `units`: where those of the measures do not tell columns of this table apart; `beside`:
    columns of other tables with a row per segment, by column; `funded`: asks of that decision only; `per`: what the scores
    of its criteria are measured in; `none`: what it means when the plan has no such row.
    """

    name: str
    table: str
    about: str
    source: str
    method: str
    first: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    funded: bool | None = None
    per: str = "0–1"
    none: str = ""


SHEETS = (
    Sheet("Pecking order", "ranking.order", "The segments, best first, with the figures behind their score.",
          "revenue, market, relevance, customers, deals, statements", f"{_RANKING}; {_ANALYTIC}",
          first=("rank", "name", "score", "chosen", "move", "sure"), sums=("revenue_y",),
          labels={"share": "Share of the addressable market", "gap": "Gap of coverage"},
          beside={"move": "stability.moves", "sure": "robustness.segments"}),
    Sheet("Parts of the score", "ranking.contributions",
          "What each criterion adds to a segment's score; the parts add up to it.",
          "the values 0–1 and the weights of the scenario", f"{_RANKING}; {_ANALYTIC}",
          first=("rank", "name", "score"), beside={"rank": "ranking.order", "score": "ranking.order"}, per="part of the score"),
    Sheet("Weights", "ranking.weights", "How much each criterion counts; adds up to 100 %.", "the scenario",
          f"{_RANKING}; Saaty (1980) where criteria are compared in pairs", sums=("weight",)),
    Sheet("How sure", "robustness.segments", "How far each rank can be relied on, and the single weight that would turn it.",
          "draws of weights and of uncertain figures", f"{_SURE}; {_SMAA}",
          first=("rank", "name", "chosen", "sure", "chosen_probability"),
          labels={"weight": "Weight of that criterion", "place": "Place in the list"}),
    Sheet("Change that turns it", "robustness.certificate",
          "The smallest change of all weights together that alters who is chosen.", "the values and weights of the ranking",
          f"{_SURE}; Dantzig (1957), an exact optimum", none="no change of weights alters who is chosen"),
    Sheet("Moves", "stability.moves", "Rank and score now and a quarter ago, the difference split by its cause.",
          "the same book, a quarter earlier", _MOVED, first=("rank", "name", "rank_before", "move")),
    Sheet("Incumbents held", "stability.held", "Segments that stay chosen although another ranks before them.",
          "the last four quarters", _MOVED, first=("name", "challenger_name"),
          labels={"challenger_name": "Ranks before it", "challenger": "Ranks before it, key"},
          none="no segment stays chosen against the order"),
    Sheet("Diagnosis", "swot.balances", "Why a segment is weak, and which lever mends it.",
          "relevance, coverage, share, win rate, statements", _SWOT, first=("name", "diagnosis", "lever", "remedy"),
          units={"judgement": "−1 to 1"}),
    Sheet("Matrix", "swot.cells", "Each product in each segment: strength, opportunity, revenue at risk, or leave.",
          "relevance, revenue, market, coverage", _SWOT, first=("product_name", "name", "kind"),
          sums=("revenue_y",), labels={"relevance": "Relevance"}),
    Sheet("Needs", "facts.needs", "Who needs what, why, and how well we meet it today.", "segment_needs, needs, coverage",
          _FACTS, first=("name", "what", "who", "why", "outcome", "importance", "coverage", "product_name"),
          labels={"product_name": "Best product for it", "product": "Best product for it, key", "what": "Need",
                  "why": "Why they need it"}),
    Sheet("Market", "facts.growth", "Size of each segment's market by year, with forecast and source.", "market",
          f"{_GROWTH}; Gardner & McKenzie (1985), Assimakopoulos & Nikolopoulos (2000)", first=("name", "year", "kind")),
    Sheet("Spend", "allocation.spend", "Spend by product, lever and segment: today, planned, and the change.",
          _CHAIN, f"{_MONEY}; {_RESPONSE}",
          first=("product_name", "lever", "name", "current_y", "plan_y", "change_y", "gain_y"),
          sums=("current_y", "plan_y", "change_y", "gain_y")),
    Sheet("Money by segment", "allocation.segments", "Fund, hold or stop: the spend of each segment and what it earns.",
          _CHAIN, f"{_MONEY}; {_RESPONSE}",
          first=("rank", "name", "verdict", "chosen", "current_y", "plan_y", "change_y", "gain_y"),
          sums=("current_y", "plan_y", "change_y", "gain_y")),
    Sheet("Money by product", "allocation.products", "The spend of each product and what it earns.", _CHAIN,
          f"{_MONEY}; {_RESPONSE}", first=("product_name",), sums=("current_y", "plan_y", "change_y", "gain_y")),
    Sheet("Product by segment", "allocation.cells",
          "Each product in each segment: money, and where the next 100,000 earns most.", _CHAIN, f"{_MONEY}; {_RESPONSE}",
          first=("product_name", "name", "current_y", "plan_y", "change_y", "gain_y"),
          sums=("current_y", "plan_y", "change_y", "gain_y", "revenue_y"), labels={"relevance": "Relevance"}),
    Sheet("Growth lines", "allocation.growth_lines", "Each line of spend that grows, with its reason.", _CHAIN, _MONEY,
          first=("rank", "name", "product_name", "lever", "current_y", "plan_y", "change_y", "gain_y", "what", "why"),
          sums=("current_y", "plan_y", "change_y", "gain_y"), labels={"what": "Need", "why": "Why they need it"},
          none="no line of spend grows"),
    Sheet("Alternatives", "allocation.alternatives", "What else the same budget could earn.", _CHAIN,
          f"{_MONEY}; Everett (1963), bound by multipliers"),
    Sheet("Frontier", "allocation.frontier", "The best plan at other budgets; blank where the rules allow none.", _CHAIN,
          _MONEY),
    Sheet("Price of rules", "allocation.prices", "What the best plan without a rule would earn beyond this one.",
          f"the scenario's rules, {_CHAIN}", _MONEY, first=("words", "instead", "price_y"),
          labels={"rule": "Rule, key"}, none="no rule binds"),
    Sheet("Base and specific", "allocation.kinds", "Product spend on needs that all share and on needs of one segment.",
          "coverage, segment_needs, spend", _MONEY, sums=("current_y", "plan_y", "change_y")),
    Sheet("Goals", "allocation.goals", "How much of each goal the plan reaches.", "goals", _MONEY),
    Sheet("Roadmap", "asks.asks", "The asks that are funded, with value, effort and reason.",
          "asks, impacts, efforts, capacity", f"{_ASKS}; {_KNAPSACK}", funded=True,
          first=("title", "ask", "product_name", "requester", "kind", "segments", "value_y", "effort", "reason"),
          without=("decision", "status", "change_needed", "displaced_by", "impact_factor", "effort_factor", "forgone_y",
                   "bottleneck"), sums=("value_y", "effort"),
          labels={"reason": "Why funded", "what": "Need", "why": "Why they need it"}, none="no ask is funded"),
    Sheet("Parking lot", "asks.asks", "The asks that wait, each with the figure that decided and what would make it a yes.",
          "asks, impacts, efforts, capacity", f"{_ASKS}; {_KNAPSACK}", funded=False,
          first=("title", "ask", "product_name", "requester", "kind", "segments", "status", "reason", "change_needed",
                 "claimed_y", "value_y", "effort"),
          without=("decision", "what_would_drop_it", "drop_factor"), sums=("claimed_y", "effort"),
          labels={"reason": "Why not", "what": "Need", "why": "Why they need it", "value_y": "Gross profit in chosen segments",
                  "displaced_by": "Displaced by, keys"}, none="no ask waits"),
    Sheet("Swaps", "asks.swaps", "Specific work that came in for base work, and what that costs.",
          "the scenario's preference for specific work", _ASKS,
          labels={"forgone_y": "Gross profit forgone", "leaves": "Goes out"}, sums=("forgone_y",),
          none="the preference for specific work changed nothing"),
    Sheet("Effects", "asks.effects", "Each claim of an ask in a segment beside the threshold it has to reach.",
          "impacts, revenue, customers", _ASKS,
          first=("title", "ask", "product_name", "name", "segment", "chosen", "revenue_y", "revenue_part", "retention_points",
                 "adopters", "adoption_part", "confidence", "closest", "significant", "value_y", "evidence"), sums=("value_y",),
          labels={"revenue_y": "Revenue claimed", "retention_points": "Retention claimed", "adopters": "Adopters claimed"}),
    Sheet("Teams", "asks.teams", "Capacity of the next quarter and what the roadmap uses.", "capacity, efforts", _ASKS,
          labels={"part": "Used, part of the capacity"}, sums=("capacity", "used")),
    Sheet("Sources", "facts.grades", "What each figure rests on: observed, estimated, claimed or assumed.", "the whole book",
          _FACTS),
    Sheet("Checks", "allocation.solver", "Our own check of every rule of the money plan.", "the plan itself", _MONEY,
          labels={"figure": "Found"}),
)  # fmt: skip
