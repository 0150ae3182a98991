"""What is wrong with a set of sites: pure, and the same for any order of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from maint.ports.hosts import hosts_overlap, is_wildcard
from maint.ports.registry import Entry
from maint.ports.scan.owners import are_copies, is_copy, matches, owner
from maint.ports.scan.site import Site

PRIVILEGED = 1024
# Linux's own default: what a scan finds must not depend on the machine that it runs on
EPHEMERAL = range(32768, 61000)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "*"})
# kinds that open no port themselves: an image's EXPOSE, a number in a configuration file
_SAID = frozenset({"container", "setting"})


class Fault(NamedTuple):
    """One thing that is wrong; ``place`` is ``path:line``, ``said`` what happened there.

    ``identity`` is what stays when lines move; ``others`` are the further places of it.
    """

    code: str
    path: str
    line: int
    said: str
    identity: tuple[str, ...]
    others: tuple[str, ...] = ()


class Case(NamedTuple):
    """What there is to judge by. ``entries`` is None without a registry, which is ``registry``, a path.

    ``is_whole`` says that all of the project was looked at: only then is a thing that is not there missing.
    """

    sites: Sequence[Site]
    entries: Sequence[Entry] | None = None
    registry: str = ""
    texts: Mapping[str, bytes] = {}
    is_whole: bool = True
    is_test: Callable[[str], bool] = lambda _: False


def judge(case: Case) -> list[Fault]:
    """Every fault, by path, line and code."""
    found = [
        *_collisions(case),
        *_out_of_place(case),
        *_open(case),
        *_unexplained(case),
    ]
    if case.entries is not None:
        said = {one.identity[:2] for one in found if one.code == "PORT001"}
        copies = {(one.path, *one.identity[:2]) for one in found if one.code == "PORT009"}
        strays = [
            one
            for one in _foreign(case, case.entries)
            if one.identity[:2] not in said and (one.path, *one.identity[:2]) not in copies
        ]
        found += [*_unregistered(case, case.entries), *strays]
    if case.is_whole:
        found += [*_unbound(case), *_stale(case, case.entries or ())]
    return _once(sorted(set(found), key=lambda one: (one.path, one.line, one.code, one.said)))


def _once(found: Iterable[Fault]) -> list[Fault]:
    """The first fault of one code about one port of one file, with the places of the others."""
    first: dict[tuple[str, ...], Fault] = {}
    for one in found:
        key = (one.code, one.path, *one.identity)
        known = first.setdefault(key, one)
        if known is not one:
            others = dict.fromkeys((*known.others, f"{one.path}:{one.line}", *one.others))
            first[key] = known._replace(others=tuple(others))
    return list(first.values())


def is_sure(site: Site) -> bool:
    """Whether a site may make a finding: its port is known, and it is not one of several candidates."""
    return site.port is not None and site.confidence != "low" and not site.reason


def zone(site: Site) -> str:
    """What a site shares its ports with; ``""`` for one that opens none of the machine's."""
    if site.kind in _SAID:
        return ""
    return site.kind if site.kind in ("compose", "kubernetes") else "code"


def overlaps(one: Site, other: Site) -> bool:
    """Whether two binds are in each other's way: protocol, port and host; a host not known meets any."""
    if (one.proto, one.port) != (other.proto, other.port) or one.port is None:
        return False
    return one.host is None or other.host is None or hosts_overlap(one.host, other.host)


def collide(one: Site, other: Site, case: Case) -> bool:
    """Whether two binds that may make a finding are of two owners, and in each other's way."""
    return zone(one) == zone(other) and overlaps(one, other) and not _same_service(one, other, case)


def _binds(case: Case) -> list[Site]:
    return [one for one in case.sites if one.role == "bind" and is_sure(one)]


def _collisions(case: Case) -> Iterator[Fault]:
    groups: dict[tuple[str, str, int], list[Site]] = defaultdict(list)
    for site in _binds(case):
        if where := zone(site):
            groups[(where, site.proto, site.port or 0)].append(site)
    for group in groups.values():
        if len(group) > 1:
            yield from _in_group(group, case)


def _in_group(group: list[Site], case: Case) -> Iterator[Fault]:
    """One port: sites of one owner are one service, copies of a file too; what is left collides."""
    for component in _joined(group, overlaps):
        services = _joined(component, lambda one, other: _same_service(one, other, case))
        for service in services:
            yield from _duplicates(service, case)
        if len(services) > 1:
            yield _collision([min(service, key=_order) for service in services], case)


def _same_service(one: Site, other: Site, case: Case) -> bool:
    # whatever the registry says: its globs name files, and cannot tell what is in them apart
    if one.owner and other.owner and one.owner != other.owner:
        return False
    is_one_module = one.path == other.path and zone(one) == "code"
    if _are_strangers(one, other):
        return case.is_test(one.path) if is_one_module else _owned(one, case) == _owned(other, case)
    return is_one_module or _owned(one, case) == _owned(other, case) or are_copies(one, other, case.texts)


def _are_strangers(one: Site, other: Site) -> bool:
    """Whether two sites are of two classes of which neither is derived from the other."""
    if not one.classes or not other.classes:
        return False
    return one.classes[0] not in other.classes and other.classes[0] not in one.classes


def _duplicates(service: list[Site], case: Case) -> Iterator[Fault]:
    first: dict[str, Site] = {}
    for site in sorted(service, key=_order):
        first.setdefault(site.path, site)
    original, *copies = sorted(first.values(), key=lambda one: (is_copy(one.path), len(one.path), one.path))
    for copy in copies:
        if are_copies(original, copy, case.texts):
            said = f"{shown(copy)}: bound here as in {original.place}, of which this file is a copy"
            yield _fault("PORT009", copy, said, original.path, others=(original.place,))


def _collision(sites: list[Site], case: Case) -> Fault:
    first, second, *more = sorted(sites, key=_order)
    rest = f" and {len(more)} more" if more else ""
    one, other = (_owned(each, case) for each in (first, second))
    if one == other:
        one, other = (each.owner or each.classes[0] for each in (first, second))
    said = f"{shown(second)}: bound by {one} ({first.place}) and by {other} ({second.place}){rest}"
    others = (first.place, *(one.place for one in more))
    return _fault("PORT001", second, said, *sorted(one.path for one in sites), others=others)


def _foreign(case: Case, entries: Sequence[Entry]) -> Iterator[Fault]:
    """A registered port that a file binds which its owner's globs do not name."""
    for site in _code_binds(case):
        named = [one for one in entries if one.proto == site.proto and site.port in one.ports]
        strangers = [one for one in named if one.bind and not matches(site.path, one.bind)]
        if strangers and len(strangers) == len(named) and not site.name:
            entry = strangers[0]
            place = f"{case.registry}:{entry.line}"
            said = (
                f"{shown(site)}: bound here, registered to {entry.owner or entry.name} ({place}), "
                f"which binds it in {', '.join(entry.bind)}"
            )
            yield _fault("PORT001", site, said, entry.name, others=(place,))


def _unregistered(case: Case, entries: Sequence[Entry]) -> Iterator[Fault]:
    for site in _code_binds(case):
        if not any(one.proto == site.proto and site.port in one.ports for one in entries) and not site.name:
            yield _fault("PORT002", site, f"{shown(site)}: bound here, and not in {case.registry}")


def _code_binds(case: Case) -> list[Site]:
    return [one for one in _binds(case) if zone(one) and not case.is_test(one.path)]


def _stale(case: Case, entries: Iterable[Entry]) -> Iterator[Fault]:
    """Entries that nothing binds; none where a bind that cannot be read may be the one."""
    binds = [one for one in case.sites if one.role == "bind"]
    for entry in entries:
        if any(
            one.name == entry.name or (one.proto == entry.proto and one.port in entry.ports) for one in binds
        ):
            continue
        unread = [one for one in binds if one.port is None and not one.name]
        if any(matches(one.path, entry.bind) for one in unread) or (unread and not entry.bind):
            continue
        said = f"{entry.name}: registered, and no bind of {entry.proto} {entry.ports[0]} was found"
        yield Fault("PORT003", case.registry, entry.line, said, (entry.name,))


def _unbound(case: Case) -> Iterator[Fault]:
    """Connects to this machine where nothing listens; one fault a port."""
    bound = {(one.proto, one.port) for one in case.sites if one.role == "bind"}
    registered = [one for one in case.entries or () if one.ports]
    unread = sum(one.role == "bind" and one.port is None and not one.name for one in case.sites)
    seen: set[tuple[str, int | None]] = set()
    for site in sorted(case.sites, key=_order):
        key = (site.proto, site.port)
        if site.role != "connect" or not is_sure(site) or key in bound | seen or site.host not in _LOCAL:
            continue
        if site.kind == "setting" or any(
            one.proto == site.proto and site.port in one.ports for one in registered
        ):
            continue
        seen.add(key)
        rest = f"; {unread} binds could not be read" if unread else ""
        yield _fault("PORT004", site, f"{shown(site)}: connected to here, and nothing binds it{rest}")


def _out_of_place(case: Case) -> Iterator[Fault]:
    for site in _code_binds(case):
        port = site.port or 0
        if port in EPHEMERAL:
            span = f"{EPHEMERAL.start}-{EPHEMERAL.stop - 1}"
            said = f"{shown(site)}: in the range {span}, which the kernel gives to outgoing connections"
            yield _fault("PORT005", site, said)
        if port < PRIVILEGED and zone(site) == "code":
            yield _fault("PORT006", site, f"{shown(site)}: under {PRIVILEGED}, which needs root to bind")


def _open(case: Case) -> Iterator[Fault]:
    """ZeroMQ sockets that anybody may reach; one fault a file, which is where authentication is set up."""
    files: dict[str, list[Site]] = defaultdict(list)
    for site in _code_binds(case):
        if site.is_open and site.host is not None and is_wildcard(site.host):
            files[site.path].append(site)
    for sites in files.values():
        first, *more = sorted(sites, key=_order)
        rest = f" (and {len(more)} more)" if more else ""
        said = (
            f"{shown(first)}{rest}: open on every address, and no CURVE or other authentication in this file"
        )
        yield _fault("PORT008", first, said, others=tuple(dict.fromkeys(one.place for one in more)))


def _unexplained(case: Case) -> Iterator[Fault]:
    for site in case.sites:
        if site.reason == "":
            yield _fault("PORT007", site, f"{shown(site)}: port-ok gives no reason, and suppresses nothing")


def _fault(code: str, site: Site, said: str, *identity: str, others: tuple[str, ...] = ()) -> Fault:
    return Fault(code, site.path, site.line, said, (site.proto, str(site.port), *identity), others)


def shown(site: Site) -> str:
    """``tcp 127.0.0.1:5556``; the expression where the port is not known."""
    if site.port is None:
        return f"{site.proto} {site.expression}"
    host = f"[{site.host}]" if site.host and ":" in site.host else site.host or "?"
    return f"{site.proto} {host}:{site.port}"


def _owned(site: Site, case: Case) -> str:
    return owner(site, case.entries or ())


def _order(site: Site) -> tuple[str, int]:
    return site.path, site.line


def _joined(sites: Sequence[Site], related: Callable[[Site, Site], bool]) -> list[list[Site]]:
    """The sites in groups: related ones, and what is related to these, are together."""
    groups: list[list[Site]] = []
    for site in sorted(sites, key=lambda one: (one.path, one.line, one.host or "")):
        near = [group for group in groups if any(related(site, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(one for group in near for one in group), site])
    return groups
