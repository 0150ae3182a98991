"""The fixture: what a test is leased, and when it ends."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_a_lease_has_what_a_server_and_its_client_need(guarded) -> None:
    guarded.write(
        """
        def test_one(port_lease):
            one = port_lease("tts")
            assert one.url() == f"tcp://127.0.0.1:{one.port}"
            assert one.env("TTS_PORT") == {"TTS_PORT": str(one.port)}
            one.hold()
            with socket.create_server(("127.0.0.1", one.port)) as made:
                made.listen()
            a, b, c = port_lease(count=3, contiguous=True)
            assert (b.port, c.port) == (a.port + 1, a.port + 2)
            (d,) = port_lease(count=1, proto="udp")
            assert d.url().startswith("udp:")
            assert len({one.port, a.port, b.port, c.port}) == 4
        """
    )
    guarded.run(guard="off").assert_outcomes(passed=1)


def test_leases_end_with_their_test(guarded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.setenv("MAINT_LEASE_DIR", str(place))
    guarded.write(
        f"""
        import json, pathlib
        HERE = pathlib.Path({str(place)!r})

        def test_one(port_lease):
            one = port_lease("tts")
            (file,) = HERE.iterdir()
            noted = json.loads(file.read_text())
            assert noted["test"] == "test_it.py::test_one"
            assert noted["name"] == "tts"

        def test_two(port_lease):
            assert list(HERE.iterdir()) == []
            port_lease("again")
            (file,) = HERE.iterdir()
            assert json.loads(file.read_text())["test"] == "test_it.py::test_two"
        """
    )
    guarded.run(guard="off").assert_outcomes(passed=2)
    assert list(place.iterdir()) == []


def test_registered_ports_are_not_leased(guarded, free_ports) -> None:
    low = min(free_ports(1))
    guarded.registry(TTS=f"port: {low}, owner: tts")
    guarded.pytester.makepyprojecttoml(f'[tool.maint.ports]\nlease_range = "{low}-{low}"\n')
    guarded.write("def test_one(port_lease):\n    port_lease('tts')\n")
    result = guarded.run(guard="off")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"1 tcp port: not free in {low}, leased or in use; *"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_bad_arguments_are_said_to_be_so(guarded) -> None:
    guarded.write(
        """
        def test_one(port_lease):
            with pytest.raises(ValueError, match="count=0"):
                port_lease(count=0)
            with pytest.raises(ValueError, match="sctp"):
                port_lease(proto="sctp")
        """
    )
    guarded.run(guard="off").assert_outcomes(passed=1)


def test_workers_are_given_different_ports(guarded) -> None:
    guarded.write(
        """
        @pytest.mark.parametrize("number", range(20))
        def test_one(port_lease, number):
            for one in port_lease(count=10):
                with socket.socket() as made:
                    made.bind(("127.0.0.1", one.port))
        """
    )
    guarded.run("-n2", process=True).assert_outcomes(passed=20)


def test_a_registry_that_cannot_be_read_is_said_once(guarded) -> None:
    (guarded.root / "ports.yaml").write_text("version: 1\nports: {A: 70000}\n")
    guarded.write("def test_one(port_lease): pass\n")
    result = guarded.run(guard="off")
    result.assert_outcomes(errors=1)
    result.stdout.no_fnmatch_line("During handling of*")
    assert len([line for line in result.outlines if line.startswith("ports.yaml:2: A: ")]) == 1
