"""The files of a repository that decide which tools look at it, read leniently."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

INI_FILES = ("setup.cfg", "tox.ini", ".flake8")
_COMMAND_FILES = (
    *(".github/workflows/*.yml", ".github/workflows/*.yaml", ".github/actions/*/action.yml"),
    *(".gitlab-ci.yml", "azure-pipelines.yml", ".circleci/config.yml", ".travis.yml", "appveyor.yml"),
    *(
        "Makefile",
        "makefile",
        "justfile",
        "tox.ini",
        "noxfile.py",
        ".ci/*",
        "ci/*.sh",
        "scripts/*.sh",
        "tools/*.sh",
    ),
    *("pyproject.toml", ".pre-commit-config.yaml"),
)
_SIZE_LIMIT = 1024 * 1024


class Problem(NamedTuple):
    """One thing to put right: ``check`` is its kebab-name, ``message`` a sentence with the remedy."""

    check: str
    where: str
    message: str


class Project:
    """The repository at ``root``; a file that is missing or broken counts as empty."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def text(self, name: str) -> str:
        """The text of a file, ``""`` where there is none."""
        try:
            if (self.root / name).stat().st_size > _SIZE_LIMIT:
                return ""
            return (self.root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def toml(self, name: str) -> dict[str, Any]:
        """A TOML file as plain data."""
        try:
            return tomllib.loads(self.text(name))
        except tomllib.TOMLDecodeError:
            return {}

    @cached_property
    def tool(self) -> dict[str, Any]:
        """``[tool]`` of ``pyproject.toml``."""
        found = self.toml("pyproject.toml").get("tool", {})
        return found if isinstance(found, dict) else {}

    @cached_property
    def flake8(self) -> dict[str, dict[str, str]]:
        """File name -> its ``[flake8]`` section, in the order in which flake8 looks; the first one counts."""
        found = {}
        for name in INI_FILES:
            parser = configparser.RawConfigParser()
            try:
                parser.read_string(self.text(name))
            except configparser.Error:
                continue
            if parser.has_section("flake8"):
                found[name] = {key.replace("-", "_"): value for key, value in parser.items("flake8")}
        return found

    @property
    def flake8_settings(self) -> dict[str, str]:
        """The section that flake8 obeys, by keys with underscores."""
        return next(iter(self.flake8.values()), {})

    def command_lines(self) -> Iterator[tuple[str, str]]:
        """``file:line`` and text of every line of the files that hold commands, continuations joined."""
        for pattern in _COMMAND_FILES:
            for path in sorted(self.root.glob(pattern)):
                name = path.relative_to(self.root).as_posix()
                for number, line in _joined(self.text(name)):
                    yield f"{name}:{number}", line


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Number of the first line and text of each line, those that end with a backslash with the next."""
    start, kept = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        kept += line.removesuffix("\\") + (" " if line.endswith("\\") else "")
        if not line.endswith("\\"):
            yield start, kept
            start, kept = 0, ""
    if kept:
        yield start, kept


def codes(value: object) -> tuple[str, ...]:
    """A list of codes as flake8, ruff and their command lines write it."""
    words = value if isinstance(value, list) else str(value or "").replace(",", " ").split()
    lines = (str(word).partition("#")[0].strip().strip("'\"") for word in words)
    return tuple(code for code in lines if code)


def covers(prefixes: tuple[str, ...], code: str) -> bool:
    """True where one of ``prefixes`` selects ``code``."""
    return any(code.startswith(prefix) for prefix in prefixes)
