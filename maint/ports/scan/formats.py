"""The texts of ``maint ports scan`` and ``check``: one function a format, from the same result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from maint.findings import Finding
from maint.ports.scan.judge import shown
from maint.ports.scan.listing import inventory
from maint.ports.scan.run import Scan
from maint.ports.scan.site import Site
from maint.report.cells import counted, pad, printable, shorten
from maint.report.documents import FindingsDocument, json_bytes
from maint.report.github import annotation_lines
from maint.report.listing import worst_first
from maint.report.sarif import sarif_log
from maint.report.section import Section


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to show; ``with_sites`` lists every site in the text, not the findings alone."""

    scan: Scan
    section: Section
    with_sites: bool = True


def text(one: Shown) -> str:
    """The sites by port, those whose port is not known, the findings, what was not read, and the totals."""
    lines: list[str] = []
    if one.with_sites:
        known = [site for site in one.scan.sites if site.port is not None]
        lines += _table(sorted(known, key=lambda site: (site.port or 0, site.proto, site.role, site.path)))
        lines += [_unresolved(site) for site in one.scan.sites if site.port is None]
    lines += [_line(finding) for finding in worst_first(one.section.findings)]
    lines += [f"{printable(path)}: {printable(reason)}" for path, reason in one.scan.skipped]
    return "\n".join([*lines, _totals(one)]) + "\n"


def json(one: Shown) -> str:
    """``maint.ports.scan/1``."""
    return json_bytes(inventory(one.scan, one.section.findings)).decode()


def sarif(one: Shown) -> str:
    """SARIF 2.1.0."""
    return json_bytes(sarif_log([one.section])).decode()


def github(one: Shown) -> str:
    """Workflow commands that GitHub Actions turns into annotations, and the totals."""
    return "\n".join((*annotation_lines(one.section.findings), _totals(one))) + "\n"


def report(one: Shown) -> str:
    """``maint.findings/2``."""
    document = FindingsDocument(runs=(one.section.run,), findings=one.section.findings)
    return json_bytes(document).decode()


FORMATS: dict[str, Callable[[Shown], str]] = {
    "text": text,
    "json": json,
    "sarif": sarif,
    "github": github,
    "findings": report,
}


def _table(sites: Sequence[Site]) -> list[str]:
    rows = [
        (shown(one), one.role, one.socket or one.kind, one.confidence, one.place, one.expression)
        for one in sites
    ]
    cells = [tuple(printable(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)] if cells else []
    return [
        "  ".join(
            [*(pad(cell, width) for cell, width in zip(row[:-1], widths, strict=False)), shorten(row[-1], 60)]
        )
        for row in cells
    ]


def _unresolved(site: Site) -> str:
    name = f" (registered name {site.name})" if site.name else ""
    return printable(f"{site.place}: {site.role} of a port that is not known: {site.expression}{name}")


def _line(finding: Finding) -> str:
    place = finding.location
    return f"{printable(place.path or '')}:{place.line}: {finding.code} {printable(finding.message)}"


def _totals(one: Shown) -> str:
    sites, found = one.scan.sites, one.section.findings
    binds = sum(site.role == "bind" for site in sites)
    unknown = sum(site.port is None for site in sites)
    codes = ", ".join(f"{code} {count:,}" for code, count in sorted(Counter(f.code for f in found).items()))
    kinds = f"{counted(len(found), 'finding')} ({codes})" if found else "no findings"
    parts = [kinds, counted(binds, "bind"), counted(len(sites) - binds, "connect")]
    if unknown:
        hint = "" if one.with_sites else " (maint ports scan lists them)"
        parts.append(f"{unknown:,} of a port that is not known{hint}")
    if one.scan.skipped:
        parts.append(f"{len(one.scan.skipped):,} not read in full")
    return f"{', '.join(parts)}; {counted(len(one.scan.files), 'file')} looked at"
