import click
import zmq


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True)
@click.option("--port", "-p", default=8775, type=int)
@click.option("--debug-port", "debug", type=int, default=8776)
def cli(host, port, debug):
    """Serve."""
    ctx = zmq.Context()
    rep = ctx.socket(zmq.REP)
    rep.bind(f"tcp://{host}:{port}")
    pub = ctx.socket(zmq.PUB)
    pub.bind("tcp://127.0.0.1:%i" % debug)
