"""What pytest's text of a failure says: the exception's class, and the project's frame that raised."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_FRAME = re.compile(r"^(?P<path>[^\s:>][^:\n]*):(?P<line>\d+): ?(?P<said>.*)$")
_FUNCTION = re.compile(r"^>?\s*(?:async )?def (\w+)\(")
_CLASS = re.compile(r"([A-Za-z_][\w.]*)(?=:|$)", re.MULTILINE)
_RAISED = re.compile(r"^E\s+([A-Za-z_][\w.]*)(?=:|$)", re.MULTILINE)
_PHASE = re.compile(r'failed on (setup|teardown) with "(.*)"$', re.DOTALL)
_FOREIGN = ("site-packages/", "dist-packages/", ".venv/", "/python3", ".tox/", ".nox/")


class Frame(NamedTuple):
    """One frame of a traceback; ``said`` is the exception's class in the last of them."""

    path: str
    line: int
    function: str
    said: str

    def evidence(self) -> dict[str, Any]:
        """As findings carry a crash frame."""
        return {"path": self.path, "line": self.line, "function": self.function}


def frames(text: str) -> list[Frame]:
    """The frames of a traceback in pytest's long or short style, outermost first."""
    found: list[Frame] = []
    function = ""
    for line in text.splitlines():
        if match := _FUNCTION.match(line):
            function = match[1]
        elif match := _FRAME.match(line):
            said = match["said"]
            named = said.removeprefix("in ") if said.startswith("in ") else function
            found.append(Frame(match["path"], int(match["line"]), named, said))
            function = ""
    return found


def crash(found: list[Frame]) -> Frame | None:
    """The deepest frame of the project, else the deepest of all."""
    ours = [one for one in found if not one.path.startswith(("/", "<")) and not _is_foreign(one.path)]
    chosen = ours or found
    return chosen[-1] if chosen else None


def exception(message: str, text: str, found: list[Frame]) -> str:
    """The class of the exception, with its module where the text has it; empty when it does not say."""
    head = _CLASS.match(message)
    said = found[-1].said if found else ""
    last = said if said.isidentifier() else ""
    if head and (not last or head[1].rpartition(".")[2] == last):
        return head[1]
    raised = _RAISED.findall(text)
    return last or (raised[-1] if raised else "")


def phase(message: str) -> tuple[str, str]:
    """``setup``, ``call`` or ``teardown``, and the message of the exception itself."""
    match = _PHASE.match(message)
    return (match[1], match[2]) if match else ("call", message)


def _is_foreign(path: str) -> bool:
    return any(part in path for part in _FOREIGN)
