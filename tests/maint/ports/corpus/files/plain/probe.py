import socket


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(host, port, timeout=5.0):
    with socket.create_connection((host, port), timeout=timeout):
        return True
