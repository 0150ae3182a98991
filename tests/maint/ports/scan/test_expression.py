"""Evaluation against Python's own, for every expression both understand."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from maint.ports.scan.expression import HIGH, HOLE, LOW, MEDIUM, Number, OneOf, Ref, Soft, World, evaluate
from maint.ports.scan.lowering import Lowering
from maint.ports.scan.objects import At
from maint.ports.scan.scopes import Module
from maint.ports.scan.site import Address, address

NUMBERS = st.integers(1024, 60000).map(str)
SUMS = st.recursive(
    NUMBERS,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%"]), st.integers(1, 9)).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=4,
)
TEXTS = st.one_of(
    SUMS.map(lambda number: f"f'tcp://*:{{{number}}}'"),
    SUMS.map(lambda number: f"'tcp://%s:%d' % ('127.0.0.1', {number})"),
    SUMS.map(lambda number: f"'tcp://{{}}:{{}}'.format('localhost', {number})"),
    SUMS.map(lambda number: f"'tcp://*:' + str({number})"),
    SUMS.map(lambda number: f"''.join(['tcp://*:', str({number})])"),
)


def value(source: str) -> object:
    tree = ast.parse(source)
    module = Module(tree)
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    found = evaluate(Lowering(module).lower(last.value, At(module.top, 1 << 20, ())))
    assert len(found) == 1
    return found[0].value


@given(TEXTS)
def test_an_expression_comes_to_what_python_makes_of_it(source: str) -> None:
    assert value(source) == eval(source)


@given(SUMS)
def test_so_does_one_that_is_bound_to_names_in_between(source: str) -> None:
    assert value(f"a = {source}\nb = a\nf'tcp://*:{{b}}'") == f"tcp://*:{eval(source)}"


@given(st.text(max_size=40))
def test_no_text_is_an_address_that_breaks(text: str) -> None:
    found = address(text)
    assert found is None or found.port is None or 0 <= found.port <= 65535


@given(st.integers(1, 65535), st.sampled_from(["127.0.0.1", "localhost", "*", "eth0", "[::1]"]))
def test_a_url_gives_its_host_and_port(port: int, host: str) -> None:
    assert address(f"tcp://{host}:{port}") == Address("tcp", host.strip("[]"), port)


def test_names_that_lead_to_each_other_end() -> None:
    assert value("a = b\nb = a\na") == HOLE
    assert value("def f(x):\n    return f(x)\nf(1)") == HOLE


def test_a_reference_that_leads_to_itself_ends() -> None:
    ref = Ref("m", "x")
    assert evaluate(ref, World(lambda _: ref, lambda _: None))[0].value == HOLE


def test_doubt_grows_and_never_shrinks() -> None:
    assert evaluate(Number(1))[0].doubt == HIGH
    assert evaluate(Soft(Number(1)))[0].doubt == MEDIUM
    assert {one.doubt for one in evaluate(OneOf((Number(1), Soft(Number(2)))))} == {LOW}
    assert evaluate(OneOf((Number(1), Number(1))))[0].doubt == HIGH
