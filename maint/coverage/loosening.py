"""Whether the committed baseline was loosened by hand since this branch began."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from maint.coverage import findings as say
from maint.coverage.baseline import Baseline
from maint.coverage.changes import renames
from maint.coverage.lines import parse
from maint.coverage.settings import CoverageSettings
from maint.errors import ConfigError
from maint.findings import Finding
from maint.git import Repository
from maint.refs import resolve


def loosened_since(
    root: Path, settings: CoverageSettings, baseline: Baseline | None, ref: str
) -> list[Finding]:
    """COV012 for each row that demands less than where this branch left ``ref``, and has no exception.

    Raises BaselineError: no repository, unknown ref, a clone too shallow.
    """
    repository = Repository.open(root)
    commit = resolve(repository, ref).commit
    path = (root / settings.baseline).resolve()
    if not path.is_relative_to(repository.top.resolve()):
        raise ConfigError(
            f"baseline = {settings.baseline!r}: not in the repository, so it has no history; keep it there"
        )
    name = path.relative_to(repository.top.resolve()).as_posix()
    text = repository.ask("cat-file", "blob", f"{commit}:{name}")
    if text is None:
        return []
    old = parse(text, f"{settings.baseline} at {ref}")
    present = {path for _, path in old.rows if (root / path).is_file()}
    return loosened(old, baseline or Baseline(), present=present, renames=renames(root, commit), ref=ref)


def loosened(
    old: Baseline, new: Baseline, *, present: Collection[str], renames: Mapping[str, str], ref: str
) -> list[Finding]:
    """The rows of ``old`` that ``new`` falls short of; one COV090 for an environment that was pinned anew.

    A file that is gone takes its row along, a renamed one must keep it.
    """
    moved = {before: after for after, before in renames.items()}
    anew = _pinned_anew(old, new)
    found = [say.pinned_anew(differences, ref) for differences in anew.values()]
    for (key, path), was in sorted(old.rows.items()):
        path_now = moved.get(path, path)
        if key in anew or (path not in present and path not in moved):
            continue
        now = new.rows.get((key, path_now)) or new.rows.get((key, path))
        if (now is None or now.floor.is_under(was.floor)) and not new.granted(key, path_now):
            found.append(say.loosened(path_now, was, now, ref))
    return found


def _pinned_anew(old: Baseline, new: Baseline) -> dict[str, str]:
    """Keys whose environment is another one now, and what differs; a key that was dropped is none."""
    found = {}
    for before in old.environments:
        after = [one for one in new.environments if one.key == before.key]
        if after and before not in after:
            found[before.key] = after[0].differences(before)
    return found
