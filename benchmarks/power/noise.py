"""Background load of a shared machine: busy loops that come and go, by a seed."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator

_LOOPS = 2
_MEAN_S = 3.0


@contextlib.contextmanager
def load(kind: str, seed: int) -> Iterator[None]:
    """``quiet`` is nothing; ``bursty`` is two processes that spin and rest for Exp(3 s) in turn."""
    if kind == "quiet":
        yield
        return
    loops = [
        subprocess.Popen([sys.executable, __file__, str(seed * _LOOPS + i)], stdin=subprocess.PIPE)
        for i in range(_LOOPS)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def _bursts(seed: int) -> None:
    """Spin and rest until the parent is gone or an hour is over."""
    coin = random.Random(seed)
    end = time.monotonic() + 3600
    while time.monotonic() < end:
        until = time.monotonic() + coin.expovariate(1 / _MEAN_S)
        while time.monotonic() < until:
            sum(range(10_000))
        time.sleep(coin.expovariate(1 / _MEAN_S))


if __name__ == "__main__":
    _bursts(int(sys.argv[1]))
