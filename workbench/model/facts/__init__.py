"""What is known of each segment at the end of a quarter: facts, what is left out, needs and their owners."""

from workbench.model.facts.facts import observe, visible_market
from workbench.model.facts.needs import OLD, SIGNED, UNSIGNED

__all__ = ["OLD", "SIGNED", "UNSIGNED", "observe", "visible_market"]
