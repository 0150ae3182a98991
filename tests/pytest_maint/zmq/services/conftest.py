"""What the kernel says of listeners while a service is up."""

import os
from contextlib import suppress
from pathlib import Path

import psutil
import pytest


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        os.environ["SERVICES_ROOT"] = str(os.getpid())


@pytest.fixture
def look(request):
    """Called while the service runs: writes down every TCP socket that listens in any process of this run."""

    def look() -> None:
        root = psutil.Process(int(os.environ["SERVICES_ROOT"]))
        processes = [root, *root.children(recursive=True)]
        ports = []
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # of another test, over by now
                connections = process.net_connections("tcp")
                ports += [each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN]
        with Path(os.environ["SERVICES_SEEN"]).open("a") as file:
            file.write(f"{request.node.name} {ports}\n")

    return look
