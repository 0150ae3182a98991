"""The body: what is read back, what people wrote, and that no data is ever markup."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from maint.forge.marker import fingerprint_of, marker
from maint.issues.body import END, read
from maint.issues.decision import Context, new_body
from maint.issues.grouping import OTHER, Key, Limits
from maint.issues.item import items_of
from maint.issues.judgement import judgement_of
from maint.issues.record import ItemRecord, Record, comment, read_comment

KEY = Key("flake8:E501")
HOSTILE = (
    "@maintainer closes #12, GH-1 and org/repo#3",
    "https://evil.test/x?a=b www.evil.test",
    "0123456789abcdef0123456789abcdef01234567",
    "<script>alert(1)</script><img src=x onerror=y>",
    "--> <!-- maint:end -->",
    "<!-- maint:item 0123456789abcdef -->",
    "` `` ``` ~~~ `",
    "[text](https://evil.test) ![](https://evil.test/x.png)",
    "- [x] done\n- [x] done",
    "a | b \\| c",
    "\u202e\u200b\x1b[31m\r\nnext",
    "\udcff",
    "$x^2$ :tada: &lt; &copy;",
)


def link(path: str, line: int | None, commit: str) -> str:
    return f"https://forge.test/{commit}/{path}#L{line}"


def body_of(make: Any, findings: Any, key: Key = KEY, **given: Any) -> str:
    context = Context(judgement_of([make.document(findings)]), "2026-01-01", link, **given)
    return new_body(key, items_of(findings), context)


def rendered(body: str) -> list[Token]:
    """The tokens of GitHub-flavoured Markdown, inline ones included, those of hidden comments left out."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).enable("table").parse(body)
    flat = [inner for token in tokens for inner in [token, *(token.children or ())]]
    hidden = re.compile(r"\s*(<!-- maint:[^\n]*-->\s*)+")
    return [one for one in flat if not ("html" in one.type and hidden.fullmatch(one.content))]


def test_a_body_says_what_how_many_where_and_what_to_do(make: Any) -> None:
    body = body_of(make, [make.lint("src/a.py", line=3), make.lint("src/b.py", line=9)])
    assert fingerprint_of(body) == KEY.fingerprint
    assert "**0 of 2 fixed**, worst: low" in body
    assert f"- [ ] `line too long` at [`src/a.py:3`](https://forge.test/{'a' * 40}/src/a.py#L3)" in body
    assert "### How to fix\n\n`make it shorter`" in body
    assert "### How to reproduce\n\n- `flake8`: `flake8 .`" in body


def test_a_cause_names_three_tests_on_its_line_and_all_of_them_below(make: Any) -> None:
    findings = [make.failure(f"test_{n}", line=7) for n in range(200)]
    body = body_of(make, findings, Key("TST001"))
    assert "`RuntimeError: boom` at [`src/core.py:7`]" in body
    assert "and 197 more tests" in body
    assert all(f"\n  - `tests/test_a.py::test_{n}`\n" in body for n in range(200))
    assert "<details><summary>All tests, by item</summary>" in body


def test_tests_are_named_as_far_as_they_fit(make: Any) -> None:
    findings = [make.failure(f"test_{'long' * 30}_{n}") for n in range(1000)]
    body = body_of(make, findings, Key("TST001"))
    assert len(body) <= Limits().body
    named = body.count("\n  - `tests/test_a.py::")
    assert named > 100
    assert f"\n  - … and {1000 - named} more tests\n" in body


def test_a_cause_has_the_exact_command_of_its_tests(make: Any) -> None:
    findings = [make.failure("test_a[it's|b]"), make.failure("test_b")]
    body = body_of(make, findings, Key("TST001"))
    (line,) = [one for one in body.splitlines() if "maint:run" in one]
    typed = line.partition("`pytest ")[2].partition("` <!--")[0]
    assert shlex.split(typed) == ["tests/test_a.py::test_a[it's|b]", "tests/test_a.py::test_b"]


def test_what_no_shell_can_be_given_has_no_command(make: Any) -> None:
    assert "maint:run" not in body_of(make, [make.failure("test_a[\x1b]")], Key("TST001"))


def test_a_node_id_is_not_cut_and_its_pipe_is_not_escaped(make: Any) -> None:
    name = f"test_a[{'x' * 300}|{'y' * 300}]"
    assert f"`tests/test_a.py::{name}`" in body_of(make, [make.failure(name)], Key("TST001"))


def test_other_findings_name_their_code(make: Any) -> None:
    assert "- [ ] `flake8:E501` `line too long` at" in body_of(make, [make.lint()], OTHER)


@pytest.mark.parametrize(("number", "more"), [(13, "… and 1 more rule"), (14, "… and 2 more rules")])
def test_rules_beyond_a_dozen_are_counted(make: Any, number: int, more: str) -> None:
    body = body_of(make, [make.lint(code=f"t:{n}") for n in range(number)], OTHER)
    assert f"\n- {more}\n" in body


@pytest.mark.parametrize("data", HOSTILE, ids=ascii)
def test_no_data_is_markup(make: Any, data: str) -> None:
    findings = [
        make.lint(f"src/{data}.py", title=data, remedy=data, code=f"tool:{data}"),
        make.failure(f"test[{data}]", data, crash=f"src/{data}.py", exception=f"x.{data}"),
    ]
    body = body_of(make, findings, OTHER)
    assert not [
        token.type
        for token in rendered(body)
        if token.type in ("image", "html_inline", "html_block", "fence", "table_open", "code_block")
        and token.content not in ("<sub>", "</sub>")
        and not token.content.startswith(("<sub>This block", "<details><summary>All tests", "</details>"))
    ]
    linked = [token.attrs["href"] for token in rendered(body) if token.type == "link_open"]
    assert all(str(target).startswith("https://forge.test/") for target in linked)
    said = " ".join(token.content for token in rendered(body) if token.type == "text")
    for word in ("maintainer", "evil", "0123456789abcdef0123", "script", "done", "tada", "copy"):
        assert word not in said
    assert len(read(body).ticks) == 2
    assert body.count("\n- [") == 2


@given(title=st.text(), path=st.text(min_size=1), code=st.text(min_size=1), message=st.text())
def test_whatever_it_says_a_body_is_read_back(
    make: Any, title: str, path: str, code: str, message: str
) -> None:
    findings = [
        make.lint(path, title=title, code=code),
        make.failure(message=message, exception=title or "E", crash=path),
    ]
    items = items_of(findings)
    body = read(body_of(make, findings, OTHER))
    assert body.record is not None
    assert body.ticks == {item.fingerprint: False for item in items}
    assert list(body.record.items) == [item.fingerprint for item in items]
    assert (body.before, body.after) == ("", "\n")


PEOPLE = st.text().filter(lambda text: "maint:" not in text)


@given(before=PEOPLE, after=PEOPLE, crlf=st.booleans())
@example(before="a\r\n\r\n", after="\r\n  \n", crlf=True)
def test_people_s_text_is_kept_byte_for_byte(make: Any, before: str, after: str, crlf: bool) -> None:
    before, after = f"{before}\n" if before else "", f"\n{after}"
    block = body_of(make, [make.lint()]).removesuffix("\n")
    body = read(before + (block.replace("\n", "\r\n") if crlf else block) + after)
    assert body.around("") == before + after
    assert body.record is not None
    assert len(body.ticks) == 1


def test_without_a_marker_all_is_people_s_text() -> None:
    body = read("- [x] a\n<!-- maint:end -->\n")
    assert body.around("") == "- [x] a\n<!-- maint:end -->\n"
    assert (body.fingerprint, body.record) == ("", None)


def test_with_the_end_gone_nothing_is_lost(make: Any) -> None:
    text = f"before\n{body_of(make, [make.lint()]).replace(END, '')}after"
    body = read(text)
    assert body.around("") == text.replace(marker(KEY.fingerprint), "")
    assert body.record is not None


@pytest.mark.parametrize(
    "damage",
    ['{"items":', '{"items": 3}', '{"items": {"a": ["x", "y", "terrible"]}}', "{}"],
)
def test_of_a_damaged_memory_is_kept_what_can_be_seen(make: Any, damage: str) -> None:
    text = body_of(make, [make.lint()])
    body = read(re.sub(r"maint:state \{.*\}", f"maint:state {damage}", text))
    assert body.damaged
    assert body.record is not None
    assert (body.record.key, [item.code for item in body.record.items.values()]) == (KEY, [KEY.code])
    assert list(body.ticks.values()) == [False]


def test_without_memory_and_subject_nothing_is_known(make: Any) -> None:
    text = re.sub(r"maint:(state|about)", "gone", body_of(make, [make.lint()]))
    assert (read(text).record, read(text).damaged) == (None, True)


def test_the_memory_of_another_issue_is_not_believed(make: Any) -> None:
    other = Key("flake8:F401")
    text = body_of(make, [make.lint()]).replace(marker(KEY.fingerprint), marker(other.fingerprint))
    assert read(text).record is None


@given(
    place=st.text(st.characters(exclude_categories=["Cs"])),
    code=st.text(st.characters(exclude_categories=["Cs"])),
)
@example(place="--> @bob #1 <b>", code="--!>")
def test_a_memory_is_one_line_that_comes_back(place: str, code: str) -> None:
    record = Record(code=code, items={"f": ItemRecord(code, place, "low")}, more={code: "0" * 8})
    line = comment(record)
    assert read_comment(line) == record
    inside = line.removeprefix("<!-- ").removesuffix(" -->")
    assert not {"<", ">", "@", "#", "&", "\n", "\r"} & set(inside)


@pytest.mark.parametrize("number", [101, 1000, 5000])
def test_a_body_fits_whatever_the_number(make: Any, number: int) -> None:
    title = "a line that is rather long " * 5
    findings = [
        make.lint(f"src/{'deep/' * 15}{n}.py", title=f"{title} {chr(97 + n % 26)}") for n in range(number)
    ]
    body = body_of(make, findings)
    assert len(body) <= Limits().body
    record = read(body).record
    assert record is not None
    assert len(record.items) == len(read(body).ticks) <= 100
    assert len(record.items) + record.hidden() == number
    assert f"- … and {number - len(record.items)} more" in body
    assert f"**0 of {number} fixed**" in body
