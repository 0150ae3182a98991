"""TST: what a test session itself reports."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "TST001",
        "test-failed",
        "a test failed",
        "high",
        "run the test alone with the session's command, and mend the code or the test",
    ),
    Rule(
        "TST002",
        "test-error",
        "setting a test up or tearing it down failed, so the test itself says nothing",
        "high",
        "mend the fixture that raised; one broken fixture fails every test that uses it",
    ),
    Rule(
        "TST003",
        "unexpected-pass",
        "a test marked xfail(strict=True) passes",
        "medium",
        "remove the xfail marker: what it waited for is done",
    ),
    Rule(
        "TST004",
        "collection-error",
        "a file could not be collected, so none of its tests ran",
        "critical",
        "import the file alone to see the error; its tests stay unknown until it can be imported",
    ),
    Rule(
        "TST005",
        "flaky-test",
        "a test failed and then passed on a rerun of the same code",
        "medium",
        "look at the first attempt's error, which the rerun hid: order, time, randomness or shared state",
    ),
    Rule(
        "TST006",
        "worker-crashed",
        "a worker process of pytest-xdist died or pytest itself broke off, in a test or outside any",
        "critical",
        "run the test alone without xdist; usual causes: an extension, os._exit, the out-of-memory killer",
    ),
)
