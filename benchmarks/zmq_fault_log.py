"""Is the log of a fault proxy the same whenever its seed is: real sockets, real threads, 1,000 runs.

    python benchmarks/zmq_fault_log.py [--runs 1000]

Each run sends 40 messages each way through a proxy with every kind of fault armed, from threads that race.
Prints how many runs wrote the same log; exits with 1 where that is not all of them.
"""

from __future__ import annotations

import argparse
import collections
import sys
import threading

import zmq

from pytest_maint.zmq.proxying import FaultProxies

_MESSAGES = 40


def main() -> int:
    """Run, print the tally."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    logs = collections.Counter(_log(seed=7) for _ in range(runs))
    (log, same) = logs.most_common(1)[0]
    struck = sum(bool(entry.partition(": ")[2] != "pass") for entry in log)
    print(f"{same:,} of {runs:,} runs wrote the same log, of {len(log)} messages with {struck} struck")
    other = _log(seed=8)
    print(f"another seed writes {'the same' if other == log else 'another'} log")
    return int(same != runs or other == log)


def _log(seed: int) -> tuple[str, ...]:
    proxies = FaultProxies()
    try:
        proxy = proxies(zmq.PAIR, zmq.PAIR, seed=seed)
        proxy.drop(p=0.1).delay(ms=(0, 1), p=0.5).duplicate(p=0.1).corrupt(p=0.1).truncate(p=0.1)
        proxy.reorder(window=3)
        with zmq.Context() as context:
            senders = [
                threading.Thread(target=_send, args=(context, each)) for each in (proxy.front, proxy.back)
            ]
            for sender in senders:
                sender.start()
            proxy.wait_for(_MESSAGES).wait_for(_MESSAGES, direction="to_front")
            for sender in senders:
                sender.join()
        return tuple(map(str, proxy.log))
    finally:
        proxies.stop()


def _send(context: zmq.Context[zmq.Socket[bytes]], endpoint: str) -> None:
    with context.socket(zmq.PAIR) as socket:
        socket.connect(endpoint)
        for number in range(_MESSAGES):
            socket.send_multipart([b"%d" % number, b"some payload"])


if __name__ == "__main__":
    sys.exit(main())
