"""The best spend under concave and S-shaped responses and linear rules, on arrays alone, with a proven bound."""

from workbench.model.allocation.solver.branch_and_bound import GAP
from workbench.model.allocation.solver.column_generation import Rules
from workbench.model.allocation.solver.piecewise import Best, frontier, maximise, whole_cents
from workbench.model.allocation.solver.response import Curves, respond
from workbench.model.allocation.solver.segment_choice import choose

__all__ = ["GAP", "Best", "Curves", "Rules", "choose", "frontier", "maximise", "respond", "whole_cents"]
