"""The order of the segments: scores, who is chosen, how sure that is, and what moved."""

from workbench.model.ranking.certificates import certificate
from workbench.model.ranking.choice import chosen_of
from workbench.model.ranking.ranking import neutral_points, rank_segments, rank_values
from workbench.model.ranking.robustness import NEAR, STAYS, WAITS, how_sure, with_incumbents
from workbench.model.ranking.robustness_words import SHOWN, draws_percent, smallest_said, ties_said
from workbench.model.ranking.smaa import smaa
from workbench.model.ranking.stability import average_overlap, compare, keep_incumbents, nothing_before, with_cost
from workbench.model.ranking.values import value_of
from workbench.model.ranking.weights import ahp, raw_weights, weights_of, weights_over

__all__ = [
    "NEAR",
    "SHOWN",
    "STAYS",
    "WAITS",
    "ahp",
    "average_overlap",
    "certificate",
    "chosen_of",
    "compare",
    "draws_percent",
    "how_sure",
    "keep_incumbents",
    "neutral_points",
    "nothing_before",
    "rank_segments",
    "rank_values",
    "raw_weights",
    "smaa",
    "smallest_said",
    "ties_said",
    "value_of",
    "weights_of",
    "weights_over",
    "with_cost",
    "with_incumbents",
]
