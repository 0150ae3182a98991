"""Reads orders from a feed."""

import json
import logging

log = logging.getLogger(__name__)


def parse(line: str) -> dict[str, object]:
    try:
        return dict(json.loads(line))
    except Exception:
        log.error("bad line")
        return {}


def parse_all(lines: list[str]) -> list[dict[str, object]]:
    try:
        return [parse(line) for line in lines]
    except Exception as error:
        raise ValueError("feed cannot be read") from error
