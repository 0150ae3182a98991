from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maint.errors import ConfigError
from maint.ports import get_port
from maint.ports.lookup import resolve
from maint.ports.registry import load

TEXT = """\
version: 1
ports: {HEALTH_BUS: 5556, health-check: "${CHECK:-5600}", POOL: 7000-7003}
machines: {gpu-1: {ports: {HEALTH_BUS: 6556}}}
sets: {ci: 20000}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose registry is found from a folder below it; none of its variables set."""
    for name in [name for name in os.environ if name.startswith(("MAINT_", "PORT_", "CHECK"))]:
        monkeypatch.delenv(name)
    (tmp_path / ".git").mkdir()
    (tmp_path / "ports.yaml").write_text(TEXT)
    (tmp_path / "src" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "src" / "deep")
    return tmp_path


def test_a_port_is_found_from_the_working_directory_upwards() -> None:
    assert get_port("HEALTH_BUS") == 5556
    assert get_port("POOL") == 7000


def test_the_set_the_machine_and_the_override_apply_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINT_PORT_SET", "ci")
    assert get_port("HEALTH_BUS") == 25556
    monkeypatch.setenv("MAINT_MACHINE", "gpu-1")
    assert get_port("HEALTH_BUS") == 26556
    monkeypatch.setenv("PORT_HEALTH_BUS", "4000")
    assert get_port("HEALTH_BUS") == 4000


def test_a_name_with_a_dash_has_an_override_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT_HEALTH_CHECK", "4001")
    assert get_port("health-check") == 4001


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PORT_HEALTH_BUS", "no", "PORT_HEALTH_BUS='no': expected a port"),
        ("PORT_HEALTH_BUS", "0", "PORT_HEALTH_BUS='0': expected a port"),
        ("PORT_HEALTH_BUS", "70000", "expected a port"),
        ("PORT_HEALTH_BUS", "80-81", "expected a port"),
        ("MAINT_PORT_SET", "cii", "no such set; did you mean 'ci'?"),
        ("MAINT_MACHINE", "gpu1", "no such machine; did you mean 'gpu-1'?"),
    ],
)
def test_a_bad_variable_is_a_value_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=variable) as caught:
        get_port("HEALTH_BUS")
    assert said in str(caught.value)


def test_an_override_that_moves_a_range_past_the_last_port_is_a_value_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT_POOL", "65532")
    assert resolve("POOL").ports == range(65532, 65536)
    monkeypatch.setenv("PORT_POOL", "65534")
    with pytest.raises(ValueError, match="PORT_POOL=65534: 4 ports from there end at 65537, over 65535"):
        resolve("POOL")


def test_an_unknown_name_is_a_value_error_that_names_near_misses() -> None:
    with pytest.raises(ValueError, match=r"no port 'HEALTHBUS'; did you mean 'HEALTH_BUS'"):
        get_port("HEALTHBUS")


def test_a_changed_registry_and_a_changed_variable_are_read_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get_port("health-check") == 5600
    monkeypatch.setenv("CHECK", "5601")
    assert get_port("health-check") == 5601
    (project / "ports.yaml").write_text("version: 1\nports: {HEALTH_BUS: 15557}\n")
    assert get_port("HEALTH_BUS") == 15557


def test_a_registry_can_be_named_by_variable_option_and_argument(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = project / "other.yaml"
    other.write_text("version: 1\nports: {HEALTH_BUS: 9999}\n")
    assert get_port("HEALTH_BUS", registry=other) == 9999
    assert get_port("HEALTH_BUS", registry=load(other)) == 9999
    (project / "src" / "pyproject.toml").write_text('[tool.maint.ports]\nregistry = "../other.yaml"\n')
    assert get_port("HEALTH_BUS") == 9999
    (project / "src" / "ports.yaml").write_text(TEXT)
    assert get_port("HEALTH_BUS") == 9999
    (project / "src" / "pyproject.toml").write_text("[tool.maint.ports]\nregistry = 'none.yaml'\n")
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file"):
        get_port("HEALTH_BUS")
    (project / "src" / "pyproject.toml").write_text("[tool.maint")
    with pytest.raises(ConfigError, match="not valid TOML"):
        get_port("HEALTH_BUS")
    (project / "src" / "pyproject.toml").unlink()
    monkeypatch.setenv("MAINT_PORTS_FILE", str(other))
    assert get_port("HEALTH_BUS") == 9999


def test_the_search_ends_at_the_top_of_the_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "src" / ".git").mkdir()
    with pytest.raises(ValueError, match="not found from"):
        get_port("HEALTH_BUS", registry=None)
    monkeypatch.setenv("PORT_HEALTH_BUS", "4000")
    assert get_port("HEALTH_BUS") == 4000


def test_a_named_registry_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINT_PORTS_FILE", "/nowhere/ports.yaml")
    with pytest.raises(ConfigError, match="no such file"):
        get_port("HEALTH_BUS")


def run(code: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_file_of_the_caller_counts_where_the_working_directory_has_no_registry(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (project / "src" / "service.py").write_text("from maint.ports import get_port\nprint(get_port('POOL'))\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / ".git").mkdir()
    argv = [sys.executable, str(project / "src" / "service.py")]
    done = subprocess.run(argv, cwd=elsewhere, capture_output=True, text=True, check=True)
    assert done.stdout == "7000\n"


def test_the_import_reads_nothing_and_an_override_needs_no_yaml(tmp_path: Path) -> None:
    code = (
        "import sys; from maint.ports import get_port, claim\n"
        "heavy = {'yaml', 'msgspec', 'socket', 'json', 'tempfile', 'psutil'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "print(get_port('ANY'), 'yaml' in sys.modules)"
    )
    done = run(code, tmp_path, PORT_ANY="1234")
    assert done.stdout == "[]\n1234 False\n", done.stderr
