"""In a child process: redirects the sockets of pyzmq as soon as, and only if, the child imports it.

The standard library only, nothing of ours but the rooms beside it.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False  # not from typing, which a child would have to import
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_AWAITED = "zmq.sugar.socket"  # where the class is made; nobody has used it when this module is loaded


class Finder:
    """On ``sys.meta_path`` until pyzmq's sockets are imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The awaited module as the path finds it, with a loader that redirects its class."""
        if name != _AWAITED:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
        return spec


class _Loader:
    """Another loader, and what is to follow it."""

    def __init__(self, loader: object) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)  # type: ignore[attr-defined]
        from .ledger import VARIABLE, Address, Ledger
        from .redirecting import Redirect

        address = Address.parse(os.environ.get(VARIABLE, ""))
        if address is not None:
            Redirect(Ledger(address)).install(module.Socket)


def expect_zmq() -> None:
    """Begin to wait; called once, before the first line of the child's own code."""
    sys.meta_path.insert(0, Finder())
