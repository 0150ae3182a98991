import zmq


def main():
    try:
        context = zmq.Context(1)
        frontend = context.socket(zmq.SUB)
        frontend.bind("tcp://*:5559")
        frontend.setsockopt(zmq.SUBSCRIBE, b"")
        backend = context.socket(zmq.PUB)
        backend.bind("tcp://*:5560")
        zmq.device(zmq.FORWARDER, frontend, backend)
    except Exception as error:
        print(error)
    finally:
        frontend.close()
        backend.close()
        context.term()


main()
