"""Files through each other, and what is remembered of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from maint.errors import InputError
from maint.ports.scan.run import Scan, scan

Project = Callable[[Mapping[str, str]], Scan]
BIND = "import zmq\nsock = zmq.Context().socket(zmq.REP)\nsock.bind(f'tcp://*:{PORT}')\n"


def ports(found: Scan) -> list[int | None]:
    return [site.port for site in found.sites]


def test_a_constant_of_another_file_is_followed_when_only_that_file_changes(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text("from ports import PORT\n" + BIND, encoding="utf-8")
    seen = []
    for number in (5556, 5557):
        (root / "ports.py").write_text(f"PORT = {number}\n", encoding="utf-8")
        seen += ports(scan(root, [root], cache=cache))
        assert ports(scan(root, [root], cache=cache)) == seen[-1:]
    assert seen == [5556, 5557]


def test_a_damaged_cache_is_no_cache(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text("PORT = 5556\n" + BIND, encoding="utf-8")
    scan(root, [root], cache=cache)
    written = list(cache.glob("ports-*.msgpack"))
    assert written
    for path in written:
        path.write_bytes(b"\xc1 no msgpack")
    assert ports(scan(root, [root], cache=cache)) == [5556]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a/ports.py": "PORT = 1\nPORT = 5556\n", "a/app.py": "from .ports import PORT\n" + BIND}, 5556),
        ({"src/a/ports.py": "PORT = 5556\n", "tests/app.py": "from a.ports import PORT\n" + BIND}, 5556),
        (
            {"p.py": "from q import *\n", "q.py": "PORT = 5556\n", "app.py": "from p import PORT\n" + BIND},
            5556,
        ),
        ({"p.py": "class P:\n    X = 5556\n", "app.py": "import p\nPORT = p.P.X\n" + BIND}, 5556),
        (
            {"p.py": "T = {'a': {'b': 5556}}\n", "app.py": "from p import T\nPORT = T['a']['b']\n" + BIND},
            5556,
        ),
        ({"app.py": "from elsewhere import PORT\n" + BIND}, None),
        ({"p.py": "from app import PORT\n", "app.py": "from p import PORT\n" + BIND}, None),
    ],
    ids=["relative", "src-layout", "star", "class", "table", "not-there", "circle"],
)
def test_names_of_other_files(project: Project, files: Mapping[str, str], expected: int | None) -> None:
    assert ports(project(files)) == [expected]


def test_what_does_not_parse_is_read_as_far_as_it_goes_and_said_to_be_so(project: Project) -> None:
    found = project({"old.py": "print 'x'\nPORT = 5556\n" + BIND + "except Exception, e:\n"})
    assert ports(found) == [5556]
    assert found.sites[0].confidence == "medium"
    assert [one.path for one in found.skipped] == ["old.py"]
    assert "does not parse (line 1" in found.skipped[0].reason


def test_an_attempt_counter_is_no_port(project: Project) -> None:
    text = "import zmq\ndef f(port=1):\n    zmq.Context().socket(zmq.REP).bind(f'tcp://*:{port}')\n"
    assert ports(project({"a.py": text})) == [None]


def test_a_path_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        scan(tmp_path, [tmp_path / "nowhere"])


def test_socket_types_are_read_where_the_code_says_them(project: Project) -> None:
    text = (
        "import zmq\nclass A:\n    def __init__(self):\n        self.s = zmq.Context().socket(zmq.XREP)\n"
        "    def go(self):\n        self.s.bind('tcp://*:5556')\n"
    )
    assert [site.socket for site in project({"a.py": text}).sites] == ["ROUTER"]


def test_a_file_that_makes_the_reader_fail_is_a_complaint(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maint.ports.scan import calls

    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(calls, "drafts", broken)
    found = project({"a.py": "PORT = 5556\n" + BIND})
    assert [one.reason for one in found.skipped] == [
        "not judged: RuntimeError: planted; report it to the project"
    ]
