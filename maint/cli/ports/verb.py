"""``maint ports``: the registry, leases, and what the code does with ports."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from maint.cli.ports import code
from maint.cli.root import add_root

HELP = "look ports up in the registry, lease them, say who has one, and find collisions in the code"

# word -> (module here, function in it, help)
_WORDS = {
    "list": ("registered", "show", "print the registered ports with set, machine and overrides applied"),
    "get": ("registered", "get", "print the number of a registered port"),
    "who": ("who", "who", "say who has a port: process, command, folder, test, and for how long"),
    "lease": ("leasing", "lease", "lease free ports for as long as a command runs"),
    "export": ("export", "export", "print the registered ports for programs in other languages"),
    **code.WORDS,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    words = parser.add_subparsers(metavar="WORD", required=True)
    for word, (module, function, described) in _WORDS.items():
        sub = words.add_parser(word, help=described, description=described, allow_abbrev=False)
        _ARGUMENTS[word](sub)
        sub.set_defaults(module=f"maint.cli.ports.{module}", function=function)


def run(arguments: argparse.Namespace) -> int:
    """Run one of the words; 1 where something fell short."""
    code: int = getattr(importlib.import_module(arguments.module), arguments.function)(arguments)
    return code


def _list(parser: argparse.ArgumentParser) -> None:
    _registry(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def _get(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a name of the registry")
    _registry(parser)


def _who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("port", metavar="PORT", help="a number, a range, or a name of the registry")
    parser.add_argument("--proto", choices=("tcp", "udp"), help="default: both")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def _lease(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=1, metavar="N", help="ports to lease (default: 1)")
    parser.add_argument("--contiguous", action="store_true", help="without a gap between them")
    parser.add_argument("--proto", choices=("tcp", "udp"), default="tcp", help="default: tcp")
    parser.add_argument(
        "--env",
        action="append",
        metavar="NAME",
        help="variable for each port in turn (default: PORT, or PORT_1, PORT_2 ...)",
    )
    add_root(parser)
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="what to run with them, after --")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", required=True, choices=("env", "json", "compose", "configmap"))
    parser.add_argument("--name", default="ports", metavar="NAME", help="of the ConfigMap (default: ports)")
    _registry(parser)


def _registry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--registry",
        type=Path,
        metavar="FILE",
        help="the registry (default: $MAINT_PORTS_FILE, else the nearest ports.yaml upwards)",
    )
    parser.add_argument("--set", metavar="SET", help="the set (default: $MAINT_PORT_SET)")
    parser.add_argument("--machine", metavar="NAME", help="the machine (default: $MAINT_MACHINE, else this)")


_ARGUMENTS = {"list": _list, "get": _get, "who": _who, "lease": _lease, "export": _export, **code.ARGUMENTS}
