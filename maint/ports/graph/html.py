"""The topology as one self-contained page: a picture in three columns, and the same as a table."""

from __future__ import annotations

from maint.ports.graph.topology import Link, Port, Topology
from maint.report.cells import shorten
from maint.report.page import element, escaped, page

_ROW, _GAP, _TOP = 26, 14, 30
_WIDTH, _LEFT, _RIGHT = 980, 330, 650
_PORT_WIDTH = 150
_LONGEST = 42


def html(found: Topology) -> str:
    """The whole page; it follows the reader's light or dark scheme and asks nothing of any server."""
    title = "Ports: who binds and who connects"
    collisions = sum(bool(port.fault) for port in found.ports)
    summary = (
        f"{len(found.ports):,} ports, {collisions:,} with a collision, {len(found.unknown):,} sites of a "
        "port that only the running program knows. Left: who connects. Right: who binds. "
        "A dashed line is a guess."
    )
    body = [element("h1", escaped(title)), element("p", escaped(summary))]
    if found.ports:
        body += [element("div", picture(found), class_="scroll"), _table(found)]
    if found.unknown:
        items = "".join(element("li", element("code", escaped(one))) for one in found.unknown)
        body += [element("h2", "Ports that are not known", class_="part"), element("ul", items)]
    return page(title, element("main", "".join(body), class_="page"))


def picture(found: Topology) -> str:
    """The drawing: a row for each link, the port between those who connect and those who bind."""
    parts: list[str] = []
    y: float = _TOP
    for port in found.ports:
        drawn, height = _port(port, y)
        parts.append(drawn)
        y += height + _GAP
    heads = "".join(
        _text(x, 16, word, anchor)
        for x, word, anchor in (
            (_LEFT, "connects", "end"),
            (_WIDTH / 2, "port", "middle"),
            (_RIGHT, "binds", "start"),
        )
    )
    label = escaped("Ports in the middle, who connects on the left, who binds on the right")
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {y}" width="{_WIDTH}" height="{y}" '
        f'font-size="12" fill="currentColor" stroke="none">{heads}{"".join(parts)}</svg>'
    )


def _port(port: Port, top: float) -> tuple[str, float]:
    rows = max(1, len(port.binds), len(port.connects))
    height = rows * _ROW
    middle = top + height / 2
    width = 2.5 if port.fault else 1
    dash = ' stroke-dasharray="4 3"' if port.is_unbound else ""
    x = (_WIDTH - _PORT_WIDTH) / 2
    title = port.title + (f"  {port.fault}" if port.fault else "")
    parts = [
        f'<rect x="{x}" y="{middle - 11}" width="{_PORT_WIDTH}" height="22" rx="11" fill="none" '
        f'stroke="currentColor" stroke-width="{width}"{dash}/>',
        _text(_WIDTH / 2, middle + 4, shorten(title, 24), "middle"),
    ]
    parts += _links(port.connects, top, height, _LEFT, x, middle)
    parts += _links(port.binds, top, height, _RIGHT, x + _PORT_WIDTH, middle)
    kind = "said s-critical" if port.fault else "said"
    return f'<g class="{kind}"><title>{escaped(title)}</title>{"".join(parts)}</g>', height


def _links(
    links: tuple[Link, ...], top: float, height: float, x: float, at: float, middle: float
) -> list[str]:
    parts = []
    step = height / max(1, len(links))
    side = -1 if x < _WIDTH / 2 else 1
    for index, link in enumerate(links):
        y = top + step * (index + 0.5)
        dash = "" if link.is_sure else ' stroke-dasharray="4 3"'
        bend = (x + at) / 2
        start = x - 4 * side
        parts.append(
            f'<path d="M{start} {y:.1f}C{bend} {y:.1f} {bend} {middle:.1f} {at} {middle:.1f}" fill="none" '
            f'stroke="currentColor" stroke-opacity=".6"{dash}/>'
        )
        name = " ".join(filter(None, (link.socket, shorten(link.owner, _LONGEST))))
        shown = f"{shorten(link.owner, _LONGEST)} {link.socket}".strip() if side < 0 else name
        tip = f"<title>{escaped(link.place)}</title>"
        parts.append(_text(x, y + 4, shown, "end" if side < 0 else "start", tip))
    return parts


def _text(x: float, y: float, text: str, anchor: str, tip: str = "") -> str:
    return f'<text x="{x}" y="{y:.1f}" text-anchor="{anchor}">{escaped(text)}{tip}</text>'


def _table(found: Topology) -> str:
    head = "".join(element("th", word, scope="col") for word in ("port", "binds", "connects", "finding"))
    rows = "".join(
        element(
            "tr",
            element("th", escaped(port.title), scope="row")
            + element("td", _said(port.binds))
            + element("td", _said(port.connects))
            + element("td", escaped(port.fault)),
        )
        for port in found.ports
    )
    return element(
        "div", element("table", f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"), class_="scroll"
    )


def _said(links: tuple[Link, ...]) -> str:
    return "<br>".join(
        escaped(f"{link.socket} {link.owner}".strip()) + " " + element("code", escaped(link.place))
        for link in links
    )
