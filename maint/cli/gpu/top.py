"""``maint gpu top``: the screen, drawn anew until Ctrl-C; once where nobody watches."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from maint.gpu.ledger import ledger_folder, peek
from maint.gpu.reading import Reading, read_now
from maint.gpu.top import screen

if TYPE_CHECKING:
    import argparse

_HOME, _REST, _LINE = "\x1b[H", "\x1b[J", "\x1b[K\n"
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


def top(arguments: argparse.Namespace) -> int:
    """Print the screen; 2 where it is printed once and the driver does not answer."""
    if arguments.once or not sys.stdout.isatty():
        reading = read_now()
        print("\n".join(_lines(reading)))
        return 2 if reading.problems else 0
    sys.stdout.write(_ENTER)
    try:
        while True:
            lines = _lines(read_now())[: max(shutil.get_terminal_size().lines - 1, 1)]
            sys.stdout.write(_HOME + _LINE.join(lines) + _LINE + _REST)
            sys.stdout.flush()
            time.sleep(arguments.every)
    except KeyboardInterrupt:
        return 0  # the way to end it
    finally:
        sys.stdout.write(_LEAVE)


def _lines(reading: Reading) -> list[str]:
    names = {one.pid: _command(one.pid) for card in reading.cards for one in card.processes}
    tickets = peek(ledger_folder()).tickets
    return screen(reading, tickets, names, time.time(), shutil.get_terminal_size((120, 24)).columns)


def _command(pid: int) -> str:
    """The command line of a process; empty where it is another's, or is counted otherwise in a container."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")[:200]
