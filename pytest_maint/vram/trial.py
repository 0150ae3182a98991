"""One run of one test: when its measurement begins, what is held against it, and what becomes of it."""

from __future__ import annotations

import gc
import traceback
from types import TracebackType

import pytest

from maint.gpu.downgrade import Downgrade
from maint.gpu.sizes import amount
from maint.report.cells import printable
from pytest_maint.failure import own

from .driver import Driver
from .findings import Outcome
from .leak import Held, Leak, held, leak
from .meter import Meter, attach, detach, meter_of
from .request import Request
from .sources.source import Undo
from .verdict import Verdict

_TRIAL = pytest.StashKey["Trial"]()
_REFUSED = pytest.StashKey["Outcome | None"]()
_OWN_LOCALS = 1  # inspect.CO_OPTIMIZED: the code of a function
# What allocators raise when they may not have more.
_REFUSALS = {"torch allocator": "OutOfMemoryError", "CuPy pool": "OutOfMemoryError", "RMM": "MemoryError"}


class Trial:
    """What is kept between the phases."""

    def __init__(self) -> None:
        self.before: Held | None = None
        self.limited: dict[str, Undo] = {}
        self.problems: list[tuple[str, str]] = []
        self.cut = ""  # skipped or failed, where the test did not run to its end


def let_go(failures: list[TracebackType]) -> None:
    """Empty the frames of a failed test: what its variables hold on the card would be the next test's.

    They hang on its traceback, which pytest (for a debugger) and other plugins keep. The failure has been
    shown by now, and a debugger been there.
    """
    for found in failures:
        for frame, _ in traceback.walk_tb(found):
            try:
                frame.clear()
            except RuntimeError:  # it is still running: pytest's own
                continue
            # Before 3.13 a frame that was looked into keeps a copy; a module's is the module itself.
            if frame.f_code.co_flags & _OWN_LOCALS and isinstance(frame.f_locals, dict):
                frame.f_locals.clear()
    failures.clear()
    gc.collect()


def begin(item: pytest.Item, request: Request, driver: Driver) -> None:
    """Start to measure; skips or fails the test where that is what ``missing`` says."""
    detach(item)
    item.stash[_REFUSED] = None
    missing = driver.missing()
    meter = Meter(request, item.name, driver)
    if missing is not None and request.marked and meter.idle():
        _without(item, request, missing)
    attach(item, meter)
    trial = item.stash[_TRIAL] = Trial()
    if request.leak is not None:
        trial.before = held(meter.allocators(), driver)
    meter.begin()
    enforce(item)


def enforce(item: pytest.Item) -> None:
    """Make every allocator in use refuse what goes over the budget, once each, where the test asks for it."""
    meter = meter_of(item)
    if meter is None or not meter.request.enforce or meter.request.budget is None:
        return
    trial = item.stash[_TRIAL]
    for source in meter.allocators():
        if source.name in trial.limited:
            continue
        undo = source.limit(meter.request.budget, meter.request.device)
        if isinstance(undo, Downgrade):
            trial.problems.append(
                (undo.code, f"{printable(item.name)}: not enforced: {undo.detail}; {undo.code}")
            )
        else:
            trial.limited[source.name] = undo


def note(item: pytest.Item, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
    """A phase before the last: whether the test ended there, and whether that was its enforced budget."""
    trial, meter = item.stash.get(_TRIAL, None), meter_of(item)
    if trial is None or meter is None or call.excinfo is None:
        return
    # What was expected to fail has failed all the same.
    trial.cut = "skipped" if report.skipped and not hasattr(report, "wasxfail") else "failed"
    refused = {_REFUSALS[name] for name in trial.limited if name in _REFUSALS}
    if trial.cut == "failed" and call.excinfo.type.__name__ in refused:
        budget = amount(meter.request.budget or 0)
        said = f"{printable(item.name)} asked for more than its budget, {budget}, which is enforced; VRAM003"
        trial.problems.append(("VRAM003", said))
        report.sections.append(("vram_budget", said))


def end(item: pytest.Item, driver: Driver, *, passed: bool) -> Outcome | None:
    """Judge, and put back everything that was changed; None where nothing was asked."""
    meter = detach(item)
    if meter is None:
        return item.stash.get(_REFUSED, None)
    trial = item.stash[_TRIAL]
    try:
        verdict = meter.verdict()
        blocks = _blocks(meter, verdict)
        for undo in trial.limited.values():
            undo()
        found = _leak(meter, trial, driver) if passed and not trial.cut else None
    finally:
        meter.close()
    if trial.cut == "skipped":
        return None
    return _outcome(meter, verdict, trial, found, blocks)


def abandon(item: pytest.Item) -> None:
    """Put back everything that was changed for a test whose end was never reached."""
    meter = detach(item)
    if meter is not None:
        for undo in item.stash[_TRIAL].limited.values():
            undo()
        meter.close()


def _without(item: pytest.Item, request: Request, missing: Downgrade) -> None:
    """Skip or fail, if that is what the test is to do; ``run`` goes on, and is told to be unjudged."""
    said = f"{printable(item.name)}: {missing.detail}; {missing.code}"
    if request.missing == "run":
        return
    status = "skipped" if request.missing == "skip" else "unjudged"
    problems = ((missing.code, said),)
    refused = Outcome(request.node_id, status, None, request.budget, "", "", problems, said, failed=True)
    item.stash[_REFUSED] = refused
    if request.missing == "skip":
        pytest.skip(said)
    raise own(pytest.fail.Exception(said, pytrace=False))


def _leak(meter: Meter, trial: Trial, driver: Driver) -> Leak | Downgrade | None:
    allowed = meter.request.leak
    if trial.before is None or allowed is None:
        return None
    return leak(trial.before, meter.allocators(), driver, allowed)


def _blocks(meter: Meter, verdict: Verdict) -> list[str]:
    """What is still on the card when the test is over its budget, as far as an allocator knows."""
    if verdict.status != "over":
        return []
    return [line for source in meter.allocators() for line in source.blocks(int(verdict.device or 0))]


def _shown(blocks: list[str]) -> tuple[str, ...]:
    return ("largest blocks still held:", *(f"  {printable(line)}" for line in blocks)) if blocks else ()


def _outcome(
    meter: Meter, verdict: Verdict, trial: Trial, found: Leak | Downgrade | None, blocks: list[str]
) -> Outcome:
    request = meter.request
    name = printable(request.node_id.rpartition("::")[2])
    problems = list(trial.problems)
    details = ((verdict.detail,) if verdict.detail else ()) + _shown(blocks)
    if verdict.code:
        problems.append((verdict.code, verdict.message))
    unsearched = ""
    if isinstance(found, Leak) and request.leak is not None:
        problems.append(("VRAM002", found.message(name, request.leak)))
    elif isinstance(found, Downgrade):
        unsearched = f"{name}: leak not judged: {found.detail}; {found.code}"
        problems.append((found.code, unsearched))
    # A test that stopped halfway might have used more; one that is over its budget by then is over it.
    refused = any(code == "VRAM003" for code, _ in problems)
    unfinished = trial.cut and not refused and verdict.status in ("ok", "measured")
    return Outcome(
        node_id=request.node_id,
        status="unfinished" if unfinished else verdict.status,
        peak=verdict.peak,
        budget=request.budget,
        source=verdict.source,
        device=verdict.device,
        problems=tuple(problems),
        headline=verdict.message,
        details=details,
        leaked=found.allocator if isinstance(found, Leak) else 0,
        strict=request.marked and request.missing == "fail",
        failed=bool(trial.cut),
        unsearched=unsearched,
    )
