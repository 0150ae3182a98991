"""One worker process as the controller sees it: messages with deadlines, and an end that always comes."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_BOOTSTRAP = Path(__file__).parent / "worker" / "bootstrap.py"
_OUTPUT_TAIL = 8_000


class WorkerLost(Exception):
    """The process of ``side`` crashed, hung past its deadline or sent garbage; ``str()`` says which."""

    def __init__(self, side: str, what: str) -> None:
        super().__init__(what)
        self.side = side


class WorkerProcess:
    """A pytest process of one side; use as a context manager, or call :meth:`kill`.

    It runs in a session of its own, so that Ctrl-C reaches the controller alone and :meth:`kill` reaches the
    worker's children too.
    """

    def __init__(self, side: str, order: Mapping[str, Any], env: Mapping[str, str], log: Path) -> None:
        self.side = side
        self._log = log
        self._buffer = b""
        to_worker, self._write_fd = os.pipe()
        self._read_fd, from_worker = os.pipe()
        log.parent.mkdir(parents=True, exist_ok=True)
        optimise = ["-" + "O" * sys.flags.optimize] if sys.flags.optimize else []
        try:
            with log.open("wb") as output:
                self._process = subprocess.Popen(
                    [sys.executable, *optimise, "-P", str(_BOOTSTRAP), str(to_worker), str(from_worker)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=(to_worker, from_worker),
                    start_new_session=True,
                    env=dict(env),
                    cwd=order["cwd"],
                )
        finally:
            os.close(to_worker)
            os.close(from_worker)
        self.send("order", **order)

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    def send(self, kind: str, **fields: Any) -> None:
        """Write one message; a worker that is gone shows at the next :meth:`receive`."""
        data = json.dumps({"kind": kind, **fields}).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):
            while data:
                data = data[os.write(self._write_fd, data) :]

    def receive(self, timeout_s: float, *kinds: str) -> dict[str, Any]:
        """Next message, of one of ``kinds``.

        Raises WorkerLost when none comes within ``timeout_s`` seconds, none can come, or it is none of those.
        """
        message = self._message(timeout_s)
        if message.get("kind") not in kinds:
            raise WorkerLost(self.side, f"sent {message.get('kind')!r} where {' or '.join(kinds)} was due")
        return message

    def _message(self, timeout_s: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout_s
        poll = select.poll()
        poll.register(self._read_fd, select.POLLIN | select.POLLHUP)
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise WorkerLost(self.side, f"gave no answer within {timeout_s:.0f} s")
            chunk = os.read(self._read_fd, 1 << 20)
            if not chunk:
                raise WorkerLost(self.side, self._how_it_ended())
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            raise WorkerLost(self.side, f"sent garbage: {line[:80]!r}")
        return message

    def pin(self, cores: set[int]) -> None:
        """Bind the worker's main thread to ``cores`` where the system can."""
        if cores and hasattr(os, "sched_setaffinity"):
            with contextlib.suppress(OSError):  # it may have ended; receive() says so
                os.sched_setaffinity(self._process.pid, cores)

    def output(self) -> str:
        """The end of what the worker wrote to its standard streams."""
        try:
            return self._log.read_bytes()[-_OUTPUT_TAIL:].decode("utf-8", "replace")
        except OSError:
            return ""

    def finish(self, timeout_s: float) -> None:
        """Let the session tear down and exit by itself, then make sure of it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """End the worker and its children, and release the pipes."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for name in ("_write_fd", "_read_fd"):
            descriptor = getattr(self, name)
            if descriptor >= 0:
                os.close(descriptor)
                setattr(self, name, -1)

    def _how_it_ended(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(5)
            if code < 0:
                return f"killed by {signal.Signals(-code).name}"
            return f"exited with status {code} in mid-session"
        return "closed its pipe in mid-session"
