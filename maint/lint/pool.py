"""Workers that share a list of files: results come back in its order, however the work was spread."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec

from maint.lint.inspection import INTERNAL, Outcome
from maint.lint.settings import Settings
from maint.lint.violation import Violation
from maint.lint.worker import Order, Seen

BATCH = 24
_PROGRAM = "maint.lint.worker"
_ANSWER = list[Seen]


class WorkerDied(Exception):
    """A worker ended in the middle of a batch: the interpreter crashed, or ran out of memory."""


class _Worker:
    """One process, asked batch by batch."""

    def __init__(self, order: bytes) -> None:
        # Its own process group: Ctrl-C is for the parent, which then closes the input.
        self._process = subprocess.Popen(
            [sys.executable, "-m", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
        self._send(order)

    def ask(self, paths: Sequence[str]) -> list[Seen]:
        self._send(msgspec.json.encode(paths))
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
        self._order = msgspec.json.encode(Order(str(root), dict(settings.values)))
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
                return None, [Seen(b"", _fatal())]
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


def _fatal() -> Outcome:
    message = "looking at this file ended the interpreter; no rule judged it, report it to the project"
    return Outcome([Violation(INTERNAL, 1, 1, 1, 1, message)], [""])
