"""Across files: where a name of another module leads, and what sites come of the drafts of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from pathlib import PurePosixPath

from maint.ports.scan.expression import (
    CONFIDENCES,
    HIGH,
    LOW,
    MEDIUM,
    Expression,
    Known,
    OneOf,
    Ref,
    Soft,
    World,
    evaluate,
)
from maint.ports.scan.site import Draft, Site, address

Exports = Callable[[str], Mapping[str, Expression]]
_FARTHEST = 12
# a number under this that is no literal counts something else: attempts, sockets
_PLAUSIBLE = 10


class Linker:
    """The modules of one scan. ``exports`` gives what a file holds, asked for only where a site needs it."""

    def __init__(self, files: Set[str], exports: Exports, port: Callable[[str], int | None]) -> None:
        self._files = files
        self._exports = exports
        self._port = port
        self._values: dict[tuple[str, str], Expression | None] = {}

    def sites(self, path: str, drafts: Iterable[Draft], *, is_partial: bool = False) -> Iterator[Site]:
        """The sites of a file; a port that the system chooses makes none.

        ``is_partial`` says that not all of the file was read: nothing in it is certain.
        """
        world = World(lambda ref: self.find(ref, path), self._port)
        for draft in drafts:
            found = [
                made for one in evaluate(draft.address, world) for made in _site(path, draft, one, is_partial)
            ]
            known = [one for one in found if one.port is not None]
            yield from _distinct(known or found[:1])

    def find(self, ref: Ref, path: str) -> Expression | None:
        """What ``ref``, written in ``path``, leads to; None where that is not among the files."""
        for name, rest in _splits(ref):
            module = self._file(name, path) if name else path
            if module is None:
                continue
            found = self._value(module, rest, 0)
            if found is not None:
                return found
        return None

    def _value(self, module: str, name: str, depth: int) -> Expression | None:
        key = (module, name)
        if key not in self._values:
            self._values[key] = None  # while it is looked for: a circle leads nowhere
            self._values[key] = self._looked_up(module, name, depth)
        return self._values[key]

    def _looked_up(self, module: str, name: str, depth: int) -> Expression | None:
        held = self._exports(module)
        if name in held:
            found: Expression | None = _absolute(held[name], module)
            return found.value if isinstance(found, Soft) and isinstance(found.value, Ref) else found
        if depth > _FARTHEST:
            return None
        parts = name.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            start, rest = ".".join(parts[:cut]), ".".join(parts[cut:])
            for alias in (held.get(start), *(held.get(f"{start}.*{index}") for index in range(4))):
                if (
                    isinstance(alias, Ref)
                    and (found := self._through(alias, rest, module, depth)) is not None
                ):
                    return found
            if rest == "value" and start in held:
                return _absolute(held[start], module)
        for index in range(8):
            star = held.get(f"*{index}")
            if isinstance(star, Ref) and (found := self._through(star, name, module, depth)) is not None:
                return found
        return None

    def _through(self, alias: Ref, rest: str, module: str, depth: int) -> Expression | None:
        whole = Ref(alias.module, f"{alias.name}.{rest}" if alias.name else rest)
        for name, remainder in _splits(whole):
            target = self._file(name, module) if name else module
            if target is not None and (target, remainder) != (module, rest):
                found = self._value(target, remainder, depth + 1)
                if found is not None:
                    return found
        return None

    def _file(self, module: str, importer: str) -> str | None:
        """The file of a module, from the importing file upwards: the nearest one."""
        if module.startswith("/"):
            return self._existing(module.strip("/"))
        tail = module.replace(".", "/")
        folder = PurePosixPath(importer).parent
        for parent in (folder, *folder.parents):
            for below in ("", "src/", "lib/"):
                base = "" if str(parent) == "." else f"{parent}/"
                if found := self._existing(f"{base}{below}{tail}"):
                    return found
        return None

    def _existing(self, stem: str) -> str | None:
        return next((one for one in (f"{stem}.py", f"{stem}/__init__.py") if one in self._files), None)


def _splits(ref: Ref) -> Iterator[tuple[str, str]]:
    """Module and name: ``a`` and ``b.C``, then ``a.b`` and ``C``, for what may be either."""
    parts = ref.name.split(".") if ref.name else []
    yield ref.module, ref.name
    separator = "/" if ref.module.startswith("/") else "."
    module = ref.module
    for index, part in enumerate(parts[:-1]):
        module = f"{module.rstrip('/')}{separator}{part}" if module else part
        yield module, ".".join(parts[index + 1 :])


def _absolute(value: Expression, module: str) -> Expression:
    """The same with what it says of its own module told by the path of that."""
    stem = "/" + module.removesuffix("/__init__.py").removesuffix(".py")
    match value:
        case Ref("", name):
            return Ref(stem, name)
        case Ref(other, name) if not other.startswith("/"):
            return Ref(other, name)
        case Soft(inner):
            return Soft(_absolute(inner, module))
        case OneOf(choices):
            return OneOf(tuple(_absolute(one, module) for one in choices))
    return value


def _site(path: str, draft: Draft, known: Known, is_partial: bool) -> Iterator[Site]:
    found = address(known.value, draft.proto)
    if found is None or found.port == 0:
        return
    if found.port is not None and found.port < _PLAUSIBLE and known.doubt:
        found = found._replace(port=None)
    doubt = max(known.doubt, draft.doubt, MEDIUM if is_partial else HIGH)
    yield Site(
        role=draft.role,
        proto=found.proto,
        host=found.host,
        port=found.port,
        expression=draft.expression,
        path=path,
        line=draft.line,
        confidence=CONFIDENCES[LOW if found.port is None else doubt],
        kind=draft.kind,
        socket=draft.socket,
        owner=draft.owner,
        name=known.names[0] if known.names else "",
        classes=draft.classes,
        reason=draft.reason,
        is_open=draft.is_open,
        machine=draft.machine,
    )


def _distinct(sites: Iterable[Site]) -> list[Site]:
    """One site a port, with the host of the surest."""
    best: dict[tuple[str, int | None], Site] = {}
    for one in sites:
        held = best.get((one.proto, one.port))
        if held is None or CONFIDENCES.index(one.confidence) < CONFIDENCES.index(held.confidence):
            best[(one.proto, one.port)] = one
    return list(best.values())
