"""YAML and JSON as trees with line numbers: settings, compose files, Kubernetes manifests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from maint.errors import MaintError
from maint.extras import require
from maint.ports.scan import compose, keys, kubernetes, lines
from maint.ports.scan.nodes import Node, mapping, plain, sequence
from maint.ports.scan.python import Facts
from maint.ports.scan.site import Draft

_DEEPEST = 30
_DEEPEST_PARSED = 1_000


def facts(text: str, path: str) -> Facts:
    """The ports of every document in a file; what does not parse is read line by line."""
    if "port" not in text.lower() and "://" not in text:
        return Facts()
    try:
        yaml = require("ports")
    except MaintError as error:
        return Facts(lines.anything(text), f"read line by line: {error}")
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        if _is_deep(text, yaml, loader):
            return Facts(lines.anything(text), "does not parse (nested too deep); read line by line")
        documents = [one for one in yaml.compose_all(text, Loader=loader) if one is not None]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        what = getattr(error, "problem", None) or str(error)
        return Facts(lines.anything(text), f"does not parse ({where}{what}); read line by line")
    found: list[Draft] = []
    for number, document in enumerate(documents, 1):
        found += _document(document, path, number)
    return Facts(found)


def _is_deep(text: str, yaml: Any, loader: Any) -> bool:
    """Whether a text nests deeper than the composer can go: it is in C and recursive, and may end us."""
    may_be = max(text.count("[") + text.count("{"), *map(len, text.split("\n")))
    if may_be <= _DEEPEST_PARSED:
        return False
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST_PARSED:
            return True
    return False


def _document(document: Any, path: str, number: int) -> Iterator[Draft]:
    top = mapping(document)
    if compose.is_compose(top, path):
        return compose.drafts(top, path)
    if kubernetes.is_manifest(top):
        return kubernetes.drafts(document, f"{path}#{number}")
    return _settings(document, "", 0, set())


def _settings(node: Node, above: str, depth: int, seen: set[int]) -> Iterator[Draft]:
    if depth > _DEEPEST or id(node) in seen:  # an anchor may be used often, and may lead back to itself
        return
    seen.add(id(node))
    pairs = mapping(node)
    beside = {key: plain(value) for key, value in pairs.items()}
    for key, value in pairs.items():
        if (text := plain(value)) is not None:
            if (found := keys.setting(key, text, value.start_mark.line + 1, above, beside)) is not None:
                yield found
            continue
        if keys.is_port(key):
            for item in sequence(value):
                if (found := keys.setting(key, plain(item), item.start_mark.line + 1, above)) is not None:
                    yield found
        yield from _settings(value, f"{above} {key}", depth + 1, seen)
    for item in sequence(node):
        yield from _settings(item, above, depth + 1, seen)
