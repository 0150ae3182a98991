"""Which new file of a run is which one that is gone: each vanished file has one heir at most."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from maint.lint.baseline import Entry, base_name, causes

_SHARE_OF_A_MOVED_FILE = 0.5
_File = Sequence[Entry]


def heirs(new: Mapping[str, _File], gone: Mapping[str, _File]) -> dict[str, str]:
    """New path -> the vanished path it had before; ``new`` and ``gone`` hold the entries of each file.

    A file is the same when it has the same findings, or the same base name and half of its findings. The best
    pairs are made first: a copy of a renamed file, or another new file that is like it, has no part in it.
    """
    found: dict[str, str] = {}
    left = dict(sorted(gone.items()))
    for key in (_name_and_causes, _causes, base_name):
        offered: dict[Hashable, list[str]] = {}
        for path, entries in left.items():
            offered.setdefault(key(entries), []).append(path)
        for path, entries in sorted(new.items()):
            alike = [old for old in offered.get(key(entries), ()) if _are_alike(entries, gone[old])]
            if path not in found and alike:
                found[path] = alike[0]
                offered[key(entries)].remove(alike[0])
                del left[alike[0]]
    return found


def _name_and_causes(entries: _File) -> Hashable:
    return (base_name(entries), _causes(entries))


def _causes(entries: _File) -> Hashable:
    return frozenset(causes(entries).items())


def _are_alike(here: _File, before: _File) -> bool:
    """Whether half of ``here`` was there before, and something that not every other file has, too."""
    shared = causes(here) & causes(before)
    says_something = base_name(here) == base_name(before) or any(digest for _, _, digest in shared)
    return says_something and shared.total() >= _SHARE_OF_A_MOVED_FILE * len(here)
