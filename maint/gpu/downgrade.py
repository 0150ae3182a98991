"""Measurements that could not be had: each reason has a name and a code, and is data."""

from __future__ import annotations

from typing import NamedTuple


class Downgrade(NamedTuple):
    """Why a source of measurements says nothing, or less than it should.

    ``code`` is a key of the rules table, ``name`` a kebab-case word for it, ``detail`` half a sentence that
    says what happened and, after a semicolon, what to do.
    """

    code: str
    name: str
    detail: str


def no_driver(detail: str) -> Downgrade:
    """There is no NVIDIA driver, no GPU, or nothing installed to ask it with."""
    return Downgrade("VRAM020", "no-driver", detail)


def hidden_pid(detail: str) -> Downgrade:
    """The driver lists no row for this process: a container gives it other process ids."""
    return Downgrade("VRAM021", "hidden-pid", detail)


def mig(detail: str) -> Downgrade:
    """The card is split into MIG instances, and the whole of it may not be asked."""
    return Downgrade("VRAM022", "mig", detail)


def not_reported(detail: str) -> Downgrade:
    """The driver answers N/A: WSL, WDDM, virtual GPUs."""
    return Downgrade("VRAM023", "not-reported", detail)


def managed_memory(detail: str) -> Downgrade:
    """Managed memory moves between host and card, so no driver figure is what the test uses."""
    return Downgrade("VRAM024", "managed-memory", detail)


def driver_mismatch(detail: str) -> Downgrade:
    """The library and the kernel module of the driver are of different versions."""
    return Downgrade("VRAM025", "driver-mismatch", detail)


def gpu_lost(detail: str) -> Downgrade:
    """The card fell off the bus, or has to be reset."""
    return Downgrade("VRAM026", "gpu-lost", detail)


def no_permission(detail: str) -> Downgrade:
    """The driver may not be asked by this user."""
    return Downgrade("VRAM027", "no-permission", detail)


def function_missing(detail: str) -> Downgrade:
    """The driver is too old for what was asked of it."""
    return Downgrade("VRAM028", "function-missing", detail)


def driver_failed(detail: str) -> Downgrade:
    """The driver failed for a reason of its own."""
    return Downgrade("VRAM028", "driver-failed", detail)


def other_tenants(detail: str) -> Downgrade:
    """Other processes' use of the card moved by more than what was to be told apart."""
    return Downgrade("VRAM029", "other-tenants", detail)
