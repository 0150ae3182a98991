"""Inside the project's processes: notes the type of every exception that a broad handler catches.

Started by ``startup/sitecustomize.py`` in child processes: little of the standard library, nothing of ours.
"""

# ruff: noqa: PTH123, PTH206
# os.path and os.open: pathlib and io are what tests replace, and a child pays for each import.

from __future__ import annotations

import atexit
import builtins
import marshal
import os
import sys
from contextlib import suppress

from .instrumenting import HOOK, Instrumenter, withdraw

TYPE_CHECKING = False  # not from typing, which is more to import than all of the above
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Any

VARIABLE = "MAINT_EXCEPT"
# Held here, since tests replace the functions of os by fakes.
_open, _write, _close = os.open, os.write, os.close
_readlink, _realpath = os.readlink, os.path.realpath
# Past what a class of the project makes of these names.
_traceback = BaseException.__dict__["__traceback__"].__get__
_mro = type.__dict__["__mro__"].__get__
_module, _qualname = type.__dict__["__module__"].__get__, type.__dict__["__qualname__"].__get__
_INSTALLED = ("site-packages", "dist-packages")

# handler, identity of the type, test, place of the raise, file of the project in which that is
_Sighting = tuple[int, int, str, str, str]
# (line, column) of an ``except`` -> (number of the handler, whether it is ``except*``)
Marks = dict[tuple[int, int], tuple[int, bool]]


class Address:
    """Where a session keeps its plan and its notes, as one environment variable.

    On Linux both are memory files of the controller, reached through ``/proc``: nothing lies on a disk, so
    nothing is left there, however the session ends. ``link`` is what ``/proc`` calls them; a process number
    that was given to another program shows another name.
    """

    def __init__(self, plan: str, notes: str, link: str, tag: str) -> None:
        self.plan = plan
        self.notes = notes
        self.link = link
        self.tag = tag

    @classmethod
    def parse(cls, text: str) -> Address | None:
        """The address in an environment variable, or None."""
        fields = text.split("\n")
        return cls(*fields) if len(fields) == 4 else None

    def __str__(self) -> str:
        return "\n".join((self.plan, self.notes, self.link, self.tag))

    @property
    def is_alive(self) -> bool:
        """False when the session is over, or belongs to another version of Python."""
        if self.tag != sys.implementation.cache_tag:
            return False
        try:
            return not self.link or _readlink(self.notes).startswith(self.link)
        except OSError:
            return False


class Plan:
    """``root``: the project; ``files``: real path -> (hash of the source, marks)."""

    def __init__(self, root: str, files: dict[str, tuple[bytes, Marks]]) -> None:
        self.root = root
        self.files = files

    def dumps(self) -> bytes:
        """As bytes for a process of the same Python."""
        return marshal.dumps((self.root, self.files))

    @classmethod
    def loads(cls, raw: bytes) -> Plan:
        """Back from `dumps`."""
        return cls(*marshal.loads(raw))

    def file(self, origin: object) -> str | None:
        """The key of a source file that holds broad handlers, or None."""
        if not isinstance(origin, str) or not origin.endswith((".py", ".pyw")):
            return None
        if origin in self.files:
            return origin
        real = _realpath(origin)
        return real if real in self.files else None


class Notes:
    """Lines that any number of processes append, each the ``ascii`` of a tuple with its kind in front."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def append(self, *fields: object) -> None:
        """Write one line; a line that cannot be written is lost, never an error of the project's."""
        if not self._address.is_alive:
            return
        with suppress(OSError):
            # Opened each time: a descriptor kept open may be closed and given away under our feet.
            descriptor = _open(self._address.notes, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            try:
                _write(descriptor, (ascii(fields) + "\n").encode("ascii"))
            finally:
                _close(descriptor)


class Recorder:
    """Counts by (handler, type, place, test). ``test`` is the node id of the running test, or ``""``."""

    def __init__(self, plan: Plan, notes: Notes, test: str = "") -> None:
        self.notes = notes
        self.test = test
        self.instrumenter = Instrumenter(plan, notes)
        self._root = plan.root
        self._handlers = {
            number: (file, star) for file, (_, marks) in plan.files.items() for number, star in marks.values()
        }
        self._files: dict[str, str] = {}
        # By identity, since a class may have no hash; the class is kept, so that its identity is not reused.
        self._kinds: dict[int, tuple[type, tuple[str, ...]]] = {}
        self._failed: set[int] = set()
        self._missed: set[str] = set()
        self._fresh()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._fresh)

    def _fresh(self) -> None:
        self._token = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._counts: dict[_Sighting, int] = {}
        self._unsaved: set[_Sighting] = set()

    def caught(self, handler: int) -> None:
        """Called as the first statement of a broad handler, while its exception is the current one.

        Raises nothing of its own; an interruption in here is the project's, and comes through.
        """
        try:
            self._note(handler)
        except Exception:  # boundary: the project's handler must not notice us  # noqa: BLE001
            # No more than this: there may be neither memory nor stack left. `flush` says it.
            self._failed.add(handler)

    def _note(self, handler: int) -> None:
        _, error, traceback = sys.exc_info()
        # A module may outlive the session that instrumented it; then its numbers mean nothing here.
        if error is None or handler not in self._handlers:
            return
        for each in _leaves(error) if self._handlers[handler][1] else (error,):
            place, file = self._place(_traceback(each) or traceback)
            self._count((handler, self._kind(type(each)), self.test, place, file))

    def _kind(self, kind: type) -> int:
        if id(kind) not in self._kinds:
            self._kinds[id(kind)] = (kind, _public_names(kind))
        return id(kind)

    def _count(self, key: _Sighting) -> None:
        number = self._counts[key] = self._counts.get(key, 0) + 1
        # Written at 1, 2, 4, 8…: a process that dies without notice loses a part of a count, never a type.
        if number & (number - 1):
            self._unsaved.add(key)
        else:
            self._save(key)

    def _save(self, key: _Sighting) -> None:
        handler, kind, test, place, file = key
        self._unsaved.discard(key)
        names = self._kinds[kind][1]
        self.notes.append("caught", self._token, handler, names, place, file, test, self._counts[key])

    def lead(self) -> None:
        """Be the first to be asked for a module, ahead of finders that came later."""
        self.instrumenter.lead()

    def flush(self) -> None:
        """Write the counts that are not written yet, and once a file that something there was missed."""
        for key in list(self._unsaved):
            self._save(key)
        for file in sorted({self._handlers[handler][0] for handler in list(self._failed)} - self._missed):
            self._missed.add(file)
            self.notes.append("missed", file, "an exception in it could not be noted")

    def _place(self, traceback: TracebackType | None) -> tuple[str, str]:
        """Where the exception was raised, as ``module:function``, and the project's file if it is one."""
        if traceback is None:
            return "", ""
        while traceback.tb_next is not None:
            traceback = traceback.tb_next
        frame = traceback.tb_frame
        code = frame.f_code
        file = self._files.get(code.co_filename)
        if file is None:
            file = self._files[code.co_filename] = self._own(code.co_filename)
        return f"{frame.f_globals.get('__name__', '?')}:{code.co_qualname}", file

    def _own(self, file: str) -> str:
        """A file of the project relative to its root; of others nothing."""
        real = _realpath(file)
        if not real.startswith(self._root + os.sep):
            return ""
        parts = real[len(self._root) + 1 :].split(os.sep)
        return "/".join(parts) if {*_INSTALLED}.isdisjoint(parts) else ""

    def at_exit(self) -> None:
        """The last words of a child process."""
        self.flush()
        main = sys.modules["__main__"]
        if getattr(main, "__spec__", None) is None:
            self.instrumenter.note_missed({"__main__": main}, "run as a script")


def install(plan: Plan, notes: Notes, test: str = "") -> Recorder:
    """Start to record in this process; what is imported already is noted as missed."""
    recorder = Recorder(plan, notes, test)
    setattr(builtins, HOOK, recorder.caught)
    recorder.lead()
    recorder.instrumenter.note_missed(sys.modules, "imported before the recorder")
    return recorder


def uninstall() -> None:
    """Stop to record; instrumented modules go on as if they were not."""
    withdraw()
    if hasattr(builtins, HOOK):
        delattr(builtins, HOOK)


def active() -> Recorder | None:
    """The recorder of this process."""
    return getattr(getattr(builtins, HOOK, None), "__self__", None)


def start_child() -> None:
    """Record in this process what the session named in the environment asks for."""
    address = Address.parse(os.environ.get(VARIABLE, ""))
    if address is None or not address.is_alive:
        return
    try:
        with open(address.plan, "rb") as file:
            plan = Plan.loads(file.read())
    except (OSError, ValueError, EOFError, TypeError):
        return
    # pytest says which test runs, and its phase: "tests/test_a.py::test_one (call)"
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    recorder = install(plan, Notes(address), test)
    atexit.register(recorder.at_exit)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """What ``except*`` caught one by one."""
    if issubclass(type(error), BaseExceptionGroup):  # isinstance() would ask its __class__
        for each in error.exceptions:  # type: ignore[attr-defined]
            yield from _leaves(each)
    else:
        yield error


def _public_names(kind: type) -> tuple[str, ...]:
    """``module:name`` of the class and its bases up to BaseException, each by its shortest import."""
    return tuple(_public_name(each) for each in _mro(kind) if issubclass(each, BaseException))


def _public_name(kind: type) -> str:
    home, name = str(_module(kind)), str(_qualname(kind))
    parts = home.split(".")
    packages = [".".join(parts[:length]) for length in range(1, len(parts))]
    # and what a module in C says it comes from: _queue.Empty is queue.Empty
    for module in (*packages, home.lstrip("_")):
        if _contents(sys.modules.get(module)).get(name) is kind:
            return f"{module}:{name}"
    return f"{home}:{name}"


def _contents(module: object) -> dict[str, Any]:
    try:
        # Past __getattr__, by which a lazy module would import what was asked for.
        found: dict[str, Any] = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return {}
    return found
