"""How many generated models their own library accepts: `zmq_models` against hypothesis's `from_type`.

    python benchmarks/zmq_strategies.py [EXAMPLES]

Each row is one model with one kind of constraint. A value counts when the library encodes it and reads it
back, with all constraints checked; an exception while it is drawn counts as a value that is not accepted.
"""

from __future__ import annotations

import dataclasses
import sys
import uuid
import warnings
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pydantic
from annotated_types import Interval
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning, UnsatisfiedAssumption
from typing_extensions import TypedDict

from pytest_maint.zmq.strategies import zmq_models


@dataclasses.dataclass
class Bounds:
    number: Annotated[int, Interval(ge=1_000, lt=9_000)]


@dataclasses.dataclass
class MetaBounds:
    number: Annotated[int, msgspec.Meta(ge=1_000, lt=9_000)]


class TypedPattern(TypedDict):
    code: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3,}$")]


class StructBounds(msgspec.Struct):
    number: Annotated[int, msgspec.Meta(ge=1_000, lt=9_000)]
    share: Annotated[float, msgspec.Meta(gt=0, le=1)]


class StructSteps(msgspec.Struct):
    lots: Annotated[int, msgspec.Meta(multiple_of=25)]


class StructPattern(msgspec.Struct):
    code: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3,}$")]


class StructLengths(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=3, max_length=8)]
    parts: Annotated[list[int], msgspec.Meta(min_length=2)]


class StructPlain(msgspec.Struct):
    id: uuid.UUID
    count: int
    load: float
    tags: list[str]


class FieldBounds(pydantic.BaseModel):
    number: int = pydantic.Field(ge=1_000, lt=9_000)
    name: str = pydantic.Field(min_length=3, max_length=8)


class FieldPattern(pydantic.BaseModel):
    code: str = pydantic.Field(pattern="^[A-Z]{3,}$")


class Nested(pydantic.BaseModel):
    lines: list[FieldPattern] = pydantic.Field(min_length=1)


class Digits(pydantic.BaseModel):
    code: Annotated[str, pydantic.StringConstraints(pattern="^[0-9]*$", min_length=12, max_length=16)]


def of_msgspec(model: Any) -> Callable[[Any], object]:
    """A judge that raises for what the library does not accept."""
    return lambda value: msgspec.json.decode(msgspec.json.encode(value), type=model)


def of_pydantic(model: Any) -> Callable[[Any], object]:
    """The same for pydantic."""
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(model)
    return lambda value: adapter.validate_json(adapter.dump_json(value))


def of_bounds(value: Bounds) -> None:
    """annotated-types are judged by nobody but who reads them."""
    if not 1_000 <= value.number < 9_000:
        raise ValueError(value)


ROWS: list[tuple[str, Any, Callable[[Any], object]]] = [
    ("dataclass, annotated-types bounds", Bounds, of_bounds),
    ("dataclass, msgspec.Meta bounds", MetaBounds, of_msgspec(MetaBounds)),
    ("TypedDict, msgspec.Meta pattern", TypedPattern, of_msgspec(TypedPattern)),
    ("msgspec, no constraints", StructPlain, of_msgspec(StructPlain)),
    ("msgspec, ge le gt lt", StructBounds, of_msgspec(StructBounds)),
    ("msgspec, multiple_of", StructSteps, of_msgspec(StructSteps)),
    ("msgspec, pattern", StructPattern, of_msgspec(StructPattern)),
    ("msgspec, lengths", StructLengths, of_msgspec(StructLengths)),
    ("pydantic, bounds and lengths", FieldBounds, of_pydantic(FieldBounds)),
    ("pydantic, pattern", FieldPattern, of_pydantic(FieldPattern)),
    ("pydantic, pattern in a list of models", Nested, of_pydantic(Nested)),
    ("pydantic, pattern and lengths", Digits, of_pydantic(Digits)),
]


def accepted(strategy: st.SearchStrategy[Any], judge: Callable[[Any], object], examples: int) -> int:
    """How many of so many drawn values the judge accepts."""
    good = drawn = 0

    @settings(
        max_examples=examples * 2,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def each(data: st.DataObject) -> None:
        nonlocal good, drawn
        try:
            judge(data.draw(strategy))
            good += drawn < examples
        except UnsatisfiedAssumption:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, there is no valid value
            pass
        drawn += 1

    each()
    return good


def main(examples: int) -> int:
    """The exit status is 1 when one of ours was not accepted."""
    # what hypothesis says of patterns is what the table shows
    warnings.simplefilter("ignore", HypothesisWarning)
    print(f"| model | zmq_models: accepted of {examples} | from_type: accepted of {examples} |")
    print("|---|--:|--:|")
    wrong = 0
    for title, model, judge in ROWS:
        ours = accepted(zmq_models(model), judge, examples)
        theirs = accepted(st.from_type(model), judge, examples)
        wrong += ours != examples
        print(f"| {title} | {ours} | {theirs} |", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 200))
