from typing import Annotated

import typer
import zmq

app = typer.Typer()


@app.command()
def serve(port: int = typer.Option(8780, help="port"), control: Annotated[int, typer.Option()] = 8781):
    socket = zmq.Context().socket(zmq.PULL)
    socket.bind(f"tcp://*:{port}")
    other = zmq.Context().socket(zmq.REP)
    other.bind(f"tcp://*:{control}")


if __name__ == "__main__":
    app()
