"""Messages of models: every one decodes, constraints are kept, and what cannot be made is a sentence."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import re
import uuid
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, NewType, NotRequired

import annotated_types
import msgspec
import pydantic
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from typing_extensions import TypedDict

from maint.errors import MaintError
from pytest_maint.zmq.strategies import (
    DEFECTS,
    Malformed,
    Undecodable,
    decode,
    encode,
    frames,
    identities,
    malformed_messages,
    topics,
    zmq_messages,
    zmq_models,
)

CODECS = ("json", "msgpack", "multipart")
QUICK = settings(
    max_examples=60,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
UserId = NewType("UserId", int)


class Side(enum.Enum):
    BUY = "buy"
    SELL = "sell"


@dataclasses.dataclass
class Point:
    x: Annotated[int, annotated_types.Interval(ge=-3, lt=3)]
    label: Annotated[str, msgspec.Meta(pattern="^[a-z]+$", min_length=9, max_length=12)]
    owner: UserId
    seen: dt.datetime | None
    raw: bytes
    near: list[Point] = dataclasses.field(default_factory=list)

    def right(self) -> bool:
        return (
            -3 <= self.x < 3
            and re.search("^[a-z]+$", self.label) is not None
            and 9 <= len(self.label) <= 12
            and all(each.right() for each in self.near)
        )


class Order(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    order_id: uuid.UUID
    side: Side
    lots: Annotated[int, msgspec.Meta(ge=10, le=100, multiple_of=10)]
    share: Annotated[float, msgspec.Meta(gt=0, le=1)]
    code: Annotated[str, msgspec.Meta(pattern=r"[A-Z]{2}\d")]
    price: Decimal
    kind: Literal["limit", "market"]
    tags: set[str] = set()
    parts: tuple[int, str] | None = None
    limit: int | msgspec.UnsetType = msgspec.UNSET
    due: dt.timedelta = dt.timedelta()

    def right(self) -> bool:
        return (
            self.lots in range(10, 101, 10)
            and 0 < self.share <= 1
            and re.search(r"[A-Z]{2}\d", self.code) is not None
        )


class Line(pydantic.BaseModel):
    sku: pydantic.constr(pattern=r"^[A-Z]{3}-\d{4}$")
    count: pydantic.PositiveInt = pydantic.Field(le=10)


class Basket(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    lines: list[Line] = pydantic.Field(min_length=1, max_length=3, alias="Lines")
    name: str = pydantic.Field(min_length=1, max_length=5)
    paid: Decimal = pydantic.Field(max_digits=6, decimal_places=2, ge=0)
    when: pydantic.AwareDatetime
    note: bytes
    voucher: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, to_upper=True)] = "-"
    even: int | None = pydantic.Field(default=None, ge=3, multiple_of=2)
    counts: dict[str, int] = {}

    @pydantic.field_validator("name")
    @classmethod
    def no_digit_first(cls, name: str) -> str:
        if name[0].isdigit():
            raise ValueError("starts with a digit")
        return name

    def right(self) -> bool:
        return isinstance(Basket.model_validate(self.model_dump(by_alias=True)), Basket)


class Beat(TypedDict):
    worker: str
    load: Annotated[float, pydantic.Field(ge=0, le=1)]
    jobs: NotRequired[Annotated[int, msgspec.Meta(ge=0)]]
    since: NotRequired[str]


class Pair(NamedTuple):
    left: int
    right: str = ""


MODELS = (Point, Order, Basket, Beat, Pair)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_message_decodes_to_a_model_that_keeps_its_constraints(model, codec) -> None:
    valid = 0

    @QUICK
    @given(zmq_messages(model, codec))
    def each(message) -> None:
        nonlocal valid
        assert all(type(frame) is bytes for frame in message)
        made = decode(message, model, codec)
        assert decode(encode(made, model, codec), model, codec) == made
        if model is Beat:
            assert 0 <= made["load"] <= 1
            assert made.get("jobs", 0) >= 0
        elif model is not Pair:
            assert made.right()
        valid += 1

    each()
    assert valid >= QUICK.max_examples


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("model", [Point, Basket, Beat], ids=lambda model: model.__name__)
def test_a_malformed_message_is_refused_and_tells_its_defect(model, codec) -> None:
    for defect in DEFECTS:
        assert defects_of(model, codec, defect) == {defect}


def defects_of(model, codec, defect) -> set[str]:
    """What messages with one defect say of themselves, none of which decodes."""
    seen = set()

    @settings(QUICK, max_examples=20)
    @given(malformed_messages(model, codec, defects=[defect], oversize=5000))
    def each(message) -> None:
        assert isinstance(message, Malformed)
        with pytest.raises(Undecodable):
            decode(message, model, codec)
        assert len(repr(message)) < 2000
        seen.add(message.defect)

    each()
    return seen


def test_a_pattern_without_anchors_may_match_within() -> None:
    code = Annotated[str, msgspec.Meta(pattern="[A-Z]{2}")]
    assert len(find(zmq_models(code), lambda text: len(text) > 3, settings=settings(database=None))) > 3


def test_defects_can_be_chosen() -> None:
    @settings(QUICK, max_examples=20)
    @given(malformed_messages(Beat, defects=["identity"]))
    def each(message) -> None:
        identity, delimiter, payload = message
        assert identity[0] != 0
        assert delimiter == b""
        assert decode([payload], Beat)

    each()
    with pytest.raises(MaintError, match=r"^defects: \['torn'\]; give some of truncated, "):
        malformed_messages(Beat, defects=["torn"])


class Socket:
    """Nothing that a message could hold."""


@dataclasses.dataclass
class Held:
    name: str
    socket: Socket


class Outer(msgspec.Struct):
    held: list[Held]


class Endless(msgspec.Struct):
    again: Endless


class Stubborn(pydantic.BaseModel):
    code: str

    @pydantic.field_validator("code")
    @classmethod
    def checksum(cls, code: str) -> str:
        raise ValueError("the checksum is wrong")


class Unresolved(msgspec.Struct):
    other: Nowhere  # noqa: F821


class Possessive(pydantic.BaseModel):
    text: str = pydantic.Field(pattern=r"^\p{Greek}+$")


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (Held, 'Held.socket: no strategy for Socket; give overrides={"socket": strategy}'),
        (Outer, 'Outer.held.socket: no strategy for Socket; give overrides={"held.socket": strategy}'),
        (
            Endless,
            'Endless.again: Endless contains itself without an end; give overrides={"again": strategy}',
        ),
        (
            Unresolved,
            "Unresolved: name 'Nowhere' is not defined, which an annotation names; "
            "define it in the module of the model",
        ),
        (
            Possessive,
            r"Possessive.text: the pattern '^\\p{Greek}+$' is not one of Python's re "
            r'(bad escape \p at position 1); give overrides={"text": strategy}',
        ),
    ],
)
def test_what_cannot_be_generated_is_a_sentence_about_the_field(model, sentence) -> None:
    with pytest.raises(MaintError) as caught:
        zmq_models(model)
    assert str(caught.value) == sentence


def test_a_model_that_refuses_everything_names_the_field_and_its_own_reason() -> None:
    @QUICK
    @given(zmq_messages(Stubborn))
    def each(message) -> None: ...

    with pytest.raises(MaintError) as caught:
        each()
    said = re.sub(r"\d+", "25", str(caught.value))
    assert said == (
        "Stubborn.code: none of 25 values was accepted (Value error, the checksum is wrong); "
        'give overrides={"code": strategy}'
    )


def test_a_mistake_at_the_top_of_a_test_file_is_its_line_and_one_sentence(pytester) -> None:
    pytester.makepyfile(
        """
        from dataclasses import dataclass
        from hypothesis import given
        from pytest_maint.zmq.strategies import zmq_messages

        @dataclass
        class Job:
            made_by: type

        @given(zmq_messages(Job))
        def test_job(message): ...
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:asyncio")
    result.stdout.fnmatch_lines(["E * Job.made_by: no strategy for type; give overrides*"])
    assert "models/values.py" not in result.stdout.str()


def test_overrides_stand_in_by_field_and_by_path() -> None:
    sockets = {"held.socket": st.builds(Socket), "held.name": st.just("inner")}
    made = find(
        zmq_models(Outer, overrides=sockets), lambda outer: outer.held, settings=settings(database=None)
    )
    assert made.held[0].name == "inner"
    assert isinstance(made.held[0].socket, Socket)
    with pytest.raises(MaintError, match=r"^overrides: Outer has no field 'held\.nam'; "):
        zmq_models(Outer, overrides=sockets | {"held.nam": st.none()})


class Trade(msgspec.Struct):
    bought: Point
    sold: Point


@pytest.mark.parametrize("sold", [1, 2])
def test_overrides_of_one_model_in_two_places_are_kept_apart(sold) -> None:
    one, two = st.just(1), st.just(2)
    overrides = {"bought.x": one, "sold.x": one if sold == 1 else two}

    @settings(QUICK, max_examples=5)
    @given(zmq_models(Trade, overrides=overrides))
    def each(trade) -> None:
        assert (trade.bought.x, trade.sold.x) == (1, sold)

    each()


def test_a_strategy_in_an_annotation_is_used() -> None:
    assert find(zmq_models(Annotated[int, st.just(7)]), lambda _: True) == 7


@settings(QUICK, max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    message=st.one_of([zmq_messages(Order, codec) for codec in CODECS] + [malformed_messages(Beat), frames()])
)
def test_every_message_goes_through_sockets(zmq_push_pull, message) -> None:
    push, pull = zmq_push_pull()
    push.send_multipart(message)
    assert pull.recv_multipart() == message


class Ping(msgspec.Struct, tag=True): ...


class Pong(msgspec.Struct, tag=True):
    load: float


@settings(QUICK, max_examples=50)
@given(zmq_messages(Ping | Pong, "msgpack"))
def test_a_union_of_models_is_a_protocol(message) -> None:
    assert isinstance(decode(message, Ping | Pong, "msgpack"), Ping | Pong)


@pytest.mark.parametrize(
    ("model", "codec", "sentence"),
    [
        (Beat, "xml", "codec is 'xml'; give one of json, msgpack, multipart"),
        (Ping | Pong, "multipart", "has a frame for each field, and .* has none; give a model"),
        (dt.date | dt.time | str, "json", "msgspec cannot read .*; give zmq_models"),
    ],
)
def test_a_codec_that_cannot_be_is_refused(model, codec, sentence) -> None:
    with pytest.raises(MaintError, match=sentence):
        zmq_messages(model, codec)


@settings(QUICK, max_examples=100)
@given(identities(), topics(), frames(max_frames=3, max_size=9))
def test_parts_of_messages_are_what_libzmq_takes(identity, topic, message) -> None:
    assert 1 <= len(identity) <= 255
    assert identity[0] != 0
    assert topic.decode().strip()
    assert 1 <= len(message) <= 3
    assert max(map(len, message)) <= 9
