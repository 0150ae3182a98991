"""MNT011 silent-typed-handler: an exception that was expected, and why it does not matter is not said."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.handlers import Handler
    from maint.lint.module import Module
    from maint.lint.violation import Violation

CODE = "MNT011"

VALID = """
--- it logs
except ValueError: log.info("no f")
--- it raises
except ValueError: raise TypeError
--- a comment says why
except OSError:  # gone already
    pass
--- a comment in the body says why
except OSError:
    # gone already
    pass
--- the end of an iterator
try: one = next(many)
except StopIteration: one = None
--- a lookup with a default
try: one = found["one"]
except KeyError: one = 1
--- an optional import
try: import yaml
except ImportError: yaml = None
--- a broad handler is MNT010
except Exception: pass
"""

INVALID = """
--- pass
except ValueError: pass  # !
--- a constant
def f():
    try: return int(text)
    except (ValueError, TypeError): return 0  # !
--- one of the two would be spared
except (KeyError, OSError): pass  # !
"""

_EXPECTED = frozenset(
    {
        "builtins.GeneratorExit",
        "builtins.ImportError",
        "builtins.IndexError",
        "builtins.KeyError",
        "builtins.ModuleNotFoundError",
        "builtins.StopAsyncIteration",
        "builtins.StopIteration",
    }
)


def check(module: Module) -> Iterator[Violation]:
    """Typed handlers that neither call, nor raise, nor use the exception, nor say why."""
    for handler in module.judged_handlers:
        if not handler.broad and module.reaction(handler).is_silent and not _is_explained(handler, module):
            caught = ast.get_source_segment(module.text, handler.node.type) or "" if handler.node.type else ""
            message = (
                f"drops {' '.join(caught.split())} silently; say in a comment why, or use contextlib.suppress"
            )
            yield module.at_header(CODE, handler, message)


def _is_explained(handler: Handler, module: Module) -> bool:
    node = handler.node
    if node.type is not None and _EXPECTED.issuperset(handler.scope.origins(node.type)):
        return True
    return bool(module.comment(node.lineno, node.end_lineno or node.lineno))
