"""A self-contained HTML page: one file, no script, no request to anywhere."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files

from maint.report.cells import printable
from maint.report.quantity import NONE


def page(title: str, body: str) -> str:
    """Return a whole document around ``body`` (HTML already), with the style sheet of all reports inlined.

    Its content security policy allows that one style sheet, by hash, and nothing else: were something of a
    report ever read as markup, it could neither run nor load.
    """
    style = files("maint.report").joinpath("page.css").read_text("utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def escaped(text: str) -> str:
    """Return ``text`` as HTML character data that is also safe in a quoted attribute."""
    return html.escape(printable(text), quote=True)


def element(name: str, content: str = "", /, **attributes: str | float | None) -> str:
    """Return one element around ``content`` (HTML already); attribute values are escaped, None leaves out.

    ``class_`` is written ``class`` and ``aria_label`` is written ``aria-label``.
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{shown}>{content}</{name}>"


def facts(pairs: Mapping[str, str]) -> str:
    """Return a description list; names are text, values HTML already."""
    rows = (f"<div><dt>{escaped(name)}</dt><dd>{value}</dd></div>" for name, value in pairs.items())
    return f'<dl class="facts">{"".join(rows)}</dl>'


def typeset(text: str) -> str:
    """Return an amount as HTML, with a real minus sign and no line break before its unit."""
    dash = "\N{EN DASH}" if text == NONE else "\N{MINUS SIGN}"
    return escaped(text).replace("-", dash).replace(" ", "\N{NO-BREAK SPACE}")
