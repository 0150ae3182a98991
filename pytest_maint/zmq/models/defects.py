"""Messages with one defect each, which their model does not accept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Literal, get_args

import msgspec
from hypothesis import reject
from hypothesis import strategies as st

from maint.errors import MaintError

from .codecs import Codec, CodecName

Defect = Literal[
    "truncated",
    "missing-frame",
    "extra-frame",
    "wrong-type",
    "not-utf8",
    "oversized",
    "empty-delimiter",
    "identity",
]
DEFECTS: tuple[Defect, ...] = get_args(Defect)
_TRIES = 3
_SHOWN = 80
_OTHERS: tuple[Any, ...] = (None, True, -1, 0.5, "?", [], {}, [[]], {"": None})


class Malformed(list[bytes]):
    """Frames for ``send_multipart``; ``defect`` says what is wrong with them."""

    def __init__(self, frames: Iterable[bytes], defect: Defect) -> None:
        super().__init__(frames)
        self.defect = defect

    def __repr__(self) -> str:
        shown = ", ".join(
            repr(each) if len(each) <= _SHOWN else f"{each[:20]!r}... of {len(each)} bytes" for each in self
        )
        return f"<{self.defect}: [{shown}]>"


def malformed(
    good: st.SearchStrategy[list[bytes]],
    codec: Codec,
    name: CodecName,
    defects: Collection[Defect],
    oversize: int,
) -> st.SearchStrategy[Malformed]:
    """Messages of ``good``, each with one defect, that ``codec`` refuses. Raises MaintError."""
    unknown = sorted(set(defects) - set(DEFECTS))
    if unknown or not defects:
        raise MaintError(f"defects: {unknown or 'none given'}; give some of {', '.join(DEFECTS)}")
    breaks = _breaks(name, oversize)

    @st.composite
    def made(draw: st.DrawFn) -> Malformed:
        defect = draw(st.sampled_from(sorted(defects)))
        for _ in range(_TRIES):
            frames = breaks[defect](draw, draw(good))
            if not _accepted(codec, frames):
                return Malformed(frames, defect)
        return reject()

    return made()


def identities() -> st.SearchStrategy[bytes]:
    """Routing ids: 1 to 255 bytes; those from a zero byte on are libzmq's own."""
    return st.binary(min_size=1, max_size=255).filter(lambda identity: identity[0] != 0)


Break = Callable[[st.DrawFn, list[bytes]], list[bytes]]


def _breaks(name: CodecName, oversize: int) -> dict[Defect, Break]:
    packing: Any = msgspec.msgpack if name == "msgpack" else msgspec.json

    def wrong_type(draw: st.DrawFn, frames: list[bytes]) -> list[bytes]:
        def change(frame: bytes) -> bytes:
            try:
                value = packing.decode(frame)
            except msgspec.DecodeError:  # a frame of raw bytes or text
                return b"\xff"
            return bytes(packing.encode(_of_another_type(draw, value)))

        return _at(draw, frames, change)

    def oversized(draw: st.DrawFn, frames: list[bytes]) -> list[bytes]:
        return _at(draw, frames, lambda _: bytes(packing.encode("x" * oversize)))

    return {
        "truncated": _truncated,
        "missing-frame": _missing,
        "extra-frame": _extra,
        "wrong-type": wrong_type,
        "not-utf8": _not_utf8,
        "oversized": oversized,
        "empty-delimiter": lambda _, frames: [b"", *frames],
        "identity": lambda draw, frames: [draw(identities()), b"", *frames],
    }


def _truncated(draw: st.DrawFn, frames: list[bytes]) -> list[bytes]:
    return _at(draw, frames, lambda frame: frame[: draw(st.integers(0, max(0, len(frame) - 1)))])


def _missing(draw: st.DrawFn, frames: list[bytes]) -> list[bytes]:
    gone = draw(st.integers(0, len(frames) - 1))
    return [*frames[:gone], *frames[gone + 1 :]] or [b""]


def _extra(draw: st.DrawFn, frames: list[bytes]) -> list[bytes]:
    place = draw(st.integers(0, len(frames)))
    return [*frames[:place], draw(st.binary(max_size=20)), *frames[place:]]


def _not_utf8(draw: st.DrawFn, frames: list[bytes]) -> list[bytes]:
    def change(frame: bytes) -> bytes:
        place = draw(st.integers(0, len(frame)))
        return frame[:place] + b"\xff" + frame[place:]

    return _at(draw, frames, change)


def _at(draw: st.DrawFn, frames: Sequence[bytes], change: Callable[[bytes], bytes]) -> list[bytes]:
    place = draw(st.integers(0, len(frames) - 1))
    return [change(frame) if number == place else frame for number, frame in enumerate(frames)]


def _of_another_type(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value:
        name = draw(st.sampled_from(sorted(value, key=str)))
        return value | {name: _of_another_type(draw, value[name])}
    return draw(st.sampled_from([each for each in _OTHERS if type(each) is not type(value)]))


def _accepted(codec: Codec, frames: list[bytes]) -> bool:
    try:
        codec.decode(frames)
    except (ValueError, TypeError, msgspec.MsgspecError):
        return False
    return True
