"""The file through which the processes of this session's tests agree on remapped ports."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from .ledger import VARIABLE, Address

STARTUP = Path(__file__).parent / "startup"
_MODULES = ("PYTHONPATH", VARIABLE)


class Channel:
    """Lives in the process that runs the tests, from its first remapped test to its end.

    ``in_memory``, as on Linux, the ledger is a file in memory and the ports are abstract sockets: nothing
    lies on a disk, so nothing is left there, however the session ends. Elsewhere both are in a folder, which
    `close` removes.
    """

    def __init__(self, *, in_memory: bool = sys.platform == "linux") -> None:
        self._descriptor = -1
        self._folder: Path | None = None
        self._tests = 0
        token = f"maint-{secrets.token_hex(6)}"
        if in_memory:
            self._descriptor = os.memfd_create(token)
            path = f"/proc/{os.getpid()}/fd/{self._descriptor}"
            self.address = Address(path, f"/memfd:{token}", f"ipc://@{token}-")
        else:
            # not the temporary folder of the test: a path of a socket has at most 103 bytes there
            self._folder = Path(tempfile.mkdtemp(prefix="mz", dir="/tmp"))
            path = str(self._folder / "ledger")
            Path(path).touch()
            self.address = Address(path, "", f"ipc://{self._folder}/")

    def next_test(self) -> int:
        """Number a test; what the ones before it did is forgotten."""
        self._tests += 1
        os.truncate(self.address.path, 0)
        return self._tests

    def close(self) -> None:
        """Leave nothing behind."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class Inherited:
    """The environment of child processes, while a test remaps."""

    def __init__(self, address: Address) -> None:
        self._before = {name: os.environ.get(name) for name in _MODULES}
        paths = filter(None, (str(STARTUP), self._before["PYTHONPATH"]))
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)
        os.environ[VARIABLE] = str(address)

    def end(self) -> None:
        """As it was found."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
