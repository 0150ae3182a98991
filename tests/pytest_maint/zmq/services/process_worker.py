"""A pool worker in a process of its own, fed and read over fixed ports."""

import multiprocessing

import zmq


def work() -> None:
    context = zmq.Context()
    tasks = context.socket(zmq.PULL)
    tasks.bind("tcp://*:5562")
    results = context.socket(zmq.PUSH)
    results.connect("tcp://localhost:5563")
    while (task := tasks.recv_pyobj()) is not None:
        results.send_pyobj(task * task)
    tasks.close()
    results.close()
    context.term()


def squares(numbers: list[int], method: str, meanwhile: object) -> list[int]:
    process = multiprocessing.get_context(method).Process(target=work, daemon=True)
    process.start()
    with zmq.Context() as context, context.socket(zmq.PUSH) as tasks, context.socket(zmq.PULL) as results:
        results.bind("tcp://*:5563")
        tasks.connect("tcp://localhost:5562")
        for number in numbers:
            tasks.send_pyobj(number)
        found = [results.recv_pyobj() for _ in numbers]
        meanwhile()
        tasks.send_pyobj(None)
        process.join()
    return found
