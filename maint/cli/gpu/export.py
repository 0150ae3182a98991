"""``maint gpu export``: the cards' state as metrics, once or until somebody ends it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from maint.cli.root import root_of
from maint.config import Config, load
from maint.errors import MaintError
from maint.gpu.alert import over
from maint.gpu.delivery import masked, push, write_textfile
from maint.gpu.metrics import exposition, registry
from maint.gpu.reading import Reading, read_now

if TYPE_CHECKING:
    import argparse

JOB = "maint_gpu"


class Targets:
    """Where the metrics go: the options, else ``[tool.maint.vram]``, else standard output."""

    def __init__(self, arguments: argparse.Namespace, config: Config, root: Path) -> None:
        given = arguments.textfile or arguments.pushgateway
        named = None if given or not config["vram.textfile"] else root / config["vram.textfile"]
        self.textfile: Path | None = arguments.textfile or named
        self.pushgateway: str | None = arguments.pushgateway or (
            None if given else config["vram.pushgateway"]
        )
        if self.pushgateway:
            masked(self.pushgateway)  # a URL that is none is said at once

    def write(self, reading: Reading) -> Iterator[str]:
        """Write to each; yields what went wrong, a sentence each."""
        found = registry(reading)
        if self.textfile is None and self.pushgateway is None:
            sys.stdout.write(exposition(found).decode())
            sys.stdout.flush()
        try:
            if self.textfile is not None:
                write_textfile(self.textfile, found)
        except MaintError as error:
            yield str(error)
        try:
            if self.pushgateway is not None:
                push(self.pushgateway, JOB, found)
        except MaintError as error:
            yield str(error)


def export(arguments: argparse.Namespace) -> int:
    """Write; 1 where a card is fuller than ``alert``, 2 where the driver or a target failed.

    With ``--every``, 0 when SIGTERM ended it; failures are said when they begin and when they end.
    """
    root = root_of(arguments)
    config = load(root, {})
    targets = Targets(arguments, config, root)
    if arguments.every is None:
        reading = read_now()
        problems = [*reading.problems, *targets.write(reading)]
        alerts = over(reading.cards, config["vram.alert"])
        for line in (*problems, *alerts):
            print(f"maint: {line}", file=sys.stderr)
        return 2 if problems else int(bool(alerts))
    with _ended_by_sigterm() as end:
        _go_on(targets, config["vram.alert"], arguments.every, end)
    return 0


def _go_on(targets: Targets, alert: float, every_s: float, end: threading.Event) -> None:
    said: Sequence[str] = ()
    while not end.is_set():
        reading = read_now()
        now = [*reading.problems, *targets.write(reading), *over(reading.cards, alert, steady=True)]
        for line in now:
            if line not in said:
                print(f"maint: {line}", file=sys.stderr, flush=True)
        for line in said:
            if line not in now:
                print(f"maint: no longer: {line}", file=sys.stderr, flush=True)
        said = now
        end.wait(every_s)


@contextmanager
def _ended_by_sigterm() -> Iterator[threading.Event]:
    end = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: end.set())
    try:
        yield end
    finally:
        signal.signal(signal.SIGTERM, before)
