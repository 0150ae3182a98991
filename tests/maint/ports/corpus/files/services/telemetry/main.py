import zmq

from services import ports
from services.ports import COMMANDS, ENDPOINTS, Defaults, Port
from ..ports import REPLIES


def main() -> None:
    ctx = zmq.Context()
    telemetry = ctx.socket(zmq.PUB)
    telemetry.bind(f"tcp://*:{ports.TELEMETRY}")
    commands = ctx.socket(zmq.PULL)
    commands.bind("tcp://*:%d" % COMMANDS)
    replies = ctx.socket(zmq.ROUTER)
    replies.bind("tcp://*:" + str(REPLIES))
    health = ctx.socket(zmq.REP)
    health.bind(ENDPOINTS["health"])
    audit = ctx.socket(zmq.REP)
    audit.bind(ports.ENDPOINTS["audit"]["bind"])
    metrics = ctx.socket(zmq.PUB)
    metrics.bind(f"tcp://*:{Port.METRICS.value}")
    trace = ctx.socket(zmq.PUB)
    trace.bind(f"tcp://*:{int(Port.TRACE)}")
    beat = ctx.socket(zmq.SUB)
    beat.connect(f"tcp://{Defaults.host}:{Defaults.HEARTBEAT}")


if __name__ == "__main__":
    main()
