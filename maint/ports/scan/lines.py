"""Files read line by line: Dockerfile, systemd units, ``.env`` and TOML, and whatever does not parse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from maint.ports.scan import keys
from maint.ports.scan.expression import LOW, UNKNOWN, Number, Pair, Text
from maint.ports.scan.forms import BIND
from maint.ports.scan.python import Facts
from maint.ports.scan.site import Draft

_SETTING = re.compile(
    r"""^\s*(?:export\s+)?(?:-\s+)?["']?(?P<key>[\w.-]+)["']?\s*[:=]\s*(?P<value>"[^"]*"|'[^']*'|\[[^\]]*\]|[^\s#,]+)"""
)
_TABLE = re.compile(r"^\s*\[+\s*(?P<name>[^\]]+?)\s*\]+")
_DECLARED = re.compile(r"^\s*(?:ARG|ENV)\s+(?P<name>\w+)[= ](?P<value>\d+)\s*$", re.IGNORECASE)
_EXPOSE = re.compile(r"^\s*EXPOSE\s+(?P<ports>.+)$", re.IGNORECASE)
_EXPOSED = re.compile(r"(?:\$\{?(?P<name>\w+)\}?|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<proto>tcp|udp))?")
_LISTEN = re.compile(r"^\s*Listen(?P<kind>Stream|Datagram)\s*=\s*(?P<where>[^#;\s]+)")
_WIDEST = 64


def settings(text: str, path: str) -> Facts:
    """``KEY=5556`` and ``port = 5556``, with the table it is in and the settings beside it."""
    return Facts(list(_settings(text)))


def _settings(text: str) -> Iterator[Draft]:
    for name, rows in _tables(text):
        beside = {key: value for key, value, _ in rows}
        for key, value, line in rows:
            for one in re.split(r"[\s,]+", value.strip("[] ")) if value.startswith("[") else [value]:
                if (found := keys.setting(key, one.strip("\"'"), line, name, beside)) is not None:
                    yield found


def _tables(text: str) -> Iterator[tuple[str, list[tuple[str, str, int]]]]:
    name, rows = "", list[tuple[str, str, int]]()
    for line, content in enumerate(text.split("\n"), 1):
        if table := _TABLE.match(content):
            yield name, rows
            name, rows = table["name"], []
        elif (found := _SETTING.match(content)) and not content.lstrip().startswith(("#", "//", ";")):
            rows.append((found["key"], found["value"].strip("\"'"), line))
    yield name, rows


def dockerfile(text: str, path: str) -> Facts:
    """``EXPOSE`` of an image: ports of its containers, not of the machine."""
    known: dict[str, int] = {}
    found = []
    for line, content in enumerate(text.split("\n"), 1):
        if declared := _DECLARED.match(content):
            known[declared["name"]] = int(declared["value"])
        if exposed := _EXPOSE.match(content):
            for match in _EXPOSED.finditer(exposed["ports"].partition("#")[0]):
                first = known.get(match["name"], 0) if match["name"] else int(match["first"])
                ports = [Number(one) for one in _range(first, int(match["last"] or first))]
                for port in ports if first else (UNKNOWN,):
                    where = Pair(Text("*"), port)
                    found.append(
                        keys.draft(
                            BIND,
                            "container",
                            line,
                            where,
                            content.strip(),
                            proto=match["proto"] or "tcp",
                            machine=path,
                        )
                    )
    return Facts(found)


def _range(first: int, last: int) -> range:
    return range(first, last + 1) if 0 < first <= last < 65536 and last - first < _WIDEST else range(0)


def unit(text: str, path: str) -> Facts:
    """``ListenStream`` and ``ListenDatagram`` of a socket unit."""
    found = []
    for line, content in enumerate(text.split("\n"), 1):
        match = _LISTEN.match(content)
        if match is None:
            continue
        host, _, port = match["where"].rpartition(":")
        value = keys.number(port)
        if value is not None or ("%" in port and port[0] not in "/@"):
            proto = "tcp" if match["kind"] == "Stream" else "udp"
            where = Pair(Text(host.strip("[]") or "*"), value[0] if value else UNKNOWN)
            owner = PurePosixPath(path).stem
            found.append(keys.draft(BIND, "systemd", line, where, content.strip(), proto=proto, owner=owner))
    return Facts(found)


def anything(text: str) -> list[Draft]:
    """Settings that hold a port, in a file that is not what it should be; none of them certain."""
    import msgspec

    return [msgspec.structs.replace(one, doubt=LOW) for one in _settings(text)]
