"""The settings of one run: default < ``[tool.maint]`` < command line < marker, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maint.errors import ConfigError
from maint.options.option import Option
from maint.options.table import BY_NAME, OPTIONS, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

FILE = "pyproject.toml"


class Config:
    """A value and a source for every option of the table; read-only."""

    __slots__ = ("_sources", "_values")

    def __init__(self, values: dict[str, Any], sources: dict[str, str]) -> None:
        self._values = values
        self._sources = sources

    def __getitem__(self, name: str) -> Any:
        """The value of ``section.key``; KeyError when there is no such option."""
        return self._values[name]

    def source(self, name: str) -> str:
        """Where the value came from: ``default``, ``pyproject.toml``, a flag, or a marked test."""
        return self._sources[name]

    def section(self, section: str) -> dict[str, Any]:
        """The values of one section by their bare key; ``""`` is the top level."""
        return {option.key: self[option.name] for option in OPTIONS if option.section == section}

    def marked(self, section: str, arguments: Mapping[str, object], where: str) -> Config:
        """These settings with a marker's ``arguments`` on top; ``where`` names the test.

        Raises ConfigError that lists every problem of the marker.
        """
        draft = _Draft(dict(self._values), dict(self._sources))
        known = [option.key for option in OPTIONS if option.section == section and option.marker]
        for key, raw in arguments.items():
            if key in known:
                draft.put(BY_NAME[f"{section}.{key}"], raw, where, f"{where}: marker argument {key}")
            else:
                draft.problems.append(f"{where}: unknown marker argument {key!r}; {_suggest(key, known)}")
        return draft.finish()


class _Draft:
    """Values while they are layered; collects problems instead of stopping at the first."""

    def __init__(self, values: dict[str, Any], sources: dict[str, str]) -> None:
        self.values = values
        self.sources = sources
        self.problems: list[str] = []

    def put(self, option: Option, raw: object, source: str, where: str) -> None:
        try:
            self.values[option.name] = option.parse(raw)
            self.sources[option.name] = source
        except ValueError as error:
            self.problems.append(f"{where} = {raw!r}: {error}")

    def finish(self) -> Config:
        """The settings; ConfigError with all problems, contradictions between good values included."""
        problems = self.problems or list(self._contradictions())
        if problems:
            raise ConfigError("\n".join(problems))
        return Config(self.values, self.sources)

    def _contradictions(self) -> Iterator[str]:
        warning, critical = "benchmark.warning", "benchmark.critical"
        if self.values[warning] > self.values[critical]:
            yield (
                f"{warning} = {self.values[warning]:g} (from {self.sources[warning]}) is over "
                f"{critical} = {self.values[critical]:g} (from {self.sources[critical]}); "
                "a warning must come no later than a critical"
            )
        if self.values["benchmark.baseline"] and self.values["benchmark.selftest"]:
            yield "--maint-baseline and --maint-selftest exclude each other; give one of them"


def load(root: Path, cli: Mapping[str, object]) -> Config:
    """Read ``[tool.maint]`` of the project at ``root`` and lay ``cli`` over it.

    ``cli`` maps option names (``benchmark.warning``) to raw values; leave out what was not given.
    Raises ConfigError listing every unknown key, bad value and contradiction at once.
    """
    draft = _Draft({o.name: o.default for o in OPTIONS}, {o.name: "default" for o in OPTIONS})
    _read_table(table(root), draft)
    for name, raw in cli.items():
        option = BY_NAME[name]
        source = option.flag or option.flake8 or f"--{option.key.replace('_', '-')}"
        draft.put(option, raw, source, source)
    return draft.finish()


def nearest_root(start: Path) -> Path:
    """The nearest folder from ``start`` upwards that holds a ``pyproject.toml``, else ``start``."""
    return next((folder for folder in (start, *start.parents) if (folder / FILE).is_file()), start)


def table(root: Path) -> dict[str, Any]:
    """``[tool.maint]`` of ``root``'s ``pyproject.toml`` as written; empty where there is none.

    Raises ConfigError when the file cannot be read or parsed, or ``tool.maint`` is no table.
    """
    import tomllib

    try:
        document = tomllib.loads((root / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{root / FILE}: not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{root / FILE}: cannot be read: {error.strerror}; check its permissions") from None
    tool = document.get("tool", {})
    found = tool.get("maint", {}) if isinstance(tool, dict) else {}
    if not isinstance(found, dict):
        raise ConfigError(f"{FILE}: tool.maint = {found!r}: expected a table; write [tool.maint]")
    return found


def _read_table(found: Mapping[str, Any], draft: _Draft) -> None:
    for key, raw in found.items():
        if key in SECTIONS and isinstance(raw, dict):
            _read_section(key, raw, draft)
        elif key in SECTIONS:
            draft.problems.append(
                f"{FILE}: tool.maint.{key} = {raw!r}: expected a table; write [tool.maint.{key}]"
            )
        else:
            _read_key("", key, raw, draft)


def _read_section(section: str, found: Mapping[str, Any], draft: _Draft) -> None:
    for key, raw in found.items():
        _read_key(section, key, raw, draft)


def _read_key(section: str, key: str, raw: object, draft: _Draft) -> None:
    heading = f"[tool.maint.{section}]" if section else "[tool.maint]"
    option = BY_NAME.get(f"{section}.{key}" if section else key)
    if option is not None and option.section == section and option.toml:
        draft.put(option, raw, FILE, f"{FILE}: {heading} {key}")
    elif option is not None and option.section == section:
        draft.problems.append(f"{FILE}: {heading} {key}: belongs on the command line; use {option.flag}")
    else:
        known = [o.key for o in OPTIONS if o.section == section and o.toml]
        known += SECTIONS if not section else ()
        draft.problems.append(f"{FILE}: {heading} unknown key {key!r}; {_suggest(key, known)}")


def _suggest(word: str, known: Iterable[str]) -> str:
    import difflib

    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1)
    return f"did you mean {close[0]!r}?" if close else "known: " + ", ".join(choices)
