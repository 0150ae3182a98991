"""``maint gpu``: one screen, metrics once or until told to stop, and alerts with the project's threshold."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_nvml import UNKNOWN, GiB, Gpu

from maint.cli.main import main
from maint.gpu.ledger import Ledger, ledger_folder

PATIENCE_S = 30.0
COMMAND = [sys.executable, "-m", "maint", "gpu"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, with a ledger of its own."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def daemon(project: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``maint gpu export``; what still runs after the test is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        argv = [*COMMAND, "export", *arguments]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        started.append(subprocess.Popen(argv, cwd=project, env=env, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        with process:
            process.kill()


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does; bounded."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        select.select([], [], [], 0.02)


def test_export_prints_the_metrics_once(
    project: Path, fake_driver: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    fake_driver(devices=[Gpu(total=24 * GiB)])[0].hold(6 * GiB, pid=9)
    assert main(["gpu", "export"]) == 0
    assert 'pytest_vram_device_used_ratio{uuid="GPU-' in capsys.readouterr().out


def test_export_falls_back_on_the_settings_of_the_project(
    project: Path, fake_driver: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    fake_driver()
    (project / "pyproject.toml").write_text("[tool.maint.vram]\ntextfile = 'out/gpu.prom'\n")
    assert main(["gpu", "export"]) == 0
    assert "pytest_vram_driver_up" in (project / "out" / "gpu.prom").read_text()
    assert capsys.readouterr() == ("", "")


def test_a_card_above_the_alert_is_a_finding(
    project: Path, fake_driver: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    driver = fake_driver(devices=[Gpu(total=20 * GiB)])
    driver[0].hold(18 * GiB, pid=9)
    assert main(["gpu", "export", "--textfile", "gpu.prom"]) == 0
    driver[0].hold(19 * GiB, pid=9)
    assert main(["gpu", "export", "--textfile", "gpu.prom"]) == 1
    said = "maint: GPU 0: 95% full (19.00 GiB of 20.00 GiB), alert above 90%; VRAM030\n"
    assert capsys.readouterr().err == said


def test_without_a_driver_the_metrics_say_so_and_the_code_too(
    project: Path, fake_driver: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    fake_driver().fail("nvmlInitWithFlags", 9)
    assert main(["gpu", "export"]) == 2
    said = capsys.readouterr()
    assert 'pytest_vram_driver_up{writer="exporter"} 0.0' in said.out
    assert said.err.endswith("; VRAM020\n") or said.err.endswith("VRAM020\n")


@pytest.mark.parametrize("given", ["0", "1week", "-5s", "99h"])
def test_a_time_that_is_none_is_refused(
    project: Path, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["gpu", "export", f"--every={given}"])
    assert caught.value.code == 2
    assert "give a time from 100ms to 24h, such as 15s or 1m" in capsys.readouterr().err


def test_a_gateway_that_is_none_is_refused_before_anything_is_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gpu", "export", "--pushgateway", "ftp://me:secret@host", "--textfile", "gpu.prom"]) == 2
    assert "secret" not in capsys.readouterr().err
    assert not (project / "gpu.prom").exists()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_daemon_writes_again_and_again_and_ends_cleanly(
    project: Path,
    fake_driver: Callable[..., Any],
    daemon: Callable[..., subprocess.Popen[str]],
    sent: signal.Signals,
    code: int,
) -> None:
    driver = fake_driver(devices=[Gpu(total=24 * GiB)])
    file = project / "gpu.prom"
    process = daemon("--textfile", str(file), "--every", "100ms")
    until(file.exists)
    driver[0].hold(6 * GiB, pid=9)
    until(lambda: f"{6 * GiB:.10e}"[:8] in file.read_text() or 'pid="9"' in file.read_text())
    process.send_signal(sent)
    assert process.wait(PATIENCE_S) == code
    assert [path.name for path in project.iterdir() if path.name != "pyproject.toml"] == ["gpu.prom"]
    assert process.stderr.read() == ("" if code == 0 else "maint: interrupted\n")


def test_the_daemon_survives_a_driver_that_fails_and_says_so_once_each_way(
    project: Path, fake_driver: Callable[..., Any], daemon: Callable[..., subprocess.Popen[str]]
) -> None:
    driver = fake_driver()
    file = project / "gpu.prom"
    process = daemon("--textfile", str(file), "--every", "100ms")
    until(lambda: file.exists() and 'driver_up{writer="exporter"} 1.0' in file.read_text())
    driver.fail("nvmlDeviceGetCount", UNKNOWN)
    first = process.stderr.readline()
    assert first.startswith("maint: GPU: ")
    until(lambda: 'driver_up{writer="exporter"} 0.0' in file.read_text())
    driver.fail("nvmlDeviceGetCount", 0)
    assert process.stderr.readline() == first.replace("maint: ", "maint: no longer: ")
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
    assert process.stderr.read() == ""


def test_the_daemon_goes_on_where_a_gateway_does_not_answer(
    project: Path, fake_driver: Callable[..., Any], daemon: Callable[..., subprocess.Popen[str]]
) -> None:
    fake_driver()
    file = project / "gpu.prom"
    process = daemon(
        "--textfile", str(file), "--pushgateway", "http://me:secret@127.0.0.1:1", "--every", "100ms"
    )
    line = process.stderr.readline()
    assert line.startswith("maint: http://127.0.0.1:1: the Pushgateway cannot be reached")
    assert "secret" not in line
    before = file.stat().st_ino
    until(lambda: file.stat().st_ino != before)
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


def test_top_prints_once_where_nobody_watches(
    project: Path, fake_driver: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    fake_driver(devices=[Gpu(total=24 * GiB)])[0].hold(6 * GiB)
    ledger = Ledger(ledger_folder(), lambda: {"GPU-00000000-0000-0000-0000-000000000000": 24 * GiB})
    ledger.acquire(4 * GiB, owner="gw0 test_a.py::test_b", wait_s=1)
    assert main(["gpu", "top"]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "6.00 GiB of 24.00 GiB" in said
    assert "1 budget held, 0 waited for" in said
    assert "gw0 test_a.py::test_b" in said
    ledger.leave()


def test_top_without_a_driver_says_so(
    project: Path, fake_driver: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    fake_driver().fail("nvmlInitWithFlags", 9)
    assert main(["gpu", "top"]) == 2
    assert "VRAM020" in capsys.readouterr().out


def test_top_redraws_on_a_terminal_and_leaves_it_as_it_was(
    project: Path, fake_driver: Callable[..., Any]
) -> None:
    driver = fake_driver(devices=[Gpu(total=24 * GiB)])
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 100, 0, 0))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for name in ("COLUMNS", "LINES"):
        env.pop(name, None)
    argv = [*COMMAND, "top", "--every", "100ms"]
    with subprocess.Popen(argv, cwd=project, env=env, stdout=theirs, stderr=theirs, stdin=theirs) as process:
        os.close(theirs)
        shown = bytearray()

        def sees(text: bytes) -> bool:
            if select.select([ours], [], [], 0.1)[0]:
                shown.extend(os.read(ours, 65536))
            return text in shown

        until(lambda: sees(b"0 bytes of 24.00 GiB"))
        driver[0].hold(6 * GiB, pid=9)
        until(lambda: sees(b"6.00 GiB of 24.00 GiB"))
        process.send_signal(signal.SIGINT)
        until(lambda: sees(b"\x1b[?25h\x1b[?1049l"))
        assert process.wait(PATIENCE_S) == 0
    os.close(ours)
    assert shown.startswith(b"\x1b[?1049h\x1b[?25l")
    assert b"Traceback" not in shown


def test_alerts_have_the_threshold_of_the_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gpu", "alerts"]) == 0
    assert capsys.readouterr().out.count("> 0.9\n") == 2
    (project / "pyproject.toml").write_text("[tool.maint.vram]\nalert = '75%'\n")
    assert main(["gpu", "alerts"]) == 0
    said = capsys.readouterr().out
    assert said.count("> 0.75\n") == 2
    assert "0.9" not in said


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:s3cret@push:9091", "http://***@push:9091"),
        ("me:s3cret@push:9091", "***@push:9091"),
        ("https://s3cret@push/a", "https://***@push/a"),
        ("https://push/a?token=s3cret", "https://push/a?***"),
    ],
)
def test_the_password_of_a_gateway_is_not_printed_with_the_settings(
    project: Path, capsys: pytest.CaptureFixture[str], url: str, shown: str
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.maint.vram]\npushgateway = '{url}'\n")
    assert main(["config"]) == 0
    said = capsys.readouterr().out
    assert f'"{shown}"' in said
    assert "s3cret" not in said
