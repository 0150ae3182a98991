"""Child processes are remapped as well: forked, spawned, and programs of their own."""

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import zmq

from pytest_maint.zmq.remap.ledger import VARIABLE

ECHO = """
import zmq
with zmq.Context() as context, context.socket(zmq.REP) as server:
    server.bind("tcp://*:5556")
    server.send(server.recv())
    print(server.last_endpoint.decode(), "pytest" in __import__("sys").modules)
"""


@pytest.fixture
def context():
    with zmq.Context() as context:
        yield context


def echo():
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")
        server.send(server.recv())


def ask(context, port=5556):
    with context.socket(zmq.REQ) as client:
        client.connect(f"tcp://localhost:{port}")
        client.send(b"hello")
        return client.recv()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on, where threads run
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_of_multiprocessing_serves(zmq_remap, context, method):
    child = multiprocessing.get_context(method).Process(target=echo)
    child.start()
    assert ask(context) == b"hello"
    child.join()
    assert child.exitcode == 0
    (bound,) = [each for each in zmq_remap.endpoints() if each.role == "bind"]
    assert bound.pid == child.pid


def test_a_program_serves_without_pytest_and_hears_tcp(zmq_remap, context):
    program = subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True)
    assert ask(context) == b"hello"
    assert program.communicate()[0] == "tcp://0.0.0.0:5556 False\n"


def test_a_program_from_another_folder_needs_no_installed_plugin(zmq_remap, context, tmp_path):
    program = subprocess.Popen([sys.executable, "-c", ECHO], cwd=tmp_path, stdout=subprocess.DEVNULL)
    assert ask(context) == b"hello"
    assert program.wait() == 0


def test_a_child_that_never_imports_zmq_pays_no_import(zmq_remap):
    code = "import sys; print('zmq' in sys.modules, '_maint_zmq.redirecting' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False False\n"


def test_the_next_sitecustomize_still_runs(zmq_remap, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("print('mine')")
    monkeypatch.setenv("PYTHONPATH", os.environ["PYTHONPATH"] + os.pathsep + str(tmp_path))
    done = subprocess.check_output([sys.executable, "-c", "import sitecustomize"], text=True)
    assert done == "mine\n"


@pytest.mark.zmq(leaks="off")
def test_two_processes_cannot_bind_one_port(zmq_remap, context):
    with context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")
        done = subprocess.run([sys.executable, "-c", ECHO], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert f"process {os.getpid()}" in done.stderr
    assert "PORT014" in done.stderr


def test_the_port_of_a_process_that_was_killed_is_free_again(zmq_remap, context):
    program = subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.DEVNULL)
    with context.socket(zmq.DEALER) as client:
        client.connect("tcp://localhost:5556")
        while not zmq_remap.bound(5556):
            assert program.poll() is None
        program.send_signal(signal.SIGKILL)
        program.wait()
    assert not zmq_remap.bound(5556)
    with context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")


@pytest.mark.zmq(remap="inproc", leaks="off")
def test_inproc_does_not_reach_a_child(zmq_remap, context):
    with context.socket(zmq.REQ) as client:
        client.connect("tcp://localhost:5556")
        done = subprocess.run([sys.executable, "-c", ECHO], stderr=subprocess.PIPE, text=True, check=False)
    assert "in another process, which inproc never reaches" in done.stderr
    assert done.returncode == 1


def test_a_child_that_outlives_the_session_is_not_remapped(zmq_remap):
    stale = {VARIABLE: "/proc/1/fd/999999\n/memfd:gone\nipc://@gone-"}
    code = (
        "import zmq\nwith zmq.Context() as c, c.socket(zmq.REP) as s:\n"
        " s.bind('tcp://127.0.0.9:*'); print(s.last_endpoint[:16])"
    )
    done = subprocess.check_output([sys.executable, "-c", code], env=dict(os.environ) | stale, text=True)
    assert done == "b'tcp://127.0.0.9:'\n"


def test_nothing_lies_on_the_disk(zmq_remap, context):
    assert Path(zmq_remap.path(5556).removeprefix("ipc://")).name.startswith("@maint-")
    with context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")
        assert not Path(zmq_remap.path(5556).removeprefix("ipc://")).exists()
