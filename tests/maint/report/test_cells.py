from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.report.cells import counted, display_width, pad, printable, printable_lines, shorten

# Any code point, lone surrogates included: file names that are no UTF-8 bring them into node ids.
ANY_TEXT = st.text(st.characters())


@given(ANY_TEXT)
def test_nothing_printable_moves_a_cursor_or_starts_a_line(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
    kinds = {unicodedata.category(char) for char in shown if char != "\N{ZERO WIDTH JOINER}"}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("test_a[x y]", "test_a[x y]"),
        ("a\nb\r\x1b[31m", r"a\nb\r\x1b[31m"),
        ("\u202eevil", r"\u202eevil"),
        ("naïve-漢字-👩\u200d🔬", "naïve-漢字-👩\u200d🔬"),
        ("caf\udce9", r"caf\udce9"),
    ],
)
def test_what_is_visible_stays_and_the_rest_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT.map(printable), st.integers(0, 40))
def test_shortened_text_fits_and_keeps_what_already_fits(text: str, width: int) -> None:
    cut = shorten(text, width)
    assert display_width(cut) <= width
    if display_width(text) <= width:
        assert cut == text
    elif width > 1:
        assert "…" in cut


def test_shortening_keeps_both_ends() -> None:
    assert shorten("test_parse[a-very-long-parameter]", 16) == "test_par…ameter]"


@given(ANY_TEXT.map(printable), st.integers(0, 40), st.sampled_from("<>"))
def test_padded_text_lines_up(text: str, width: int, align: str) -> None:
    assert display_width(pad(text, width, align)) == max(width, display_width(text))


def test_wide_characters_count_double() -> None:
    assert display_width("漢字a") == 5
    assert pad("漢字", 6, ">") == "  漢字"


def test_output_loses_its_colours_and_keeps_its_end() -> None:
    assert printable_lines("\x1b[31mred\x1b[0m\n\tend\x07\n", 100) == ["red", "        end\\x07"]
    assert printable_lines("0123456789", 4) == ["…", "6789"]
    assert printable_lines("\n \n", 10) == []


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 writes"), (1, "1 write"), (2, "2 writes"), (1000, "1,000 writes")]
)
def test_a_noun_follows_its_number(number: int, shown: str) -> None:
    assert counted(number, "write") == shown
