"""What programs import: ``from maint.ports import get_port, claim``."""

from __future__ import annotations

from maint.ports.claim import claim
from maint.ports.lookup import get_port

__all__ = ["claim", "get_port"]
