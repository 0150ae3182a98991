"""``maint lint``: the static rules over files and folders, in processes, with a cache and a baseline."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from maint.cli.root import add_root, root_of
from maint.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from maint.config import Config
    from maint.lint.formats import Shown
    from maint.lint.run import Found, Result
    from maint.lint.settings import Settings

HELP = "judge Python files by the static rules: broad excepts, backup files, literal ports, TODOs"
# Declared here and not taken from maint.lint.formats: every other verb would pay for that import.
FORMATS = ("text", "json", "sarif", "github", "findings")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    import argparse

    add = parser.add_argument
    add("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: this folder)")
    for name in ("select", "extend-select", "ignore"):
        add(
            f"--{name}",
            type=codes,
            metavar="CODES",
            help=f"as [tool.maint.lint] {name}, separated by commas",
        )
    add(
        "--since",
        metavar="REV",
        help="report changed lines only: since this branch left REV, and uncommitted ones",
    )
    add(
        "--baseline",
        action=argparse.BooleanOptionalAction,
        help="report only what the baseline does not know",
    )
    add("--update", action="store_true", help="write the baseline without what is fixed; it never grows")
    add("--add", action="store_true", help="write the baseline with the new findings, too")
    add("--jobs", type=int, default=0, metavar="N", help="processes (default: one for each CPU)")
    add("--format", choices=FORMATS, default="text", help="findings is maint.findings/2 (default: text)")
    add("--output", type=Path, metavar="FILE", help="write there instead of to standard output")
    add("--no-cache", action="store_true", help="neither read nor write .maint/cache")
    add_root(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; 1 where there is something new."""
    from maint.lint.cache import FOLDER
    from maint.lint.run import lint
    from maint.lint.settings import Settings
    from maint.lint.since import changes, in_changed

    root = _root(arguments)
    config = _config(root, arguments)
    settings = Settings(config.section("lint"))
    changed = changes(root, arguments.since) if arguments.since else None
    result = lint(
        root,
        arguments.paths or [Path()],
        settings,
        jobs=arguments.jobs,
        cache=None if arguments.no_cache else root / FOLDER,
        only=None if changed is None else set(changed.lines),
    )
    partial = _partial(root, arguments)
    found, known = list(result.found), 0
    notes: tuple[str, ...] = ()
    if config["lint.baseline"]:
        found, notes = _against_baseline(arguments, config, root, result, settings, not partial)
        known = len(result.found) - len(found)
    if changed is not None:
        found = in_changed(found, changed, root)
    _write(arguments, _shown(root, result, found, settings, partial, known, notes))
    return 1 if found else 0


def _against_baseline(
    arguments: argparse.Namespace, config: Config, root: Path, result: Result, settings: Settings, whole: bool
) -> tuple[list[Found], tuple[str, ...]]:
    """What the baseline does not know, and what there is to say about its size; writes it where asked."""
    from maint.lint.baseline import Baseline, read, text
    from maint.lint.burndown import burn_down, history
    from maint.lint.known import grown, judge, shrunk
    from maint.report.atomic import write_text

    path = root / config["lint.baseline-file"]
    before = read(path) if path.exists() or not arguments.add else []
    baseline = Baseline(before, lambda name: (root / name).exists())
    verdict = judge(result.found, baseline)
    if not (arguments.update or arguments.add):
        line = burn_down(history(path), len(before), time.time())
        return verdict.new, (line,) if line else ()
    after = shrunk(verdict, baseline, result, settings, root, whole)
    if arguments.add:
        after = grown(verdict, after)
    write_text(path, text(after))
    line = f"baseline: {len(before):,} → {len(after):,} in {config['lint.baseline-file']}; commit it"
    return ([] if arguments.add else verdict.new), (line,)


def _shown(
    root: Path,
    result: Result,
    found: list[Found],
    settings: Settings,
    partial: str,
    known: int,
    notes: tuple[str, ...],
) -> Shown:
    from importlib.metadata import version

    from maint.lint.findings import GUARDRAIL
    from maint.lint.formats import Shown
    from maint.report.command_line import masked
    from maint.report.documents import Run
    from maint.rules.static import RULES

    codes = tuple(settings.shown_code(rule.code) for rule in RULES if settings.is_on(rule.code))
    command = shlex.join(masked(("maint", *sys.argv[1:])))
    run = Run(
        guardrail=GUARDRAIL, version=version("pytest-maint"), codes=codes, partial=partial, command=command
    )
    return Shown(root=root, result=result, found=found, run=run, known=known, notes=notes)


def _write(arguments: argparse.Namespace, shown: Shown) -> None:
    from maint.lint.formats import FORMATS
    from maint.report.atomic import write_text

    text = FORMATS[arguments.format](shown)
    if arguments.output:
        write_text(arguments.output, text)
    else:
        sys.stdout.write(text)


def _partial(root: Path, arguments: argparse.Namespace) -> str:
    """Why this run did not look at the whole project, or ``""``."""
    if arguments.since:
        return f"--since {arguments.since}"
    given = arguments.paths or [Path()]
    if any(path.resolve() == root for path in given):
        return ""
    return "only " + ", ".join(map(str, given[:5])) + (" and more" if len(given) > 5 else "")


def codes(text: str) -> tuple[str, ...]:
    """What a person wrote for codes or beginnings of codes, separated by commas."""
    return tuple(code.strip() for code in text.split(",") if code.strip())


def _root(arguments: argparse.Namespace) -> Path:
    root = root_of(arguments).resolve()
    if arguments.jobs < 0:
        raise ConfigError(f"--jobs {arguments.jobs}: expected a number from 1, or 0 for one process a CPU")
    return root


def _config(root: Path, arguments: argparse.Namespace) -> Config:
    from maint.config import load
    from maint.lint.selection import LISTS, TABLE, check_selection

    given = {name: getattr(arguments, name.replace("-", "_")) for name in (*LISTS, "baseline")}
    check_selection(given, "--")
    if arguments.update or arguments.add:
        given["baseline"] = True
    config = load(root, {f"lint.{name}": value for name, value in given.items() if value is not None})
    check_selection(config.section("lint"), TABLE)
    return config
