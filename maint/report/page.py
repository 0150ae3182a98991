"""A self-contained HTML page: one file, no request to anywhere, and a script only where one is given."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files

from maint.report.cells import printable
from maint.report.quantity import NONE


def page(title: str, body: str, script: str = "") -> str:
    """Return a whole document around ``body`` (HTML already), with the style sheet of all reports inlined.

    Its content security policy allows that one style sheet and ``script``, by hash, and nothing else: were
    something of a report ever read as markup, it could neither run nor load.
    """
    style = asset("page.css")
    scripts = f"script-src {_hash(script)}; " if script else ""
    policy = f"default-src 'none'; style-src {_hash(style)}; {scripts}base-uri 'none'; form-action 'none'"
    tail = f"<script>{script}</script>\n" if script else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n{tail}</body>\n</html>\n"
    )


def asset(name: str) -> str:
    """Return a style sheet or script of this package."""
    return files("maint.report").joinpath(name).read_text("utf-8")


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


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"
