"""First code of a child process while a test remaps: waits for zmq, then runs the next sitecustomize.

Must be readable by any Python, since a test may start any: it does nothing in those that are too old.
"""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - older Pythons
sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _here]  # noqa: PTH100
if sys.version_info >= (3, 11):  # noqa: UP036 - a test may start an older one
    from importlib import import_module
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    if "MAINT_ZMQ_REMAP" in os.environ:
        # by a name of its own: pytest_maint may not be installed here
        _package = type(sys)("_maint_zmq")
        _package.__path__ = [os.path.dirname(_here)]  # noqa: PTH120
        sys.modules["_maint_zmq"] = _package
        import_module("_maint_zmq.arrival").expect_zmq()
    _spec = PathFinder.find_spec("sitecustomize", sys.path)
    if _spec is not None and _spec.loader is not None:
        _own = module_from_spec(_spec)
        sys.modules["sitecustomize"] = _own
        _spec.loader.exec_module(_own)
