"""Ports in files that are no Python."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from maint.ports.scan.run import Scan

Project = Callable[[Mapping[str, str]], Scan]
KUBERNETES = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  ports:
    - {port: 80, targetPort: 8080, nodePort: 30080}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
        - name: web
          ports:
            - containerPort: 8080
              hostPort: 9090
            - containerPort: 5353
              protocol: UDP
"""


def rows(found: Scan) -> list[tuple[str, str, str, str | None, int | None, int]]:
    return [(one.kind, one.role, one.proto, one.host, one.port, one.line) for one in found.sites]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "compose.yaml",
            "services:\n  a:\n    ports:\n      - '${P:-8080}:80'\n"
            "      - 127.0.0.1:53:53/udp\n      - '90'\n",
            [("compose", "bind", "tcp", "*", 8080, 4), ("compose", "bind", "udp", "127.0.0.1", 53, 5)],
        ),
        (
            "Dockerfile",
            "FROM x\nARG PORT=9000\nEXPOSE $PORT 53/udp 7000-7001\n",
            [
                ("container", "bind", "udp", "*", 53, 3),
                ("container", "bind", "tcp", "*", 7000, 3),
                ("container", "bind", "tcp", "*", 7001, 3),
                ("container", "bind", "tcp", "*", 9000, 3),
            ],
        ),
        (
            "a.socket",
            "[Socket]\nListenStream=[::1]:9000\nListenDatagram=9001\nListenStream=/run/x\n",
            [("systemd", "bind", "tcp", "::1", 9000, 2), ("systemd", "bind", "udp", "*", 9001, 3)],
        ),
        (".env", "export RPC_PORT=5556\nREPORT=77\nIMPORTS=9\n", [("setting", "bind", "tcp", None, 5556, 1)]),
        (
            "conf.toml",
            "[database]\nport = 5432\n[server]\nhost = '0.0.0.0'\nport = 8080 # here\n",
            [("setting", "connect", "tcp", None, 5432, 2), ("setting", "bind", "tcp", "0.0.0.0", 8080, 5)],
        ),
        (
            "conf.json",
            '{"upstream": {"host": "api", "httpPort": 8080},\n "transport": 7, "ports": [1234, 99999]}\n',
            [("setting", "connect", "tcp", "api", 8080, 1), ("setting", "bind", "tcp", None, 1234, 2)],
        ),
        (
            "conf.yaml",
            "base: &base\n  host: 0.0.0.0\nhttp:\n  <<: *base\n  port: 8081\n---\nbus: tcp://*:5556\n",
            [("setting", "bind", "tcp", "0.0.0.0", 8081, 5), ("setting", "bind", "tcp", "*", 5556, 7)],
        ),
        (
            "k8s.yaml",
            KUBERNETES,
            [
                ("container", "bind", "tcp", "*", 80, 6),
                ("kubernetes", "bind", "tcp", "*", 30080, 6),
                ("container", "bind", "tcp", "*", 8080, 17),
                ("kubernetes", "bind", "tcp", "*", 9090, 18),
                ("container", "bind", "udp", "*", 5353, 19),
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 15 else "",
)
def test_a_file_gives_its_ports_with_their_lines(
    project: Project, name: str, text: str, expected: list[tuple[object, ...]]
) -> None:
    assert rows(project({name: text})) == expected


def test_a_template_that_is_no_yaml_is_read_line_by_line_and_said_to_be_so(project: Project) -> None:
    found = project({"values.yaml": "{% if x %}\nhttp_port: 8080\n{% endif %}\n"})
    assert rows(found) == [("setting", "bind", "tcp", None, 8080, 2)]
    assert found.sites[0].confidence == "low"
    assert "read line by line" in found.skipped[0].reason


def test_an_anchor_that_leads_back_to_itself_ends(project: Project) -> None:
    assert rows(project({"a.yaml": "a: &a\n  port: 8080\n  again: *a\n"})) == [
        ("setting", "bind", "tcp", None, 8080, 2)
    ]


def test_a_tag_is_never_run(project: Project) -> None:
    found = project({"a.yaml": "port: !!python/object/apply:os.system ['exit 1']\nrpc_port: 8080\n"})
    assert [one.port for one in found.sites] == [8080]


def test_without_the_package_yaml_is_still_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    found = project({"a.yaml": "rpc_port: 8080\n"})
    assert [one.port for one in found.sites] == [8080]
    assert "pytest-maint[ports]" in found.skipped[0].reason


def test_lock_files_are_left(project: Project) -> None:
    assert project({"package-lock.json": '{"port": 8080}'}).files == []


def test_a_pipe_that_is_named_like_a_file_is_not_waited_for(project: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ports.json")
    assert [tuple(one) for one in project({"a.py": "\n"}).skipped] == [("ports.json", "not a regular file")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.json", '{"port": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("strings.json", '{"port": ' + '["]",' * 100_000 + "1" + "]" * 100_000 + "}"),
        ("deep.yaml", "port: 1\nx:\n " + "- " * 50_000 + "1\n"),
        ("keys.yaml", "port: 1\n" + "? " * 50_000 + "1\n"),
    ],
)
def test_a_file_that_is_nested_too_deep_is_said_to_be(tmp_path: Path, name: str, text: str) -> None:
    # in a process of its own: the parser in C overflows the stack, which ends the interpreter
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "ok.env").write_text("BUS_PORT=5556\n", encoding="utf-8")
    argv = [sys.executable, "-m", "maint", "ports", "scan", "--no-cache", "--root", str(tmp_path)]
    done = subprocess.run([*argv, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{name}: does not parse (nested too deep); read line by line" in done.stdout
    assert "BUS_PORT: 5556" in done.stdout
