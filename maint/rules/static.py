"""E900 and MNT: static rules on one file."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES = (
    Rule(
        "E900",
        "broad-except",
        "a bare or broad except neither re-raises on every path nor is a boundary that reports",
        "medium",
        "catch the exceptions that you expect, end the handler with raise, or mark the line "
        "'# boundary: reason' and report there",
    ),
    Rule(
        "MNT010",
        "silent-broad-handler",
        "a handler drops every exception without a call, a raise or a use of it",
        "high",
        "log it, or catch the exceptions that you expect",
    ),
    Rule(
        "MNT011",
        "silent-typed-handler",
        "a handler drops an exception without a call, a raise, a use of it or a comment",
        "info",
        "say in a comment why nothing needs to be done, or use contextlib.suppress",
        optional=True,
    ),
    Rule(
        "MNT012",
        "swallowing-context-manager",
        "a with block swallows every exception raised in it",
        "medium",
        "name the exceptions that you expect",
    ),
    Rule(
        "MNT013",
        "cancelled-raise",
        "a raise never gets out: a finally, a handler or a suppress around it cancels it",
        "high",
        "move the raise out, or the return out of the finally",
    ),
    Rule(
        "MNT014",
        "log-without-traceback",
        "a broad handler logs that something failed, without the traceback that says where",
        "low",
        "call the logger's exception(), or give it exc_info=True",
        optional=True,
    ),
    Rule(
        "MNT020",
        "backup-file",
        "a backup or deprecated file lies in a package that is shipped",
        "low",
        "delete it, git has every old version; or move it out of the package",
    ),
    Rule(
        "MNT021",
        "archived-module",
        "a module that can be imported lies in a folder of old code",
        "low",
        "delete it, git has every old version; or move the folder out of the package",
    ),
    Rule(
        "MNT022",
        "syntax-error",
        "a file does not parse, so that no rule can judge it fully",
        "high",
        "repair or delete it; a template belongs under another suffix",
    ),
    Rule(
        "MNT030",
        "literal-port",
        "a port is written into the code that binds or connects",
        "low",
        'take it from the registry: get_port("name")',
    ),
    Rule(
        "MNT040",
        "todo-without-ticket",
        "a TODO names no ticket, so that nobody will be reminded of it",
        "info",
        "name the ticket in the comment or on the next comment line",
        optional=True,
    ),
    Rule(
        "MNT041",
        "fixme-without-ticket",
        "a FIXME, XXX or HACK names no ticket, so that nobody will be reminded of it",
        "low",
        "name the ticket in the comment or on the next comment line",
        optional=True,
    ),
    Rule(
        "MNT990",
        "internal-error",
        "a rule of pytest-maint failed on this file; the other rules did their work",
        "info",
        "report the file and the message to the project",
    ),
)
