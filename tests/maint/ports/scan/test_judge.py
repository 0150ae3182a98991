"""Each code: a defect that raises it, and the same code without the defect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.ports.registry import Entry
from maint.ports.scan.judge import Case, Fault, judge, overlaps
from maint.ports.scan.site import Site

Faults = Callable[..., list[Fault]]


def bound(port: object, host: str = "127.0.0.1", more: str = "") -> str:
    return f"import zmq\nsock = zmq.Context().socket(zmq.REP)\n{more}sock.bind('tcp://{host}:{port}')\n"


def entry(name: str = "BUS", port: int = 5556, bind: tuple[str, ...] = (), owner: str = "bus") -> Entry:
    return Entry(name, range(port, port + 1), owner, "", "tcp", "127.0.0.1", None, bind, 4)


def codes(found: list[Fault]) -> list[str]:
    return [one.code for one in found]


def test_two_modules_that_bind_one_port_collide_and_both_are_named(faults: Faults) -> None:
    found = faults({"shop/a.py": bound(5556), "shop/b.py": bound(5556)})
    assert codes(found) == ["PORT001"]
    assert "shop/a.py:3" in found[0].said
    assert "shop/b.py:3" in found[0].said
    assert faults({"shop/b.py": bound(5557)}) == []


@pytest.mark.parametrize(
    "other",
    [
        bound(5556).replace("bind", "connect"),
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('127.0.0.1', 5556))\n",
        bound(5556, "127.0.0.2"),
        bound("0"),
        "import zmq\nsock = zmq.Context().socket(zmq.REP)\nsock.bind_to_random_port('tcp://127.0.0.1')\n",
    ],
    ids=["connect", "udp", "another-host", "port-0", "random"],
)
def test_what_is_no_second_bind_of_it_does_not_collide(faults: Faults, other: str) -> None:
    assert faults({"a.py": bound(5556), "b.py": other}) == []


def test_one_address_overlaps_all_of_them(faults: Faults) -> None:
    found = faults({"a.py": bound(5556), "b.py": "import socket\ns = socket.socket()\ns.bind(('', 5556))\n"})
    assert codes(found) == ["PORT001"]


HOSTS = st.sampled_from(["127.0.0.1", "0.0.0.0", "*", "::", "::1", "10.0.0.1", "localhost", "eth0", None])


def _site(host: str | None, port: int) -> Site:
    return Site(
        role="bind",
        proto="tcp",
        host=host,
        port=port,
        expression="",
        path=f"{host}",
        line=1,
        confidence="high",
    )


@given(HOSTS, HOSTS, st.integers(5000, 5001), st.integers(5000, 5001))
def test_overlap_is_of_one_port_and_the_same_both_ways(
    one: str | None, other: str | None, port: int, second: int
) -> None:
    a, b = _site(one, port), _site(other, second)
    assert overlaps(a, b) == overlaps(b, a)
    if port != second:
        assert not overlaps(a, b)
    elif one == other or None in (one, other) or "*" in (one, other):
        assert overlaps(a, b)


@given(st.permutations([("a.py", 5556), ("b.py", 5556), ("c.py", 5557), ("c.py", 5556)]))
def test_the_order_of_the_sites_does_not_matter(order: list[tuple[str, int]]) -> None:
    sites = [
        Site(
            role="bind", proto="tcp", host="*", port=port, expression="", path=path, line=1, confidence="high"
        )
        for path, port in order
    ]
    found = judge(Case(sites))
    assert [(one.code, one.path) for one in found] == [("PORT001", "b.py")]


def test_two_copies_of_a_service_are_a_duplicate_and_no_collision(faults: Faults) -> None:
    found = faults({"agent.py": bound(5556), "backup/agent.py": bound(5556)})
    assert codes(found) == ["PORT009"]
    assert found[0].path == "backup/agent.py"
    assert found[0].others == ("agent.py:3",)


def test_a_copy_under_another_name_is_known_by_what_is_in_it(faults: Faults) -> None:
    body = "".join(f"value_{number} = compute({number})\n" for number in range(20))
    found = faults({"one.py": bound(5556) + body, "two.py": bound(5556) + body + "last = 1\n"})
    assert codes(found) == ["PORT009"]


def test_one_module_may_bind_its_port_in_two_branches(faults: Faults) -> None:
    assert faults({"a.py": bound(5556) + "if plain:\n    sock.bind('tcp://127.0.0.1:5556')\n"}) == []


def test_a_guess_among_several_candidates_makes_no_finding(faults: Faults) -> None:
    guess = (
        bound("{port}").replace("'tcp", "f'tcp").replace("sock.bind", "port = 5556 if x else 5557\nsock.bind")
    )
    assert faults({"a.py": bound(5556), "b.py": guess}) == []


def test_the_registry_names_the_owner_of_a_port_that_another_binds(faults: Faults) -> None:
    known = {"entries": [entry(bind=("bus/**",))], "registry": "ports.yaml"}
    files = {"bus/main.py": bound(5556)}
    assert faults(files, **known) == []
    found = faults({"shop/b.py": bound(5556), "bus/main.py": "\n"}, **known)
    assert codes(found) == ["PORT001"]
    assert "bus (ports.yaml:4)" in found[0].said


def test_two_files_of_one_registered_owner_are_no_collision(faults: Faults) -> None:
    files = {"bus/a.py": bound(5556), "bus/b.py": bound(5556)}
    assert codes(faults(files)) == ["PORT001"]
    assert faults(files, entries=[entry(bind=("bus",))], registry="ports.yaml") == []


def test_a_port_that_is_not_registered(faults: Faults) -> None:
    files = {"a.py": bound(5556)}
    assert codes(faults(files, entries=[], registry="ports.yaml")) == ["PORT002"]
    assert faults(files, entries=[entry()], registry="ports.yaml") == []
    assert faults(files) == []


def test_a_port_that_nothing_binds_any_more(faults: Faults) -> None:
    known = {"entries": [entry()], "registry": "ports.yaml"}
    found = faults({"a.py": "\n"}, **known)
    assert [(one.code, one.path, one.line) for one in found] == [("PORT003", "ports.yaml", 4)]
    assert faults({"a.py": "\n"}, is_whole=False, **known) == []
    assert faults({"a.py": bound("{x}").replace("'tcp", "f'tcp")}, **known) == []


def test_a_bind_by_the_registered_name_is_a_bind(faults: Faults) -> None:
    by_name = "import zmq\nsock = zmq.Context().socket(zmq.REP)\nsock.bind(f\"tcp://127.0.0.1:{get_port('BUS')}\")\n"
    assert faults({"a.py": by_name}, entries=[entry()], registry="ports.yaml") == []


def test_a_connect_to_what_nothing_binds(faults: Faults) -> None:
    client = bound(5556).replace("bind", "connect")
    assert codes(faults({"a.py": client})) == ["PORT004"]
    assert faults({"a.py": client}, is_whole=False) == []
    assert faults({"a.py": client.replace("127.0.0.1", "db.example")}) == []
    assert faults({"a.py": client, "b.py": bound(5556)}) == []


@pytest.mark.parametrize(("port", "code"), [(40000, "PORT005"), (514, "PORT006")])
def test_a_port_in_a_bad_place(faults: Faults, port: int, code: str) -> None:
    assert codes(faults({"a.py": bound(port)})) == [code]
    assert faults({"a.py": bound(port)}, is_test=lambda _: True) == []
    assert faults({"a.py": bound(20000)}) == []


def test_an_open_socket_without_authentication(faults: Faults) -> None:
    assert codes(faults({"a.py": bound(5556, "*")})) == ["PORT008"]
    assert faults({"a.py": bound(5556, "*", "sock.curve_server = True\n")}) == []


def test_a_reason_suppresses_and_its_absence_is_said(faults: Faults) -> None:
    files = {"a.py": bound(5556), "b.py": bound(5556)[:-1] + "  # maint: port-ok never both at once\n"}
    assert faults(files) == []
    bare = faults({"a.py": bound(5556), "b.py": bound(5556)[:-1] + "  # maint: port-ok\n"})
    assert codes(bare) == ["PORT001", "PORT007"]
    above = bound(5556, more="# maint: port-ok one of them at a time\n")
    assert faults({"a.py": bound(5556), "b.py": above}) == []


def test_published_ports_collide_and_container_ports_do_not(faults: Faults, tmp_path: Path) -> None:
    compose = (
        "services:\n  a:\n    image: x\n    expose: [9000]\n    ports: ['8080:80']\n"
        "  b:\n    image: y\n    expose: [9000]\n    ports: ['{}:80']\n"
    )
    assert codes(faults({"docker-compose.yml": compose.format(8080)})) == ["PORT001"]
    assert faults({"docker-compose.yml": compose.format(8081)}) == []


CLASSES = """\
import zmq
class Base:
    pass
class Health(Base):
    def start(self):
        self.sock = zmq.Context().socket(zmq.REP)
        self.sock.bind("tcp://127.0.0.1:5556")
class Audit({base}):
    def start(self):
        self.sock = zmq.Context().socket(zmq.REP)
        self.sock.bind("tcp://127.0.0.1:{port}")
"""


def test_two_classes_of_one_module_are_two_owners(faults: Faults) -> None:
    found = faults({"agents.py": CLASSES.format(base="Base", port=5556)})
    assert codes(found) == ["PORT001"]
    assert "by Health (agents.py:7) and by Audit (agents.py:11)" in found[0].said
    assert faults({"agents.py": CLASSES.format(base="Base", port=5557)}) == []


def test_a_class_and_what_is_derived_from_it_are_one_owner(faults: Faults) -> None:
    assert faults({"agents.py": CLASSES.format(base="Health", port=5556)}) == []


def test_the_classes_of_a_test_module_are_one_owner(faults: Faults) -> None:
    files = {"test_agents.py": CLASSES.format(base="Base", port=5556)}
    assert faults(files, is_test=lambda path: path.startswith("test_")) == []


def test_a_registered_file_may_hold_two_owners_all_the_same(faults: Faults, tmp_path: Path) -> None:
    known = {"entries": [entry(bind=("agents.py", "**/compose.yml"))], "registry": "ports.yaml"}
    files = {"agents.py": CLASSES.format(base="Base", port=5556)}
    assert codes(faults(files, **known)) == ["PORT001"]
    (tmp_path / "agents.py").unlink()
    services = "services:\n  a: {ports: ['5556:80']}\n  b: {ports: ['5556:80']}\n"
    found = faults({"compose.yml": services, "deploy/compose.yml": services}, **known)
    assert codes(found) == ["PORT001"]
    assert "by a (compose.yml:2) and by b (compose.yml:3)" in found[0].said


def test_a_copy_of_a_registered_file_is_a_duplicate_and_no_collision(faults: Faults) -> None:
    known = {"entries": [entry(bind=("agent.py",))], "registry": "ports.yaml"}
    files = {"agent.py": bound(5556), "agent_old.py": bound(5556)}
    assert codes(faults(files, **known)) == ["PORT009"]
    assert codes(faults({**files, "agent_old.py": "\n", "shop.py": bound(5556)}, **known)) == ["PORT001"]


@pytest.mark.parametrize("place", ["bind(", "5556'", "# end", ")"])
def test_a_reason_may_be_on_any_line_of_a_call(faults: Faults, place: str) -> None:
    call = bound(5556).replace(
        "bind('tcp://127.0.0.1:5556')", "bind(\n    'tcp://127.0.0.1:5556'\n    # end\n)"
    )
    assert codes(faults({"a.py": bound(5556), "b.py": call})) == ["PORT001"]
    said = call.replace(f"{place}\n", f"{place}  # maint: port-ok never both at once\n")
    assert said != call
    assert faults({"b.py": said}) == []


def test_one_port_of_one_file_is_one_finding_with_all_its_places(faults: Faults) -> None:
    twice = bound(5556) + "def again():\n    sock.bind('tcp://127.0.0.1:5556')\n"
    (found,) = faults({"a.py": twice}, entries=[], registry="ports.yaml")
    assert (found.code, found.line, found.others) == ("PORT002", 3, ("a.py:5",))
