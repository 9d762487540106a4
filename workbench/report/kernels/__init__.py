"""The processes of a run: workers, and kernels forked from a warm parent."""

from workbench.report.kernels.complete import check, last_digest
from workbench.report.kernels.environment import allowed
from workbench.report.kernels.keys import code_key, code_on_disk, files_key, key_of
from workbench.report.kernels.lifeline import private_folder, private_place, remove_forsaken
from workbench.report.kernels.pool import PATIENCE, Pool, WorkerLostError, open_pool
from workbench.report.kernels.startup import skip_grammar
from workbench.report.kernels.tasks import Outcome, Task, has_warm_parent, plan_anew, plan_scenario, run_notebook

__all__ = [
    "PATIENCE",
    "Outcome",
    "Pool",
    "Task",
    "WorkerLostError",
    "allowed",
    "check",
    "code_key",
    "code_on_disk",
    "files_key",
    "has_warm_parent",
    "key_of",
    "last_digest",
    "open_pool",
    "plan_anew",
    "plan_scenario",
    "private_folder",
    "private_place",
    "remove_forsaken",
    "run_notebook",
    "skip_grammar",
]
