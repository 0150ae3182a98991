"""Which of the project's code ran: the evidence that a benchmark cannot have changed."""

from __future__ import annotations

import contextlib
import hashlib
import sys
import threading
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any


class ExecutedCode:
    """Code objects under ``root`` that ran, apart for ``benchmark(…)`` calls and everything around them.

    The digest of a code object covers bytecode, constants, names and exception table, but not line numbers or
    nested code objects: of those, what ran has a digest of its own, and what did not cannot matter.
    """

    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/") + "/"
        self._seen: set[CodeType] = set()
        self._around: set[CodeType] = set()

    def start(self) -> None:
        """Watch every call from now on, in this and in later threads."""
        threading.setprofile(self._note)
        sys.setprofile(self._note)

    @contextlib.contextmanager
    def inside(self) -> Iterator[set[str]]:
        """Gather the digests of what runs inside apart from everything around."""
        digests: set[str] = set()
        outer, self._seen = self._seen, set()
        try:
            yield digests
        finally:
            digests |= self.digests(self._seen)
            self._seen = outer

    def around(self) -> list[str]:
        """Digests of everything that ran outside ``inside()`` so far: imports, fixtures, tests."""
        return sorted(self.digests(self._seen))

    def digests(self, codes: set[CodeType]) -> set[str]:
        """One digest for each code object that belongs to the tree."""
        return {
            f"{code.co_filename[len(self._root) :]}:{code.co_qualname}:{_digest(code)}"
            for code in codes.copy()  # the set grows while it is read: this very function is watched
            if code.co_filename.startswith(self._root)
        }

    def _note(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "call":
            self._seen.add(frame.f_code)


def _digest(code: CodeType) -> str:
    constants = [
        "<code>" if isinstance(constant, CodeType) else f"{type(constant).__name__}:{_stable(constant)}"
        for constant in code.co_consts
    ]
    parts = (
        code.co_code,
        code.co_exceptiontable,
        repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)).encode(),
        repr((code.co_flags, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)).encode(),
        "\0".join(constants).encode("utf-8", "backslashreplace"),
    )
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:16]


def _stable(constant: object) -> str:
    if isinstance(constant, frozenset):
        return repr(sorted(map(repr, constant)))
    return repr(constant)
