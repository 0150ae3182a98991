"""``maint issues``: what findings would change on the tracker, doing it, and why an item is where it is."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from maint.cli.inputs import sections_in
from maint.cli.root import add_root, root_of
from maint.config import Config, load
from maint.errors import ForgeError, MaintError
from maint.forge.directory import DirectoryForge
from maint.issues.apply import apply
from maint.issues.decision import BLOCKED, NOT_LOOKED, is_dismissed
from maint.issues.explanation import explained
from maint.issues.grouping import Limits
from maint.issues.plan import Action, Plan, plan
from maint.readers.findings_json import document_of
from maint.readers.formats import FORMATS
from maint.report.cells import counted, printable, shorten

if TYPE_CHECKING:
    from maint.forge.protocol import Forge
    from maint.report.documents import FindingsDocument

HELP = "keep a few meta-issues with checklists true to what runs found"
CLEAN, LEFT_OVER = 0, 1
_REASONS_SHOWN = 10
_SIGNS = {
    "create": "+",
    "edit": "~",
    "close": "-",
    "reopen": "!",
    "duplicate": "-",
    "leave": "=",
    "blocked": "=",
}
# A file may be any length that an editor opens.
_FILE_CHARACTERS = 1_000_000
_EPILOG = (
    "FILE is what 'maint report' reads, such as findings.json or JUnit XML; - is standard input. "
    "Give the files of one run together. Nothing is written without 'apply', which ends with 1 when "
    "something was left over or blocked."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.epilog = _EPILOG
    verbs = parser.add_subparsers(metavar="plan|apply|explain", required=True)
    for name, help, function in (
        ("plan", "print what would change, and why", run_plan),
        ("apply", "change it, one write at a time", run_apply),
        ("explain", "say why an item is where it is", run_explain),
    ):
        verb = verbs.add_parser(name, help=help, description=help, allow_abbrev=False)
        files = 1 if function is run_explain else "+"
        verb.add_argument("files", nargs=files, metavar="FILE", help="findings, or another tool's report")
        _add_forge(verb)
        verb.set_defaults(act=function)
        if function is run_explain:
            verb.add_argument(
                "item", nargs="?", default="", metavar="ITEM", help="part of place, title or id"
            )


def run(arguments: argparse.Namespace) -> int:
    """Run one of the three; MaintError when a file cannot be read or the forge refuses."""
    act = arguments.act
    return int(act(arguments))


def run_plan(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    planned = _setting(arguments).plan(arguments)
    for action in planned.changes:
        for line in _action_lines(action):
            print(line)
    for line in _summary(planned):
        print(line)
    return CLEAN


def run_apply(arguments: argparse.Namespace) -> int:
    """Carry the plan out, and print each write as it is done."""
    setting = _setting(arguments)
    planned = setting.plan(arguments)
    budget, labels = setting.config["issues.max_writes"], setting.config["issues.labels"]
    outcomes: Counter[str] = Counter()
    writes = 0
    try:
        for step in apply(planned, setting.forge, budget, labels):
            kind = step.action.decision.kind
            name = _titled(step.name, step.action.title)
            blocked = step.outcome == "blocked"
            print(f"blocked: {name}: {BLOCKED}" if blocked else f"{step.outcome}: {kind} {name}", flush=True)
            outcomes[step.outcome] += 1
            writes += step.writes
    except ForgeError as error:
        raise ForgeError(f"{error} ({counted(writes, 'write')} done before)") from error
    left = outcomes["left over"]
    more = f", {counted(left, 'change')} left over by the budget; run again to go on" if left else ""
    stuck = f", {counted(outcomes['blocked'], 'meta-issue')} blocked" if outcomes["blocked"] else ""
    for line in (
        [f"{counted(writes, 'write')}{more}{stuck}", *_silenced(planned)]
        if planned.changes
        else _summary(planned)
    ):
        print(line)
    return LEFT_OVER if left or outcomes["blocked"] else CLEAN


def run_explain(arguments: argparse.Namespace) -> int:
    """Print for each item, or those that match, its meta-issue and the reason."""
    setting = _setting(arguments)
    documents = setting.documents(arguments)
    lines = list(explained(documents, setting.forge.managed(), _today(), setting.limits, arguments.item))
    if not lines:
        raise MaintError(f"{arguments.item!r}: no item with that in its place, title or id; leave it out")
    for line in lines:
        print(line)
    return CLEAN


def _add_forge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--forge", choices=("directory", "github"), help="where the meta-issues are")
    parser.add_argument("--repo", metavar="OWNER/NAME", help="on GitHub (default: GITHUB_REPOSITORY)")
    parser.add_argument("--directory", metavar="PATH", help="the folder of the directory forge")
    parser.add_argument("--input-format", choices=FORMATS, help="of every FILE (default: from its content)")
    parser.add_argument(
        "--partial", metavar="WHY", default="", help="the runs saw a part only; nothing counts as fixed"
    )
    add_root(parser)


class _Setting(NamedTuple):
    """What all three need."""

    root: Path
    config: Config
    forge: Forge

    @property
    def limits(self) -> Limits:
        size = _FILE_CHARACTERS if isinstance(self.forge, DirectoryForge) else Limits().body
        return Limits(self.config["issues.max_issues"], self.config["issues.max_items"], size)

    def documents(self, arguments: argparse.Namespace) -> list[FindingsDocument]:
        found = document_of(sections_in(arguments.files, self.root, self.config, arguments.input_format))
        runs = (replace(run, partial=run.partial or arguments.partial) for run in found.runs)
        return [replace(found, runs=tuple(runs))]

    def plan(self, arguments: argparse.Namespace) -> Plan:
        documents = self.documents(arguments)  # before the forge is asked: a bad file costs no request
        return plan(documents, self.forge.managed(), _today(), self.forge.link, self.limits)


def _setting(arguments: argparse.Namespace) -> _Setting:
    root = root_of(arguments).absolute()
    given = {"issues.forge": arguments.forge, "issues.directory": arguments.directory}
    if arguments.forge is None and arguments.directory is not None:
        given["issues.forge"] = "directory"
    elif arguments.forge is None and arguments.repo is not None:
        given["issues.forge"] = "github"
    config = load(root, {name: value for name, value in given.items() if value is not None})
    if config["issues.forge"] == "github":
        from maint.forge.github import connect

        return _Setting(root, config, connect(arguments.repo, os.environ))
    # On the command line a path is relative to where one stands, in the settings to the root.
    folder = Path(arguments.directory) if arguments.directory else root / config["issues.directory"]
    return _Setting(root, config, DirectoryForge(folder.absolute(), root))


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _action_lines(action: Action) -> Iterator[str]:
    kind, reasons = action.decision.kind, action.decision.reasons
    name = action.issue.shown if action.issue else ""
    yield f"{_SIGNS[kind]} {kind:<9}  {_titled(name, action.title)}"
    for reason in reasons[:_REASONS_SHOWN]:
        yield f"      {shorten(printable(reason), 150)}"
    if len(reasons) > _REASONS_SHOWN:
        yield f"      … and {len(reasons) - _REASONS_SHOWN} more"


def _titled(name: str, title: str) -> str:
    return " ".join(filter(None, (printable(name), printable(title))))


def _summary(plan: Plan) -> Iterator[str]:
    kinds = Counter(action.decision.kind for action in plan.actions)
    said = ", ".join(
        f"{number} to {kind}" for kind, number in kinds.items() if kind not in ("leave", "blocked")
    )
    writes = sum(action.writes for action in plan.changes)
    untouched = _untouched(plan)
    if not plan.changes:
        yield f"nothing to change: {untouched or 'no meta-issues'}"
    else:
        if untouched:
            yield f"= untouched: {untouched}"
        blocked = [f"{kinds['blocked']} blocked"] if kinds["blocked"] else []
        said = ", ".join(filter(None, (said, *blocked)))
        yield f"{said}: {counted(writes, 'write')}; nothing is written without 'maint issues apply'"
    yield from _silenced(plan)


def _untouched(plan: Plan) -> str:
    """How many stay as they are, by the reason."""
    left = [action for action in plan.actions if action.decision.kind == "leave"]
    dismissed = sum(action.issue is not None and is_dismissed(action.issue) for action in left)
    unseen = sum(action.decision.reasons[0] == NOT_LOOKED for action in left)
    true = len(left) - dismissed - unseen
    parts = (
        f"{counted(true, 'meta-issue')} {'is' if true == 1 else 'are'} true" if true else "",
        f"{unseen} not looked at by these runs" if unseen else "",
        f"{dismissed} given up by hand" if dismissed else "",
    )
    return ", ".join(filter(None, parts))


def _silenced(plan: Plan) -> list[str]:
    if not plan.silenced:
        return []
    belong = "belongs" if plan.silenced == 1 else "belong"
    return [f"{counted(plan.silenced, 'finding')} {belong} to meta-issues that were closed as not planned"]
