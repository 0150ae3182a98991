"""From the YAML of a registry to its entries, with every problem and its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from maint.ports.located import Problem
from maint.ports.ranges import parse
from maint.ports.registry import PROTOS, Entry, Machine, Registry
from maint.ports.wording import suggestion
from maint.report.cells import printable

if TYPE_CHECKING:
    from pathlib import Path

    from maint.ports.located import Document, Item, Located

VERSION = 1
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
TOP = ("version", "ports", "machines", "sets")
ENTRY = ("port", "owner", "purpose", "proto", "host", "machine", "bind")
MACHINE = ("hosts", "reserved", "ports")
SET = ("offset",)
DEFAULT_HOST = "127.0.0.1"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def read(document: Document, path: Path, environ: Mapping[str, str]) -> tuple[Registry, list[Problem]]:
    """The registry that a document describes, and the problems of its single lines."""
    reader = _Reader(environ)
    top = reader.fields(document.root, TOP, "the registry") if document.root else {}
    reader.version(top.get("version"), document.root)
    machines = reader.machines(top.get("machines"))
    entries = reader.entries(top.get("ports"), machines)
    reader.overrides(machines, entries)
    sets = reader.sets(top.get("sets"))
    return Registry(path, entries, machines, sets, reader.variables), reader.problems


def environment_name(name: str) -> str:
    """The variable that overrides a registered port: ``PORT_HEALTH_BUS`` for ``health-bus``."""
    return "PORT_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


class _Reader:
    """Reads each part as far as it can, and notes what is wrong with the rest."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self.variables: dict[str, str | None] = {}
        self._environ = environ

    def say(self, line: int, problem: str) -> None:
        self.problems.append(Problem(line, printable(problem)))

    def fields(self, node: Located, known: tuple[str, ...], what: str) -> dict[str, Item]:
        """The known keys of a mapping; the others are said to be unknown."""
        found = self._mapping(node, what, f"with the keys {', '.join(known)}")
        for key, item in found.items():
            if key not in known:
                self.say(item.line, f"{what}: unknown key {key!r}; {suggestion(key, known)}")
        return {key: item for key, item in found.items() if key in known}

    def version(self, item: Item | None, root: Located | None) -> None:
        if item is None:
            self.say(root.line if root else 1, f"no version; write version: {VERSION}")
        elif item.value.value != VERSION or isinstance(item.value.value, bool):
            self.say(item.line, f"version {item.value.value!r}: only {VERSION} is known; update pytest-maint")

    def entries(self, item: Item | None, machines: Mapping[str, Machine]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        by_variable: dict[str, Entry] = {}
        for name, part in self._items(item, "ports", "of names").items():
            if not self._named(name, part.line):
                continue
            entry = self._entry(name, part, machines)
            if entry is None:
                continue
            other = by_variable.setdefault(environment_name(name), entry)
            if other is not entry:
                said = f"{name} and {other.name} (line {other.line}) both read {environment_name(name)}"
                self.say(part.line, f"{said}; rename one of them")
            found[name] = entry
        return found

    def machines(self, item: Item | None) -> dict[str, Machine]:
        found = {}
        for name, part in self._items(item, "machines", "of machines").items():
            what = f"machine {name}"
            fields = {} if part.value.value is None else self.fields(part.value, MACHINE, what)
            hosts = self._strings(fields.get("hosts"), f"{what}: hosts")
            reserved = self._ranges(fields.get("reserved"), f"{what}: reserved")
            ports = {
                port: ports
                for port, one in self._items(fields.get("ports"), f"{what}: ports", "of names").items()
                if (ports := self._ports(one.value, f"{what}: {port}")) is not None
            }
            found[name] = Machine(name, hosts, reserved, ports, part.line)
        return found

    def overrides(self, machines: Mapping[str, Machine], entries: Mapping[str, Entry]) -> None:
        """A machine's ports must be those of entries that may run there."""
        for machine in machines.values():
            for name in machine.ports:
                if name not in entries:
                    where = f"machine {machine.name}: ports"
                    self.say(machine.line, f"{where}: unknown port {name!r}; {suggestion(name, entries)}")
                elif entries[name].machine not in (None, machine.name):
                    said = f"{name} runs on {entries[name].machine} only (line {entries[name].line})"
                    self.say(machine.line, f"machine {machine.name}: ports: {said}; drop one of them")

    def sets(self, item: Item | None) -> dict[str, int]:
        found = {}
        for name, part in self._items(item, "sets", "of offsets").items():
            node = part.value
            if isinstance(node.value, dict):
                fields = self.fields(node, SET, f"set {name}")
                if "offset" not in fields:
                    self.say(part.line, f"set {name}: no offset; write offset: 1000")
                    continue
                node = fields["offset"].value
            offset = self._filled(node)
            if isinstance(offset, str) and re.fullmatch(r"\d{1,5}", offset, re.ASCII):
                offset = int(offset)
            if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset <= 65535:
                self.say(node.line, f"set {name}: {_plain(offset)!r}: expected an offset from 0 to 65535")
                continue
            found[name] = offset
        return found

    def _entry(self, name: str, part: Item, machines: Mapping[str, Machine]) -> Entry | None:
        node = part.value
        short = not isinstance(node.value, dict)
        fields = {} if short else self.fields(node, ENTRY, name)
        if not short and "port" not in fields:
            self.say(part.line, f"{name}: no port; write port: 5556 or port: 8080-8083")
            return None
        ports = self._ports(node if short else fields["port"].value, f"{name}: port")
        proto = self._text(fields.get("proto"), f"{name}: proto") or PROTOS[0]
        if proto not in PROTOS:
            self.say(fields["proto"].line, f"{name}: proto {proto!r}: expected one of 'tcp', 'udp'")
        machine = self._text(fields.get("machine"), f"{name}: machine")
        if machine is not None and machine not in machines:
            said = f"{name}: unknown machine {machine!r}; {suggestion(machine, machines)}"
            self.say(fields["machine"].line, said)
        owner = self._text(fields.get("owner"), f"{name}: owner") or ""
        purpose = self._text(fields.get("purpose"), f"{name}: purpose") or ""
        host = self._text(fields.get("host"), f"{name}: host") or DEFAULT_HOST
        bind = self._strings(fields.get("bind"), f"{name}: bind")
        if ports is None:
            return None
        return Entry(name, ports, owner, purpose, proto, host, machine, bind, part.line)

    def _named(self, name: str, line: int) -> bool:
        if NAME.fullmatch(name):
            return True
        self.say(line, f"ports: {name!r} is no name; use letters, digits, '_', '-' and '.'")
        return False

    def _items(self, item: Item | None, what: str, of: str) -> dict[str, Item]:
        return {} if item is None or item.value.value is None else self._mapping(item.value, what, of)

    def _mapping(self, node: Located, what: str, of: str) -> dict[str, Item]:
        if isinstance(node.value, dict):
            return node.value
        self.say(node.line, f"{what}: {_plain(node.value)!r}: expected a mapping {of}")
        return {}

    def _text(self, item: Item | None, what: str) -> str | None:
        if item is None:
            return None
        text = self._filled(item.value)
        if not isinstance(text, str) or not text.strip():
            self.say(item.line, f"{what}: {_plain(text)!r}: expected a string that is not empty")
            return None
        return text.strip()

    def _strings(self, item: Item | None, what: str) -> tuple[str, ...]:
        if item is None:
            return ()
        nodes = item.value.value if isinstance(item.value.value, list) else [item.value]
        found = [self._filled(node) for node in nodes]
        if all(isinstance(text, str) and text.strip() for text in found):
            return tuple(found)
        self.say(item.line, f"{what}: expected strings such as ['src/tts/**']")
        return ()

    def _ranges(self, item: Item | None, what: str) -> tuple[range, ...]:
        if item is None:
            return ()
        nodes = item.value.value if isinstance(item.value.value, list) else [item.value]
        found = (self._ports(node, what) for node in nodes)
        return tuple(ports for ports in found if ports is not None)

    def _ports(self, node: Located, what: str) -> range | None:
        raw = self._filled(node)
        try:
            return parse(raw)
        except ValueError as error:
            self.say(node.line, f"{what} {_plain(raw)!r}: {error}")
            return None

    def _filled(self, node: Located) -> Any:
        """The scalar with its ``${VAR}`` and ``${VAR:-default}`` put in."""
        if not isinstance(node.value, str):
            return node.value
        return _VARIABLE.sub(lambda match: self._variable(match, node.line), node.value)

    def _variable(self, match: re.Match[str], line: int) -> str:
        name, default = match.groups()
        value = self.variables[name] = self._environ.get(name)
        if value:
            return value
        if default is None:
            self.say(line, f"{name} is not set; set it, or give a default: ${{{name}:-5556}}")
            return "1"
        return str(default)


def _plain(value: object) -> object:
    return "…" if isinstance(value, dict | list) else value
