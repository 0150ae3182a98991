"""Workers that share a list of files: results come back in its order, however the work was spread."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec

import maint
from maint.lint.inspection import failed
from maint.lint.settings import Settings
from maint.lint.worker import Order, Seen

BATCH = 24
_PROGRAM = "maint.lint.worker"
# What `python -m PROGRAM` does, without this folder on the path: a project's token.py is read, not run. The
# folder of maint comes last, for a parent that has it from elsewhere than the installed packages.
_START = (
    "import runpy, sys; sys.path.append(sys.argv[2]); runpy.run_module(sys.argv[1], None, '__main__', True)"
)
_HOME = str(Path(maint.__file__).resolve().parents[1])
_ANSWER = list[Seen]
_FATAL = "looking at this file ended the interpreter"


class WorkerDied(Exception):
    """A worker ended in the middle of a batch: the interpreter crashed, or ran out of memory."""


class _Worker:
    """One process, asked batch by batch."""

    def __init__(self, order: bytes) -> None:
        # Its own process group: Ctrl-C is for the parent, which then closes the input.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, _PROGRAM, _HOME],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
        self._send(order)

    def ask(self, paths: Sequence[str]) -> list[Seen]:
        self._send(msgspec.json.encode([os.fsencode(path) for path in paths]))
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer.endswith(b"\n"):
            raise WorkerDied
        return msgspec.json.decode(answer, type=_ANSWER)

    def kill(self) -> None:
        """End the process at once; its work is done or no longer wanted."""
        self._process.kill()

    def close(self) -> None:
        """Wait for the end of a killed process."""
        self._process.communicate()

    def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise WorkerDied from None


class Pool:
    """``jobs`` workers over files below ``root``."""

    def __init__(self, root: Path, settings: Settings, jobs: int) -> None:
        self._order = msgspec.json.encode(Order(os.fsencode(root), dict(settings.values)))
        self._jobs = jobs
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()
        self._is_over = False

    def inspect(self, paths: Sequence[str]) -> list[Seen]:
        """What each of ``paths`` gave; one that kills its worker is one internal finding."""
        batches = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]
        todo: SimpleQueue[int] = SimpleQueue()
        for index in range(len(batches)):
            todo.put(index)
        done: dict[int, list[Seen]] = {}
        threads = [
            threading.Thread(target=self._serve, args=(todo, batches, done), daemon=True)
            for _ in range(min(self._jobs, len(batches)))
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            self._end(threads)
        return [seen for index in range(len(batches)) for seen in done[index]]

    def _serve(
        self, todo: SimpleQueue[int], batches: Sequence[Sequence[str]], done: dict[int, list[Seen]]
    ) -> None:
        worker: _Worker | None = None
        while not self._is_over:
            try:
                index = todo.get_nowait()
            except Empty:
                break
            worker, done[index] = self._batch(worker, batches[index])

    def _batch(self, worker: _Worker | None, paths: Sequence[str]) -> tuple[_Worker | None, list[Seen]]:
        """The outcomes of a batch; where it kills its worker, file by file with a fresh one."""
        try:
            worker = worker or self._start()
            return worker, worker.ask(paths)
        except WorkerDied:
            if self._is_over:
                return None, []
            if len(paths) == 1:
                return None, [Seen(b"", failed(_FATAL))]
        except Exception as error:  # boundary: these files are findings, the others are looked at  # noqa: BLE001
            return None, [Seen(b"", failed(f"{type(error).__name__}: {error}")) for _ in paths]
        seen = []
        worker = None
        for path in paths:
            worker, found = self._batch(worker, [path])
            seen += found
        return worker, seen

    def _start(self) -> _Worker:
        with self._lock:
            if self._is_over:
                raise WorkerDied
            worker = _Worker(self._order)
            self._workers.append(worker)
        return worker

    def _end(self, threads: Sequence[threading.Thread]) -> None:
        with self._lock:
            self._is_over = True
        for worker in self._workers:
            worker.kill()
        for thread in threads:
            if thread.ident is not None:  # else Ctrl-C came before it was started
                thread.join()
        for worker in self._workers:
            worker.close()
