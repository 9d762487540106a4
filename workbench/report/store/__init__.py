"""What is published and what stands beside it: runs, the switch, the lock, manifests, seals."""

from workbench.report.store import journal
from workbench.report.store.earlier import Earlier, published_before
from workbench.report.store.journal import Finished, finished
from workbench.report.store.lock import RUNS, held
from workbench.report.store.manifest import (
    MANIFEST,
    RECORD,
    SEAL,
    as_json,
    file_hash,
    manifest,
    output_hashes,
    read_manifest,
    seal,
)
from workbench.report.store.names import brief_name, safe_name
from workbench.report.store.publish import FRESH, INDEX, KEPT, Run, behind, fail, open_run, publish, switch, whole_runs
from workbench.report.store.verify import faults, verify

__all__ = [
    "FRESH",
    "INDEX",
    "KEPT",
    "MANIFEST",
    "RECORD",
    "RUNS",
    "SEAL",
    "Earlier",
    "Finished",
    "Run",
    "as_json",
    "behind",
    "brief_name",
    "fail",
    "faults",
    "file_hash",
    "finished",
    "held",
    "journal",
    "manifest",
    "open_run",
    "output_hashes",
    "publish",
    "published_before",
    "read_manifest",
    "safe_name",
    "seal",
    "switch",
    "verify",
    "whole_runs",
]
