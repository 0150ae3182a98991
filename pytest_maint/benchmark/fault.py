"""Why a benchmark could not be compared, and which verdict that makes."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from maint.regression.comparison import Verdict

from .process import WorkerLost, WorkerProcess

_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "NameError"})
_SIGNATURE = re.compile(
    r"unexpected keyword argument|positional arguments? but|missing \d+ required|takes no arguments"
)
_SAME_ADDRESS = os.strerror(errno.EADDRINUSE)


class Fault(NamedTuple):
    """``verdict`` for the benchmark, the ``reason`` in one sentence, the ``output`` to show with it.

    ``transient`` faults (crash, hang) are tried once more in the next block.
    """

    verdict: Verdict
    reason: str
    output: str = ""
    transient: bool = False


def failed_test(side: str, failure: Mapping[str, str]) -> Fault:
    """The test failed or was skipped before its benchmark could be measured, or, on head, after."""
    error, message, said = failure["error"], failure["message"], _said(failure)
    if error == "OSError" and _SAME_ADDRESS in message:
        return Fault(
            Verdict.INCONCLUSIVE,
            f"both sides run at once and meet on one address ({said}); bind port 0",
            failure["text"],
        )
    if side == "baseline" and _lacks(error, message):
        return Fault(Verdict.NEW, f"uses what the baseline lacks ({said})")
    what = "skipped" if failure["outcome"] == "skipped" else "failed"
    return Fault(_verdict(side), f"{what} on {_name(side)} in {failure['when']} ({said})", failure["text"])


def failed_again(side: str, failure: Mapping[str, str]) -> Fault:
    """The first call went well and a later one did not."""
    said = _said(failure) if failure else "its exception was caught"
    return Fault(
        _verdict(side),
        f"a repeated call failed on {_name(side)} ({said}); "
        "give benchmark.pedantic a setup= that prepares each call",
        failure.get("text", ""),
        transient=True,
    )


def uncollected(side: str, node_id: str, errors: Mapping[str, Mapping[str, str]]) -> Fault:
    """The benchmark was not among those collected, perhaps because its file could not be imported."""
    for place, error in errors.items():
        if node_id.startswith(place) or not place:
            if side == "baseline" and error["error"] in _MISSING:
                return Fault(
                    Verdict.NEW, f"the baseline cannot import {place} ({error['error']})", error["text"]
                )
            return Fault(_verdict(side), f"{place} cannot be collected on {_name(side)}", error["text"])
    if side == "baseline":
        return Fault(Verdict.NEW, "the baseline does not collect it")
    return Fault(
        _verdict(side),
        "head does not collect it in its copy of the tree; "
        "list the ignored files it needs under copy, and give parameters short ids",
    )


def broken_session(worker: WorkerProcess, message: Mapping[str, Any]) -> Fault:
    """The session of one side did not start: a conftest that cannot be imported, a usage error."""
    said = f"{message['error']}: {message['text']}"
    if worker.side == "baseline" and message["error"] in _MISSING:
        return Fault(Verdict.NEW, f"the baseline cannot start ({said})", worker.output())
    return Fault(_verdict(worker.side), f"{_name(worker.side)} cannot start ({said})", worker.output())


def lost_worker(worker: WorkerProcess, lost: WorkerLost) -> Fault:
    """A worker crashed, hung or sent garbage."""
    return Fault(
        _verdict(worker.side), f"{_name(worker.side)}'s worker {lost}", worker.output(), transient=True
    )


def unused(side: str) -> Fault:
    """The test ended without calling its benchmark."""
    return Fault(_verdict(side), f"the test did not call its benchmark on {_name(side)}")


def wrong_tree(messages: Mapping[str, Mapping[str, Any]]) -> Fault | None:
    """A worker imported the project from a tree that is not its own: nothing it measured proves anything."""
    for side, message in messages.items():
        for module, file in message.get("strangers", ()):
            did = f"has {file} on sys.path" if module == "sys.path" else f"imported {module} from {file}"
            return Fault(
                Verdict.INVALID,
                f"{_name(side)} {did}, outside its own tree; "
                "import the project by name, without absolute paths in sys.path, conftest or finders",
            )
    return None


def _said(failure: Mapping[str, str]) -> str:
    error, message = failure["error"], failure["message"].strip()
    return f"{error}: {message.splitlines()[0]}" if message else error


def _lacks(error: str, message: str) -> bool:
    return error in _MISSING or (error == "TypeError" and bool(_SIGNATURE.search(message)))


def _verdict(side: str) -> Verdict:
    return Verdict.HEAD_ERROR if side == "head" else Verdict.BASE_ERROR


def _name(side: str) -> str:
    return "head" if side == "head" else "the baseline"
