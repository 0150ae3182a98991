"""The verdict: a measurement against the baseline, the minimum and the patch. Pure; whole numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath

import msgspec

from maint.coverage import findings as say
from maint.coverage.baseline import TOTAL, Baseline, Row, Waiver
from maint.coverage.counts import Counts, has_fallen, threshold
from maint.coverage.judgement import FileVerdict, Judgement, Status
from maint.coverage.measured import FileMeasure, Measured
from maint.coverage.patch import Patch
from maint.coverage.settings import CoverageSettings
from maint.coverage.wording import name, percent
from maint.findings import Finding
from maint.report.cells import printable, shorten


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What a verdict depends on besides the numbers.

    ``today`` is the date of the commit under test, ``present`` the paths of the baseline that exist,
    ``renames`` new path -> old path since the baseline was last written.
    """

    today: date
    present: frozenset[str] = frozenset()
    renames: Mapping[str, str] = msgspec.field(default_factory=dict)
    patch: Patch | None = None


def judge(
    measured: Measured, baseline: Baseline | None, settings: CoverageSettings, circumstances: Circumstances
) -> Judgement:
    """Compare ``measured`` with all that is demanded of it; ``baseline`` is None where there is none yet."""
    said, told = _patch(circumstances.patch, settings.patch_min)
    found = [*_minimum(measured.total, settings, circumstances.today), *said]
    notes: list[str] = []
    files: tuple[FileVerdict, ...] = ()
    was: Counts | None = None
    differences = baseline.why_not_comparable(measured.environment) if baseline else ""
    if baseline is None:
        notes.append(f"no baseline: {settings.baseline} is not there; maint coverage init writes it")
    elif differences or not baseline.environments:
        found.append(say.not_comparable(differences or "nothing at all", strict=settings.strict_env))
    else:
        ratchet = _Ratchet(measured, baseline, settings, circumstances)
        files, was = ratchet.files, ratchet.expected()
        # The single files last: there may be many, and a terminal shows the first twenty lines.
        found += (*ratchet.total(), *ratchet.each_file())
        notes += ratchet.notes()
    return Judgement(
        total=measured.total,
        key=measured.environment.key,
        files=files,
        baseline_total=was,
        required=_required(settings, circumstances.today),
        patch=circumstances.patch,
        findings=tuple(found),
        notes=(*notes, *told),
    )


class _Ratchet:
    """The files of one environment, each beside its row."""

    def __init__(
        self,
        measured: Measured,
        baseline: Baseline,
        settings: CoverageSettings,
        circumstances: Circumstances,
    ) -> None:
        self._baseline = baseline
        self._key = measured.environment.key
        self._today = circumstances.today
        self._new_file_min = settings.new_file_min
        rows = baseline.pinned(self._key)
        inside = {
            path: file for path, file in measured.files.items() if not PurePosixPath(path).is_absolute()
        }
        self._now = sum((file.counts for file in inside.values()), Counts())
        verdicts = [self._measured(path, file, rows, circumstances.renames) for path, file in inside.items()]
        renamed = {verdict.old_path for verdict in verdicts}
        verdicts += [
            FileVerdict(
                path=path, status=Status.UNMEASURED if path in circumstances.present else Status.GONE, row=row
            )
            for path, row in rows.items()
            if path not in inside and path not in renamed
        ]
        order = list(Status)
        self.files = tuple(
            sorted(verdicts, key=lambda file: (order.index(file.status), -file.more_missed, file.path))
        )

    def expected(self) -> Counts:
        """The sum that the total is compared with: the rows of the files that were measured.

        Where an exception holds, its counts; a new file demands nothing here.
        """
        return sum((self._demanded(file) for file in self.files if file.now and file.row), Counts())

    def total(self) -> Iterator[Finding]:
        """The total against the sum of the rows; of nothing but new files there is none to compare with."""
        was = self.expected()
        has_total_fallen = was.total and has_fallen(self._now, was.ratio, was.misses)
        if has_total_fallen and not self._is_admitted(TOTAL, self._now):
            yield say.total_fell(was, self._now)

    def each_file(self) -> Iterator[Finding]:
        """One finding a file that fell short."""
        for file in self.files:
            if file.status is Status.FELL and file.row and file.now:
                yield say.fell(file.path, file.row, file.now, self._expired(file.path))
            elif file.status is Status.TOO_LOW and file.now:
                yield say.new_file(file.path, file.now, self._new_file_min)
            elif file.status is Status.UNMEASURED and file.row:
                yield say.not_measured(file.path, file.row)

    def notes(self) -> Iterator[str]:
        """The exceptions that were made use of."""
        for file in self.files:
            if file.status is Status.EXCEPTED:
                for waiver in self._in_force(file.path):
                    reason = shorten(printable(waiver.reason), 120)
                    yield f"{name(file.path)}: excepted until {waiver.until.isoformat()}: {reason}"

    def _measured(
        self, path: str, file: FileMeasure, rows: Mapping[str, Row], renames: Mapping[str, str]
    ) -> FileVerdict:
        old_path = "" if path in rows else renames.get(path, "")
        row = rows.get(old_path or path)
        return FileVerdict(
            path=path,
            status=self._status(path, file.counts, row),
            row=row,
            now=file,
            old_path=old_path if row else "",
        )

    def _status(self, path: str, now: Counts, row: Row | None) -> Status:
        if row is None:
            if not now.ratio.is_under(threshold(self._new_file_min)):
                return Status.NEW
            return Status.EXCEPTED if self._is_admitted(path, now) else Status.TOO_LOW
        if row.rejects(now):
            return Status.EXCEPTED if self._is_admitted(path, now) else Status.FELL
        return Status.ROSE if row.floor.is_under(now.ratio) else Status.HELD

    def _demanded(self, file: FileVerdict) -> Counts:
        assert file.row is not None
        if file.status is Status.EXCEPTED:
            return max((waiver.counts for waiver in self._in_force(file.path)), key=lambda one: one.misses)
        return file.row.counts

    def _is_admitted(self, path: str, now: Counts) -> bool:
        """Whether exceptions are in force for ``path``, and ``now`` is within all of them."""
        in_force = self._in_force(path)
        return bool(in_force) and all(waiver.admits(now) for waiver in in_force)

    def _in_force(self, path: str) -> list[Waiver]:
        return [one for one in self._baseline.granted(self._key, path) if self._today <= one.until]

    def _expired(self, path: str) -> Waiver | None:
        granted = self._baseline.granted(self._key, path)
        return max(
            (one for one in granted if one.until < self._today), key=lambda one: one.until, default=None
        )


def _minimum(total: Counts, settings: CoverageSettings, today: date) -> Iterator[Finding]:
    demands = _demands(settings, today)
    if demands:
        least, source = max(demands)
        if total.ratio.is_under(threshold(least)):
            yield say.below(total, least, source)
            return
    step = settings.floor.due(today) if settings.floor else None
    if settings.floor and step and total.ratio.is_under(threshold(step.percent)):
        yield say.due(total, step, settings.floor.last_day_of_grace(step))


def _demands(settings: CoverageSettings, today: date) -> list[tuple[Decimal, str]]:
    demands = [] if settings.min is None else [(settings.min, "min")]
    step = settings.floor.enforced(today) if settings.floor else None
    if step is not None:
        demands.append((step.percent, f"floor since {step.day.isoformat()}"))
    return demands


def _required(settings: CoverageSettings, today: date) -> str:
    demands = _demands(settings, today)
    return f"{percent(max(demands)[0])} required" if demands else ""


def _patch(patch: Patch | None, least: Decimal) -> tuple[Iterable[Finding], Iterable[str]]:
    if patch is None:
        return (), ()
    found = []
    told = [patch.note] if patch.note else []
    if patch.counts.ratio.is_under(threshold(least)):
        found.append(say.patch_below(patch, least))
    else:
        told.append(say.patch_said(patch))
    found += [say.changed_not_measured(file) for file in patch.files if not file.measured]
    return found, told
