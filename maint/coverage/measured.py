"""What coverage.py measured, as plain data: the numbers of its own JSON report, so that they are the same."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from maint.coverage.counts import Counts
from maint.coverage.environment import Environment, environment
from maint.errors import InputError
from maint.extras import require
from maint.report.cells import printable

if TYPE_CHECKING:
    import coverage

_SQLITE = b"SQLite format 3\0"


class FileMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """One file: its counts, its statements by line (``executed``, ``missing``), and branches not taken.

    ``arcs`` are pairs of lines, a negative target leaves the function. ``contexts`` maps covered lines to
    the tests that ran them, where the measurement recorded any.
    """

    counts: Counts
    executed: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    arcs: tuple[tuple[int, int], ...] = ()
    contexts: Mapping[int, tuple[str, ...]] = msgspec.field(default_factory=dict)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Coverage's settings that say what counts: patterns of lines and files, folders and packages."""

    exclude: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    source_pkgs: tuple[str, ...] = ()

    @property
    def exclusions(self) -> list[str]:
        """What takes lines or files out of the counts, in a fixed order."""
        found: list[str] = []
        for name in ("exclude", "partial", "omit", "include"):
            found += (name, *sorted(getattr(self, name)))
        return found


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement: POSIX path relative to the root -> file, and where it was made.

    Files outside the root keep their absolute path.
    """

    files: Mapping[str, FileMeasure]
    environment: Environment
    scope: Scope = Scope()

    @property
    def total(self) -> Counts:
        """The sum over all files."""
        return sum((file.counts for file in self.files.values()), Counts())


def measure(cov: coverage.Coverage, root: Path) -> Measured:
    """The numbers that ``coverage json`` would write of ``cov``, which has stopped or was loaded.

    Raises InputError when there is nothing to report on, or a measured source is gone.
    """
    exceptions = require("coverage").exceptions
    out = io.StringIO()
    contexts = any(cov.get_data().measured_contexts())
    try:
        # Its one public report that holds every number; "-" keeps it off the disk.
        with contextlib.redirect_stdout(out):
            cov.json_report(outfile="-", show_contexts=contexts, pretty_print=False)
    except exceptions.CoverageException as error:
        raise InputError(f"coverage: {_said(error)}; run the tests again, then judge") from None
    return _parsed(out.getvalue().encode("utf-8", "surrogatepass"), cov, root)


def read(path: Path, root: Path) -> Measured:
    """The measurement in ``path``: a ``.coverage`` data file, or what ``coverage json`` wrote.

    Coverage's settings are those of ``root``. Raises InputError: missing, unreadable, or something else.
    """
    package = require("coverage")
    path = path.absolute()
    try:
        with path.open("rb") as file:
            start = file.read(len(_SQLITE))
        content = path.read_bytes() if start[:1] == b"{" else b""
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: {cause}; run the tests under coverage, or name its data file") from None
    # Coverage finds its settings in, and names files relative to, the working directory.
    with contextlib.chdir(root), contextlib.ExitStack() as opened:
        try:
            if content:
                return _parsed(content, package.Coverage(data_file=None), root)
            if start != _SQLITE:
                raise InputError(f"{path}: neither a coverage data file nor its JSON; name one of these")
            cov = package.Coverage(data_file=path)
            opened.callback(cov.get_data().close, force=True)
            cov.load()
        except package.exceptions.CoverageException as error:
            raise InputError(f"{path}: {_said(error)}; measure again") from None
        return measure(cov, root)


def settings(root: Path) -> coverage.Coverage:
    """A Coverage object with the settings of the project at ``root``, that measures and writes nothing."""
    package = require("coverage")
    with contextlib.chdir(root):
        try:
            found: coverage.Coverage = package.Coverage(data_file=None)
        except package.exceptions.CoverageException as error:
            raise InputError(f"coverage's settings: {_said(error)}; put them right") from None
    return found


class _Summary(msgspec.Struct):
    num_statements: int
    missing_lines: int
    num_branches: int = 0
    missing_branches: int = 0
    num_partial_branches: int = 0


class _File(msgspec.Struct):
    summary: _Summary
    executed_lines: tuple[int, ...] = ()
    missing_lines: tuple[int, ...] = ()
    missing_branches: tuple[tuple[int, int], ...] = ()
    contexts: dict[int, tuple[str, ...]] = msgspec.field(default_factory=dict)


class _Meta(msgspec.Struct):
    version: str
    branch_coverage: bool


class _Report(msgspec.Struct):
    meta: _Meta
    files: dict[str, _File]


def _parsed(content: bytes, cov: coverage.Coverage, root: Path) -> Measured:
    from coverage.files import relative_directory

    try:
        report = msgspec.json.decode(content, type=_Report, strict=False)
    except msgspec.DecodeError as error:
        raise InputError(f"coverage's JSON: {error}; write it with: coverage json") from None
    base = Path(relative_directory())
    scope = _scope(cov)
    return Measured(
        files={_relative(base / name, root): _file(file) for name, file in sorted(report.files.items())},
        environment=environment(
            coverage=report.meta.version, branch=report.meta.branch_coverage, exclusions=scope.exclusions
        ),
        scope=scope,
    )


def _file(file: _File) -> FileMeasure:
    summary = file.summary
    contexts = {line: tuple(filter(None, names)) for line, names in file.contexts.items()}
    return FileMeasure(
        counts=Counts(
            summary.num_statements,
            summary.missing_lines,
            summary.num_branches,
            summary.missing_branches,
            summary.num_partial_branches,
        ),
        executed=file.executed_lines,
        missing=file.missing_lines,
        arcs=tuple(sorted(file.missing_branches)),
        contexts={line: names for line, names in contexts.items() if names},
    )


def _relative(path: Path, root: Path) -> str:
    for base in (root, root.resolve()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.as_posix()


def _scope(cov: coverage.Coverage) -> Scope:
    def patterns(*names: str) -> tuple[str, ...]:
        found: Any = [cov.get_option(name) or () for name in names]
        return tuple(pattern for one in found for pattern in one)

    return Scope(
        exclude=tuple(cov.get_exclude_list()),
        partial=tuple(cov.get_exclude_list("partial")),
        omit=patterns("run:omit", "report:omit"),
        include=patterns("run:include", "report:include"),
        source=patterns("run:source", "run:source_dirs"),
        source_pkgs=patterns("run:source_pkgs"),
    )


def _said(error: Exception) -> str:
    return printable(str(error).rstrip("."))
