"""YAML with the line of every key and value, through the safe loader."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from maint.errors import ConfigError
from maint.extras import require


class Located(NamedTuple):
    """A value and its line, from 1; ``value`` is a scalar, a list of `Located`, or a dict of `Item`."""

    value: Any
    line: int


class Item(NamedTuple):
    """What a key of a mapping holds; ``line`` is that of the key."""

    line: int
    value: Located


class Problem(NamedTuple):
    """What is wrong in a line."""

    line: int
    text: str


class Document(NamedTuple):
    """The root of a file, None when it is empty, and the keys that were written twice."""

    root: Located | None
    problems: list[Problem]


def located(text: str, name: str) -> Document:
    """Read one YAML document; anchors and ``<<`` are resolved, tags beyond YAML's own are refused.

    Raises ConfigError with the place of the first thing that is no YAML, MaintError without PyYAML.
    """
    yaml = require("ports")
    loader = None
    try:
        loader = yaml.SafeLoader(text)  # which looks at every character
        node = loader.get_single_node()
        if node is None:
            return Document(None, [])
        reader = _Reader(loader, yaml, name)
        return Document(reader.read(node), reader.problems)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ConfigError(f"{where}: not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = str(error).partition("\n")[0] or "nested too deep"
        raise ConfigError(f"{name}: not valid YAML: {said}") from None
    finally:
        if loader is not None:
            loader.dispose()


class _Reader:
    """Turns nodes into `Located`; each node once, so that aliases cost nothing."""

    def __init__(self, loader: Any, yaml: Any, name: str) -> None:
        self.problems: list[Problem] = []
        self._loader = loader
        self._yaml = yaml
        self._name = name
        self._read: dict[int, Located | None] = {}

    def read(self, node: Any) -> Located:
        line = node.start_mark.line + 1
        if id(node) in self._read:
            known = self._read[id(node)]
            if known is None:
                raise ConfigError(f"{self._name}:{line}: the anchor contains itself; write its value out")
            return known
        self._read[id(node)] = None
        if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python/"):
            raise ConfigError(
                f"{self._name}:{line}: not valid YAML: the tag {node.tag!r} is not allowed here"
            )
        if isinstance(node, self._yaml.MappingNode):
            value: Any = self._mapping(node)
        elif isinstance(node, self._yaml.SequenceNode):
            value = [self.read(child) for child in node.value]
        else:
            value = self._scalar(node)
        self._read[id(node)] = found = Located(value, line)
        return found

    def _scalar(self, node: Any) -> Any:
        try:
            return self._loader.construct_object(node)
        except (LookupError, AttributeError, TypeError, ValueError):  # as PyYAML fails at "!!bool x"
            line, tag = node.start_mark.line + 1, node.tag.rpartition(":")[2]
            raise ConfigError(
                f"{self._name}:{line}: not valid YAML: {node.value[:80]!r} is no {tag}"
            ) from None

    def _mapping(self, node: Any) -> dict[str, Item]:
        # before merging: a merged key that is written again is an override, not a mistake
        self._say_twice(node)
        self._loader.flatten_mapping(node)
        return {self._key(key): Item(key.start_mark.line + 1, self.read(value)) for key, value in node.value}

    def _say_twice(self, node: Any) -> None:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            name, line = self._key(key), key.start_mark.line + 1
            if name in seen and name != "<<":
                said = f"{name!r} is there already, in line {seen[name]}; keep one of them"
                self.problems.append(Problem(line, said))
            seen.setdefault(name, line)

    def _key(self, key: Any) -> str:
        return cast("str", key.value) if isinstance(key, self._yaml.ScalarNode) else "?"
