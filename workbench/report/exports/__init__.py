"""The files of a scenario for other tools: a spreadsheet of the plan, an import file of its asks."""

from workbench.report.exports.exports import write_exports

__all__ = ["write_exports"]
