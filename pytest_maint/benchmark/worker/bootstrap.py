"""First code of a worker process: load this folder under a private name, then hand over.

The project under test may be pytest-maint itself, at another commit. Under its own name this folder would
then be the project's; under a private name it stays the controller's, whatever the tree holds.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

PACKAGE = "_maint_worker"


def load() -> None:
    """Import the folder of this file as the package ``_maint_worker``."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    load()
    importlib.import_module(f"{PACKAGE}.main").main(int(sys.argv[1]), int(sys.argv[2]))
