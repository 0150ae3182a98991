"""``maint fix``: proposals as a diff, written with ``--apply``, tried by the tests with ``--narrow``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from maint.cli.root import add_root, root_of
from maint.errors import ConfigError, MaintError
from maint.report.cells import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from maint.fix.change import Change
    from maint.fix.proposal import Proposal
    from maint.fix.table import Fixed
    from maint.fix.target import Target
    from maint.lint.settings import Settings

HELP = "propose fixes as a diff, and write them with --apply; --narrow turns evidence into narrower excepts"
_FEWEST = 3
_MOST_FILES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    from maint.cli.lint import codes

    add = parser.add_argument
    add("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: this folder)")
    add(
        "--select",
        type=codes,
        metavar="CODES",
        help="fix these codes only, separated by commas (default: all that can be)",
    )
    add("--apply", action="store_true", help="write the files; each must have no uncommitted changes")
    add("--unsafe", action="store_true", help="also fixes that change what the program does")
    add(
        "--max-files",
        type=int,
        default=_MOST_FILES,
        metavar="N",
        help="at most so many files a run (default: 20)",
    )
    add(
        "--get-port", metavar="MODULE:NAME", help="where get_port comes from, for MNT030: shop.ports:get_port"
    )
    add(
        "--narrow",
        action="store_true",
        help="broad excepts to what pytest --maint-except record saw them catch",
    )
    add(
        "--evidence",
        type=Path,
        metavar="FILE",
        help="what was recorded (default: except.json in --maint-out)",
    )
    add(
        "--min-observations",
        type=int,
        default=_FEWEST,
        metavar="N",
        help="narrow only what caught something so often (default: 3)",
    )
    add_root(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the proposals, or apply them; 0 where nothing is left to do, 1 where something is."""
    from maint.config import load
    from maint.lint.discovery import discover

    root = root_of(arguments).resolve()
    if arguments.max_files < 1:
        raise ConfigError(f"--max-files {arguments.max_files}: expected a number from 1")
    config = load(root, {"lint.select": arguments.select} if arguments.select else {})
    files = discover(root, arguments.paths or [Path.cwd()]).files
    if arguments.narrow:
        from maint.cli.narrow import narrow

        return narrow(arguments, root, config, files)
    return _fix(arguments, root, config.section("lint"), files)


def _fix(arguments: argparse.Namespace, root: Path, lint: dict[str, object], files: Iterable[str]) -> int:
    codes = _selected(arguments.select, lint)
    unread: list[str] = []
    found = list(_fixed(arguments, root, lint, files, codes, unread))
    return _finish(arguments, root, found, unread)


def _selected(entries: Sequence[str] | None, lint: Mapping[str, object]) -> tuple[str, ...]:
    """The codes with a fix that ``entries`` select, as ``maint lint`` reads them; without any, all."""
    from maint.fix.table import CODES
    from maint.lint.settings import Settings

    if not entries:
        return CODES

    def chosen(**changed: object) -> tuple[str, ...]:
        settings = Settings({**lint, "extend-select": (), **changed})
        return tuple(code for code in CODES if settings.is_on(code))

    unknown = [entry for entry in entries if not chosen(select=(entry,), ignore=())]
    if unknown:
        raise ConfigError(f"--select {','.join(unknown)}: there is no fix; known: {', '.join(CODES)}")
    return chosen(select=entries)


def _finish(arguments: argparse.Namespace, root: Path, found: Iterable[Fixed], unread: list[str]) -> int:
    """Show the changes, or write as many as one run may; ``unread`` says why files were left alone."""
    from maint.fix.change import write
    from maint.fix.repository import refuse_uncommitted

    changes, refused = _sorted_out(found)
    now, later = changes[: arguments.max_files], changes[arguments.max_files :]
    if arguments.apply:
        refuse_uncommitted(root, [each.path for each in now])
    for each in now:
        if arguments.apply:
            write(root, each.path, each.before.content, each.after.content)
        else:
            sys.stdout.write(each.diff)
        for one in each.proposals:
            note = "" if one.safe else " (unsafe)"
            print(f"{each.path}:{one.line}: {one.code} {one.title}{note}", file=sys.stderr)
    for said in (*refused, *unread):
        print(f"maint: {said}", file=sys.stderr)
    count = sum(len(each.proposals) for each in now)
    done = "applied" if arguments.apply else "proposed; write them with --apply"
    if now:
        fixes = "fix" if count == 1 else "fixes"
        print(f"{count} {fixes} in {counted(len(now), 'file')} {done}", file=sys.stderr)
    elif not refused and not unread:
        print("nothing to fix", file=sys.stderr)
    if later:
        have = "has" if len(later) == 1 else "have"
        more = f"{counted(len(later), 'more file')} {have} fixes"
        print(f"{more}; run again, or raise --max-files", file=sys.stderr)
    return 1 if later or refused or unread or (now and not arguments.apply) else 0


def _sorted_out(found: Iterable[Fixed]) -> tuple[list[Change], list[str]]:
    """The changed files, and what is said of the edits that were refused."""
    files = list(found)
    changes = [each.change for each in files if each.change is not None]
    return changes, [said for each in files for said in each.refused]


def _fixed(
    arguments: argparse.Namespace,
    root: Path,
    lint: dict[str, object],
    files: Iterable[str],
    codes: tuple[str, ...],
    unread: list[str],
) -> Iterator[Fixed]:
    from maint.fix.table import fixed, proposed
    from maint.lint.settings import Settings

    settings = Settings({**lint, "select": codes, "extend-select": (), "prefix": "E"})

    def settled(target: Target) -> list[Proposal]:
        return proposed(target, codes, unsafe=arguments.unsafe)

    for target in targets(root, files, settings, unread, arguments.get_port):
        yield fixed(target, settled)


def targets(
    root: Path, files: Iterable[str], settings: Settings, unread: list[str], get_port: str | None = None
) -> Iterator[Target]:
    """The files that can be edited; ``unread`` is given a sentence about each of the others."""
    from maint.fix.proposal import Import
    from maint.fix.source import Source
    from maint.fix.target import Target

    module, _, name = (get_port or "").partition(":")
    if get_port and not (module and name == "get_port"):
        raise ConfigError(f"--get-port {get_port}: expected a module and get_port, as in shop.ports:get_port")
    for path in files:
        try:
            source = Source(path, (root / path).read_bytes())
        except OSError as error:
            unread.append(f"{path}: cannot be read: {error.strerror}")
        except MaintError as error:
            unread.append(str(error))
        else:
            yield Target(source, settings, Import(module, name) if get_port else None)
