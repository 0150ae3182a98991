"""The ledger across real processes: who waits is woken, who dies gives back, who leaves last tidies up."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maint.errors import MaintError
from maint.gpu.ledger import Ledger, NoRoomError, State, WaitError, ledger_folder, peek, sweep
from maint.gpu.processes import is_alive, start_time

ROOT = Path(__file__).parents[3]
PATIENCE_S = 30.0
# Nobody looks by the clock here: only a bell or a death wakes.
PROGRAM = """
import sys
from pathlib import Path
import maint.gpu.ledger
from maint.gpu.ledger import Ledger

maint.gpu.ledger._CAUTION_S = 1000
ledger = Ledger(Path(sys.argv[1]), lambda: {"a": 10})
tickets = []
for line in sys.stdin:
    word, _, size = line.strip().partition(" ")
    if word == "take":
        tickets.append(ledger.acquire(int(size), owner=sys.argv[2], wait_s=1000))
        print("has", flush=True)
    elif word == "give":
        ledger.release(tickets.pop())
        print("gave", flush=True)
ledger.leave()
"""


class Other:
    """Another process with the same ledger, which does as it is told."""

    def __init__(self, folder: Path, name: str) -> None:
        argv = [sys.executable, "-c", PROGRAM, str(folder), name]
        self._process = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid

    def tell(self, words: str) -> None:
        print(words, file=self._process.stdin, flush=True)

    def hear(self) -> str:
        if not select.select([self._process.stdout], [], [], PATIENCE_S)[0]:
            return ""
        return self._process.stdout.readline().strip()

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def kill_unnoticed(self) -> None:
        """Dead, but nobody has asked for its exit code: a zombie."""
        self._process.kill()
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def end(self) -> None:
        with self._process:
            pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger is."""
    return tmp_path / "user" / "vram"


@pytest.fixture
def other(folder: Path) -> Iterator[Callable[[str], Other]]:
    """Starts processes, which are gone after the test."""
    started: list[Other] = []

    def start(name: str) -> Other:
        started.append(Other(folder, name))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def ledger_of(folder: Path, **free: int) -> Ledger:
    return Ledger(folder, lambda: free or {"a": 10})


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does; bounded."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        os.sched_yield()


def test_a_waiter_is_woken_by_whoever_makes_room(folder: Path, other: Callable[[str], Other]) -> None:
    ledger = ledger_of(folder)
    mine = ledger.acquire(8, owner="me", wait_s=1)
    them = other("them")
    them.tell("take 4")
    until(lambda: len(peek(folder).tickets) == 2)
    assert [one.card for one in peek(folder).tickets] == ["a", ""]
    ledger.release(mine)
    assert them.hear() == "has"


@pytest.mark.parametrize("death", [Other.kill, Other.kill_unnoticed])
def test_what_a_killed_process_held_is_there_again(
    folder: Path, other: Callable[[str], Other], death: Callable[[Other], None]
) -> None:
    ledger, them = ledger_of(folder), other("them")
    them.tell("take 8")
    assert them.hear() == "has"
    death(them)
    assert ledger.acquire(8, owner="me", wait_s=PATIENCE_S).card == "a"


def test_who_waits_is_woken_by_the_death_of_the_holder(folder: Path, other: Callable[[str], Other]) -> None:
    ledger_of(folder)
    holder, waiter = other("holder"), other("waiter")
    holder.tell("take 8")
    assert holder.hear() == "has"
    waiter.tell("take 8")
    until(lambda: len(peek(folder).tickets) == 2)
    holder.kill()
    assert waiter.hear() == "has"


def test_a_killed_waiter_keeps_nobody_waiting(folder: Path, other: Callable[[str], Other]) -> None:
    ledger, waiter = ledger_of(folder), other("waiter")
    mine = ledger.acquire(4, owner="me", wait_s=1)
    waiter.tell("take 8")
    until(lambda: len(peek(folder).tickets) == 2)
    waiter.kill()
    assert ledger.acquire(6, owner="me", wait_s=PATIENCE_S).card == mine.card


def test_first_come_first_served(folder: Path, other: Callable[[str], Other]) -> None:
    ledger = ledger_of(folder)
    mine = ledger.acquire(10, owner="me", wait_s=1)
    first, second = other("first"), other("second")
    for number, one in enumerate((first, second)):
        one.tell("take 6")
        until(lambda number=number: len(peek(folder).tickets) == number + 2)
    ledger.release(mine)
    assert first.hear() == "has"
    assert [(one.owner, one.card) for one in peek(folder).tickets] == [("first", "a"), ("second", "")]
    first.tell("give")
    assert second.hear() == "has"


def test_waiting_ends_with_a_sentence_that_says_who_holds_what(folder: Path) -> None:
    ledger = ledger_of(folder, a=10 * 2**30)
    ledger.acquire(8 * 2**30, owner="gw1 tests/test_big.py::test_train", wait_s=1)
    with pytest.raises(WaitError) as caught:
        ledger.acquire(4 * 2**30, owner="gw0 test_b", wait_s=0.01)
    assert str(caught.value).startswith(
        "waited 0.0 s for 4.00 GiB: held by gw1 tests/test_big.py::test_train (pid "
    )
    assert ", 8.00 GiB) for 0.0 s; run fewer workers, lower the budgets, or raise wait in" in str(
        caught.value
    )
    assert [one.owner for one in peek(folder).tickets] == ["gw1 tests/test_big.py::test_train"]


def test_interrupted_while_waiting_it_leaves_the_queue(folder: Path) -> None:
    ledger = ledger_of(folder)
    ledger.acquire(8, owner="me", wait_s=1)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            ledger.acquire(8, owner="again", wait_s=PATIENCE_S)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert [one.owner for one in peek(folder).tickets] == ["me"]


def test_what_no_card_can_give_is_refused_at_once(folder: Path) -> None:
    ledger = ledger_of(folder, a=8 * 2**30, b=6 * 2**30)
    with pytest.raises(
        NoRoomError, match=r"^7\.50 GiB asked for, and the GPU has at most 7\.00 GiB to give$"
    ):
        ledger.acquire(15 * 2**29, owner="me", wait_s=1, reserve=2**30)
    with pytest.raises(NoRoomError, match=r"there is no such GPU$"):
        ledger.acquire(1, owner="me", wait_s=1, cards=["c"])


def test_cards_are_measured_by_the_first_member_alone(folder: Path, other: Callable[[str], Other]) -> None:
    them = other("them")
    them.tell("take 1")
    assert them.hear() == "has"
    assert ledger_of(folder, b=99).free == {"a": 10}
    them.kill()
    assert dict(peek(folder).free) == {"a": 10}


def test_the_dead_of_an_earlier_session_are_no_members(folder: Path, other: Callable[[str], Other]) -> None:
    them = other("them")
    them.tell("take 1")
    assert them.hear() == "has"
    them.kill()
    assert ledger_of(folder, b=99).free == {"b": 99}
    assert peek(folder).tickets == []


def test_a_recycled_process_id_is_no_owner(folder: Path) -> None:
    ledger = ledger_of(folder)
    ledger.acquire(8, owner="me", wait_s=1)
    file = folder / "ledger.json"
    state = json.loads(file.read_text())
    state["tickets"][0]["started"] -= 1
    file.write_text(json.dumps(state))
    assert ledger.acquire(8, owner="me", wait_s=PATIENCE_S).card == "a"


def test_the_last_to_leave_takes_everything_away(folder: Path, other: Callable[[str], Other]) -> None:
    ledger, them = ledger_of(folder), other("them")
    them.tell("take 1")
    assert them.hear() == "has"
    ledger.leave()
    assert [one.pid for one in peek(folder).members] == [them.pid]
    them.end()
    assert not folder.parent.exists()


def test_what_a_session_left_that_was_killed_is_swept_up(folder: Path, other: Callable[[str], Other]) -> None:
    them = other("them")
    them.tell("take 1")
    assert them.hear() == "has"
    sweep(folder)
    assert len(peek(folder).tickets) == 1
    them.kill()
    sweep(folder)
    assert not folder.parent.exists()
    sweep(folder)
    assert not folder.parent.exists()


def test_a_ledger_that_somebody_deletes_or_damages_keeps_nobody_waiting(folder: Path) -> None:
    ledger = ledger_of(folder)
    ledger.acquire(8, owner="me", wait_s=1)
    (folder / "ledger.json").write_bytes(b"{")
    assert peek(folder) == State()
    ticket = ledger.acquire(8, owner="me", wait_s=1)
    assert ticket.card == "a"
    (folder / "ledger.json").unlink()
    ledger.release(ticket)
    ledger.leave()
    assert not folder.exists()


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "user").write_text("a file")
    with pytest.raises(
        MaintError, match=r"cannot be kept there \(.*\); set XDG_RUNTIME_DIR to a writable folder$"
    ):
        ledger_of(tmp_path / "user" / "vram")


def test_the_folder_is_the_users_and_of_this_process_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    place = ledger_folder()
    assert place.parent == tmp_path / f"pytest-maint-{os.getuid()}"
    assert place.name == f"vram-{Path('/proc/self/ns/pid').stat().st_ino}"
    monkeypatch.setenv("XDG_RUNTIME_DIR", "relative")
    assert ledger_folder().is_absolute()


def test_a_name_that_is_no_utf8_can_hold_memory(folder: Path) -> None:
    ledger_of(folder).acquire(1, owner="test_\udcff", wait_s=1)
    assert peek(folder).tickets[0].owner == "test_\\udcff"


def test_a_process_is_told_from_another_with_its_id() -> None:
    started = start_time(os.getpid())
    assert is_alive(os.getpid(), started)
    assert not is_alive(os.getpid(), started + 1)
    assert start_time(2**22 + 1) == 0


def campaign(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """The benchmark in a process of its own, with ``code`` run before."""
    script = str(ROOT / "benchmarks" / "vram_ledger.py")
    run = f"sys.argv = {[script, *arguments]!r}; runpy.run_path({script!r}, run_name='__main__')"
    program = f"import runpy, sys\n{code}\n{run}"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def test_under_stress_and_kills_nothing_is_given_twice_and_nobody_is_stuck() -> None:
    done = campaign("--acquisitions", "1500", "--processes", "6", "--kill-every", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ": 0 oversubscribed, none stuck\n" in done.stdout


def test_the_stress_sees_a_ledger_that_gives_out_too_much() -> None:
    careless = "import maint.gpu.queueing as q; q._fits = lambda *_: True"
    done = campaign("--acquisitions", "300", "--processes", "6", code=careless)
    assert done.returncode == 1, done.stdout
    assert ": 0 oversubscribed" not in done.stdout
