"""One run over many files: discovered, looked up or inspected, with one result for any number of jobs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import NamedTuple

import msgspec

from maint.lint.backups import backup_violations
from maint.lint.cache import Cache, digest
from maint.lint.discovery import Discovery, Skipped, discover, read
from maint.lint.inspection import Outcome, inspect_content, quiet
from maint.lint.pool import Pool
from maint.lint.settings import Settings
from maint.lint.violation import Violation
from maint.lint.worker import Seen

# Below this many bytes a second interpreter costs more than it saves.
_WORTH_WORKERS = 512 * 1024
_NO_RULE = ("baseline", "baseline-file")


class Found(NamedTuple):
    """A violation and its file; ``digest`` is that of its normalised line."""

    path: str
    violation: Violation
    digest: str


class Result(NamedTuple):
    """``files`` were looked at; ``found`` is sorted by path, line, column and code."""

    files: list[str]
    found: list[Found]
    skipped: list[Skipped]


def lint(
    root: Path,
    paths: Iterable[Path],
    settings: Settings,
    *,
    jobs: int = 0,
    cache: Path | None = None,
    only: Set[str] | None = None,
) -> Result:
    """Look at the Python files among ``paths``, of these at ``only`` where that is given.

    ``jobs`` 0 is one process for each CPU that this one may use; ``cache`` is the cache's folder, or None.
    Raises InputError for a path that does not exist.
    """
    discovery = discover(root, paths)
    # judged among all: what makes a folder a package need not have changed with the backup in it
    backups = [Found(path, violation, "") for path, violation in backup_violations(discovery, settings)]
    if only is not None:
        discovery = discovery.among(only)
        backups = [one for one in backups if one.path in only]
    return look_at(root, discovery, settings, backups, jobs=jobs, cache=cache)


def look_at(
    root: Path,
    discovery: Discovery,
    settings: Settings,
    found: Sequence[Found] = (),
    *,
    jobs: int = 0,
    cache: Path | None = None,
) -> Result:
    """Look at the files of a discovery; ``found`` is what there is without looking into them."""
    known = Cache(cache, options_key(settings))
    outcomes: dict[str, Outcome] = {}
    unknown: dict[str, bytes] = {}
    for path in discovery.files:
        content = read(root, path)
        if isinstance(content, str):
            outcomes[path] = Outcome(skipped=content)
        elif (outcome := known.get(digest(path, content))) is not None:
            outcomes[path] = outcome
        else:
            unknown[path] = content
    for path, seen in _fresh(root, unknown, settings, jobs or _cpus()).items():
        outcomes[path] = seen.outcome
        if seen.digest:
            known.put(seen.digest, seen.outcome)
    known.save()
    return _result(discovery, outcomes, found)


def options_key(settings: Settings) -> str:
    """Everything of the settings that decides what is found."""
    values = {key: value for key, value in settings.values.items() if key not in _NO_RULE}
    return msgspec.json.encode(values, order="deterministic").decode()


def _fresh(root: Path, contents: dict[str, bytes], settings: Settings, jobs: int) -> dict[str, Seen]:
    paths = list(contents)
    if jobs > 1 and sum(map(len, contents.values())) > _WORTH_WORKERS:
        return dict(zip(paths, Pool(root, settings, jobs).inspect(paths), strict=True))
    with quiet():
        return {
            path: Seen(digest(path, content), inspect_content(content, path, settings))
            for path, content in contents.items()
        }


def _result(discovery: Discovery, outcomes: dict[str, Outcome], found: Sequence[Found]) -> Result:
    every = list(found)
    skipped = list(discovery.skipped)
    seen = []
    for path in discovery.files:
        outcome = outcomes[path]
        if outcome.skipped:
            skipped.append(Skipped(path, outcome.skipped))
        else:
            seen.append(path)
        pairs = zip(outcome.violations, outcome.digests, strict=True)
        every += [Found(path, violation, line) for violation, line in pairs]
    every.sort(key=lambda one: (one.path, one.violation.line, one.violation.column, one.violation.code))
    return Result(seen, every, sorted(skipped))


def _cpus() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1
