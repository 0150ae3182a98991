"""From the lines that the processes wrote to the evidence of one session."""

from __future__ import annotations

import ast
import platform
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from maint.fix.evidence import Evidence, HandlerEvidence, Observation
from maint.fix.inventory import BroadHandler

_Sighting = tuple[int, tuple[str, ...], str, str, str]


class Tally(NamedTuple):
    """``caught``: sighting -> count; ``loaded`` and ``missed``: files by their real path."""

    caught: dict[_Sighting, int]
    loaded: set[str]
    missed: dict[str, str]


def tally(lines: Iterable[str]) -> Tally:
    """Add up the lines of all processes; a line says how often so far, so the last of a process counts."""
    latest: dict[tuple[str, _Sighting], int] = {}
    loaded: set[str] = set()
    missed: dict[str, str] = {}
    for line in lines:
        match ast.literal_eval(line):
            case ("caught", token, handler, bases, place, file, test, count):
                latest[token, (handler, bases, place, file, test)] = count
            case ("loaded", file):
                loaded.add(file)
            case ("missed", file, why):
                missed[file] = why
    caught: dict[_Sighting, int] = {}
    for (_, sighting), count in latest.items():
        caught[sighting] = caught.get(sighting, 0) + count
    return Tally(caught, loaded, missed)


def evidence(numbered: Mapping[int, BroadHandler], files: Mapping[str, str], found: Tally) -> Evidence:
    """The evidence of a session. ``numbered`` are the planned handlers, ``files`` real path -> path."""
    loaded = {files[file] for file in found.loaded if file in files}
    missed = {files[file]: why for file, why in found.missed.items() if file in files}
    seen: dict[int, dict[tuple[str, str], Observation]] = {}
    for (number, bases, place, file, test), count in found.caught.items():
        of_handler = seen.setdefault(number, {})
        one = of_handler.setdefault((bases[0], place), Observation(bases, place, file, {}))
        one.tests[test] = one.tests.get(test, 0) + count
    handlers = tuple(
        HandlerEvidence(
            *handler.key,
            line=handler.line,
            imported=handler.key.path in loaded,
            observations=tuple(one for _, one in sorted(seen.get(number, {}).items())),
        )
        for number, handler in numbered.items()
    )
    return Evidence(
        python=platform.python_version(),
        handlers=handlers,
        not_recorded=dict(sorted(missed.items())),
    )
