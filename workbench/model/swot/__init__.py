"""The SWOT of each segment: criteria against anchors, statements of people, and a diagnosis."""

from workbench.model.swot.statements import kendalls_w
from workbench.model.swot.swot import score_swot

__all__ = ["kendalls_w", "score_swot"]
