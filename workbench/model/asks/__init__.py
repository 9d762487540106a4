"""Which asks are funded, and for each the reason and the smallest change that would turn it."""

from workbench.model.asks.select import select
from workbench.model.asks.triage import triage_asks, triage_one

__all__ = ["select", "triage_asks", "triage_one"]
