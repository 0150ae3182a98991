"""``from pytest_maint.zmq.strategies import zmq_messages``: hypothesis strategies for messages."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from maint.errors import MaintError
from maint.extras import require

require("hypothesis")

import msgspec  # noqa: E402 - hypothesis comes first: an extra, and the reason why others cannot be imported
from hypothesis import strategies as st  # noqa: E402

from .models.codecs import Codec, CodecName, Undecodable, codec_of  # noqa: E402 - needs hypothesis
from .models.defects import DEFECTS, Defect, Malformed, identities, malformed  # noqa: E402
from .models.fields import name_of  # noqa: E402
from .models.refusal import guarded  # noqa: E402
from .models.values import Values  # noqa: E402

__all__ = [
    "DEFECTS",
    "CodecName",
    "Defect",
    "Malformed",
    "Undecodable",
    "decode",
    "encode",
    "frames",
    "identities",
    "malformed_messages",
    "topics",
    "zmq_messages",
    "zmq_models",
]

Overrides = Mapping[str, st.SearchStrategy[Any]]
_OVERSIZE = 2**20


class _Made(NamedTuple):
    models: st.SearchStrategy[Any]
    codec: Codec

    def messages(self, where: str) -> st.SearchStrategy[list[bytes]]:
        def checked(model: Any) -> list[bytes]:
            frames = self.codec.encode(model)
            self.codec.decode(frames)
            return frames

        return guarded(self.models, checked, where)


def zmq_models(model: Any, *, overrides: Overrides | None = None) -> st.SearchStrategy[Any]:
    """Values of a model that keep its constraints.

    ``model`` is a dataclass, TypedDict, NamedTuple, msgspec Struct, pydantic model, or a type built of them,
    such as a union. ``overrides`` gives strategies by field, or by path (``"lines.sku"``).
    Raises MaintError naming the field for which there is no strategy.
    """
    __tracebackhide__ = True
    try:
        return Values(model, overrides or {}).strategy
    except MaintError as error:
        raise error.with_traceback(None) from None


def zmq_messages(
    model: Any, codec: CodecName = "json", *, overrides: Overrides | None = None
) -> st.SearchStrategy[list[bytes]]:
    """Messages of a model, each a list of frames for ``send_multipart``; `decode` gives the model back.

    ``codec`` is ``"json"`` or ``"msgpack"`` for one frame, ``"multipart"`` for one a field: bytes as they
    are, text as UTF-8, everything else as JSON. Every message decodes. See `zmq_models` for the rest.
    """
    __tracebackhide__ = True
    try:
        return _made(model, codec, overrides).messages(name_of(model))
    except MaintError as error:
        raise error.with_traceback(None) from None


def malformed_messages(
    model: Any,
    codec: CodecName = "json",
    *,
    overrides: Overrides | None = None,
    defects: Collection[Defect] = DEFECTS,
    oversize: int = _OVERSIZE,
) -> st.SearchStrategy[Malformed]:
    """Messages with one of ``defects`` each, which `decode` refuses; ``message.defect`` says which.

    ``oversize`` is the bytes of a text where none belongs. See `zmq_messages` for the rest.
    """
    __tracebackhide__ = True
    try:
        made = _made(model, codec, overrides)
        return malformed(made.messages(name_of(model)), made.codec, codec, defects, oversize)
    except MaintError as error:
        raise error.with_traceback(None) from None


def encode(value: Any, model: Any = None, codec: CodecName = "json") -> list[bytes]:
    """The frames of one model, as `zmq_messages` makes them; ``model`` is its type where that is no class."""
    return _codec(type(value) if model is None else model, codec).encode(value)


def decode(frames: Sequence[bytes], model: Any, codec: CodecName = "json") -> Any:
    """The model of some frames. Raises Undecodable, a ValueError, for frames that are no message of it."""
    try:
        return _codec(model, codec).decode(frames)
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        raise Undecodable(f"{name_of(model)}: {' '.join(str(error).split())}") from error


def frames(
    *, min_frames: int = 1, max_frames: int = 6, max_size: int = 256
) -> st.SearchStrategy[list[bytes]]:
    """Any frames at all: for code that has to survive whatever arrives."""
    return st.lists(st.binary(max_size=max_size), min_size=min_frames, max_size=max_frames)


def topics() -> st.SearchStrategy[bytes]:
    """Topics as they are used, some a prefix of others: ``b"health.worker-1"``."""
    word = st.sampled_from(["a", "ab", "health", "worker-1", "worker-10", "status"])
    other = st.from_regex("[a-z0-9_-]{1,12}", fullmatch=True)
    return st.lists(word | other, min_size=1, max_size=4).map(lambda words: ".".join(words).encode())


def _made(model: Any, codec: CodecName, overrides: Overrides | None) -> _Made:
    return _Made(Values(model, overrides or {}).strategy, _codec(model, codec))


def _codec(model: Any, name: CodecName) -> Codec:
    # Types that are no class are built anew: what they are annotated with need not be hashable.
    return _codec_of_class(model, name) if isinstance(model, type) else codec_of(model, name)


@functools.lru_cache(maxsize=256)
def _codec_of_class(model: Any, name: CodecName) -> Codec:
    return codec_of(model, name)
