"""What a process of the run gets to see of the environment: an allow-list, so that no secret reaches a notebook."""

from __future__ import annotations

import os
from collections.abc import Mapping

ALLOWED = frozenset((
    "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TMP", "TEMP", "PYTHONPATH", "PYTHONHASHSEED",
    "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONUTF8", "VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
))  # fmt: skip
FAMILIES = ("LC_", "COVERAGE_")
FIXED = {
    "OPENBLAS_NUM_THREADS": "1",  # figures that are published must not depend on the number of cores
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # a process that forks has one thread
    "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, not one of the user's
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def allowed(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of `environment` that may be handed on, with those that the run sets for every process."""
    kept = {name: value for name, value in environment.items()
            if name.upper() in ALLOWED or name.upper().startswith(FAMILIES)}  # fmt: skip
    return {**kept, **FIXED}


def jupyter_folders(own: str, shared: str) -> dict[str, str]:
    """Where Jupyter and IPython keep their files: in this process's `own` folder; kernels are looked up in `shared`."""
    return {"IPYTHONDIR": own, "JUPYTER_CONFIG_DIR": own, "JUPYTER_RUNTIME_DIR": own, "JUPYTER_DATA_DIR": own,
            "JUPYTER_PATH": shared}  # fmt: skip


def narrow(own: str, shared: str) -> None:
    """Makes the allowed environment this process's own, and with it that of every process it starts."""
    kept = {**allowed(os.environ), **jupyter_folders(own, shared)}
    os.environ.clear()
    os.environ.update(kept)
