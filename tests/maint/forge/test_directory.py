"""Meta-issues as files: what people may do to them, and two reporters at once."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from maint.errors import ForgeError
from maint.forge.directory import DirectoryForge
from maint.forge.front_matter import Unreadable, read_page
from maint.forge.marker import marker
from maint.forge.protocol import Change, Issue

ONE = "1111111111111111"
BODY = f"{marker(ONE)}\n\n- [ ] `a`\n"


@pytest.fixture
def forge(tmp_path: Path) -> DirectoryForge:
    return DirectoryForge(tmp_path / ".maint" / "issues", tmp_path)


def path_of(issue: Issue) -> Path:
    return Path(issue.url)


def test_a_file_reads_well_and_is_named_after_its_first_title(forge: DirectoryForge) -> None:
    issue = forge.create('flake8:E501 "line" too long/..', BODY, ["maint"])
    assert issue.name == "flake8-e501-line-too-long-11111111.md"
    assert path_of(issue).read_text() == (
        '---\ntitle: "flake8:E501 \\"line\\" too long/.."\nstate: "open"\nlabels: ["maint"]\n---\n' + BODY
    )
    renamed = forge.edit(issue.number, Change(title="other"))
    assert (renamed.name, renamed.number) == (issue.name, issue.number)
    assert [path.name for path in path_of(issue).parent.iterdir()] == [issue.name]


def test_the_front_matter_is_yaml_too(forge: DirectoryForge) -> None:
    yaml = pytest.importorskip("yaml")
    issue = forge.create("a: #b ✓", BODY, ["one", "two"])
    text = path_of(issue).read_text().split("---\n")[1]
    assert yaml.safe_load(text) == {"title": "a: #b ✓", "state": "open", "labels": ["one", "two"]}


def test_people_edit_the_front_matter_without_quotes_and_add_to_it(forge: DirectoryForge) -> None:
    issue = forge.create("title", BODY, [])
    text = path_of(issue).read_text().replace('state: "open"', "# mine\nstate: Closed\nreason: not planned")
    path_of(issue).write_text(text.replace("---\n", "---\nowner: [ann, bob]\n", 1))
    read = forge.read(issue.number)
    assert (read.state, read.reason) == ("closed", "not_planned")
    forge.edit(issue.number, Change(state="open"))
    assert "owner: [ann, bob]\n" in path_of(issue).read_text()
    assert "# mine\n" in path_of(issue).read_text()


def test_front_matter_deleted_by_a_person_is_an_open_issue(forge: DirectoryForge) -> None:
    issue = forge.create("title", BODY, [])
    path_of(issue).write_text(BODY)
    assert (forge.read(issue.number).state, forge.read(issue.number).body) == ("open", BODY)
    assert forge.edit(issue.number, Change(state="closed", reason="completed")).state == "closed"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_editor_s_line_ends_are_kept_in_the_body(forge: DirectoryForge, newline: str) -> None:
    issue = forge.create("title", BODY, [])
    forge.comment(issue.number, "<!-- maint:closed 1 -->\nfixed")
    text = path_of(issue).read_text().replace("\n", newline)
    path_of(issue).write_bytes(text.encode())
    assert forge.read(issue.number).body.removesuffix("\r") == BODY.replace("\n", newline)
    forge.comment(issue.number, "<!-- maint:closed 1 -->\nfixed")
    assert path_of(issue).read_bytes().count(b"maint:closed 1") == 1


def test_a_renamed_file_is_still_the_issue(forge: DirectoryForge) -> None:
    issue = forge.create("title", BODY, [])
    path_of(issue).rename(path_of(issue).with_name("mine.md"))
    assert [one.name for one in forge.managed()] == ["mine.md"]
    assert forge.create("title", BODY, []).name == "mine.md"
    with pytest.raises(ForgeError, match="is gone; run the plan again"):
        forge.read(issue.number)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"---\nstate: done\n---\n", 'state is \'done\'; write "open" or "closed"'),
        (b"\xff", "not UTF-8 at byte 0"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_with_the_file(
    forge: DirectoryForge, content: bytes, said: str
) -> None:
    path = path_of(forge.create("title", BODY, []))
    path.write_bytes(content)
    with pytest.raises(ForgeError) as raised:
        forge.managed()
    assert str(raised.value).startswith(f"{path.as_posix()}: ")
    assert said in str(raised.value)


CLOSED = f'title: "t"\nState: closed\nREASON: Completed\nlabels: []\n---\n{BODY}'


@pytest.mark.parametrize("start", [b"---\n", b"\xef\xbb\xbf---\n"], ids=["plain", "byte order mark"])
def test_an_issue_closed_in_anybody_s_spelling_is_closed(forge: DirectoryForge, start: bytes) -> None:
    path = path_of(forge.create("title", BODY, []))
    path.write_bytes(start + CLOSED.encode())
    (issue,) = forge.managed()
    assert (issue.state, issue.reason, issue.title, issue.body) == ("closed", "completed", "t", BODY)
    forge.edit(issue.number, Change(state="open", body=f"{BODY}more\n"))
    text = path.read_text(encoding="utf-8")
    assert text == f'---\ntitle: "t"\nstate: "open"\nreason: ""\nlabels: []\n---\n{BODY}more\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (f"---\nstate: closed\n{BODY}", 1, "the front matter has no end; write a line --- below it"),
        (f"---\nstate: closed\n{BODY}\n---\nmore", 1, "the front matter has no end"),
        (
            f"---\n<<<<<<< HEAD\nstate: closed\n=======\nstate: open\n>>>>>>> other\n---\n{BODY}",
            2,
            "a conflict that git left; keep one side, and run again",
        ),
        (f"---\nstate: open\n---\n{BODY}\n<<<<<<< HEAD\n", 8, "a conflict that git left"),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_stays(
    forge: DirectoryForge, text: str, line: int, said: str
) -> None:
    issue = forge.create("title", BODY, [])
    path = path_of(issue)
    path.write_text(text, encoding="utf-8")
    for act in (
        forge.managed,
        lambda: forge.edit(issue.number, Change(body=BODY)),
        lambda: forge.comment(issue.number, "text"),
        lambda: forge.create("title", BODY, []),
    ):
        with pytest.raises(ForgeError) as raised:
            act()
        assert str(raised.value).startswith(f"{path}:{line}: {said}")
    assert path.read_text(encoding="utf-8") == text


def test_what_is_written_right_before_our_write_is_not_lost(
    forge: DirectoryForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = forge.create("title", BODY, [])
    path = path_of(issue)
    written = path.read_text(encoding="utf-8").replace("`a`", "`a`, says Ann")
    whole = os.fsync

    def sync(descriptor: int) -> None:
        whole(descriptor)
        path.write_text(written, encoding="utf-8")

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(ForgeError, match="changed meanwhile; run again"):
        forge.edit(issue.number, Change(body=f"{BODY}ours\n"))
    assert path.read_text(encoding="utf-8") == written
    assert [one.name for one in path.parent.iterdir()] == [issue.name]


def test_of_reporters_at_once_none_loses_another_s_comment(tmp_path: Path) -> None:
    number = DirectoryForge(tmp_path, tmp_path).create("title", BODY, []).number
    gate = threading.Barrier(4)

    def comment(who: int) -> None:
        forge = DirectoryForge(tmp_path, tmp_path)
        gate.wait(timeout=30)
        for which in range(10):
            forge.comment(number, f"<!-- maint:closed {who}-{which} -->\nfixed")

    threads = [threading.Thread(target=comment, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    (path,) = tmp_path.iterdir()
    assert path.read_text(encoding="utf-8").count("maint:closed") == 40


@pytest.mark.parametrize("writes", [True, False])
def test_the_next_write_sweeps_what_a_killed_one_left(tmp_path: Path, writes: bool) -> None:
    (tmp_path / "i").mkdir()
    names = {
        "old": ".title-11111111.md.0123456789ab.tmp",
        "new": ".title-11111111.md.0123456789ac.tmp",
        "foreign": ".draft.tmp",
    }
    for name in names.values():
        (tmp_path / "i" / name).write_text("")
    for name in ("old", "foreign"):
        os.utime(tmp_path / "i" / names[name], (0, 0))
    forge = DirectoryForge(tmp_path / "i", tmp_path)
    assert list(forge.managed()) == []
    if writes:
        forge.create("title", BODY, [])
    left = {path.name for path in (tmp_path / "i").iterdir()}
    assert (names["old"] in left) is not writes
    assert {names["new"], names["foreign"]} <= left


def test_other_files_are_left_alone(forge: DirectoryForge, tmp_path: Path) -> None:
    forge.create("title", BODY, [])
    folder = tmp_path / ".maint" / "issues"
    (folder / "README.md").write_text("---\n# Issues\n")
    (folder / ".draft.md").write_text(BODY)
    (folder / "notes.txt").write_bytes(b"\xff")
    assert len(forge.managed()) == 1


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ForgeError, match="cannot be read"):
        DirectoryForge(tmp_path / "file", tmp_path).managed()
    with pytest.raises(ForgeError, match="cannot be"):
        DirectoryForge(tmp_path / "file" / "below", tmp_path).create("title", BODY, [])


def test_links_lead_from_the_folder_to_the_file(forge: DirectoryForge, tmp_path: Path) -> None:
    (tmp_path / "a b.py").write_text("")
    target = forge.link("a b.py", 3, "")
    assert target == "../../a%20b.py#L3"
    assert (tmp_path / ".maint/issues" / target.partition("#")[0].replace("%20", " ")).resolve().exists()
    assert DirectoryForge(tmp_path, tmp_path).link("a.py", None, "") == "a.py"
    assert DirectoryForge(tmp_path.parent / "elsewhere", tmp_path).link("a.py", 1, "") == ""


def test_two_reporters_at_once_make_one_file(tmp_path: Path) -> None:
    """The same folder by two forges, both past the look whether there is such an issue."""
    gate = threading.Barrier(2)
    made: list[Issue] = []

    class Late(DirectoryForge):
        looked = False

        def managed(self) -> list[Issue]:
            found = list(super().managed())
            if not self.looked:
                self.looked = True
                gate.wait(timeout=30)
            return found

    threads = [
        threading.Thread(target=lambda: made.append(Late(tmp_path / "i", tmp_path).create("title", BODY, [])))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(made) == 2
    assert made[0] == made[1]
    assert len(list((tmp_path / "i").iterdir())) == 1


@given(
    title=st.text(),
    label=st.text(max_size=9),
    body=st.text(),
    comment=st.text(max_size=9),
)
@example(title="a\u2028b", label="\x0b", body="\r", comment="")
def test_a_page_comes_back_as_written(title: str, label: str, body: str, comment: str) -> None:
    values = {"title": title, "labels": [label], "state": "open"}
    page = read_page("").with_values(values)._replace(body=body.replace("maint:comments", ""))
    page = page.with_comment(f"<!-- maint:closed 1 -->\n{comment}")
    again = read_page(page.text())
    assert again == page
    assert {key: again.value(key) for key in values} == json.loads(json.dumps(values))


@given(st.text() | st.text("-\nab:", max_size=30))
@example("---\nno end")
def test_any_file_can_be_read_and_written_back_or_is_refused(text: str) -> None:
    try:
        page = read_page(text)
    except Unreadable:
        assert text.startswith("---") or "<<<<<<<" in text
        return
    assert page.body in text
    assert read_page(page.text()) == page


def test_comments_and_markers_are_hidden_from_readers(forge: DirectoryForge) -> None:
    issue = forge.create("title", BODY, [])
    forge.comment(issue.number, "<!-- maint:closed 1 -->\nAll fixed.")
    page = read_page(path_of(issue).read_text())
    html = MarkdownIt("commonmark").render(page.text().split("---\n", 2)[2])
    shown = "".join(part.partition("-->")[2] for part in html.split("<!--"))
    assert "maint:" not in shown
    assert "All fixed." in shown
