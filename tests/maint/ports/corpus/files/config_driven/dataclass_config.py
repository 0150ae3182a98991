from dataclasses import dataclass, field

import zmq


@dataclass
class BusConfig:
    host: str = "127.0.0.1"
    in_port: int = 6010
    out_port: int = field(default=6011)
    names: list = field(default_factory=list)


class Bus:
    def __init__(self, config: BusConfig | None = None) -> None:
        self.config = config or BusConfig()
        ctx = zmq.Context.instance()
        self.inp = ctx.socket(zmq.XSUB)
        self.inp.bind(f"tcp://{self.config.host}:{self.config.in_port}")
        self.out = ctx.socket(zmq.XPUB)
        self.out.bind(f"tcp://{self.config.host}:{self.config.out_port}")

    def run(self) -> None:
        zmq.proxy(self.inp, self.out)
