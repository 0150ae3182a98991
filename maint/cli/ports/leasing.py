"""``maint ports lease``: free ports for as long as a command runs."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from maint.cli.main import CLEAN
from maint.cli.root import root_of
from maint.config import load
from maint.errors import MaintError
from maint.ports import ranges
from maint.ports.active import active, opened, upwards
from maint.ports.lease import Lease, Leasing
from maint.report.cells import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def lease(arguments: argparse.Namespace) -> int:
    """Become the command, with the ports in its environment; without one, print them and hold them."""
    names = _names(arguments.count, arguments.env)
    root = root_of(arguments)
    chosen = ranges.lease_range(ranges.parse(load(root, {})["ports.lease_range"]), ranges.ephemeral())
    if chosen.note:
        print(f"maint: {chosen.note}", file=sys.stderr)
    command = arguments.command
    about = {"name": shlex.join(command)[:200] if command else "maint ports lease"}
    leasing = Leasing(chosen.ports, avoid=registered(root), about=about)
    leases = leasing.leases(
        arguments.count, about["name"], proto=arguments.proto, contiguous=arguments.contiguous
    )
    if command:
        _become(command, leases, names)
    return _hold(leases)


def registered(root: Path) -> frozenset[int]:
    """The ports of the registry, which no lease may take; none where there is no registry."""
    path = upwards(root)
    if path is None:
        return frozenset()
    return frozenset(port for entry in active(opened(path)) for port in entry.ports)


def _names(count: int, given: Sequence[str] | None) -> list[str]:
    if count < 1:
        raise MaintError(f"--count {count}: must be at least 1")
    names = list(given or (["PORT"] if count == 1 else [f"PORT_{number}" for number in range(1, count + 1)]))
    if len(names) != count:
        raise MaintError(f"--env: {len(names)} names for {count} ports; give one for each")
    if bad := [name for name in names if not name or "=" in name or "\0" in name]:
        raise MaintError(f"--env {printable(bad[0])!r}: not the name of a variable")
    return names


def _become(command: list[str], leases: Sequence[Lease], names: list[str]) -> NoReturn:
    """Replace this process: the leases last as long as the command, and signals and exit code are its own."""
    for one, name in zip(leases, names, strict=True):
        os.set_inheritable(one.fileno(), True)
        os.environ.update(one.env(name))
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise MaintError(f"{printable(command[0])}: cannot be run ({cause})") from None
    finally:
        for one in leases:
            one.release()


def _hold(leases: Sequence[Lease]) -> int:
    """Print the ports, and keep them until the end of the input or a signal."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(*(one.port for one in leases), flush=True)
    try:
        if sys.stdin is not None:  # as it is where the input is closed: at its end
            if sys.stdin.isatty():
                print("maint: held until Ctrl-C", file=sys.stderr)
            sys.stdin.buffer.read()
    finally:
        for one in leases:
            one.release()
    return CLEAN
