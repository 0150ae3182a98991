from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from maint.cli.main import CLEAN, USAGE, main

TEXT = """\
version: 1
ports:
  HEALTH_BUS: {port: 5556, owner: monitor, purpose: heartbeats}
  TTS: {port: 5557, owner: "tts: service", host: "*", proto: udp}
  POOL: {port: 8080-8083, owner: monitor, host: "::1"}
  SPARE: 9000
machines: {gpu-1: {ports: {HEALTH_BUS: 6556}}}
sets: {ci: 20000}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("MAINT_", "PORT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MAINT_LEASE_DIR", str(tmp_path / "leases"))
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "ports.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *argv: str, code: int = CLEAN) -> str:
    assert main(["ports", *argv]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def test_list_shows_the_ports_as_they_are_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT_TTS", "4000")
    rows = [line.split() for line in said(capsys, "list", "--set", "ci", "--machine", "gpu-1").splitlines()]
    assert rows[0] == ["name", "port", "proto", "host", "machine", "owner", "purpose"]
    assert [row[:2] for row in rows[1:]] == [
        ["HEALTH_BUS", "26556"],
        ["TTS", "4000"],
        ["POOL", "28080-28083"],
        ["SPARE", "29000"],
    ]


def test_list_as_json_has_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(said(capsys, "list", "--format", "json"))
    assert document["schema"] == "maint.ports.list/1"
    first = document["ports"][0]
    assert (first["name"], first["port"], first["owner"]) == ("HEALTH_BUS", 5556, "monitor")


def test_get_prints_a_number_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "get", "HEALTH_BUS") == "5556\n"
    assert said(capsys, "get", "HEALTH_BUS", "--machine", "gpu-1") == "6556\n"


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["get", "HEALTHBUS"], "did you mean 'HEALTH_BUS'?"),
        (["list", "--set", "cii"], "--set 'cii': no such set; did you mean 'ci'?"),
        (["list", "--registry", "none.yaml"], "none.yaml: no such file"),
        (["who", "99999"], "expected ports from 1 to 65535"),
        (["who", "1-1000"], "1-1000: 1,000 ports; ask for at most 256 at a time"),
        (["who", "5556x"], "5556x: expected a port such as 5556"),
        (["who", "HEALTHBUS"], "did you mean 'HEALTH_BUS'?"),
        (["lease", "--count", "0"], "--count 0: must be at least 1"),
        (["lease", "--count", "2", "--env", "A"], "1 names for 2 ports"),
        (["lease", "--env", "A=B"], "not the name of a variable"),
        (["lease", "--", "no-such-program"], "no-such-program: cannot be run (no such file or directory)"),
        (["export", "--format", "configmap", "--name", "A B"], "--name 'A B'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_two(
    capsys: pytest.CaptureFixture[str], argv: list[str], part: str
) -> None:
    text = said(capsys, *argv, code=USAGE)
    assert part in text
    assert text.count("\n") == 1


def test_a_bad_registry_lists_every_problem(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "ports.yaml").write_text("version: 1\nports: {A: 0, B: 1, C: 1}\n")
    assert "ports.yaml:2: A: port 0" in said(capsys, "list", code=USAGE)


def exported(capsys: pytest.CaptureFixture[str], kind: str) -> Any:
    text = said(capsys, "export", "--format", kind)
    return yaml.safe_load(text) if kind != "env" else text


def test_export_writes_what_others_read(capsys: pytest.CaptureFixture[str]) -> None:
    ports = {"PORT_HEALTH_BUS": "5556", "PORT_TTS": "5557", "PORT_POOL": "8080", "PORT_SPARE": "9000"}
    lines = [f"{name}={port}" for name, port in ports.items()]
    assert exported(capsys, "env").splitlines()[1:] == lines
    assert exported(capsys, "configmap")["data"] == ports
    assert exported(capsys, "json")["ports"]["POOL"]["ports"] == [8080, 8083]
    services = exported(capsys, "compose")["services"]
    assert services["monitor"] == {
        "environment": {"PORT_HEALTH_BUS": "5556", "PORT_POOL": "8080"},
        "ports": ["127.0.0.1:5556:5556/tcp", "[::1]:8080-8083:8080-8083/tcp"],
    }
    assert services["tts: service"]["ports"] == ["5557:5557/udp"]


def test_who_names_the_process_on_a_port(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert f"tcp {port}: pid {os.getpid()} (" in said(capsys, "who", str(port))
        document = json.loads(said(capsys, "who", str(port), "--format", "json"))
    assert [(one["proto"], one["pid"]) for one in document["holders"]] == [("tcp", os.getpid())]
    assert "nobody has it" in said(capsys, "who", str(port))


def test_who_looks_at_every_port_of_a_range(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (project / "ports.yaml").write_text(f"version: 1\nports: {{A: {port - 1}-{port}}}\n")
        assert f"tcp {port}: pid {os.getpid()} (" in said(capsys, "who", "A")
        assert f"tcp {port}: pid {os.getpid()} (" in said(capsys, "who", f"{port - 1}-{port}")


MAINT = [sys.executable, "-m", "maint", "ports"]


def test_a_command_has_the_leases_for_as_long_as_it_runs() -> None:
    look = "import os, subprocess, sys; port = os.environ['A']; print(port, os.environ['B'], os.getpid())\n"
    look += "sys.stdout.flush(); subprocess.run([sys.executable, '-m', 'maint', 'ports', 'who', port])\n"
    look += "sys.exit(7)"
    argv = [
        *MAINT,
        "lease",
        "--count=2",
        "--contiguous",
        "--env=A",
        "--env=B",
        "--",
        sys.executable,
        "-c",
        look,
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr
    first, second = done.stdout.splitlines()
    port, after, pid = first.split()
    assert int(after) == int(port) + 1
    assert f"tcp {port}: pid {pid} (" in second
    assert " leased; as " in second
    who = subprocess.run([*MAINT, "who", port], capture_output=True, text=True, check=True)
    assert "nobody has it" in who.stdout


def test_without_a_command_the_ports_are_held_until_the_input_ends(project: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([*MAINT, "lease"], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert [path.name for path in (project / "leases").iterdir()] == [f"{port}.tcp"]
        process.communicate()
    assert process.returncode == 0
    assert list((project / "leases").iterdir()) == []


def test_an_input_that_is_closed_has_ended(project: Path) -> None:
    done = subprocess.run(["sh", "-c", '"$@" <&-', "sh", *MAINT, "lease"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert list((project / "leases").iterdir()) == []


def test_no_registered_port_is_leased(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "ports.yaml").write_text("version: 1\nports: {A: 20000-20009}\n")
    (project / "pyproject.toml").write_text('[tool.maint.ports]\nlease_range = "20000-20009"\n')
    assert "not free in 20000-20009" in said(capsys, "lease", "--", "true", code=USAGE)
