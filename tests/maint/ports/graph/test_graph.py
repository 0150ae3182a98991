"""The topology of a small project in each of its pictures."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from maint.ports.graph.dot import dot
from maint.ports.graph.draft import draft
from maint.ports.graph.html import html
from maint.ports.graph.mermaid import mermaid
from maint.ports.graph.topology import Topology, topology
from maint.ports.registry import load
from maint.ports.scan.judge import Case, judge
from maint.ports.scan.site import Site


def site(
    role: str, port: int | None, path: str, socket: str = "", host: str = "127.0.0.1", **more: Any
) -> Site:
    about = {"line": 3, "kind": "zmq", **more}
    return Site(
        role=role,
        proto="tcp",
        host=host,
        port=port,
        expression="url",
        path=path,
        confidence="high",
        socket=socket,
        **about,
    )


SITES = [
    site("bind", 5556, "shop/stock.py", "REP"),
    site("connect", 5556, "shop/till.py", "REQ"),
    site("bind", 5557, "shop/feed.py", "PUB", "*"),
    site("bind", 5557, "shop/news.py", "PUB"),
    site("connect", 5558, "shop/till.py", "SUB"),
    site("bind", None, "shop/<other>.py"),
]


@pytest.fixture
def found() -> Topology:
    return topology(SITES, judge(Case(SITES)))


def test_it_knows_who_binds_who_connects_and_what_collides(found: Topology) -> None:
    assert [(port.number, len(port.binds), len(port.connects), port.fault) for port in found.ports] == [
        (5556, 1, 1, ""),
        (5557, 2, 0, "PORT001"),
        (5558, 0, 1, ""),
    ]
    assert len(found.unknown) == 1


def test_mermaid_marks_the_collision_and_escapes_names(found: Topology) -> None:
    text = mermaid(found)
    assert text.startswith("flowchart LR\n")
    assert "-->|REQ connects| p0" in text
    assert "class p1 collision" in text
    assert mermaid(topology([site("bind", 1234, 'a"<b>.py')], [])).count('"') == 4


def test_dot_quotes_what_comes_from_outside(found: Topology) -> None:
    text = dot(found)
    assert '"tcp 5557" [shape=ellipse, label="tcp 5557 PORT001", color=red, penwidth=3];' in text
    assert '"a\\"b"' in dot(topology([site("bind", 1234, 'a"b.py')], []))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_the_page_stands_alone_and_takes_nothing_for_markup(found: Topology) -> None:
    text = html(found)
    reader = _Reader()
    reader.feed(text)
    assert "svg" in reader.tags
    assert not {"script", "link", "img", "other"} & set(reader.tags)
    assert not {"src", "href", "style"} & set(reader.attributes)
    assert "shop/&lt;other&gt;.py" in text
    assert "PORT001" in text


def test_a_project_without_ports_has_pictures_too() -> None:
    nothing = topology([], [])
    assert "flowchart" in mermaid(nothing)
    assert "digraph" in dot(nothing)
    assert "<svg" not in html(nothing)


def test_a_first_registry_is_one_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "ports.yaml"
    path.write_text(draft(Case([*SITES, site("bind", 5559, "shop/stock.py", "PUB")])), encoding="utf-8")
    registry = load(path)
    assert sorted(entry.ports[0] for entry in registry.entries.values()) == [5556, 5557, 5559]
    assert "# collision: bound in shop/news.py:3, too" in path.read_text(encoding="utf-8")


def test_a_first_registry_of_nothing_loads(tmp_path: Path) -> None:
    (tmp_path / "ports.yaml").write_text(draft(Case([])), encoding="utf-8")
    assert load(tmp_path / "ports.yaml").entries == {}


def test_a_first_registry_calls_nothing_a_collision_that_the_check_does_not(tmp_path: Path) -> None:
    sites = [
        site("bind", 5556, "agent.py"),
        site("bind", 5556, "agent_old.py"),
        site("bind", 5556, "docker-compose.yml", kind="compose", owner="web"),
    ]
    path = tmp_path / "ports.yaml"
    path.write_text(draft(Case(sites)), encoding="utf-8")
    assert "collision" not in path.read_text(encoding="utf-8")
    assert "# copy: bound in agent_old.py:3, too" in path.read_text(encoding="utf-8")
    (entry,) = load(path).entries.values()
    # whoever may bind it now must be let by the check that follows
    assert entry.bind == ("agent.py", "docker-compose.yml")
    assert [one.code for one in judge(Case(sites, [entry], "ports.yaml"))] == ["PORT009"]


CLASSES = (("Health", 3), ("Audit", 9))


def test_a_first_registry_names_the_second_class_of_a_module(tmp_path: Path) -> None:
    sites = [site("bind", 5556, "shop/orders.py", classes=(name,), line=line) for name, line in CLASSES]
    assert "# collision: bound in shop/orders.py:9, too" in draft(Case(sites))
