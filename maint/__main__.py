"""``python -m maint``: the same as the ``maint`` script."""

from __future__ import annotations

from maint.cli.main import run

if __name__ == "__main__":
    run()
