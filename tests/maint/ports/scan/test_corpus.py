"""The hand-labelled corpus: what the scan must find, and what it must not make up."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def corpus() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ports_corpus", ROOT / "benchmarks" / "ports_corpus.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_it_holds_what_it_is_said_to_hold(corpus: ModuleType) -> None:
    labels = corpus.labels()
    assert len({label[:2] for label in labels}) >= 150
    for label in labels:
        lines = (corpus.CORPUS / "files" / label.path).read_text(encoding="utf-8").splitlines()
        assert lines[label.line - 1].strip()


def test_binds_are_found_and_not_made_up(corpus: ModuleType) -> None:
    score = corpus.score(corpus.scanned(), corpus.labels(), "bind")
    assert score.precision >= 0.95
    assert score.recall >= 0.85


def test_a_bind_that_cannot_be_resolved_is_listed_all_the_same(corpus: ModuleType) -> None:
    found = {site[:3] for site in corpus.scanned()}
    unknown = [one for one in corpus.labels() if one.port is None]
    assert unknown
    assert [one for one in unknown if one[:3] not in found] == []


def test_the_plain_regex_does_worse_on_both(corpus: ModuleType) -> None:
    labels = corpus.labels()
    own, peer = (corpus.score(found, labels, "bind") for found in (corpus.scanned(), corpus.by_regex()))
    assert own.precision > peer.precision
    assert own.recall > peer.recall


def test_a_resolved_host_is_the_labelled_one(corpus: ModuleType) -> None:
    from maint.ports.scan.run import scan

    folder = (corpus.CORPUS / "files").resolve()
    labelled = corpus.hosts()
    wrong = []
    for site in scan(folder, [folder]).sites:
        host = labelled.get(corpus.Label(site.path, site.line, site.role, site.proto, site.port))
        if host not in (None, "-") and site.host is not None and site.host != host:
            wrong.append((site.place, site.host, host))
    assert wrong == []
