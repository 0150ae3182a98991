"""A program of its own: ``python daemon.py`` serves until it is told to stop."""

import zmq


def main() -> None:
    context = zmq.Context()
    control = context.socket(zmq.REP)
    control.bind("tcp://0.0.0.0:5564")
    while True:
        command = control.recv_string()
        control.send_string("bye" if command == "stop" else f"{command}: ok")
        if command == "stop":
            break
    control.close()
    context.term()


if __name__ == "__main__":
    main()
