"""The one screen: cards, processes, and who holds or awaits a budget."""

from __future__ import annotations

from maint.gpu.queueing import Ticket
from maint.gpu.reading import CardReading, ProcessUse, Reading
from maint.gpu.top import screen

GiB = 2**30


def ticket(number: int, **more: object) -> Ticket:
    return Ticket(
        **{
            "number": number,
            "pid": 1,
            "started": 1,
            "owner": f"gw{number} t",
            "size": GiB,
            "cards": ("G",),
            **more,
        }
    )


def test_everything_is_on_one_screen() -> None:
    card = CardReading(
        uuid="G", label="0", name="Card", total=24 * GiB, used=12 * GiB, busy=0.25,
        processes=(ProcessUse(7, None), ProcessUse(9, 3 * GiB)),
    )  # fmt: skip
    tickets = [ticket(0, card="G", since=90.0), ticket(1, exclusive=True, since=99.0)]
    lines = screen(Reading((card,), ("GPU 1: lost; VRAM026",)), tickets, {9: "python train.py"}, 100.0, 120)
    assert lines == [
        "GPU 1: lost; VRAM026",
        "GPU 0 Card  [##########..........]  50%  12.00 GiB of 24.00 GiB  busy 25%",
        "           9    3.00 GiB  python train.py",
        "           7           -",
        "1 budget held, 1 waited for",
        "    GPU 0       1.00 GiB      10 s  gw0 t",
        "    waits      whole GPU     1.0 s  gw1 t",
    ]


def test_many_processes_are_counted_and_lines_fit_the_terminal() -> None:
    rows = tuple(ProcessUse(pid, GiB) for pid in range(8))
    card = CardReading(uuid="G", label="0", name="C" * 200, total=24 * GiB, used=30 * GiB, processes=rows)
    lines = screen(Reading((card,)), [], {}, 0.0, 40)
    assert "    and 3 more" in lines
    assert all(len(line) <= 40 for line in lines)
    assert lines[-1] == "no test holds a budget"


def test_names_of_outside_move_no_cursor() -> None:
    card = CardReading(uuid="G", label="0", name="\x1b[2J", total=1, used=1, processes=(ProcessUse(1, 1),))
    lines = screen(Reading((card,)), [ticket(0, owner="t\x1b[2J")], {1: "a\x1b[2J"}, 0.0, 200)
    assert "\x1b" not in "".join(lines)


def test_no_card_is_said() -> None:
    assert screen(Reading(), [], {}, 0.0, 80)[0] == "no GPU"
