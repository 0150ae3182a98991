"""E900 broad-except: a handler that catches everything, judged by what it does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maint.lint.rules import broad_names
from maint.lint.verdict import fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module
    from maint.lint.violation import Violation

CODE = "E900"

VALID = (
    broad_names.VALID
    + """
--- always re-raises
except: raise
--- cleans up, then re-raises
except BaseException:
    close()
    raise
--- raises the same
except Exception as error:
    log.error("no f")
    raise error
--- translates
except Exception as error: raise ShopError("no f") from error
--- translates without from
except Exception as error: raise ShopError(error)
--- raises whatever the name holds by then
except Exception as error:
    error = ShopError(error)
    raise error
--- raises in both branches
except Exception:
    if fatal: raise
    else: raise ShopError
--- raises in a chain of branches
except Exception:
    if a: raise
    elif b: raise KeyError
    else: raise ValueError
--- raises after a branch that does not
except Exception:
    if a: log.error("a")
    raise
--- raises in every case
except Exception as error:
    match error.args:
        case [1]: raise
        case _: raise ShopError
--- raises inside a with
except Exception:
    with lock: raise
--- raises in a loop that has no other end
except Exception:
    while True:
        if last: raise
        wait()
--- raises when the loop is through
except Exception:
    for one in many: one.close()
    else: raise
--- cleans up in an inner try
except Exception:
    try: close()
    except OSError: pass
    raise
--- the inner handlers raise, too
except Exception:
    try: raise
    except OSError: raise ShopError
--- a finally that cleans up
def f():
    try: g()
    except Exception: raise
    finally: close()
--- in the finally that leaves: its raise comes before
def f():
    try: g()
    finally:
        try: h()
        except Exception: raise
        return 1
--- the program itself
if __name__ == "__main__":
    try: run()
    except Exception as error: print(error)
--- the other operand order
if "__main__" == __name__:
    try: run()
    except Exception as error: print(error)
--- the program itself, under one more condition
if __name__ == "__main__" and ready:
    try: run()
    except Exception as error: print(error)
--- the main function
def main():
    try: run()
    except Exception as error: print(error)
--- the main function answers with a status
def main():
    try: run()
    except Exception: return 1
--- an asynchronous one with an underscore
async def _main():
    try: await run()
    except BaseException: log.exception("stopped")
--- a name of this project [boundary-names = ["serve_*"]]
def serve_shop():
    try: run()
    except Exception: log.error("no run")
--- a decorator of this project [boundary-decorators = ["app.command", "*.task"]]
class Shop:
    @queue.task(retries=3)
    def sell(self):
        try: run()
        except Exception: log.error("no run")
--- a method of this project [boundary-methods = ["__del__"]]
class Shop:
    def __del__(self):
        try: self.close()
        except Exception: log.error("no close")
--- a worker's loop [boundary-loops = true]
def work():
    while True:
        try: run()
        except Exception: log.error("no run")
--- marked with a reason
except Exception:  # boundary: plug-ins may do anything
    log.error("no f")
--- marked after another comment
except Exception:  # noqa: BLE001  # boundary: plug-ins may do anything
    log.error("no f")
--- marked in capitals
except Exception:  # Boundary: plug-ins may do anything
    log.error("no f")
--- marked on a header of several lines
except (
    Exception,
    KeyboardInterrupt,
):  # boundary: plug-ins may do anything
    log.error("no f")
--- logged, where that is enough [logged = "ok"]
except Exception: log.exception("no f")
--- pylint's directive, where that is enough [pylint-disables = "ok"]
except Exception:  # pylint: disable=broad-except
    log.error("no f")
--- code in a string
text = '''
try: f()
except Exception: pass
'''
--- pytest.raises is no handler
with pytest.raises(Exception): f()
--- suppress is MNT012
with contextlib.suppress(Exception): f()
--- a group of types
except* OSError: pass
--- tests are spared on request [tests = false, path = "tests/test_shop.py"]
except Exception: pass
"""
)

INVALID = (
    broad_names.INVALID
    + """
--- the second handler
except ValueError: pass
except Exception: pass  # !
--- each of two
except Exception:  # !
    try: g()
    except: pass  # !
--- it goes on with a call
except Exception as error: print(error)  # !
--- it ends the program without the cause
except Exception: sys.exit(1)  # !
--- a logged traceback
except Exception: log.exception("no f")  # !
--- a log without one, where a logged one is enough [logged = "ok"]
except Exception: log.error("no f")  # !
--- re-raises on one branch only
except Exception:  # !
    if debug: raise
--- not in every case
except Exception as error:  # !
    match error.args:
        case [1]: raise
        case [2]: raise ShopError
--- a wildcard with a guard
except Exception as error:  # !
    match error.args:
        case _ if fatal: raise
--- only if the loop runs
except Exception:  # !
    for one in many: raise
--- only while
except Exception:  # !
    while trying: raise
--- a loop that can be left
except Exception:  # !
    while True:
        if done: break
        raise
--- in a function that nobody calls
except Exception:  # !
    def later(): raise
--- in the body of a class, which is not followed
except Exception:  # !
    class Later: raise ShopError
--- a condition is not judged
except Exception:  # !
    if True: raise
--- the finally of the same try raises
def f():
    try: g()
    except Exception: log.error("no g")  # !
    finally: raise ShopError
--- a star import is not followed
from shop import *
try: f()
except Exception: pass  # !
--- an assert is no raise
except Exception: assert False  # !
--- after a return
def f():
    try: g()
    except Exception:  # !
        return 1
        raise
--- eaten by its own finally
def f():
    try: g()
    except Exception: raise  # !
    finally: return 1
--- eaten by a finally further out
def f():
    try:
        try: g()
        except Exception: raise  # !
    finally: return 1
--- eaten by a break in the finally
for one in many:
    try: f()
    except Exception: raise  # !
    finally: break
--- caught again inside
except Exception:  # !
    try: raise
    except OSError: pass
--- suppressed inside
from contextlib import suppress
try: f()
except Exception:  # !
    with suppress(OSError): raise
--- expected inside, by pytest
import pytest
try: f()
except Exception as error:  # !
    with pytest.raises(ShopError): raise ShopError from error
--- expected inside, by unittest
class TestShop:
    def test_it(self):
        try: f()
        except Exception:  # !
            with self.assertRaises(ShopError): raise
--- swallowed by a context manager of this project [swallowers = ["quiet"]]
except Exception:  # !
    with quiet(): raise
--- eaten by a finally inside
def f():
    try: g()
    except Exception:  # !
        try: raise
        finally: return 1
--- a boundary that does not report
def main():
    try: run()
    except Exception: pass  # !
--- a boundary that returns None
def main():
    try: run()
    except Exception: return None  # !
--- a mark on a handler that does not report
except Exception: pass  # boundary: nothing to say  # !
--- a mark without a reason
except Exception: log.error("no f")  # boundary:  # !
--- a mark on the line before
try: f()
# boundary: plug-ins may do anything
except Exception: log.error("no f")  # !
--- a mark in a string
except Exception: log.error("# boundary: no")  # !
--- imported, not run
if __name__ != "__main__":
    try: run()
    except Exception: log.error("no run")  # !
--- the else of the main guard
if __name__ == "__main__": run()
else:
    try: run()
    except Exception: log.error("no run")  # !
--- the module level is no boundary
try: import shop
except Exception: log.error("no shop")  # !
--- a function in main does not inherit
def main():
    def later():
        try: run()
        except Exception: log.error("no run")  # !
--- a method called main
class Shop:
    def main(self):
        try: run()
        except Exception: log.error("no run")  # !
--- a worker's loop
def work():
    while True:
        try: run()
        except Exception: log.error("no run")  # !
--- pylint's directive is for pylint
except Exception: log.error("no f")  # pylint: disable=broad-except  # !
--- the type is on another line
except (  # !
    ValueError,
    Exception,
): pass
--- the else of an endless loop never runs [boundary-loops = true]
while True: run()
else:
    try: run()
    except Exception: log.error("no run")  # !
--- deeper in a worker's loop [boundary-loops = true]
while True:
    if ready:
        try: run()
        except Exception: log.error("no run")  # !
--- a log that leaves the traceback out [logged = "ok"]
except Exception: log.exception("no f", exc_info=False)  # !
--- a name and an ordinary function
async def f():
    async with lock:
        try: await g()
        except Exception as error: await report(error)  # !
"""
)


def check(module: Module) -> Iterator[Violation]:
    """Broad handlers that neither re-raise on every path nor are boundaries that report."""
    for handler in module.judged_handlers:
        found = fault(handler, module) if handler.broad else None
        if found is not None:
            too_much = ", with KeyboardInterrupt and SystemExit," if handler.base else ""
            message = f"catches {handler.caught}{too_much} and {found.why}; {found.remedy}"
            yield module.at_header(CODE, handler, message)
