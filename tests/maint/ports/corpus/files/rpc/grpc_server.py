from concurrent import futures

import grpc

_PORT = 50051


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    server.add_insecure_port(f"[::]:{_PORT}")
    server.add_insecure_port("0.0.0.0:50052")
    server.start()


def ask():
    with grpc.insecure_channel("localhost:50051") as channel:
        return channel
