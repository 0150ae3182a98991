"""How a process that waits is woken: by whoever made room for it, or by the kernel when another one dies."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Mapping, Sequence

# By name: what replaces socket.socket during a test (pytest-socket) is not to keep the next one waiting.
from socket import AF_UNIX, SOCK_DGRAM, socket

from maint.gpu.processes import is_alive


def new_bell() -> socket:
    """What a waiter listens on. Its name is the kernel's choice, in no folder, and ends with the process."""
    bell = socket(AF_UNIX, SOCK_DGRAM)
    bell.setblocking(False)
    bell.bind("")
    return bell


def ring(bells: Sequence[str]) -> None:
    """Wake those who listen on ``bells``: names in hex."""
    with socket(AF_UNIX, SOCK_DGRAM) as hand:
        hand.setblocking(False)
        for bell in bells:
            # Gone, or full of rings that were not heard yet: then one more would change nothing.
            with contextlib.suppress(OSError):
                hand.sendto(b"!", bytes.fromhex(bell))


def sleep(bell: socket, others: Mapping[int, int], limit_s: float) -> None:
    """Until the bell rings, one of ``others`` (pid to start time) dies, or ``limit_s`` seconds are over."""
    with contextlib.ExitStack() as stack:
        watched: list[int] = []
        for pid, started in others.items():
            try:
                descriptor = os.pidfd_open(pid)
            except (OSError, AttributeError):  # died already, or a kernel before 5.3
                if not is_alive(pid, started):
                    return
                limit_s = min(limit_s, 0.2)
                continue
            stack.callback(os.close, descriptor)
            if not is_alive(pid, started):  # the id is another process's by now
                return
            watched.append(descriptor)
        poll = select.poll()
        for each in (bell.fileno(), *watched):
            poll.register(each, select.POLLIN)
        poll.poll(limit_s * 1000)
        with contextlib.suppress(BlockingIOError):
            while True:
                bell.recv(16)
