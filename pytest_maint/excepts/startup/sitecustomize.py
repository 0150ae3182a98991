"""First code of a child process while a session records: starts the recorder, then the next sitecustomize.

Must be readable by any Python, since a test may start any: it does nothing in those that are too old.
"""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - older Pythons
sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _here]  # noqa: PTH100
if sys.version_info >= (3, 11):  # noqa: UP036 - a test may start an older one
    from importlib.machinery import PathFinder, SourceFileLoader
    from importlib.util import module_from_spec

    if "MAINT_EXCEPT" in os.environ:
        _loader = SourceFileLoader("_maint_excepts", os.path.join(os.path.dirname(_here), "worker.py"))  # noqa: PTH118, PTH120
        _worker = type(sys)("_maint_excepts")
        sys.modules["_maint_excepts"] = _worker
        _loader.exec_module(_worker)
        _worker.start_child()
    _spec = PathFinder.find_spec("sitecustomize", sys.path)
    if _spec is not None and _spec.loader is not None:
        _own = module_from_spec(_spec)
        sys.modules["sitecustomize"] = _own
        _spec.loader.exec_module(_own)
