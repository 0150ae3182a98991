"""``maint gpu alerts``: the alerting rules that come with the package."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from maint.cli.root import root_of
from maint.config import load

if TYPE_CHECKING:
    import argparse

_SHIPPED = "> 0.9\n"


def alerts(arguments: argparse.Namespace) -> int:
    """Print the rules, with ``alert`` of ``[tool.maint.vram]`` as their threshold."""
    config = load(root_of(arguments), {})
    text = files("maint.gpu").joinpath("alerts.yml").read_text(encoding="utf-8")
    print(text.replace(_SHIPPED, f"> {config['vram.alert']:g}\n"), end="")
    return 0
