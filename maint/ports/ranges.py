"""Ranges of ports: how they are written, and which of them suit leases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

LOWEST, HIGHEST = 1, 65535
UNPRIVILEGED = 1024
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
# IANA's dynamic range, which the BSDs and Windows hand out from
_DYNAMIC = range(49152, HIGHEST + 1)
_ENOUGH = 100


class LeaseRange(NamedTuple):
    """Where leases come from; ``note`` says why that is not what was asked for, empty where it is."""

    ports: range
    note: str


def parse(raw: object) -> range:
    """``5556`` or ``"8080-8083"`` as a range; ValueError says what was expected."""
    text = str(raw).strip() if isinstance(raw, int | str) and not isinstance(raw, bool) else ""
    first, dash, last = text.partition("-")
    if not (_digits(first) and (not dash or _digits(last))):
        raise ValueError("expected a port such as 5556 or a range such as '8080-8083'")
    low, high = int(first), int(last if dash else first)
    if not LOWEST <= low <= HIGHEST or not LOWEST <= high <= HIGHEST:
        raise ValueError(f"expected ports from {LOWEST} to {HIGHEST}")
    if low > high:
        raise ValueError(f"the range ends before it begins; write '{high}-{low}'")
    return range(low, high + 1)


def shown(ports: range) -> str:
    """``5556`` or ``8080-8083``."""
    return str(ports[0]) if len(ports) == 1 else f"{ports[0]}-{ports[-1]}"


def shifted(ports: range, offset: int) -> range:
    """The same number of ports, ``offset`` higher."""
    return range(ports.start + offset, ports.stop + offset)


def overlap(one: range, other: range) -> range:
    """What two ranges have in common; empty when nothing."""
    return range(max(one.start, other.start), min(one.stop, other.stop))


def ephemeral(path: Path = EPHEMERAL) -> range:
    """The ports the kernel gives to outgoing connections and to a bind of port 0."""
    try:
        low, high = map(int, path.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return _DYNAMIC
    return range(low, high + 1)


def lease_range(wanted: range, taken: range) -> LeaseRange:
    """The ports of ``wanted`` outside of ``taken``, the ephemeral range; else the widest rest of all ports.

    A port in the ephemeral range may go to somebody's outgoing connection at any moment, lease or no lease.
    """
    if not overlap(wanted, taken):
        return LeaseRange(wanted, "")
    kept = _widest(wanted, taken)
    if len(kept) < _ENOUGH:
        kept = _widest(range(UNPRIVILEGED, HIGHEST + 1), taken)
    if len(kept) < _ENOUGH:
        return LeaseRange(
            wanted,
            f"leases {shown(wanted)} lie in the ephemeral range {shown(taken)}, which leaves no room; "
            "narrow net.ipv4.ip_local_port_range",
        )
    return LeaseRange(
        kept,
        f"lease_range {shown(wanted)} runs into the ephemeral range {shown(taken)}; "
        f"leases come from {shown(kept)}",
    )


def _widest(wanted: range, taken: range) -> range:
    below = range(wanted.start, min(wanted.stop, taken.start))
    above = range(max(wanted.start, taken.stop), wanted.stop)
    return _longest((below, above))


def _longest(ranges: Iterable[range]) -> range:
    return max(ranges, key=len)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5
