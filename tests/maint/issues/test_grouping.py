"""Which meta-issue an item goes to, and that it stays there."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from maint.findings import Finding, Location, Severity
from maint.issues.grouping import OTHER, Key, Known, Limits, group
from maint.issues.item import items_of
from maint.issues.record import PREFIX

FINDINGS = st.lists(
    st.builds(
        Finding,
        code=st.sampled_from([f"tool:R{n}" for n in range(20)]),
        severity=st.sampled_from(list(Severity)),
        category=st.just("lint"),
        title=st.sampled_from(["a", "b"]),
        message=st.just(""),
        location=st.builds(Location, path=st.from_regex(r"([ab]/){0,3}[a-e]\.py", fullmatch=True)),
        remedy=st.just(""),
    ),
    max_size=60,
)
LIMITS = st.builds(Limits, st.integers(1, 6), st.integers(1, 10))


def placed_by(groups: Any) -> dict[str, Key]:
    return {placed.item.fingerprint: key for key, group in groups.items() for placed in group}


@given(FINDINGS, LIMITS)
def test_every_item_is_placed_once_and_the_limit_holds(findings: list[Finding], limits: Limits) -> None:
    items = items_of(findings)
    groups = group(items, limits)
    placed = [one.item.fingerprint for group in groups.values() for one in group]
    assert sorted(placed) == sorted(item.fingerprint for item in items)
    assert len(groups) <= limits.issues
    assert all(groups.values())


@given(FINDINGS, LIMITS, st.randoms())
def test_the_order_of_findings_does_not_matter(findings: list[Finding], limits: Limits, random: Any) -> None:
    # One of several findings with one fingerprint is taken, whichever comes first: they are the same one.
    findings = list({finding.fingerprint: finding for finding in findings}.values())
    shuffled = random.sample(findings, len(findings))
    assert placed_by(group(items_of(findings), limits)) == placed_by(group(items_of(shuffled), limits))


@given(FINDINGS, FINDINGS, LIMITS)
def test_what_has_a_place_keeps_it(before: list[Finding], added: list[Finding], limits: Limits) -> None:
    first = group(items_of(before), limits)
    codes = {key: frozenset(one.item.code for one in placed) for key, placed in first.items()}
    homes = {fingerprint[:PREFIX]: key for fingerprint, key in placed_by(first).items()}
    known = Known(homes, codes, frozenset(first))
    second = group(items_of([*before, *added]), limits, known)
    assert placed_by(first).items() <= placed_by(second).items()
    assert len(first.keys() | second.keys()) <= max(limits.issues, len(first))


def test_the_least_severe_and_smallest_rules_share_one_issue(make: Any) -> None:
    severe = [make.lint(code="tool:BAD", severity=Severity.CRITICAL)]
    large = [make.lint(f"src/{n}.py", code="tool:LARGE") for n in range(5)]
    small = [make.lint(code=f"tool:SMALL{n}") for n in range(3)]
    groups = group(items_of([*small, *large, *severe]), Limits(3))
    assert list(groups) == [Key("tool:BAD"), Key("tool:LARGE"), OTHER]
    assert len(groups[OTHER]) == 3
    assert "no place of its own: of at most 3" in groups[OTHER][0].why


def test_a_rule_over_the_cap_is_split_by_its_largest_folders(make: Any) -> None:
    sizes = {"src/api": 70, "src/core": 30, "src/ui": 20, "src": 1}
    findings = [make.lint(f"{folder}/{n}.py") for folder, size in sizes.items() for n in range(size)]
    groups = group(items_of(findings), Limits(15, 60))
    assert {key.folder: len(placed) for key, placed in groups.items()} == {"src/api": 70, "": 51}
    assert "70 in src/api/" in groups[Key("flake8:E501", "src/api")][0].why


def test_a_rule_at_the_cap_is_not_split(make: Any) -> None:
    findings = [make.lint(f"src/{folder}/{n}.py") for folder in "ab" for n in range(5)]
    assert list(group(items_of(findings), Limits(15, 10))) == [Key("flake8:E501")]


def test_splitting_stops_where_the_limit_is(make: Any) -> None:
    findings = [make.lint(f"src/{folder}/{n}.py") for folder in "abcdef" for n in range(20)]
    assert len(group(items_of(findings), Limits(4, 10))) <= 3


def test_files_of_one_folder_cannot_be_split(make: Any) -> None:
    findings = [make.lint(f"src/{n}.py") for n in range(30)]
    assert list(group(items_of(findings), Limits(15, 10))) == [Key("flake8:E501")]


def test_a_new_item_joins_the_issue_of_its_folder_else_that_of_its_rule(make: Any) -> None:
    codes = frozenset({"flake8:E501"})
    rule, folder = Key("flake8:E501"), Key("flake8:E501", "src/api")
    known = Known({}, {rule: codes, folder: codes}, frozenset({rule, folder}))
    inside, outside = make.lint("src/api/v1/a.py"), make.lint("src/apix/a.py")
    placed = placed_by(group(items_of([inside, outside]), Limits(), known))
    assert placed == {inside.fingerprint: folder, outside.fingerprint: rule}


def test_a_full_tracker_takes_what_is_new_among_the_others(make: Any) -> None:
    keys = [Key(f"tool:{n}") for n in range(15)]
    known = Known({}, {key: frozenset({key.code}) for key in keys}, frozenset(keys))
    assert list(group(items_of([make.lint(severity=Severity.CRITICAL)]), Limits(), known)) == [OTHER]


def test_keys_have_fingerprints_of_their_own() -> None:
    keys = [OTHER, Key("a"), Key("a", "b"), Key("a", "b/c"), Key("ab")]
    assert len({key.fingerprint for key in keys}) == len(keys)


def test_places_are_kept_for_what_is_critical_or_high(make: Any) -> None:
    light = [make.lint(code=f"tool:{n:02}") for n in range(20)]
    first = group(items_of(light), Limits())
    assert len(first) == 15 - 5, "nine rules and the others"
    known = Known(
        {one.fingerprint[:PREFIX]: key for one, key in zip(light, placed_by(first).values(), strict=False)},
        {key: frozenset(one.item.code for one in placed) for key, placed in first.items()},
        frozenset(first),
    )
    severe = [make.lint(code=f"tool:BAD{n}", severity=Severity.HIGH) for n in range(7)]
    second = placed_by(group(items_of(severe), Limits(), known))
    assert sum(key == OTHER for key in second.values()) == 2


def test_folders_of_light_rules_leave_the_places_that_are_kept(make: Any) -> None:
    light = [make.lint(f"src/{folder}/{n}.py") for folder in range(20) for n in range(20)]
    assert len(group(items_of(light), Limits(15, 10))) == 15 - 5 - 1


def test_what_is_severe_already_uses_the_places_that_are_kept(make: Any) -> None:
    keys = [Key(f"tool:BAD{n}") for n in range(5)]
    known = Known({}, {key: frozenset({key.code}) for key in keys}, frozenset(keys), frozenset(keys))
    groups = group(items_of([make.lint(code=f"tool:{n:02}") for n in range(20)]), Limits(), known)
    assert len(groups) == 15 - 5


def test_a_rule_among_the_others_that_got_worse_has_its_own_place_when_one_is_free(make: Any) -> None:
    known = Known({}, {OTHER: frozenset({"flake8:E501"})}, frozenset({OTHER}))
    light, severe = make.lint("a.py"), make.lint("b.py", severity=Severity.CRITICAL)
    placed = placed_by(group(items_of([light, severe]), Limits(), known))
    assert placed == {light.fingerprint: OTHER, severe.fingerprint: Key("flake8:E501")}
    assert set(placed_by(group(items_of([severe]), Limits(1), known)).values()) == {OTHER}


def test_a_folder_with_less_than_a_tenth_of_a_list_gets_no_issue(make: Any) -> None:
    sizes = {"src": 100, "src/big": 60, "src/small": 5}
    findings = [make.lint(f"{folder}/{n}.py") for folder, size in sizes.items() for n in range(size)]
    groups = group(items_of(findings), Limits(15, 60))
    assert {key.folder: len(placed) for key, placed in groups.items()} == {"src/big": 60, "": 105}
