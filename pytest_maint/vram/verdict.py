"""The verdict on one test's budget, from what the sources saw: pure, and able to speak for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from maint.gpu.downgrade import Downgrade, other_tenants
from maint.gpu.sizes import amount, bare, pair, unit
from maint.report.cells import printable

# What libraries load by and by (kernels, workspaces of cuBLAS and cuDNN) is theirs, not the test's.
LIBRARIES = 256 * 2**20


class Figure(NamedTuple):
    """What one source says: the peak in bytes, and how good that is (``exact``, ``sampled 38 times``)."""

    source: str
    peak: int
    how: str

    @property
    def bound(self) -> bool:
        """Whether the peak may have been less."""
        return self.how == "at most"


class Delta(NamedTuple):
    """By how much a whole device's use grew, in bytes, and how much of that may be others'.

    ``least`` and ``most`` bound the own part; ``most`` is None where others are hidden from the driver's
    list, who may have freed anything. ``others`` is what others held at the start: rows of the list, and what
    is in none.
    """

    growth: int
    least: int
    most: int | None
    others: int
    how: str


class Evidence(NamedTuple):
    """All that is known of one device at the end of a test; figures in bytes.

    ``process`` is the driver's figure and holds the context of the process, ``context`` tells that apart
    (None: unknown). ``outside`` is what the process held at the end beside context and allocators.
    """

    device: str = ""
    allocators: tuple[Figure, ...] = ()
    accounting: Figure | None = None
    process: Figure | None = None
    delta: Delta | None = None
    context: int | None = None
    outside: int = 0
    notes: tuple[Downgrade, ...] = ()


class Verdict(NamedTuple):
    """``status`` is ok, over, unjudged or measured (there is no budget).

    ``peak`` is the test's own, without the context, and None where nobody could say; ``source`` names whose
    figure it is. ``code`` is the rule behind over and unjudged; ``detail`` says what the message leaves to
    be reckoned.
    """

    status: str
    peak: int | None
    source: str
    message: str
    code: str = ""
    device: str = ""
    detail: str = ""


class _Claim(NamedTuple):
    """The own part of the peak is from ``least`` to ``most`` (None: no bound) according to ``source``."""

    source: str
    least: int
    most: int | None

    def settles(self, budget: int | None) -> bool:
        if budget is None:
            return True
        return self.least > budget or (self.most is not None and self.most <= budget)


def judge(name: str, evidence: Evidence, budget: int | None) -> Verdict:
    """The verdict of the best source that settles it; ``name`` is the test's."""
    name = printable(name)
    claims = list(_claims(evidence))
    claim = next((one for one in claims if one.settles(budget)), None)
    if claim is None:
        return _unjudged(name, evidence, budget, claims)
    peak = claim.least if budget is not None and claim.least > budget else claim.most or claim.least
    if budget is None:
        return Verdict("measured", peak, claim.source, _measured(name, evidence, peak), "", evidence.device)
    over = claim.least > budget
    message = _judged(name, evidence, peak, budget)
    if not over:
        return Verdict("ok", peak, claim.source, message, "", evidence.device)
    detail = f"{amount(peak - budget)} over"
    if _total(evidence, peak) != peak:
        detail += f": the test's own are {amount(peak)}, without the context of the process"
    return Verdict("over", peak, claim.source, f"{message}; VRAM001", "VRAM001", evidence.device, detail)


def worst(verdicts: list[Verdict]) -> Verdict:
    """Of the verdicts on several devices the one to report: over before unjudged, then the highest peak."""
    order = {"over": 2, "unjudged": 1}
    return max(verdicts, key=lambda one: (order.get(one.status, 0), one.peak or 0))


def _claims(evidence: Evidence) -> Iterator[_Claim]:
    """What each source says of the test's own part, best source first."""
    if evidence.allocators:
        most = sum(figure.peak for figure in evidence.allocators) + evidence.outside
        exact = [figure.peak for figure in evidence.allocators if not figure.bound]
        # Several need not have had their peaks at one time.
        least = most if len(exact) == len(evidence.allocators) == 1 else max(exact, default=0)
        if evidence.process is not None and len(exact) < len(evidence.allocators):
            # A bound is what a pool keeps, and it may have kept more before it gave some back.
            most = max(most, evidence.process.peak - (evidence.context or 0))
        yield _Claim(" + ".join(figure.source for figure in evidence.allocators), least, most)
    for figure in (evidence.accounting, evidence.process):
        if figure is not None:
            own = max(figure.peak - (evidence.context or 0), 0)
            yield _Claim(figure.source, 0 if figure.bound else own, own)
    if evidence.delta is not None:
        yield _Claim("NVML device", evidence.delta.least, evidence.delta.most)


def _unjudged(name: str, evidence: Evidence, budget: int | None, claims: list[_Claim]) -> Verdict:
    """Nobody settles it: the reason that the last source was left with."""
    if evidence.delta is not None:
        why = _tenants(evidence.delta)
    elif evidence.notes:
        why = evidence.notes[-1]
    else:
        why = other_tenants("its sources give bounds only, or had their peaks at different times")
    at_most = [claim.most for claim in claims if claim.most is not None]
    said = f"budget {amount(budget)} not judged" if budget is not None else "not measured"
    shown = f" ({_sources(evidence, unit(budget)[0])})" if claims and budget is not None else ""
    message = f"{name}: {said}: {why.detail}{shown}; {why.code}"
    return Verdict("unjudged", min(at_most, default=None), "", message, why.code, evidence.device)


def _tenants(delta: Delta) -> Downgrade:
    """Why the growth of the device does not settle it."""
    held = f"others, who are hidden here, held {amount(delta.others)} of the device at the start"
    return other_tenants(f"{held}, and may have grown or shrunk")


def _measured(name: str, evidence: Evidence, peak: int) -> str:
    total = _total(evidence, peak)
    return f"{name} peaked at {amount(total)}{_where(evidence)} ({_sources(evidence, unit(total)[0])})"


def _judged(name: str, evidence: Evidence, peak: int, budget: int) -> str:
    name_of_unit = pair(peak, budget)[0].rpartition(" ")[2]
    if name_of_unit != "bytes":
        name_of_unit = unit(max(_total(evidence, peak), budget))[0]
    first, second = (
        f"{bare(size, name_of_unit)} {name_of_unit}" for size in (_total(evidence, peak), budget)
    )
    sources = _sources(evidence, name_of_unit)
    return f"{name} peaked at {first}{_where(evidence)}, budget {second} ({sources})"


def _where(evidence: Evidence) -> str:
    return f" on device {evidence.device}" if evidence.device else ""


def _total(evidence: Evidence, peak: int) -> int:
    """What the card had to hold for the process: the context too, where that is known."""
    driver = evidence.process.peak if evidence.process is not None else 0
    return max(peak + (evidence.context or 0), driver)


def _sources(evidence: Evidence, name: str) -> str:
    """``torch allocator 2.11 exact, NVML process 2.41 sampled 38 times, context 0.30``."""
    figures = (*evidence.allocators, evidence.accounting, evidence.process)
    parts = []
    for figure in figures:
        if figure is not None:
            value = bare(figure.peak, name)
            parts.append(
                f"{figure.source} at most {value}"
                if figure.bound
                else f"{figure.source} {value} {figure.how}"
            )
    if evidence.outside:
        parts.append(f"outside of it {bare(evidence.outside, name)}")
    if (delta := evidence.delta) is not None:
        parts.append(f"NVML device +{bare(delta.growth, name)} {delta.how}")
        parts.append(f"others {bare(delta.others, name)} at the start")
    parts.append(_context(evidence, name))
    parts += [f"{note.name} {note.code}" for note in evidence.notes]
    return ", ".join(part for part in parts if part)


def _context(evidence: Evidence, name: str) -> str:
    if evidence.context is not None:
        return f"context {bare(evidence.context, name)}"
    driver = evidence.process or evidence.accounting
    if driver is not None or evidence.delta is not None:
        held = driver is None or driver.peak
        return "context included" if held else ""
    return "context unknown"
