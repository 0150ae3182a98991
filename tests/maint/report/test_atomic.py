from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from maint.errors import MaintError
from maint.report.atomic import write_bytes, write_text

SIZE = 300_000
WRITER = f"""
import sys
from pathlib import Path
from maint.report.atomic import write_bytes
target = Path(sys.argv[1])
while True:
    for letter in (b"a", b"b"):
        write_bytes(target, letter * {SIZE})
        print("written", flush=True)
"""


def neighbours(path: Path) -> list[str]:
    return sorted(child.name for child in path.parent.iterdir() if child != path)


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "report.md"
    write_text(target, "first\n")
    write_text(target, "µs, später\n")
    assert target.read_bytes() == "µs, später\n".encode()
    assert neighbours(target) == []


def test_text_that_has_no_utf8_form_is_escaped(tmp_path: Path) -> None:
    write_text(tmp_path / "x", "caf\udce9")
    assert (tmp_path / "x").read_text("utf-8") == "caf\\udce9"


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=lambda number: number.name)
def test_a_stopped_writer_leaves_a_whole_file(tmp_path: Path, number: signal.Signals) -> None:
    target = tmp_path / "report.json"
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as writer:
            assert writer.stdout is not None
            for _ in range(3):
                writer.stdout.readline()
            writer.send_signal(number)
            writer.stdout.read()
        content = target.read_bytes()
        assert len(content) == SIZE
        assert content in (b"a" * SIZE, b"b" * SIZE)
    if number is signal.SIGINT:
        assert neighbours(target) == []


def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    write_bytes(target, b"old")
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from maint.report.atomic import write_bytes\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_bytes(Path(sys.argv[1]), b'x' * 5000)\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", program, str(target)], capture_output=True, text=True, check=False
    )
    assert "MaintError" in done.stderr
    assert target.read_bytes() == b"old"
    assert neighbours(target) == []


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MaintError) as caught:
        write_text(tmp_path / "file" / "report.md", "x")
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path / 'file' / 'report.md'}: cannot be written (")
    assert sentence.endswith("make the folder writable or choose another one")
    assert "\n" not in sentence
