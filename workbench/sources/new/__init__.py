"""An empty book to fill in, its codebook, and a scenario to start from."""

from workbench.sources.new.new import new_book
from workbench.sources.new.template import scenario_toml, write_scenario

__all__ = ["new_book", "scenario_toml", "write_scenario"]
