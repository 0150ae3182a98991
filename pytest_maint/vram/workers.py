"""``-n auto``: no more workers than the cards can hold at the default budget."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from maint.gpu.downgrade import Downgrade
from maint.gpu.nvml import open_nvml
from maint.gpu.reading import CardReading, read_card
from maint.gpu.visible import VARIABLE, visible
from pytest_maint.options import settings

if TYPE_CHECKING:
    import pytest


def at_most(config: pytest.Config, proposed: int) -> int:
    """``proposed``, or as many budgets as fit into the cards less their reserve; at least 1.

    Stays at ``proposed`` without a default budget, without a driver, or where the user gave a number in
    ``PYTEST_XDIST_AUTO_NUM_WORKERS``. Asks NVML, which does not initialise CUDA.
    """
    chosen = settings(config)
    budget, given = chosen["vram.default"], os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")
    if budget is None or chosen["vram.mode"] == "off" or given:
        return proposed
    nvml = open_nvml()
    if isinstance(nvml, Downgrade):
        return proposed
    with nvml:
        cards = [read_card(nvml, device) for device in visible(nvml.devices, os.environ.get(VARIABLE))]
    room = [card.total - (card.reserved or 0) for card in cards if isinstance(card, CardReading)]
    fitting = sum(max(size - chosen["vram.reserve"], 0) // budget for size in room)
    return min(proposed, max(fitting, 1)) if room else proposed
