"""Where everything listens."""
import os
from enum import IntEnum

BASE = 15000
TELEMETRY = BASE + 1
COMMANDS = BASE + 2
REPLIES = int(os.getenv("REPLIES_PORT", "15003"))
ENDPOINTS = {
    "health": "tcp://*:15004",
    "audit": {"bind": "tcp://0.0.0.0:15005", "connect": "tcp://audit:15005"},
}


class Port(IntEnum):
    METRICS = 15006
    TRACE = 15007


class Defaults:
    HEARTBEAT = 15008
    host = "127.0.0.1"
