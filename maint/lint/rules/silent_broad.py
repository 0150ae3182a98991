"""MNT010 silent-broad-handler: whatever goes wrong in the try is gone without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module
    from maint.lint.violation import Violation

CODE = "MNT010"

VALID = """
--- it logs
except Exception: log.info("no f")
--- it raises
except Exception: raise
--- it keeps the exception
except Exception as error: problem = error
--- a typed handler is MNT011
except ValueError: pass
--- it stops the program
except: sys.exit(1)
--- tests are spared on request [tests = false, path = "tests/test_shop.py"]
except Exception: pass
"""

INVALID = """
--- pass
except Exception: pass  # !
--- bare
except: ...  # !
--- a constant is returned
def f():
    try: return g()
    except Exception: return None  # !
--- a constant is assigned
except Exception: found = False  # !
--- the next one, please
for one in many:
    try: f(one)
    except Exception: continue  # !
--- a comment is no report
except Exception:  # !
    # cannot happen
    pass
--- what a function would do is not done
except Exception as error:  # !
    def later(): print(error)
--- the name is only bound
except Exception as error: pass  # !
--- a group
except* Exception: pass  # !
"""


def check(module: Module) -> Iterator[Violation]:
    """Broad handlers that neither call, nor raise, nor use the exception."""
    for handler in module.judged_handlers:
        if handler.broad and module.reaction(handler).is_silent:
            message = f"catches {handler.caught} and drops it; log it, or name the exceptions that you expect"
            yield module.at_header(CODE, handler, message)
