"""From an exception type that was seen to the base that a reader of the code would catch."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable, Sequence

_BROAD = frozenset({"builtins:Exception", "builtins:BaseException"})
# A handler that catches one of these in its own code hides a defect more often than it handles a case.
BUGS = frozenset(
    {
        "builtins:NameError",
        "builtins:UnboundLocalError",
        "builtins:AttributeError",
        "builtins:TypeError",
        "builtins:AssertionError",
    }
)
# Built-in types of which programs handle the base: which one is raised differs by platform and cause.
_FAMILIES = ("builtins:OSError", "builtins:ImportError", "builtins:UnicodeError")


def lifted(bases: Sequence[str], own: Collection[str] = ()) -> str | None:
    """The nearest base that is documented for being caught; None where only Exception is left.

    ``bases`` are ``module:name``, the type itself first. Built-in types stay what they are but for the
    families of OSError, ImportError and UnicodeError. A type of a library becomes the base of that library
    that is furthest up, and where the library has no such base the built-in type that it derives from. The
    types of the project (``own``: its top-level packages) stay what they are too.
    """
    home = package(bases[0])
    if home in own:
        return next((base for base in bases if is_public(base) and base not in _BROAD), None)
    if home == "builtins":
        return _builtin(bases)
    related = [base for base in bases if package(base) == home and is_public(base)]
    ancestor = next((base for base in bases if package(base) == "builtins"), "builtins:Exception")
    derived = None if ancestor in _BROAD else _builtin([b for b in bases if package(b) == "builtins"])
    if len(related) > 1:
        return related[-1]
    return derived or (related[0] if related else None)


def _builtin(bases: Sequence[str]) -> str | None:
    family = next((base for base in bases if base in _FAMILIES), None)
    found = family or next((base for base in bases if is_public(base)), None)
    return None if found in _BROAD else found


def package(base: str) -> str:
    """The top-level package that a type belongs to."""
    return base.partition(":")[0].partition(".")[0]


def is_public(base: str) -> bool:
    """Whether a type can be named from outside: no private part, no type made in a function."""
    module, _, name = base.partition(":")
    return not any(part.startswith(("_", "<")) for part in (*module.split("."), *name.split(".")))


def is_bug(bases: Sequence[str]) -> bool:
    """Whether the type is one of those that tell of a defect; a library's own type below one is not."""
    return bases[0] in BUGS


def is_warning(bases: Iterable[str]) -> bool:
    """Whether this is a warning that the tests' settings turned into an error."""
    return "builtins:Warning" in bases


def without_covered(lineages: Iterable[Sequence[str]]) -> list[str]:
    """The first of each lineage, sorted, without those that another one is a base of."""
    chains = {chain[0]: set(chain[1:]) for chain in lineages}
    return sorted(name for name, above in chains.items() if above.isdisjoint(chains))


def builtin_bases(name: str) -> list[str]:
    """The lineage of a built-in exception by its bare name, or an empty list."""
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        return []
    return [f"builtins:{each.__name__}" for each in kind.__mro__ if issubclass(each, BaseException)]
