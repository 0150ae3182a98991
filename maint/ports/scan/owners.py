"""Whose a site is, and whether two files are copies of one service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath

from maint.ports.registry import Entry
from maint.ports.scan.site import Site

_COPY = re.compile(
    r"(?:^|[-_. /])(?:backups?|bak|old|orig|copy|copies|archived?|deprecated|legacy|prev|previous|saved?|"
    r"te?mp|v?\d+|new|final|fixed)(?=$|[-_. /])",
    re.IGNORECASE,
)
_ALIKE = 0.8
_FEWEST_LINES = 5


def owner(site: Site, entries: Iterable[Entry]) -> str:
    """The registered owner whose globs the file matches, else the service its file names, else its module."""
    registered = [one for one in entries if one.bind and matches(site.path, one.bind)]
    exact = [one for one in registered if one.proto == site.proto and site.port in one.ports]
    for one in exact or registered:
        return one.owner or one.name
    if site.owner:
        return site.owner
    place = PurePosixPath(site.path)
    return place.with_suffix("").as_posix() if place.suffix in (".py", ".pyw") else site.path


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether a path is one of ``globs``; ``**`` is any number of folders, none too."""
    return any(_glob(pattern).fullmatch(path) is not None for pattern in globs)


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    found = ""
    for part in re.split(r"(\*\*/?|\*|\?)", pattern.rstrip("/")):
        match part:
            case "**/":
                found += "(?:[^/]+/)*"
            case "**":
                found += ".*"
            case "*":
                found += "[^/]*"
            case "?":
                found += "[^/]"
            case _:
                found += re.escape(part)
    # a folder stands for all that is in it
    return re.compile(found + "(?:/.*)?")


def are_copies(one: Site, other: Site, texts: Mapping[str, bytes]) -> bool:
    """Whether two files are two copies of one service: by names that say so, or by what is in them."""
    if one.path == other.path or PurePosixPath(one.path).suffix != PurePosixPath(other.path).suffix:
        return False
    if _bare(one.path) == _bare(other.path):
        return True
    a, b = _lines(texts.get(one.path, b"")), _lines(texts.get(other.path, b""))
    return min(len(a), len(b)) >= _FEWEST_LINES and len(a & b) >= _ALIKE * len(a | b)


def is_copy(path: str) -> bool:
    """Whether a path says that it is not the original."""
    return _bare(path) != PurePosixPath(path).with_suffix("").as_posix()


def _bare(path: str) -> str:
    """The path without what says that it is a copy: ``backup/agent_old.py`` is ``agent``."""
    parts = PurePosixPath(path).with_suffix("").as_posix().split("/")
    bare = [_COPY.sub("", part) for part in parts]
    return "/".join(part for part in bare if part)


def _lines(content: bytes) -> frozenset[bytes]:
    return frozenset(line for line in map(bytes.strip, content.split(b"\n")) if len(line) > 3)
