"""The spend by product, lever and segment: the rules, the best plan under them, and what it departs from."""

from workbench.model.allocation.allocation import allocate, gain_of
from workbench.model.allocation.solver import maximise, respond

__all__ = ["allocate", "gain_of", "maximise", "respond"]
