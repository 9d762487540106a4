"""The figures that the workbench shows: label, unit and kind of every column but a criterion's (`workbench/criteria.py`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """How a column is shown: its label, its unit, and its kind (how it is rounded and formatted)."""

    label: str
    unit: str
    kind: str


MONEY, SHARE, RATE, SCORE, COUNT, TEXT, FLAG = "money", "share", "rate", "score", "count", "text", "flag"
DECIMALS = {MONEY: 2, SCORE: 9, SHARE: 6, RATE: 6, COUNT: 6, TEXT: 0, FLAG: 0}  # in `plan.json`


def money(label: str) -> Measure:
    """An amount, currency a year."""
    return Measure(label, "a year", MONEY)


def rate(label: str) -> Measure:
    """A change a year, 0.01 is 1 %."""
    return Measure(label, "a year, 0.01 is 1 %", RATE)


def share(label: str) -> Measure:
    """A part of a whole, 0–1."""
    return Measure(label, "0–1, 0.01 is 1 %", SHARE)


def score(label: str) -> Measure:
    """A value, 0–1."""
    return Measure(label, "0–1", SCORE)


def count(label: str, unit: str = "") -> Measure:
    """A number in a unit of its own."""
    return Measure(label, unit, COUNT)


MEASURES: dict[str, Measure] = {
    **{name: money(label) for name, label in {
        "revenue_before_y": "Revenue the year before", "addressable_y": "Addressable market",
        "low_y": "80 % interval, low", "high_y": "80 % interval, high",
        "low95_y": "95 % interval, low", "high95_y": "95 % interval, high",
        "current_y": "Spend today", "plan_y": "Spend planned", "change_y": "Change of spend", "minimum_y": "Minimum spend",
        "maximum_y": "Maximum spend", "potential_y": "Potential", "gain_y": "Gross profit against today",
        "next_100k_y": "Gross profit of the next 100 k", "spend_y": "Spend", "value_y": "Gross profit",
        "claimed_y": "Revenue claimed", "segment_revenue_y": "Revenue of the segment",
        "revenue_per_pair_y": "Revenue per customer and product", "runway_strong_y": "Runway where we are strong",
        "cost_y": "Gross profit that keeping incumbents costs", "budget_y": "Budget",
        "price_y": "Gross profit without the rule, beyond the plan's",
        "forgone_y": "Gross profit that choosing it would cost",
        "objective": "Gross profit weighted by the segments' priority, what the plan maximises",
    }.items()},
    **{name: rate(label) for name, label in {
        "revenue_growth": "Revenue growth",
    }.items()},
    **{name: share(label) for name, label in {
        "adoption": "Adoption",
        "revenue_part": "Of revenue", "adoption_part": "Of customers", "part": "Reached",
        "importance": "Importance",
        "revenue_needed": "Revenue needed", "adoption_needed": "Adoption needed", "gross_margin": "Gross margin",
        "weight": "Weight", "weight_at": "Weight at which it turns", "weight_change": "Change of weight",
        "probability": "Part of the draws", "probability_needed": "Part of the draws needed",
        "first_probability": "First, part of the draws", "chosen_probability": "Chosen, part of the draws",
    }.items()},
    **{name: score(label) for name, label in {
        "score": "Score", "relevance": "Best relevance", "relevance_mean": "Relevance, mean of products",
        "gap": "Gap", "confidence": "Confidence",
        "value": "Value", "neutral": "Neutral point", "points": "Points", "strength": "Strength", "weakness": "Weakness",
        "opportunity": "Opportunity", "threat": "Threat",
        "score_before": "Score before", "score_change": "Change of score", "score_by_weights": "Score, by weights",
        "score_by_data": "Score, by data", "score_by_forecast": "Score, by forecast", "score_cost": "Score given up",
        "points_low": "Points, lowest rater", "points_high": "Points, highest rater", "spread": "Spread of points",
        "kendalls_w": "Kendall's W", "S": "Strength", "W": "Weakness", "O": "Opportunity",
        "T": "Threat",
    }.items()},
    **{name: Measure(label, unit, SCORE) for name, (label, unit) in {
        "internal": ("Internal balance", "−1 to 1"), "external": ("External balance", "−1 to 1"),
        "impact_factor": ("Claims that make it a yes, times as large", ""),
        "effort_factor": ("Effort that makes it a yes, part of its own", ""),
        "drop_factor": ("Claims with which it drops out, part of its own", ""),
    }.items()},
    **{name: count(label, unit) for name, (label, unit) in {
        "rank": ("Rank", ""), "rank_before": ("Rank before", ""), "move": ("Move", "places"),
        "rank_low": ("Rank, 80 % of draws, from", ""), "rank_high": ("Rank, 80 % of draws, to", ""), "place": ("Place", ""),
        "rank_by_weights": ("Move, by weights", "places"), "rank_by_data": ("Move, by data", "places"),
        "rank_by_forecast": ("Move, by forecast", "places"), "rank_by_entry": ("Move, by segments that came or went", "places"),
        "group": ("Near tie from place", ""), "correlation": ("Correlation", "−1 to 1"),
        "customers": ("Customers", ""), "pairs": ("Customer–product pairs", ""), "deals_closed": ("Deals closed", ""),
        "raters": ("Raters", ""), "statements": ("Statements", ""), "year": ("Year", ""), "flagged": ("Missing figures", ""),
        "adopters": ("Adopters", "a year"), "effort": ("Effort", "person-days"), "capacity": ("Capacity", "person-days"),
        "used": ("Used", "person-days"), "retention_points": ("Retention", "points"),
        "retention_needed": ("Retention needed", "points"), "closest": ("Claim ÷ threshold", ""),
        "budget_part": ("Budget, of the plan's", "1 is all"),
        "effective_segments": ("Segments the spend is spread over", "effective number"), "figure": ("Figure", ""),
        "days_needed": ("Needed in the bottleneck", "person-days"), "days_freed": ("Freed in the bottleneck", "person-days"),
        "target": ("Target", ""), "reached": ("So far", ""),
    }.items()},
    **{name: Measure(label, "", FLAG) for name, label in {
        "chosen": "Chosen", "chosen_before": "Chosen before",
        "significant": "Significant", "capped": "Capped at runway", "kept": "Kept",
        "room": "Room for more money under the rules",
    }.items()},
    **{name: Measure(label, "", TEXT) for name, label in {
        "segment": "Segment", "name": "Segment", "product": "Product", "lever": "Lever", "kind": "Kind", "method": "Method",
        "source": "Source", "growth_method": "Forecast by", "criterion": "Criterion", "quadrant": "Quadrant",
        "diagnosis": "Diagnosis", "remedy": "Remedy", "fact": "Figure", "grade": "Rests on", "note": "Note",
        "verdict": "Decision", "why": "Why", "need": "Need", "what": "What", "alternative": "Alternative", "rules": "Rules",
        "assumed": "Assumed", "goal": "Goal", "measure": "Measure", "by_quarter": "By", "check": "Check", "ask": "Ask",
        "title": "Ask", "requester": "Asked by", "theme": "Theme", "decision": "Decision", "segments": "For",
        "reason": "Why", "change_needed": "What would make it a yes", "what_would_drop_it": "What would drop it",
        "status": "Why it stands there", "bottleneck": "Bottleneck", "displaced_by": "Displaced by", "team": "Team",
        "evidence": "Evidence", "statement": "Statement", "decided_by": "Decided by", "other": "Other segment",
        "other_criterion": "Other criterion", "sure": "How sure", "turns_on": "Criterion that turns it",
        "turns": "What turns it", "most_by": "Changed most by", "enters": "Comes in",
        "leaves": "Goes out", "held_by": "What leaves it no room",
        "departs": "Why out of rank order", "next_lever": "Lever of the next 100 k", "rule": "Rule",
        "words": "Rule", "instead": "Instead", "challenger": "Challenger", "challenger_name": "Challenger",
        "who": "Who", "outcome": "Outcome", "validated_by": "Signed by", "validated_on": "Signed on", "signed": "Signed",
        "owner": "Owner", "description": "Who belongs to it", "product_name": "Product", "category": "Category",
    }.items()},
}  # fmt: skip
