from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from maint.errors import ConfigError
from maint.ports.hosts import hosts_overlap
from maint.ports.registry import Registry, load
from maint.ports.schema import schema

EXAMPLE = """\
version: 1
ports:
  HEALTH_BUS: {port: 5556, owner: monitor, purpose: heartbeats}
  TTS: {port: "${TTS_PORT:-5557}", owner: tts, host: "*", bind: ["src/tts/**"]}
  GATEWAY: {port: 8080-8083, machine: gpu-1}
  METRICS: 9090
machines:
  gpu-1: {hosts: [gpu-1.example.org], reserved: [9100-9110], ports: {METRICS: 9091}}
sets: {fast: 10000, ci: {offset: 20000}}
"""


def loaded(folder: Path, text: str, **environ: str) -> Registry:
    path = folder / "ports.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def refused(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **environ)
    return str(caught.value).splitlines()


def test_an_entry_knows_its_ports_owner_place_and_line(tmp_path: Path) -> None:
    registry = loaded(tmp_path, EXAMPLE)
    gateway, tts = registry.entries["GATEWAY"], registry.entries["TTS"]
    assert (gateway.ports, gateway.machine, gateway.line) == (range(8080, 8084), "gpu-1", 5)
    assert (tts.ports[0], tts.owner, tts.host, tts.bind) == (5557, "tts", "*", ("src/tts/**",))
    assert registry.sets == {"fast": 10000, "ci": 20000}


def test_a_set_moves_every_port_and_a_machine_has_its_own(tmp_path: Path) -> None:
    registry = loaded(tmp_path, EXAMPLE)
    there = {entry.name: entry.ports[0] for entry in registry.effective("fast", "gpu-1")}
    assert there == {"HEALTH_BUS": 15556, "TTS": 15557, "GATEWAY": 18080, "METRICS": 19091}
    assert {entry.name: entry.ports[0] for entry in registry.effective()}["METRICS"] == 9090


def test_a_machine_is_known_by_its_name_and_its_host_names(tmp_path: Path) -> None:
    registry = loaded(tmp_path, EXAMPLE)
    assert [registry.here(name) for name in ("gpu-1.example.org", "GPU-1", "other")] == [
        "gpu-1",
        "gpu-1",
        None,
    ]


def test_a_variable_fills_in_and_is_remembered(tmp_path: Path) -> None:
    registry = loaded(tmp_path, EXAMPLE, TTS_PORT="6000")
    assert registry.entries["TTS"].ports == range(6000, 6001)
    assert registry.variables == {"TTS_PORT": "6000"}


def test_every_problem_is_said_at_once_with_its_line_and_what_was_meant(tmp_path: Path) -> None:
    text = """\
version: 1
ports:
  A: {port: 5556, ownr: x}
  B: {port: 70000}
  C: {port: 9000-8000, proto: tpc}
  D: {port: "${UNSET}", machine: gpu}
  2x: 80
  E: 3
  E: 4
machines: {gpu-1: {reserved: [x]}}
sets: {ci: -1}
"""
    said = refused(tmp_path, text)
    for line, part in {
        3: "unknown key 'ownr'; did you mean 'owner'?",
        4: "70000: expected ports from 1 to 65535",
        5: "expected one of 'tcp', 'udp'",
        6: "UNSET is not set",
        7: "'2x' is no name",
        9: "'E' is there already, in line 8",
        10: "'x': expected a port",
        11: "expected an offset",
    }.items():
        assert any(one.startswith(f"ports.yaml:{line}: ") and part in one for one in said), (line, said)
    assert said == sorted(said, key=lambda one: int(one.split(":")[1]))
    assert any("unknown machine 'gpu'; did you mean 'gpu-1'?" in one for one in said)
    assert any("write '8000-9000'" in one for one in said)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "ports.yaml:1: no version"),
        ("- 1", "ports.yaml:1: the registry"),
        ("version: 2\n", "ports.yaml:1: version 2"),
        ("version: 1\nports: [1\n", "not valid YAML"),
        ("version: 1\nports: {A: 1\0}\n", "ports.yaml: not valid YAML: unacceptable character"),
        ("version: 1\nports: {A: !!bool x}\n", "ports.yaml:2: not valid YAML: 'x' is no bool"),
        ("version: 1\nports: {A: !!timestamp x}\n", "ports.yaml:2: not valid YAML: 'x' is no timestamp"),
        ("version: 1\nports: [1]\n", "ports.yaml:2: ports: '…': expected a mapping"),
        ("version: 1\nsets: {ci: [1]}\n", "ports.yaml:2: set ci: '…': expected an offset"),
        ("version: 1\nports: !!python/object:os.system {}\n", "not valid YAML"),
        ("version: 1\nports: &a {A: *a}\n", "the anchor contains itself"),
        ("version: 1\nports: {A: &a {port: 1, bind: *a}}\n", "the anchor contains itself"),
        ("version: 1\nports: {my-bus: 1, my_bus: 2}\n", "both read PORT_MY_BUS"),
        ("version: 1\nmachines: {m: {ports: {A: 1}}}\n", "unknown port 'A'"),
    ],
)
def test_what_is_no_registry_is_refused_in_one_sentence(tmp_path: Path, text: str, part: str) -> None:
    assert part in "\n".join(refused(tmp_path, text))


def test_aliases_of_aliases_cost_no_more_than_they_say(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert len(refused(tmp_path, "\n".join(lines))) == 61


def test_merged_keys_are_no_duplicates(tmp_path: Path) -> None:
    text = "version: 1\nports:\n  A: &a {port: 1, owner: x}\n  B: {<<: *a, port: 2}\n"
    found = loaded(tmp_path, text).entries["B"]
    assert (found.ports[0], found.owner) == (2, "x")


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("port: 5556", "port: 5556", True),
        ("port: 5556", "port: 5557", False),
        ("port: 5550-5560", "port: 5556", True),
        ("port: 5556", "{port: 5556, proto: udp}", False),
        ("{port: 5556, host: 127.0.0.1}", "{port: 5556, host: 0.0.0.0}", True),
        ("{port: 5556, host: 127.0.0.1}", "{port: 5556, host: 127.0.0.2}", False),
        ("{port: 5556, host: '::1'}", "{port: 5556, host: 0.0.0.0}", False),
        ("{port: 5556, host: '::1'}", "{port: 5556, host: '*'}", True),
        ("{port: 5556, machine: m}", "{port: 5556, machine: n}", False),
        ("{port: 5556, machine: m}", "port: 5556", True),
        ("port: 5556", "port: 6556", True),  # the set puts the one where the other is
    ],
)
def test_two_entries_on_one_port_of_a_machine_are_a_problem(
    tmp_path: Path, one: str, other: str, collide: bool
) -> None:
    def entry(text: str) -> str:
        return text if text.startswith("{") else f"{{{text}}}"

    text = f"version: 1\nports:\n  A: {entry(one)}\n  B: {entry(other)}\n"
    text += "machines: {m: {}, n: {}}\nsets: {ci: 1000}\n"
    if not collide:
        assert len(loaded(tmp_path, text).entries) == 2
        return
    (said,) = refused(tmp_path, text)
    assert said.startswith("ports.yaml:4: B")
    assert "(line 3)" in said


def test_a_machines_own_port_collides_there_only(tmp_path: Path) -> None:
    text = "version: 1\nports: {A: 1000, B: 2000}\nmachines: {m: {ports: {A: 2000}}}\n"
    (said,) = refused(tmp_path, text)
    assert "on machine m" in said


@pytest.mark.parametrize(
    ("ports", "rest", "part"),
    [
        ("A: 9105", "machines: {m: {reserved: [9100-9110]}}", "reserved on machine m (line 3)"),
        ("A: 105", "machines: {m: {reserved: 9100-9110}}\nsets: {ci: 9000}", "in the set ci"),
        ("A: 60000", "sets: {ci: 9000}", "69000 is over 65535"),
    ],
)
def test_a_port_where_none_may_be_is_a_problem(tmp_path: Path, ports: str, rest: str, part: str) -> None:
    (said,) = refused(tmp_path, f"version: 1\nports: {{{ports}}}\n{rest}\n")
    assert part in said


NAMES = st.text(string.ascii_uppercase, min_size=1, max_size=4)
HOSTS = st.sampled_from(["*", "127.0.0.1", "0.0.0.0", "::1", "::", "localhost", "10.0.0.1", "db"])
ENTRIES = st.fixed_dictionaries(
    {"port": st.integers(5000, 5012) | st.tuples(st.integers(5000, 5006), st.integers(5006, 5012))},
    optional={"host": HOSTS, "proto": st.sampled_from(["tcp", "udp"]), "owner": NAMES},
)


def written(entries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    def port(raw: Any) -> Any:
        return f"{raw[0]}-{raw[1]}" if isinstance(raw, tuple) else raw

    return {
        "version": 1,
        "ports": {name: {**one, "port": port(one["port"])} for name, one in entries.items()},
    }


def ports_of(raw: Any) -> set[int]:
    return set(range(raw[0], raw[1] + 1)) if isinstance(raw, tuple) else {raw}


@settings(deadline=None)
@given(st.dictionaries(NAMES, ENTRIES, max_size=5))
def test_a_registry_loads_if_and_only_if_no_two_entries_meet(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, dict[str, Any]]
) -> None:
    listed = list(entries.values())
    meet = any(
        ports_of(one["port"]) & ports_of(other["port"])
        and one.get("proto", "tcp") == other.get("proto", "tcp")
        and hosts_overlap(one.get("host", "127.0.0.1"), other.get("host", "127.0.0.1"))
        for index, one in enumerate(listed)
        for other in listed[:index]
    )
    document = written(entries)
    jsonschema.validate(document, schema())
    path = tmp_path_factory.getbasetemp() / "ports.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    if meet:
        with pytest.raises(ConfigError, match="both take"):
            load(path, {})
    else:
        found = load(path, {}).entries
        assert {name: set(one.ports) for name, one in found.items()} == {
            name: ports_of(one["port"]) for name, one in entries.items()
        }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(["version", "ports", "machines", "sets", "port", "A", "offset", "hosts", "reserved"])
NESTED = st.recursive(JSON, lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=8)


@settings(deadline=None)
@given(NESTED)
def test_whatever_a_file_holds_is_either_a_registry_or_refused_by_line(
    tmp_path_factory: pytest.TempPathFactory, document: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    said = []
    try:
        load(path, {})
    except ConfigError as error:
        said = str(error).splitlines()
    assert all(line.startswith("any.yaml:") for line in said)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"ports": {"A": {"owner": "x"}}},
        {"ports": {"A": 70000}},
        {"ports": {"2x": 1}},
        {"ports": {"A": {"port": 1, "ownr": "x"}}},
        {"ports": {"A": {"port": 1, "proto": "sctp"}}},
        {"sets": {"ci": -1}},
        {"machines": {"m": {"host": "x"}}},
    ],
)
def test_the_schema_and_the_reader_refuse_the_same(tmp_path: Path, change: dict[str, Any]) -> None:
    assert not jsonschema.Draft202012Validator(schema()).is_valid({"version": 1, **change})
    refused(tmp_path, json.dumps({"version": 1, **change}))


DOCUMENTED = Path(__file__).parents[3] / "docs" / "how-to" / "ports.md"


def test_the_documented_registry_is_one_and_the_schema_takes_it(tmp_path: Path) -> None:
    text = DOCUMENTED.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    assert [entry.ports[0] for entry in loaded(tmp_path, text).effective("ci", "edge")] == [
        25556,
        25570,
        28080,
        29091,
    ]
    for example in (text, EXAMPLE):
        jsonschema.validate(yaml.safe_load(example), schema())


ADDRESSES = st.sampled_from(
    ["*", "0.0.0.0", "::", "127.0.0.1", "::1", "localhost", "10.1.1.1", "::ffff:10.1.1.1", "a"]
)


@settings(deadline=None)
@given(ADDRESSES, ADDRESSES)
def test_hosts_overlap_both_ways_or_neither(one: str, other: str) -> None:
    assert hosts_overlap(one, other) == hosts_overlap(other, one)
    assert hosts_overlap(one, one)
    assert hosts_overlap(one, "*")
