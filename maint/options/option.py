"""What an option is, and the kinds of value it takes.

On the start-up path of every pytest run: plain slotted classes, no import that pytest has not made already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

SUSPICIOUS_FRACTION = 5.0


def fraction(raw: object) -> float:
    """A share as a fraction: ``0.10``, ``"0.10"`` or ``"10%"``; over 0.

    A bare number over 5 is refused: ``10`` nearly always means 10 %, not 1000 %.
    """
    text = raw.strip() if isinstance(raw, str) else ""
    percent = text.endswith("%")
    value = _number(text[:-1] if percent else raw, "a fraction such as 0.10 or '10%'")
    if percent:
        value /= 100
    elif value > SUSPICIOUS_FRACTION:
        raise ValueError(f"{value:g} would mean {value * 100:g} %; write '{value:g}%' or {value / 100:g}")
    if value <= 0:
        raise ValueError("must be over 0")
    return value


def seconds(raw: object) -> float:
    """A duration in seconds, over 0."""
    value = _number(raw, "a number of seconds")
    if value <= 0:
        raise ValueError("must be over 0")
    return value


def text(raw: object) -> str:
    """A string that says something."""
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("expected a string that is not empty")
    return raw


def flag(raw: object) -> bool:
    """``true`` or ``false``."""
    if not isinstance(raw, bool):
        raise ValueError("expected true or false")
    return raw


def count(raw: object) -> int:
    """A whole number, at least 1."""
    if isinstance(raw, str) and raw.strip().isdecimal():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 1:
        raise ValueError("expected a whole number, at least 1")
    return raw


def index(raw: object) -> int:
    """A whole number, counted from 0."""
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise ValueError("expected a whole number, counted from 0")
    return raw


def size(raw: object) -> int:
    """Memory in bytes, over 0: ``2147483648``, ``"2GiB"`` (2 * 2**30), ``"500MB"`` (500 * 10**6)."""
    import re

    example = "expected bytes, or a size such as '2GiB' or '500MB'"
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise ValueError(example)
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:([kKMGT])(i?)B|B?)", str(raw).strip())
    if found is None:
        raise ValueError(
            f"{example}; a unit is B, kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (1024)"
        )
    number, letter, binary = found.groups()
    exponent = "KMGT".index(letter.upper()) + 1 if letter else 0
    value = round(float(number) * float((1024 if binary else 1000) ** exponent))
    if value < 1:
        raise ValueError("must be over 0")
    return value


def strings(raw: object) -> tuple[str, ...]:
    """A list of strings that say something."""
    if not isinstance(raw, list | tuple) or not all(isinstance(one, str) and one.strip() for one in raw):
        raise ValueError("expected a list of strings such as ['main']")
    return tuple(one.strip() for one in raw)


def globs(raw: object) -> tuple[str, ...]:
    """A list of glob patterns that stay inside the project."""
    if not isinstance(raw, list | tuple) or not all(isinstance(one, str) and one for one in raw):
        raise ValueError("expected a list of patterns such as ['data/**']")
    for pattern in raw:
        if pattern.startswith(("/", "~")) or ".." in pattern.replace("\\", "/").split("/"):
            raise ValueError(f"{pattern!r} leaves the project; give patterns relative to its root")
    return tuple(raw)


def codes(raw: object) -> tuple[str, ...]:
    """A list of codes or beginnings of codes: ``E900``, ``MNT01``."""
    found = strings(raw)
    for code in found:
        letters = code.rstrip("0123456789")
        if not letters.isalpha() or not letters.isupper():
            raise ValueError(f"{code!r} is no code; give codes such as 'E900' or 'MNT040'")
    return found


def port_range(raw: object) -> str:
    """A range of ports such as ``"20000-29999"``, from 1 to 65535."""
    low, _, high = raw.partition("-") if isinstance(raw, str) else ("", "", "")
    if not all(part.strip().isdecimal() and part.isascii() for part in (low, high)):
        raise ValueError("expected a range of ports such as '20000-29999'")
    if not 1 <= int(low) <= int(high) <= 65535:
        raise ValueError("expected ports from 1 to 65535, the lower one first")
    return f"{int(low)}-{int(high)}"


def pattern(raw: object) -> str:
    """A regular expression, as text."""
    import re

    found = text(raw)
    try:
        re.compile(found)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return found


def percentage(raw: object) -> Decimal:
    """A share in percent, exactly as written: ``85``, ``89.5`` or ``"89.5%"``; from 0 to 100."""
    from decimal import Decimal, InvalidOperation

    written = raw.strip().removesuffix("%").strip() if isinstance(raw, str) else raw
    if isinstance(written, bool) or not isinstance(written, int | float | str | Decimal):
        raise ValueError("expected a percentage such as 85 or '89.5%'")
    try:
        value = Decimal(str(written))
    except InvalidOperation:
        raise ValueError("expected a percentage such as 85 or '89.5%'") from None
    if not value.is_finite() or not 0 <= value <= 100:
        raise ValueError("must be from 0 to 100")
    return value


def schedule(raw: object) -> dict[str, Any]:
    """A rising minimum: ``{at = 40, step = 5, every = "month", start = "2026-11-01", target = 85}``.

    ``every`` is day, week, month or quarter; ``grace_days`` (0) is how long after a rise the step before it
    still passes. ``start`` may be a TOML date.
    """
    if not isinstance(raw, dict):
        example = '{at = 40, step = 5, every = "month", start = "2026-11-01"}'
        raise ValueError(f"expected a table such as {example}")
    unknown = raw.keys() - {"at", "step", "every", "start", "target", "grace_days"}
    missing = {"at", "step", "every", "start"} - raw.keys()
    if unknown or missing:
        said = [f"unknown {key!r}" for key in sorted(unknown)] + [f"no {key!r}" for key in sorted(missing)]
        raise ValueError(", ".join(said) + "; known: at, step, every, start, target, grace_days")
    if raw["every"] not in ("day", "week", "month", "quarter"):
        raise ValueError("every: expected 'day', 'week', 'month' or 'quarter'")
    grace = raw.get("grace_days", 0)
    if isinstance(grace, bool) or not isinstance(grace, int) or not 0 <= grace <= 3650:
        raise ValueError("grace_days: expected a number of days, 3650 at most")
    found = {"at": percentage(raw["at"]), "step": percentage(raw["step"]), "every": raw["every"]}
    found |= {"start": _day(raw["start"]), "target": percentage(raw.get("target", 100)), "grace_days": grace}
    if found["target"] < found["at"]:
        raise ValueError("target: must not be under at")
    return found


def _day(raw: object) -> str:
    from datetime import date

    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise ValueError("start: expected a date such as 2026-11-01") from None


def _number(raw: object, expected: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError(f"expected {expected}")
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        raise ValueError(f"expected {expected}") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"expected {expected}")
    return value


class Option:
    """One option: ``name`` is ``section.key``, or ``key`` at the top level of ``[tool.maint]``.

    ``kind`` turns a raw value (of TOML, a flag or a marker) into the value, or raises ValueError with the
    reason. ``flag`` is its pytest option, ``bare`` what that flag means without a value; ``flake8`` is its
    flake8 option; ``toml`` and ``marker`` say whether ``[tool.maint]`` and the marker on a test accept it.
    """

    __slots__ = (
        "bare",
        "choices",
        "default",
        "flag",
        "flake8",
        "help",
        "key",
        "kind",
        "marker",
        "metavar",
        "section",
        "toml",
    )

    def __init__(
        self,
        section: str,
        key: str,
        kind: Callable[[object], Any],
        default: Any,
        help: str,
        *,
        metavar: str = "VALUE",
        choices: tuple[str, ...] = (),
        flag: str | None = None,
        bare: str | None = None,
        flake8: str | None = None,
        toml: bool = True,
        marker: bool = False,
    ) -> None:
        self.section = section
        self.key = key
        self.kind = kind
        self.default = default
        self.help = help
        self.metavar = "|".join(choices) or metavar
        self.choices = choices
        self.flag = flag
        self.bare = bare
        self.flake8 = flake8
        self.toml = toml
        self.marker = marker

    @property
    def name(self) -> str:
        """``section.key``, the key of this option in a ``Config``."""
        return f"{self.section}.{self.key}" if self.section else self.key

    def parse(self, raw: object) -> Any:
        """The value of ``raw``; ValueError says what was expected."""
        if self.choices and raw not in self.choices:
            raise ValueError("expected one of " + ", ".join(map(repr, self.choices)))
        return self.kind(raw)
