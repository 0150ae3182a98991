"""Inside the project's processes: notes the type of every exception that a broad handler catches.

Started by ``startup/sitecustomize.py`` in child processes: little of the standard library, nothing of ours.
"""

# ruff: noqa: PTH115, PTH123, PTH206
# os.path and os.open: pathlib and io are what tests replace, and a child pays for each import.

from __future__ import annotations

import atexit
import builtins
import marshal
import os
import sys
from contextlib import suppress
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False  # not from typing, which is more to import than all of the above
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType, TracebackType
    from typing import Any

VARIABLE = "MAINT_EXCEPT"
HOOK = "__maint_caught__"
_INSTALLED = ("site-packages", "dist-packages")
_PROBE = f"try:\n    {HOOK}(0)\nexcept (RecursionError, NameError):\n    pass\n"

# handler, type, test, place of the raise, file of the project in which that is
_Sighting = tuple[int, type, str, str, str]
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
            return not self.link or os.readlink(self.notes).startswith(self.link)
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
        real = os.path.realpath(origin)
        return real if real in self.files else None


class Notes:
    """Lines that any number of processes append, each the ``ascii`` of a tuple with its kind in front."""

    def __init__(self, address: Address) -> None:
        self._address = address
        # Held here, since tests replace the functions of os by fakes.
        self._open, self._write, self._close = os.open, os.write, os.close

    def append(self, *fields: object) -> None:
        """Write one line; a line that cannot be written is lost, never an error of the project's."""
        if not self._address.is_alive:
            return
        with suppress(OSError):
            # Opened each time: a descriptor kept open may be closed and given away under our feet.
            descriptor = self._open(self._address.notes, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            try:
                self._write(descriptor, (ascii(fields) + "\n").encode("ascii"))
            finally:
                self._close(descriptor)


class Recorder:
    """Counts by (handler, type, place, test). ``test`` is the node id of the running test, or ``""``."""

    def __init__(self, plan: Plan, notes: Notes, test: str = "") -> None:
        self.plan = plan
        self.notes = notes
        self.test = test
        self._star = {number: star for _, marks in plan.files.values() for number, star in marks.values()}
        self._files: dict[str, str] = {}
        self._loaded: set[str] = set()
        self._fresh()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._fresh)

    def _fresh(self) -> None:
        self._token = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._counts: dict[_Sighting, int] = {}
        self._unsaved: set[_Sighting] = set()

    def caught(self, handler: int) -> None:
        """Called as the first statement of a broad handler, while its exception is the current one."""
        error = sys.exc_info()[1]
        # A module may outlive the session that instrumented it; then its numbers mean nothing here.
        if error is None or handler not in self._star:
            return
        for each in _leaves(error) if self._star[handler] else (error,):
            place, file = self._place(each.__traceback__ or error.__traceback__)
            self._count((handler, type(each), self.test, place, file))

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
        self.notes.append(
            "caught", self._token, handler, _public_names(kind), place, file, test, self._counts[key]
        )

    def lead(self) -> None:
        """Be the first to be asked for a module, ahead of finders that came later."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
        sys.meta_path.insert(0, Finder(self))

    def flush(self) -> None:
        """Write the counts that are not written yet."""
        for key in list(self._unsaved):
            self._save(key)

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
        real = os.path.realpath(file)
        if not real.startswith(self.plan.root + os.sep):
            return ""
        parts = real[len(self.plan.root) + 1 :].split(os.sep)
        return "/".join(parts) if {*_INSTALLED}.isdisjoint(parts) else ""

    def tree(self, source: bytes, file: str) -> ast.Module | None:
        """The syntax tree of ``source`` with a call of `caught` in each broad handler.

        None where the file is not the one that was planned for, or nests too deep for a tree.
        """
        from importlib.util import source_hash

        planned, marks = self.plan.files[file]
        if source_hash(source) != planned:
            self.notes.append("missed", file, "changed on disk since the session began")
            return None
        import ast

        try:
            tree = ast.parse(source, file)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and (node.lineno, node.col_offset) in marks:
                node.body.insert(0, _probe(node, marks[node.lineno, node.col_offset][0]))
        if file not in self._loaded:
            self._loaded.add(file)
            self.notes.append("loaded", file)
        return tree

    def note_missed(self, modules: dict[str, ModuleType], reason: str) -> None:
        """Say which planned files ``modules`` holds that were imported without us."""
        for module in list(modules.values()):
            # a script has lost its __file__ by the time it ends, its loader has not
            path = getattr(getattr(module, "__loader__", None), "path", None)
            file = self.plan.file(getattr(module, "__file__", path))
            if file and file not in self._loaded:
                self.notes.append("missed", file, reason)

    def at_exit(self) -> None:
        """The last words of a child process."""
        self.flush()
        main = sys.modules["__main__"]
        if getattr(main, "__spec__", None) is None:
            self.note_missed({"__main__": main}, "run as a script")


class Finder:
    """First on ``sys.meta_path``: lets the others find a module, and wraps its loader when it is planned."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec that the finders behind this one come up with."""
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                self._wrap(spec)
                return spec
        return None

    def _wrap(self, spec: ModuleSpec) -> None:
        file = self._recorder.plan.file(spec.origin)
        if file is None:
            return
        if type(spec.loader) is SourceFileLoader:
            spec.loader = Loader(spec.loader.name, spec.loader.path, self._recorder, file)
        elif type(spec.loader).__module__ == "_pytest.assertion.rewrite":
            spec.loader = RewritingLoader(spec.loader, self._recorder, file)  # type: ignore[assignment]
        else:
            kind = type(spec.loader)
            self._recorder.notes.append("missed", file, f"loaded by {kind.__module__}.{kind.__qualname__}")


class Loader(SourceFileLoader):
    """Compiles the instrumented tree; neither reads nor writes bytecode files."""

    def __init__(self, name: str, path: str, recorder: Recorder, file: str) -> None:
        super().__init__(name, path)
        self._recorder = recorder
        self._file = file

    def get_code(self, fullname: str) -> Any:
        """The code of the module, for ``import`` and for ``python -m``."""
        tree = self._recorder.tree(self.get_data(self.path), self._file)
        if tree is None:
            return super().get_code(fullname)
        return compile(tree, self.path, "exec", dont_inherit=True)


class RewritingLoader:
    """Before pytest's loader of test modules and conftests, so that their asserts are rewritten as ever."""

    def __init__(self, hook: Any, recorder: Recorder, file: str) -> None:
        self._hook = hook
        self._recorder = recorder
        self._file = file

    # pytest asks isinstance() whether a module came from its own loader
    __class__ = property(lambda self: type(self._hook))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hook, name)

    def exec_module(self, module: ModuleType) -> None:
        """Instrument, let pytest rewrite the asserts, run."""
        # No public name does this; where it is missing, the module is loaded by pytest alone.
        from _pytest.assertion import rewrite

        path = str(module.__spec__.origin) if module.__spec__ is not None else self._file
        with open(path, "rb") as file:
            source = file.read()
        tree = self._recorder.tree(source, self._file) if hasattr(rewrite, "rewrite_asserts") else None
        if tree is None:
            self._hook.exec_module(module)
            return
        rewrite.rewrite_asserts(tree, source, path, self._hook.config)
        exec(compile(tree, path, "exec", dont_inherit=True), module.__dict__)


def install(plan: Plan, notes: Notes, test: str = "") -> Recorder:
    """Start to record in this process; what is imported already is noted as missed."""
    recorder = Recorder(plan, notes, test)
    setattr(builtins, HOOK, recorder.caught)
    recorder.lead()
    recorder.note_missed(sys.modules, "imported before the recorder")
    return recorder


def uninstall() -> None:
    """Stop to record; instrumented modules go on as if they were not."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
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


def _probe(handler: ast.ExceptHandler, number: int) -> ast.stmt:
    """``__maint_caught__(number)``, on the line of the ``except`` itself.

    At the edge of the recursion limit, and in a function that was shipped to another process by value, the
    call cannot be made; the project's handler must not notice.
    """
    import ast

    statement = ast.parse(_PROBE).body[0]
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant):
            node.value = number
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = handler.lineno  # type: ignore[attr-defined]
            node.col_offset = handler.col_offset  # type: ignore[attr-defined]
            node.end_col_offset = handler.col_offset + len("except")  # type: ignore[attr-defined]
    return statement


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """What ``except*`` caught one by one."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _public_names(kind: type) -> tuple[str, ...]:
    """``module:name`` of the class and its bases up to BaseException, each by its shortest import."""
    return tuple(_public_name(each) for each in kind.__mro__ if issubclass(each, BaseException))


def _public_name(kind: type) -> str:
    home, name = str(kind.__module__), str(kind.__qualname__)
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
