"""A command line as it may be shown to everybody: without the secrets that were given on it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

MASK = "***"
_SECRET = r"[\w.-]*(?:token|passw|passphrase|pwd|secret|key|credential)[\w.-]*"
_NAME = re.compile(f"-{{0,2}}{_SECRET}", re.IGNORECASE)
# NAME=value, also behind other names as in --define=api_key=value or -oapi_key=value.
_WHOLE = re.compile(rf"((?:[\w.-]+=)*{_SECRET}=).+", re.IGNORECASE | re.DOTALL)
# One of several in a value: the query of an address, a database's "host=h password=p".
_INNER = re.compile(rf"((?:^|[\s;,?&]){_SECRET}\s?=\s?)[^\s;,&]+", re.IGNORECASE)
# A password may hold what no address should: behind a colon, all up to the last @.
_USER = re.compile(r"://(?:[^/\s:@]*:\S*|[^/?#\s]*)@")


def masked(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments with ``***`` for each password in an address (``://***@``), and for the value of
    each name that holds token, password, passphrase, secret, key or credential.

    Too much is masked rather than too little: a name alone decides, whatever its value is.
    """
    return tuple(_masked(arguments))


def masked_text(text: str) -> str:
    """Return a command line that was written as one text, masked and without blanks around it."""
    try:
        return shlex.join(masked(shlex.split(text)))
    except ValueError:  # a quotation that does not end
        return _value(text.strip())


def _masked(arguments: Sequence[str]) -> Iterator[str]:
    awaited = False
    for argument in arguments:
        if awaited and not argument.startswith("-"):
            yield MASK
            awaited = False
            continue
        awaited = argument.startswith("-") and _NAME.fullmatch(argument) is not None
        yield _value(argument)


def _value(argument: str) -> str:
    if named := _WHOLE.fullmatch(argument):
        return f"{named[1]}{MASK}"
    return _INNER.sub(rf"\g<1>{MASK}", _USER.sub(f"://{MASK}@", argument))
