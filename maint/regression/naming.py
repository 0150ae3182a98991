"""Node ids taken apart, and shortened to what tells them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple


class NodeId(NamedTuple):
    """The pieces of a pytest node id; ``function`` carries its parameters, and is empty for a file's id."""

    places: tuple[str, ...]
    classes: tuple[str, ...]
    function: str

    @classmethod
    def of(cls, node_id: str) -> NodeId:
        """Split ``tests/test_io.py::TestRead::test_big[a/b::c]`` at what is no part of its parameters."""
        path, _, inside = node_id.partition("::")
        dotted, bracket, rest = inside.partition("[")
        *classes, function = dotted.split("::")
        return cls(tuple(path.split("/")), tuple(classes), function + bracket + rest)

    def ending(self, depth: int) -> str:
        """Return the last ``depth`` pieces, joined as in a node id."""
        inside = tuple(piece for piece in (*self.classes, self.function) if piece)
        folders = self.places[max(0, len(self.places) + len(inside) - depth) :]
        return "::".join(("/".join(folders), *inside) if folders else inside[-depth:])

    @property
    def depth(self) -> int:
        """How many pieces there are."""
        return len(self.places) + len(self.classes) + bool(self.function)


def within_file(node_id: str) -> str:
    """Return the node id without its file: the same in every run, whatever else was collected."""
    return node_id.partition("::")[2] or node_id


def item_name(node_id: str) -> str:
    """Return the function with its parameters: what pytest calls the item's name."""
    return NodeId.of(node_id).function or node_id


def parameters(node_id: str) -> str | None:
    """Return the id of the parameter set, the text inside the brackets, or None for a plain test."""
    _, bracket, rest = item_name(node_id).partition("[")
    return rest.removesuffix("]") if bracket else None


def short_names(node_ids: Iterable[str]) -> dict[str, str]:
    """Map each node id to its shortest ending that no other one has, at least its function."""
    waiting = {node_id: NodeId.of(node_id) for node_id in node_ids}
    shown: dict[str, str] = {}
    depth = 1
    while waiting:
        endings = {node_id: pieces.ending(depth) for node_id, pieces in waiting.items()}
        taken = Counter(endings.values())
        for node_id, ending in endings.items():
            if taken[ending] == 1 or depth >= waiting[node_id].depth:
                shown[node_id] = ending or node_id
                del waiting[node_id]
        depth += 1
    return shown
