"""The burn-down line: an honest pace from git's history of the baseline."""

from __future__ import annotations

import pytest

from maint.lint.burndown import DAY_S, Size, burn_down, history

NOW = 20_000 * DAY_S


def size(days_ago: float, entries: int) -> Size:
    return Size(NOW - days_ago * DAY_S, entries)


@pytest.mark.parametrize(
    ("sizes", "left", "line"),
    [
        ([], 5, ""),
        ([size(0.2, 100)], 100, "baseline: 100 → 100; no pace yet, under a day of history"),
        (
            [size(14, 4117), size(1, 3980)],
            3980,
            "baseline: 4,117 → 3,980 in 14 days, 9.8 a day; at this pace 407 days to go",
        ),
        ([size(10, 50)], 50, "baseline: 50 → 50 in 10 days; not shrinking"),
        ([size(10, 50), size(5, 60)], 60, "baseline: 50 → 60 in 10 days; not shrinking"),
        ([size(10, 50), size(1, 0)], 0, "baseline: 50 → 0 in 10 days; nothing left, delete the file"),
        # a quick start long ago says nothing of today's pace
        (
            [size(300, 9000), size(290, 130), size(10, 100)],
            100,
            "baseline: 130 → 100 in 30 days, 1 a day; at this pace 100 days to go",
        ),
        # the size on disk counts, committed or not
        ([size(10, 50)], 40, "baseline: 50 → 40 in 10 days, 1 a day; at this pace 40 days to go"),
    ],
)
def test_the_line_says_what_went_and_how_long_it_will_take(sizes: list[Size], left: int, line: str) -> None:
    assert burn_down(sizes, left, NOW) == line


def test_the_sizes_come_from_the_commits(checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    name = ".maint/lint-baseline.jsonl"
    header = '{"schema": "x"}\n'
    for day, lines in ((1, 3), (2, 5), (4, 2)):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{NOW + day * DAY_S} +0000")
        checkout.commit({name: header + "".join(f"[{line}]\n" for line in range(lines))})
    assert history(checkout.top / name) == [size(-1, 3), size(-2, 5), size(-4, 2)]


def test_a_merge_counts_for_the_main_line(checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    name = ".maint/lint-baseline.jsonl"
    checkout.commit({name: "{}\n1\n2\n3\n"})
    checkout.git("checkout", "--quiet", "-b", "branch")
    checkout.commit({name: "{}\n1\n2\n"})
    checkout.commit({name: "{}\n1\n"})
    checkout.git("checkout", "--quiet", "main")
    checkout.git("merge", "--quiet", "--no-ff", "branch")
    assert [size.entries for size in history(checkout.top / name)] == [3, 1]


def test_without_a_repository_there_is_no_history(tmp_path) -> None:
    (tmp_path / "file").touch()
    assert history(tmp_path / "file") == []
