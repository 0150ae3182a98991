"""XML from outside: refused where it declares a document type or nests too deep, before anything expands."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.parsers import expat

from maint.errors import InputError
from maint.readers.source import Source, cut

# Real reports nest suites two or three deep; readers recurse.
_DEPTH = 50


def parsed(source: Source) -> ElementTree.Element:
    """The root element; InputError names line and column of what is no XML or not accepted.

    Entities can only be declared in a document type, which no JUnit report has: refusing it refuses
    expansion bombs and references to other files and hosts alike.
    """
    guard = _Guard(source)
    try:
        guard.parser.Parse(source.content, True)
        return ElementTree.fromstring(source.content)
    except expat.ExpatError as error:
        at = f"{source.shown}:{error.lineno}:{error.offset + 1}"
        raise InputError(
            f"{at}: not valid XML: {expat.ErrorString(error.code)}; write the file again"
        ) from None
    except (ValueError, LookupError) as error:
        raise InputError(f"{source.shown}:1:1: not valid XML: {cut(str(error))}; write it as UTF-8") from None


class _Guard:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._enter
        self.parser.EndElementHandler = self._leave

    def _refuse(self, *_: object) -> None:
        raise InputError(
            f"{self._at}: a document type declaration, which can declare entities, is not read; remove it"
        )

    def _enter(self, *_: object) -> None:
        self._depth += 1
        if self._depth > _DEPTH:
            raise InputError(
                f"{self._at}: more than {_DEPTH} elements inside each other; write the file again"
            )

    def _leave(self, _: str) -> None:
        self._depth -= 1

    @property
    def _at(self) -> str:
        return f"{self._source.shown}:{self.parser.CurrentLineNumber}:{self.parser.CurrentColumnNumber + 1}"
