"""The files through which a session's processes report: of memory where the system has them."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from pytest_maint.excepts.worker import VARIABLE, Address

STARTUP = Path(__file__).parent / "startup"


class Channel:
    """Lives in the controller; `open` before the first child, `close` at the end.

    On Linux the two files exist only as descriptors of this process, and end with it. Elsewhere they are in
    a folder of their own, which `close` removes.
    """

    def __init__(self, plan: bytes) -> None:
        self._descriptors: list[int] = []
        self._folder: Path | None = None
        self._before = {name: os.environ.get(name) for name in (VARIABLE, "PYTHONPATH")}
        tag = str(sys.implementation.cache_tag)
        token = f"maint-except-{secrets.token_hex(6)}"
        if sys.platform == "linux":
            plan_path, notes_path = self._memory_file(token, plan), self._memory_file(token, b"")
            self.address = Address(plan_path, notes_path, f"/memfd:{token}", tag)
        else:
            self._folder = Path(tempfile.mkdtemp(prefix="maint-except-"))
            for name, content in (("plan", plan), ("notes", b"")):
                (self._folder / name).write_bytes(content)
            self.address = Address(str(self._folder / "plan"), str(self._folder / "notes"), "", tag)

    def _memory_file(self, name: str, content: bytes) -> str:
        descriptor = os.memfd_create(name)
        self._descriptors.append(descriptor)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        return f"/proc/{os.getpid()}/fd/{descriptor}"

    def open(self) -> None:
        """Have child processes record too."""
        inherited = self._before["PYTHONPATH"]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(STARTUP), inherited)))
        os.environ[VARIABLE] = str(self.address)

    def lines(self) -> list[str]:
        """What the processes wrote so far."""
        return Path(self.address.notes).read_text(encoding="ascii").splitlines()

    def close(self) -> None:
        """Leave the environment as it was found, and nothing else behind."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
