"""The start of our own processes: without a grammar that nothing here needs.

jsonschema's optional check of IRIs builds one at import, which costs a process more than a second (papermill, altair and
nbformat all import jsonschema); where the package cannot be imported, jsonschema goes without. Only processes that are
the workbench's own do this, never `import workbench`.
"""

from __future__ import annotations

import sys

GRAMMAR = "rfc3987_syntax"


def skip_grammar() -> None:
    """Lets jsonschema be imported without the grammar; to be called before."""
    sys.modules.setdefault(GRAMMAR, None)  # type: ignore[arg-type]


def allow_grammar() -> None:
    """Lets the grammar be imported again, as ever; what was imported meanwhile goes without."""
    if sys.modules.get(GRAMMAR, GRAMMAR) is None:
        del sys.modules[GRAMMAR]
