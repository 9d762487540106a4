"""From a book to a published report, and back to an older one."""

from workbench.report.run.inputs import NOTEBOOKS
from workbench.report.run.options import Options
from workbench.report.run.rollback import rollback
from workbench.report.run.run import dry_run, publish_report

__all__ = ["NOTEBOOKS", "Options", "dry_run", "publish_report", "rollback"]
