"""MNT014 log-without-traceback: the log says that something failed, and not where."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from maint.lint.flow import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module
    from maint.lint.violation import Violation

CODE = "MNT014"

VALID = """
--- exception() has the traceback
except Exception: log.exception("no f")
--- so has exc_info
except Exception: self.logger.warning("no f", exc_info=True)
--- the traceback is printed besides
except Exception:
    log.error("no f")
    traceback.print_exc()
--- a reporter of this project [report-callables = ["capture"]]
except Exception as error:
    log.error("no f")
    sentry.capture(error)
--- who catches it next will have the traceback
except Exception:
    log.error("no f")
    raise
--- an expected exception
except ValueError: log.error("no f")
--- no logger
except Exception: catalog.error("no f")
"""

INVALID = """
--- the message only
except Exception as error: log.error("no f: %s", error)  # !
--- the logging module itself
except Exception: logging.warning("no f")  # !
--- exc_info that is off
except Exception: self._logger.error("no f", exc_info=False)  # !
--- a logger made on the spot
except Exception: logging.getLogger(__name__).error("no f")  # !
--- on one path
except Exception:
    log.info("trying again")
    if last: log.error("no f")  # !
"""

_ERRORS = ("critical", "fatal", "error", "exception", "warning", "warn")


def check(module: Module) -> Iterator[Violation]:
    """The first error that a broad handler logs without a traceback, where it does not re-raise."""
    for handler in module.judged_handlers:
        if not handler.broad:
            continue
        logs = [one for one in module.reaction(handler).logs if _level(one) in _ERRORS]
        if not logs or module.reaction(handler).traceback:
            continue
        if module.exits(handler.node.body, handler.scope) == Exit.RAISE:
            continue
        first = min(logs, key=lambda one: (one.lineno, one.col_offset))
        message = (
            f"logs {handler.caught} without the traceback; call exception() instead, or give exc_info=True"
        )
        yield module.violation(CODE, first, message, handler.scope)


def _level(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
