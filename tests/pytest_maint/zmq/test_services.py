"""Ten services with fixed tcp ports, in four workers at once: the kernel is asked for listeners."""

import os
import subprocess
import sys
from pathlib import Path

SERVICES = Path(__file__).with_name("services")
ALL = 11  # ten services, one of them in two ways


def run_suite(tmp_path, *arguments, **environ):
    """Run ``services/suite.py`` as a user would; its result, and the TCP listeners that each test saw."""
    seen = tmp_path / "seen"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    paths = os.pathsep.join(filter(None, (str(SERVICES), kept.get("PYTHONPATH"))))
    environ |= {"SERVICES_SEEN": str(seen), "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    # Other plugins may listen themselves, as pytest-rerunfailures does.
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    plugins = ("-p", "xdist.plugin", "-p", "pytest_maint.plugin", "-p", "no:cacheprovider")
    command = (sys.executable, "-m", "pytest", "-q", *plugins, "--rootdir", str(tmp_path))
    options = ("-c", os.devnull, f"--confcutdir={SERVICES}", *arguments, str(SERVICES / "suite.py"))
    done = subprocess.run(
        [*command, *options], env=kept | environ, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    lines = seen.read_text().splitlines()
    return done, dict(line.split(" ", 1) for line in lines)


def test_no_service_opens_a_port_in_four_workers_when_remapped(tmp_path):
    done, seen = run_suite(tmp_path, "-n", "4", SERVICES_REMAP="1")
    assert f"{ALL} passed" in done.stdout, done.stdout
    assert done.returncode == 0
    assert len(seen) == ALL
    assert set(seen.values()) == {"[]"}


def test_the_same_services_open_ports_when_they_are_not_remapped(tmp_path):
    # Other programs of the machine may have some of the ports: those tests then fail, which is the point.
    _, seen = run_suite(tmp_path)
    assert any(ports != "[]" for ports in seen.values())
