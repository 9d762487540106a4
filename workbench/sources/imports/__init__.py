"""Exports of other systems into a book, each row accounted for."""

from workbench.sources.imports.crm import import_crm
from workbench.sources.imports.impulse import read_impulses
from workbench.sources.imports.market import import_market

__all__ = ["import_crm", "import_market", "read_impulses"]
