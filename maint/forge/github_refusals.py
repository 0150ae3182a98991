"""Sentences for what GitHub refuses: each names what is missing."""

from __future__ import annotations

import re

from maint.forge.github_replies import Reply
from maint.report.cells import printable, shorten

_PERMISSIONS = re.compile(r"[a-z_]+=(?:read|write|admin)(?:[,;] ?[a-z_]+=(?:read|write|admin))*")


def refusal(reply: Reply, verb: str, repository: str) -> str:
    """Return the sentence for a reply that is no success and that trying again does not change."""
    access = "read" if verb == "GET" else "write"
    permission = _permission(reply) or f"issues: {access}"
    said = f" ({shown(reply.message)})" if reply.message else ""
    match reply.status:
        case 401:
            return (
                f"{repository}: GITHUB_TOKEN is not accepted{said}; "
                "give one that is valid and has not expired"
            )
        case 403 if "x-github-sso" in reply.headers:
            return (
                f"{repository}: the organisation wants the token authorised for single sign-on; "
                "do that in the token's settings"
            )
        case 403:
            return (
                f"{repository}: the token may not {access} issues{said}; "
                f"give it `{permission}` (in a pull request from a fork it never has more than `read`)"
            )
        case 404:
            return (
                f"{repository}: not found with this token; check the name, and give the token the permission "
                f"`{permission}`, without which a private repository looks absent"
            )
        case 410:
            return f"{repository}: issues are switched off{said}; switch them on in its settings"
        case 422 | 400:
            return f"{repository}: GitHub finds the request invalid{said}; please report this as a bug"
        case 301 | 302 | 307 | 308:
            return f"{repository}: has moved; give the new name with --repo"
        case _:
            return f"{repository}: GitHub answered HTTP {reply.status}{said}; run again later"


def shown(text: str) -> str:
    """Return a foreign sentence fit to stand inside one of ours."""
    return shorten(printable(text.strip().rstrip(".")), 200)


def _permission(reply: Reply) -> str:
    """Return what GitHub itself says is needed, in the words of a workflow file; empty when it does not."""
    named = reply.headers.get("x-accepted-github-permissions", "")
    return named.replace("=", ": ").replace("; ", "` or `") if _PERMISSIONS.fullmatch(named) else ""
