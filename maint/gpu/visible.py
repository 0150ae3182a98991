"""Which cards CUDA shows to this process, in its numbering, and whether that can still be changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from maint.gpu.nvml import Device

VARIABLE = "CUDA_VISIBLE_DEVICES"


def visible(devices: Sequence[Device], listed: str | None) -> tuple[Device, ...]:
    """``devices`` as CUDA numbers them under ``CUDA_VISIBLE_DEVICES=listed``; all where that is not set.

    An entry is an index, or a UUID or the beginning of one; the first that names nothing hides those after
    it. Indexes are taken in the order of the PCI bus, which is CUDA's where all cards are alike or
    ``CUDA_DEVICE_ORDER=PCI_BUS_ID`` is set.
    """
    if listed is None:
        return tuple(devices)
    found: list[Device] = []
    for entry in filter(None, map(str.strip, listed.split(","))):
        named = _named(devices, entry)
        if named is None:
            break
        found.append(named)
    return tuple(found)


def _named(devices: Sequence[Device], entry: str) -> Device | None:
    if entry.isdecimal():
        return next((one for one in devices if one.index == int(entry)), None)
    return next(
        (one for one in devices if entry.startswith(("GPU-", "MIG-")) and one.uuid.startswith(entry)), None
    )


def cuda_has_begun(opened: Path = Path("/proc/self/fd")) -> bool:
    """Whether CUDA has looked at the variable already: from then on it is not asked again.

    torch says so; else by the device file of unified memory, which CUDA opens and NVML does not.
    """
    torch = sys.modules.get("torch")
    if torch is not None and getattr(torch, "cuda", None) is not None and torch.cuda.is_initialized():
        return True
    return any(_target(link) == "/dev/nvidia-uvm" for link in opened.glob("*"))


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed meanwhile: that of the listing itself always is
        return ""
