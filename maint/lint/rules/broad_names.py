"""The examples of E900 on what a handler catches: which names stand for Exception, and which do not."""

from __future__ import annotations

VALID = """
--- a typed handler
except ValueError: pass
--- a foreign class named Exception
import shop
try: f()
except shop.Exception: pass
--- a class of this module named Exception
class Exception(ValueError): pass
try: f()
except Exception: pass
--- a name shadowed by an import
from shop import Exception
try: f()
except Exception: pass
--- a parameter called Exception
def f(Exception):
    try: g()
    except Exception: pass
--- a local called Exception
def f():
    Exception = ValueError
    try: g()
    except Exception: pass
--- a foreign builtins
import shop.builtins as builtins
try: f()
except builtins.Exception: pass
--- a class that is computed
except error.__class__: pass
--- types from a call
except expected(): pass
--- a constant bound twice
ERRORS = (OSError,)
if strict: ERRORS = (Exception,)
try: f()
except ERRORS: pass
--- a constant that a function binds again
ERRORS = (Exception,)
def relax():
    global ERRORS
    ERRORS = (OSError,)
try: f()
except ERRORS: pass
--- a name that a function binds for the module
def shadow():
    global Exception
    Exception = ValueError
def f():
    try: g()
    except Exception: pass
--- a name of the module, and not that of the function around
ERRORS = (OSError,)
def f():
    ERRORS = (Exception,)
    def g():
        global ERRORS
        try: h()
        except ERRORS: pass
--- a local that an inner function binds again
def f():
    errors = Exception
    def relax():
        nonlocal errors
        errors = OSError
    try: g()
    except errors: pass
--- a local bound in an expression
def f():
    if (Exception := find()): pass
    try: g()
    except Exception: pass
--- an alias of another module
import shop
b = shop
try: f()
except b.Exception: pass
--- an alias that names itself
b = b.errors
try: f()
except b.Exception: pass
--- two aliases that name each other
a = b
b = a
try: f()
except a.Exception: pass
--- a constant that names itself
ERRORS = (OSError, *ERRORS)
try: f()
except ERRORS: pass
"""

INVALID = """
--- bare
except: pass  # !
--- Exception
except Exception: pass  # !
--- BaseException
except BaseException as error: problem = error  # !
--- in a tuple
except (ValueError, Exception): pass  # !
--- builtins.Exception
import builtins
try: f()
except builtins.Exception: pass  # !
--- an alias of the module
import builtins as b
try: f()
except b.BaseException: pass  # !
--- another name for the module
import builtins
b = builtins
try: f()
except b.Exception: pass  # !
--- an annotation binds nothing
Exception: type
try: f()
except Exception: pass  # !
--- a constant with an annotation
ERRORS: tuple = (OSError, Exception)
try: f()
except ERRORS: pass  # !
--- bound in an expression
def f():
    if (error := Exception): pass
    try: g()
    except error: pass  # !
--- an inner function's own name
def f():
    errors = Exception
    def relax(): errors = OSError
    try: g()
    except errors: pass  # !
--- imported by another name
from builtins import Exception as Error
try: f()
except Error: pass  # !
--- an alias at module level
Error = Exception
def f():
    try: g()
    except Error: pass  # !
--- a constant tuple
ERRORS = (OSError, Exception)
try: f()
except ERRORS: pass  # !
--- a constant in a tuple
ERRORS = (OSError, Exception)
try: f()
except (KeyError, *ERRORS): pass  # !
--- a sum of tuples
ERRORS = (OSError,)
try: f()
except ERRORS + (Exception,): pass  # !
--- one of two
except (OSError if strict else Exception): pass  # !
--- a group
except* Exception: pass  # !
--- the name is bound elsewhere
def other(): Exception = ValueError
try: f()
except Exception: pass  # !
--- a class attribute is not seen from a method
class Shop:
    Exception = ValueError
    def f(self):
        try: g()
        except Exception: pass  # !
"""
