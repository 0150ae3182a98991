from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.regression.naming import item_name, parameters, short_names, within_file

PIECES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3)
NODE_IDS = st.builds(
    lambda path, inside, parameter: "/".join(path) + ".py::" + "::".join(inside) + parameter,
    PIECES,
    PIECES,
    st.sampled_from(["", "[1]", "[a::b/c]", "[[x]]"]),
)


@pytest.mark.parametrize(
    ("node_ids", "shown"),
    [
        (["t/test_a.py::test_x", "t/test_a.py::test_y"], ["test_x", "test_y"]),
        (["t/test_a.py::test_x", "t/test_b.py::test_x"], ["test_a.py::test_x", "test_b.py::test_x"]),
        (
            ["t/a.py::A::test_x", "t/a.py::B::test_x", "t/a.py::test_x"],
            ["A::test_x", "B::test_x", "a.py::test_x"],
        ),
        (["t/a.py::test_x[1]", "t/a.py::test_x[2]"], ["test_x[1]", "test_x[2]"]),
        (["u/a.py::test_x", "v/a.py::test_x"], ["u/a.py::test_x", "v/a.py::test_x"]),
        (["t/a.py::test_x[p::q/r]", "t/a.py::test_y"], ["test_x[p::q/r]", "test_y"]),
        (["README.md"], ["README.md"]),
    ],
)
def test_names_are_cut_to_what_tells_them_apart(node_ids: list[str], shown: list[str]) -> None:
    assert [short_names(node_ids)[node_id] for node_id in node_ids] == shown


@given(st.sets(NODE_IDS, max_size=12))
def test_short_names_are_unique_endings(node_ids: set[str]) -> None:
    shown = short_names(node_ids)
    assert shown.keys() == node_ids
    assert len(set(shown.values())) == len(node_ids)
    assert all(node_id.endswith(short) for node_id, short in shown.items())


@given(st.sets(st.text(alphabet="a:/[]. \n", max_size=9), max_size=9))
def test_any_text_gets_some_name(node_ids: set[str]) -> None:
    assert short_names(node_ids).keys() == node_ids


@pytest.mark.parametrize(
    ("node_id", "name", "parameter", "inside"),
    [
        ("t/a.py::test_x", "test_x", None, "test_x"),
        ("t/a.py::C::test_x[a::b]", "test_x[a::b]", "a::b", "C::test_x[a::b]"),
        ("t/[a].py::test_x[1]]", "test_x[1]]", "1]", "test_x[1]]"),
        ("t/a.py", "t/a.py", None, "t/a.py"),
    ],
)
def test_a_node_id_comes_apart(node_id: str, name: str, parameter: str | None, inside: str) -> None:
    assert item_name(node_id) == name
    assert parameters(node_id) == parameter
    assert within_file(node_id) == inside
