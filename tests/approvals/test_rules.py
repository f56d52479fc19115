"""The rules of approval, as sentences over small values; no database."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from approvals.rules import (
    ApprovalNeed,
    Candidate,
    Involved,
    asks_as_much,
    assigned,
    can_fill,
    in_sentence,
    may_decide,
    may_sign_off,
    need_in,
    strictest,
    unfilled,
)

SUP, DEV, INF, ADM, OPR = "supervisor", "devops_supervisor", "infrastructure_approver", "administrator", "operator"
HIGH = ApprovalNeed("High", (DEV, INF))
LOW = ApprovalNeed("Low", (SUP,))
AUTHOR, CO_AUTHOR, CONTRIBUTOR, OPERATOR, DEPUTY, WORKER, OTHER = range(1, 8)
OPENER = 20
INVOLVED = Involved(
    author=AUTHOR,
    co_authors=frozenset({CO_AUTHOR}),
    contributors=frozenset({CONTRIBUTOR}),
    openers=frozenset({OPENER}),
    operator=OPERATOR,
    deputies=frozenset({DEPUTY}),
    workers=frozenset({WORKER}),
)


def person(pk: int, *roles: str, **more: bool) -> Candidate:
    return Candidate(pk, f"Person {pk}", frozenset(roles), **more)


# ---------------------------------------------------------------- rule 1 and 3: who can't


@pytest.mark.parametrize(
    ("pk", "why"),
    [
        (AUTHOR, "you wrote this plan"),
        (CO_AUTHOR, "you wrote part of this plan"),
        (CONTRIBUTOR, "you wrote part of this plan"),
        (OPENER, "you began this record"),
        (OPERATOR, "you are named to run it"),
        (DEPUTY, "you are named as a deputy"),
    ],
)
def test_who_wrote_or_runs_it_can_t_approve_it_whatever_their_roles(pk: int, why: str) -> None:
    right = may_decide(person(pk, SUP, DEV, INF, ADM), HIGH, INVOLVED)
    assert not right
    assert why in right.reason


def test_who_only_ticks_may_approve() -> None:
    assert may_decide(person(WORKER, DEV), HIGH, INVOLVED)


@pytest.mark.parametrize("roles", [(), (ADM,), (OPR,), ("auditor",), ("template_keeper",), (ADM, OPR), ("root",)])
def test_roles_that_sign_nothing(roles: tuple[str, ...]) -> None:
    for need in (LOW, HIGH):
        assert not may_decide(person(OTHER, *roles), need, INVOLVED)
    assert not may_sign_off(person(OTHER, *roles), INVOLVED)


def test_the_refusal_names_the_role() -> None:
    right = may_decide(person(OTHER, SUP), HIGH, INVOLVED)
    assert right.reason == (
        "You can't approve: this asks for the role DevOps supervisor or Infrastructure approver, which you don't hold."
    )


@pytest.mark.parametrize(("more", "why"), [({"is_active": False}, "disabled"), ({"can_sign": False}, "no password")])
def test_who_is_disabled_or_can_t_sign(more: dict[str, bool], why: str) -> None:
    assert why in may_decide(person(OTHER, DEV, **more), HIGH, INVOLVED).reason
    assert why in may_sign_off(person(OTHER, DEV, **more), INVOLVED).reason


def test_being_away_forbids_nothing() -> None:
    assert may_decide(person(OTHER, DEV, away_until=dt.date(2026, 12, 1)), HIGH, INVOLVED)


# ---------------------------------------------------------------- which role stands for which


@pytest.mark.parametrize(
    ("role", "held", "fills"),
    [
        (SUP, SUP, True),
        (SUP, DEV, True),
        (SUP, INF, False),
        (DEV, DEV, True),
        (DEV, SUP, False),
        (INF, INF, True),
        (INF, DEV, False),
        (ADM, ADM, False),
        ("security_officer", "security_officer", False),
    ],
)
def test_which_role_stands_for_which(role: str, held: str, fills: bool) -> None:
    assert can_fill(role, person(OTHER, held), ApprovalNeed("", (role,))) is fills


def test_the_named_supervisor_stands_alone_for_that_role() -> None:
    named = ApprovalNeed("Low", (SUP,), supervisor=OTHER)
    assert may_decide(person(OTHER, SUP), named, INVOLVED)
    right = may_decide(person(OTHER + 1, SUP), named, INVOLVED)
    assert right.reason == "You can't approve: another supervisor is named in this record."


def test_the_named_supervisor_stands_alone_for_no_other_role() -> None:
    named = ApprovalNeed("High", (DEV, INF), supervisor=OTHER)
    assert may_decide(person(OTHER + 1, DEV), named, INVOLVED)


# ---------------------------------------------------------------- rule 2: each role another person


def test_the_same_person_counts_once_whatever_roles_they_hold() -> None:
    both = person(1, DEV, INF)
    placed = assigned(HIGH, [both, both])
    assert [one.pk for one in placed.values()] == [1]
    assert len(unfilled(HIGH, placed)) == 1


def test_somebody_with_both_roles_makes_room_for_somebody_with_one() -> None:
    both, dev, inf = person(1, DEV, INF), person(2, DEV), person(3, INF)
    assert unfilled(HIGH, assigned(HIGH, [both, dev])) == []
    assert unfilled(HIGH, assigned(HIGH, [both, inf])) == []
    assert {one.pk for one in assigned(HIGH, [both, dev]).values()} == {1, 2}


def test_a_role_that_stands_twice_asks_for_two_people() -> None:
    need = ApprovalNeed("Critical", (DEV, DEV))
    assert unfilled(need, assigned(need, [person(1, DEV)])) == [DEV]
    assert unfilled(need, assigned(need, [person(1, DEV), person(2, DEV)])) == []


def test_a_third_of_the_same_role_fills_nothing() -> None:
    placed = assigned(HIGH, [person(1, DEV), person(2, DEV), person(3, DEV)])
    assert unfilled(HIGH, placed) == [INF]


def most_by_trying(need: ApprovalNeed, people: list[Candidate]) -> int:
    """How many places can be filled at most, by trying every way."""
    best = 0
    padded = [*people, *[None] * len(need.roles)]
    for chosen in itertools.permutations(padded, len(need.roles)):
        pairs = zip(need.roles, chosen, strict=True)
        best = max(best, sum(one is not None and can_fill(role, one, need) for role, one in pairs))
    return best


def test_as_many_places_are_filled_as_can_be() -> None:
    """Against every way of three people, holding any of the signing roles, to fill any rule of up to three places."""
    held = [frozenset(c) for size in range(3) for c in itertools.combinations((SUP, DEV, INF), size + 1)]
    for roles in itertools.chain.from_iterable(
        itertools.combinations_with_replacement((SUP, DEV, INF), n) for n in (1, 2, 3)
    ):
        need = ApprovalNeed("", roles, supervisor=1)
        for trio in itertools.product(held, repeat=3):
            people = [Candidate(pk, "", own) for pk, own in enumerate(trio, 1)]
            placed = assigned(need, people)
            assert len(placed) == most_by_trying(need, people)
            assert len({one.pk for one in placed.values()}) == len(placed)
            assert all(can_fill(roles[at], one, need) for at, one in placed.items())


@pytest.mark.parametrize(
    ("people", "lacking"),
    [
        ([(1, 1, (DEV, INF)), (2, 1, (DEV, INF))], [INF]),
        ([(1, 1, (DEV, INF)), (2, 1, (DEV, INF)), (3, 3, (INF,))], []),
        ([(2, 1, (DEV, INF)), (2, 2, (INF,)), (1, 1, (DEV, INF))], []),
        ([(2, 1, (DEV,)), (2, 3, (INF,))], [INF]),
        ([(1, 1, (INF,)), (2, 1, (INF,)), (2, 3, (DEV,)), (3, 3, (DEV,))], []),
        ([(2, 1, (DEV,)), (1, 1, (DEV,)), (1, 3, (INF,)), (2, 3, (INF,))], []),
    ],
)
def test_one_right_fills_one_place_whoever_uses_it(
    people: list[tuple[int, int, tuple[str, ...]]], lacking: list[str]
) -> None:
    """Each of ``people``: who signs, whose right it is, the roles that come with it."""
    own = [Candidate(pk, "", frozenset(roles), acts_for=of if of != pk else None) for pk, of, roles in people]
    for order in itertools.permutations(own):
        placed = assigned(HIGH, order)
        assert len(unfilled(HIGH, placed)) == len(lacking)
        used = placed.values()
        assert len({one.pk for one in used}) == len({one.authority for one in used}) == len(placed)


# ---------------------------------------------------------------- sign-off, and what is stored


@pytest.mark.parametrize(
    ("pk", "why"),
    [
        (AUTHOR, "wrote"),
        (CO_AUTHOR, "wrote"),
        (CONTRIBUTOR, "wrote"),
        (OPENER, "wrote"),
        (OPERATOR, "took part"),
        (DEPUTY, "took part"),
        (WORKER, "took part"),
    ],
)
def test_who_ran_or_wrote_it_can_t_sign_it_off(pk: int, why: str) -> None:
    assert why in may_sign_off(person(pk, SUP, DEV), INVOLVED).reason


@pytest.mark.parametrize(
    ("earlier", "later", "as_much"),
    [
        ((SUP,), (DEV, INF), False),
        ((DEV, INF), (SUP,), True),
        ((INF,), (SUP,), False),
        ((SUP, DEV), (DEV, SUP), True),
        ((DEV, SUP), (SUP, SUP), True),
        ((SUP,), (SUP, SUP), False),
        ((DEV, INF), (DEV, INF), True),
    ],
)
def test_which_rule_asks_as_much_as_another(earlier: tuple[str, ...], later: tuple[str, ...], as_much: bool) -> None:
    assert asks_as_much(ApprovalNeed("a", earlier), ApprovalNeed("b", later)) is as_much


@pytest.mark.parametrize(
    ("rules", "one"),
    [
        ([(SUP,)], (SUP,)),
        ([(SUP,), (DEV, INF), (SUP,)], (DEV, INF)),
        ([(SUP,), (SUP, SUP)], (SUP, SUP)),
        ([(SUP,), (INF,)], (SUP, INF)),
        ([(DEV, DEV), (DEV, INF)], (DEV, DEV, INF)),
        ([(DEV,), (INF, INF)], (DEV, INF, INF)),
    ],
)
def test_the_strictest_of_rules_asks_as_much_as_each(rules: list[tuple[str, ...]], one: tuple[str, ...]) -> None:
    for order in itertools.permutations(rules):
        found = strictest(order)
        assert sorted(found) == sorted(one)
        assert all(asks_as_much(ApprovalNeed("", found), ApprovalNeed("", other)) for other in rules)


def test_any_other_supervisor_signs_it_off() -> None:
    assert may_sign_off(person(OTHER, SUP), INVOLVED)
    assert may_sign_off(person(OTHER, DEV), INVOLVED)
    assert not may_sign_off(person(OTHER, INF), INVOLVED)


def test_the_stored_rule_is_one_spelling_and_reads_back() -> None:
    need = ApprovalNeed("Höchst", (DEV, INF, INF), supervisor=7)
    assert need_in(need.stored()) == need
    assert HIGH.stored() == (
        b'{"level":"High","roles":["devops_supervisor","infrastructure_approver"],"schema":1,"supervisor":null}'
    )


def test_roles_in_a_sentence() -> None:
    assert [in_sentence(role) for role in (DEV, INF, "security_officer")] == [
        "DevOps supervisor",
        "infrastructure approver",
        "security_officer",
    ]
