"""Which format a file has, by its content, and its reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from maint.errors import InputError
from maint.readers import findings_json, flake8, junit, pytest_benchmark, sarif
from maint.readers.parsing import parsed
from maint.readers.pytest_benchmark import Limits
from maint.readers.source import Source, cut
from maint.report.section import Section

FLAKE8, JUNIT, FINDINGS, SARIF, BENCHMARK = "flake8", "junit", "findings", "sarif", "pytest-benchmark"
FORMATS = (FINDINGS, JUNIT, SARIF, FLAKE8, BENCHMARK)
_OF_LINES = {FLAKE8: flake8.read, JUNIT: junit.read}
_OF_JSON = {FINDINGS: findings_json.read, SARIF: sarif.read}
_OWN = frozenset({"schema", "runs", "findings"})
_SUPPORTED = "findings.json, JUnit XML, SARIF 2.1.0, flake8's default output, or two runs of pytest-benchmark"


def read(sources: Iterable[Source], limits: Limits, forced: str | None = None) -> list[Section]:
    """Every run in the files, each finding once; ``forced`` is the format instead of what the content says.

    Raises InputError naming file and position of what cannot be read.
    """
    sections: list[Section] = []
    saved: list[tuple[Source, Mapping[str, Any]]] = []
    for source in sources:
        name = forced or _textual(source)
        if name in _OF_LINES:
            sections += _OF_LINES[name](source)
            continue
        document = _object(source)
        name = forced or _of_object(source, document)
        if name == BENCHMARK:
            saved.append((source, document))
        else:
            sections += _OF_JSON[name](source, document)
    return findings_json.merged([*sections, *_compared(saved, limits)])


def _textual(source: Source) -> str | None:
    """The format of what is no JSON."""
    start = source.content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise InputError(
            f"{source.shown}: empty, so nothing tells its format; "
            "if it is flake8's that found nothing, run flake8 --count, which tells it from one that failed"
        )
    # UTF-16 with a byte order mark is XML's own to decode, and nobody else's.
    if start.startswith(b"<") or start[:4] in (b"\xff\xfe<\0", b"\xfe\xff\0<"):
        return JUNIT
    if start.rstrip() == b"0":  # of flake8 --count
        return FLAKE8
    return None if start[:1] in b"{[" else _lines(source)


def _lines(source: Source) -> str:
    first = source.text().lstrip(" \t\r\n").partition("\n")[0].rstrip("\r")
    if flake8.LINE.fullmatch(first):
        return FLAKE8
    raise InputError(f"{source.shown}:1:1: {cut(first, 60)!r} begins none of the formats; give {_SUPPORTED}")


def _object(source: Source) -> Mapping[str, Any]:
    document = parsed(source)
    if not isinstance(document, dict):
        raise InputError(f"{source.shown}:1:1: JSON that is no object; give {_SUPPORTED}")
    return document


def _of_object(source: Source, document: Mapping[str, Any]) -> str:
    if str(document.get("schema", "")).startswith("maint.findings/") or document.keys() >= _OWN:
        return FINDINGS
    if "runs" in document and ("version" in document or "$schema" in document):
        return SARIF
    if "benchmarks" in document and "machine_info" in document:
        return BENCHMARK
    raise InputError(
        f"{source.shown}: a JSON object with {cut(', '.join(document), 60) or 'nothing'!r}; give {_SUPPORTED}"
    )


def _compared(saved: Sequence[tuple[Source, Mapping[str, Any]]], limits: Limits) -> list[Section]:
    if not saved:
        return []
    if len(saved) != 2:
        names = ", ".join(source.shown for source, _ in saved)
        raise InputError(
            f"{names}: {len(saved)} of the 2 saved runs of pytest-benchmark that a comparison needs; "
            "give the baseline's file, then the other"
        )
    return pytest_benchmark.compare(saved[0], saved[1], limits)
