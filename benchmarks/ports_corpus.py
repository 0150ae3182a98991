"""The port scan and a plain regular expression on the hand-labelled corpus: precision and recall.

    python benchmarks/ports_corpus.py [--wrong]

The corpus lies in ``tests/maint/ports/corpus``. A site is right when path, line, role, protocol and port are
those of a label. Precision is the right ones among those that were given a port; recall is those found among
the labels that have one. ``--wrong`` lists every label that was missed and every site that is no label.
"""

from __future__ import annotations

import argparse
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from maint.ports.scan.run import scan

CORPUS = Path(__file__).parents[1] / "tests" / "maint" / "ports" / "corpus"
URL = re.compile(r"tcp://[\w.*-]+:(\d{2,5})")


class Label(NamedTuple):
    """One site; ``port`` is None where only the running program knows it."""

    path: str
    line: int
    role: str
    proto: str
    port: int | None


class Score(NamedTuple):
    """Counts of sites with a port."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def labels() -> set[Label]:
    """What was labelled by reading."""
    rows = (line.split("\t") for line in (CORPUS / "labels.tsv").read_text(encoding="utf-8").splitlines())
    return {
        Label(path, int(line), role, proto, None if port == "?" else int(port))
        for path, line, role, proto, _, port in (row for row in rows if not row[0].startswith("#"))
    }


def hosts() -> dict[Label, str]:
    """Label -> host; ``-`` where it is not known."""
    rows = (line.split("\t") for line in (CORPUS / "labels.tsv").read_text(encoding="utf-8").splitlines())
    return {
        Label(path, int(line), role, proto, None if port == "?" else int(port)): host
        for path, line, role, proto, host, port in (row for row in rows if not row[0].startswith("#"))
    }


@cache
def scanned() -> set[Label]:
    """What the scan finds."""
    folder = CORPUS / "files"
    found = scan(folder.resolve(), [folder.resolve()])
    return {Label(one.path, one.line, one.role, one.proto, one.port) for one in found.sites}


def by_regex() -> set[Label]:
    """What ``tcp://…:NNNN`` finds, with the role by the word before it on the line."""
    found = set()
    for path in sorted((CORPUS / "files").rglob("*")):
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for match in URL.finditer(line):
                role = "connect" if "connect" in line[: match.start()] else "bind"
                name = path.relative_to(CORPUS / "files").as_posix()
                found.add(Label(name, number, role, "tcp", int(match[1])))
    return found


def score(found: set[Label], wanted: set[Label], role: str | None = None) -> Score:
    """``found`` against ``wanted``, of one role or of both."""
    given = {one for one in found if one.port is not None and role in (None, one.role)}
    known = {one for one in wanted if one.port is not None and role in (None, one.role)}
    return Score(len(given & known), len(given - known), len(known - given))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wrong", action="store_true")
    arguments = parser.parse_args()
    wanted = labels()
    binds = [one for one in wanted if one.role == "bind"]
    print(
        f"{len({one[:2] for one in wanted})} sites in {len({one.path for one in wanted})} files, "
        f"{len(wanted)} ports: {len(binds)} of binds, {sum(one.port is None for one in wanted)} unknowable"
    )
    print(f"{'':28} {'right':>6} {'wrong':>6} {'missed':>6} {'precision':>10} {'recall':>8}")
    for name, found in (("maint ports scan", scanned()), ("regex tcp://host:NNNN", by_regex())):
        for role in ("bind", "connect", None):
            one = score(found, wanted, role)
            title = f"{name}, {role or 'both'}"
            print(
                f"{title:28} {one.right:6} {one.wrong:6} {one.missed:6} "
                f"{100 * one.precision:8.1f} % {100 * one.recall:6.1f} %"
            )
    if arguments.wrong:
        found = scanned()
        for one in sorted(wanted - found, key=str):
            print("missed", *one)
        for one in sorted(found - wanted, key=str):
            print("wrong ", *one)


if __name__ == "__main__":
    main()
