"""From a measurement to its judgement: reads the baseline and asks git for what the verdict depends on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from maint.coverage.baseline import Baseline
from maint.coverage.changes import renames
from maint.coverage.judge import Circumstances, judge
from maint.coverage.judgement import Judgement
from maint.coverage.lines import formatted, parse
from maint.coverage.measured import Measured
from maint.coverage.patch import patch_since
from maint.coverage.settings import CoverageSettings
from maint.errors import BaselineError, ConfigError, InputError
from maint.git import Repository
from maint.report.atomic import write_text


def assess(measured: Measured, root: Path, settings: CoverageSettings) -> Judgement:
    """The judgement of ``measured``, made in the project at ``root``.

    Raises MaintError when the gate cannot run: a baseline that cannot be read, an unknown ref, a clone too
    shallow for ``settings.patch``.
    """
    baseline = load(root, settings)
    return judge(measured, baseline, settings, circumstances(measured, baseline, root, settings))


def circumstances(
    measured: Measured, baseline: Baseline | None, root: Path, settings: CoverageSettings
) -> Circumstances:
    """What the verdict depends on besides the numbers; raises BaselineError where ``patch`` cannot be had."""
    known = {path for _, path in baseline.rows} if baseline else set()
    present = frozenset(path for path in known if (root / path).is_file())
    gone, new = known - present, measured.files.keys() - known
    return Circumstances(
        today=today(root),
        present=present,
        renames=_renames(root, settings) if gone and new else {},
        patch=patch_since(root, settings.patch, measured) if settings.patch else None,
    )


def load(root: Path, settings: CoverageSettings) -> Baseline | None:
    """The baseline of the project, or None where there is no file; raises InputError naming a bad line."""
    path = root / settings.baseline
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text; restore it from git") from None
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}; make it readable") from None
    return parse(text, settings.baseline)


def store(root: Path, settings: CoverageSettings, baseline: Baseline) -> bool:
    """Write the baseline; whether that changed the file. Raises MaintError when it cannot be written."""
    path = root / settings.baseline
    text = formatted(baseline)
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    write_text(path, text)
    return True


def today(root: Path, environ: Mapping[str, str] | None = None) -> date:
    """The date that a schedule is evaluated at: of ``SOURCE_DATE_EPOCH``, else of HEAD, else of the clock.

    A commit judged again years later is judged by the floor it had. All dates are UTC.
    """
    epoch = (os.environ if environ is None else environ).get("SOURCE_DATE_EPOCH", "").strip()
    if epoch:
        if not epoch.isdecimal() or len(epoch) > 11:
            raise ConfigError(
                f"SOURCE_DATE_EPOCH = {epoch!r}: expected seconds since 1970; unset it or set it so"
            )
        return _day(epoch)
    try:
        committed = Repository.open(root).ask("show", "--no-patch", "--format=%ct", "HEAD")
    except BaselineError:
        committed = None
    return _day(committed) if committed else datetime.now(UTC).date()


def _day(seconds: str) -> date:
    return datetime.fromtimestamp(int(seconds), UTC).date()


def _renames(root: Path, settings: CoverageSettings) -> Mapping[str, str]:
    """Renames since the commit that last wrote the baseline, whose paths are the ones in it."""
    try:
        repository = Repository.open(root)
        path = str((root / settings.baseline).resolve())
        written = repository.ask("log", "-1", "--format=%H", "--", f":(literal){path}")
        return renames(root, written) if written else {}
    except BaselineError:
        return {}
