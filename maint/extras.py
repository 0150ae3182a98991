"""Optional packages: imported when a feature needs them, asked for by the name of the extra."""

from __future__ import annotations

import importlib
from types import ModuleType

from maint.errors import MaintError

# extra -> module it installs; the packages themselves are in pyproject.toml
MODULES = {
    "zmq": "zmq",
    "gpu": "pynvml",
    "prometheus": "prometheus_client",
    "hypothesis": "hypothesis",
    "ports": "yaml",
    "coverage": "coverage",
    "fix": "libcst",
    "github": "github",
    "report": "junitparser",
    "syntax": "tree_sitter_python",
}


def require(extra: str) -> ModuleType:
    """The module that ``pytest-maint[extra]`` installs.

    Raises MaintError naming the extra when it is not installed. A package that is installed but fails to
    import keeps its own traceback: that is not for this project to explain.
    """
    name = MODULES[extra]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise MaintError(
            f"{name} is not installed, which this needs; run: pip install 'pytest-maint[{extra}]'"
        ) from None
