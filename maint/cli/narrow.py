"""``maint fix --narrow``: what the evidence says about each broad handler, and the handlers that follow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from maint.errors import ConfigError, InputError
from maint.report.cells import counted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from maint.config import Config
    from maint.fix.evidence import Evidence
    from maint.fix.narrowing.judgement import Judge, Narrowing
    from maint.fix.narrowing.trial import Verdict
    from maint.lint.settings import Settings


def narrow(arguments: argparse.Namespace, root: Path, config: Config, files: Sequence[str]) -> int:
    """Print what is known about each handler and the diff, or apply it; as ``maint fix`` returns."""
    from maint.fix import evidence
    from maint.fix.narrowing.judgement import Judge
    from maint.fix.narrowing.project import Project
    from maint.lint.discovery import discover
    from maint.lint.settings import Settings

    if arguments.min_observations < 1:
        raise ConfigError(f"--min-observations {arguments.min_observations}: expected a number from 1")
    if arguments.unsafe or arguments.select:
        raise ConfigError(
            "--narrow: goes without --unsafe and --select; it is about E900, and tests say if it is safe"
        )
    known = evidence.read(arguments.evidence or root / config["out"] / evidence.FILE)
    project = Project(root, discover(root, [root]).files)
    settings = Settings({**config.section("lint"), "select": ("E900",), "extend-select": (), "prefix": "E"})
    judge = Judge(project, known, arguments.min_observations, settings.is_test)
    unread: list[str] = []
    found = list(_narrowings(root, settings, files, judge, unread))
    _print_report(found, known)
    for said in unread:
        print(f"maint: {said}", file=sys.stderr)
    proposed = [each for each in found if each.proposal is not None]
    ready = _limited(proposed, arguments.max_files)
    left = bool(unread) or len(ready) < len(proposed)
    if arguments.apply:
        return int(not _apply(root, judge, ready) or left)
    _print_diff(ready)
    return int(bool(ready) or left)


def _narrowings(
    root: Path, settings: Settings, files: Sequence[str], judge: Judge, unread: list[str]
) -> Iterator[Narrowing]:
    """Every handler that E900 reports, judged; one that cannot be verified is refused."""
    from maint.cli.fix import targets
    from maint.fix.narrowing.trial import changed

    for target in targets(root, files, settings, unread):
        if b"except" not in target.source.content:
            continue
        for handler in target.reported("E900"):
            narrowing = judge.judge(target.source, handler)
            try:
                changed(target.source, [narrowing])
            except InputError as error:
                narrowing = narrowing._replace(proposal=None, refusal=str(error))
            yield narrowing


def _limited(found: Sequence[Narrowing], most: int) -> list[Narrowing]:
    paths = list(dict.fromkeys(each.source.path for each in found))
    if len(paths) > most:
        have = "has" if len(paths) - most == 1 else "have"
        more = f"{counted(len(paths) - most, 'more file')} {have} proposals"
        print(f"{more}; run again, or raise --max-files", file=sys.stderr)
    return [each for each in found if each.source.path in paths[:most]]


def _apply(root: Path, judge: Judge, ready: Sequence[Narrowing]) -> bool:
    """Whether every handler could be narrowed."""
    from maint.fix.narrowing.rerun import failing
    from maint.fix.narrowing.trial import Trial
    from maint.fix.repository import refuse_uncommitted

    refuse_uncommitted(root, {each.source.path for each in ready})
    tests = {test for each in ready for test in each.tests}
    hit = f"{counted(len(tests), 'test')} {'hits' if len(tests) == 1 else 'hit'}"
    print(f"{counted(len(ready), 'handler')} to narrow, {hit} them; running these before and after")
    verdicts = Trial(root, judge, lambda chosen: failing(root, chosen)).run(ready) if ready else []
    for verdict in verdicts:
        print(_outcome(verdict))
    kept = [each for each in verdicts if each.outcome != "reverted"]
    print(
        f"{len(kept)} of {counted(len(verdicts), 'handler')} narrowed; the tests that hit them fare as before"
    )
    return len(kept) == len(verdicts)


def _outcome(verdict: Verdict) -> str:
    from maint.fix.narrowing.wording import place

    proposal = verdict.narrowing.proposal
    written = proposal.title if proposal is not None and verdict.outcome != "reverted" else "as it was"
    because = f" since {verdict.tests[0]} fails otherwise" if verdict.tests else ""
    more = f" and {len(verdict.tests) - 1} more" if len(verdict.tests) > 1 else ""
    return f"{place(verdict.narrowing)}: {verdict.outcome}: {written}{because}{more}"


def _print_report(found: Sequence[Narrowing], known: Evidence) -> None:
    from maint.fix.narrowing.wording import paragraph

    for each in found:
        print("\n".join(paragraph(each)))
    for path, why in known.not_recorded.items():
        print(f"{path}: not all recorded: {why}")
    ready = sum(each.proposal is not None for each in found)
    print(
        f"{counted(len(found), 'broad handler')}: {ready} can be narrowed, {len(found) - ready} cannot",
        end="\n\n",
    )


def _print_diff(ready: Sequence[Narrowing]) -> None:
    from maint.fix.narrowing.trial import changed

    sources = {each.source.path: each.source for each in ready}
    for path, source in sources.items():
        sys.stdout.write(changed(source, [each for each in ready if each.source.path == path]).diff)
    if ready:
        print("\napply these with --apply: the tests that hit them are run before and after", file=sys.stderr)
