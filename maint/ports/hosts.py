"""Which addresses a host stands for, and whether two hosts meet on one machine."""

from __future__ import annotations

import ipaddress

ANY_V4, ANY_V6 = "0.0.0.0", "::"
_ANY = {"*": (ANY_V4, ANY_V6), "": (ANY_V4, ANY_V6), ANY_V4: (ANY_V4,), ANY_V6: (ANY_V4, ANY_V6)}
_LOCAL = ("127.0.0.1", "::1")


def addresses(host: str) -> tuple[str, ...]:
    """The addresses to bind for ``host``: ``*`` is every one of both families, ``::`` also takes IPv4.

    A name other than ``localhost`` stands for itself.
    """
    bare = host.strip().strip("[]").lower()
    if bare == "localhost":
        return _LOCAL
    if bare in _ANY:
        return _ANY[bare]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return (bare,)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    text = str(mapped or address)
    return _ANY.get(text, (text,))


def is_wildcard(host: str) -> bool:
    """Whether ``host`` is every address of a family."""
    return any(address in (ANY_V4, ANY_V6) for address in addresses(host))


def hosts_overlap(one: str, other: str) -> bool:
    """Whether sockets on the same port of ``one`` and of ``other`` are in each other's way.

    Two different names, or a name and an address, are taken to be apart: what they stand for is unknown here.
    """
    return any(_meet(a, b) for a in addresses(one) for b in addresses(other))


def _meet(one: str, other: str) -> bool:
    if one == other:
        return True
    for any_, own in ((ANY_V4, 4), (ANY_V6, 6)):
        if any_ in (one, other):
            version = _version(other if one == any_ else one)
            if version in (own, None):
                return True
    return False


def _version(host: str) -> int | None:
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        return None
