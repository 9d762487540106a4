"""What the owner of a segment takes along."""

from workbench.model.briefs.briefs import segment_brief
from workbench.model.briefs.propositions import MET

__all__ = ["MET", "segment_brief"]
