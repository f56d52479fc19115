"""An entry that is passed at a glance is one in which nothing is found that reads it whole, whatever was done to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from records import audit
from records.audit_links import told_by
from records.audit_told import is_plain, wrong_with
from records.document.digest import canonical_json
from records.models import AuditEntry
from tests.people import Cast

NUMBER, BEFORE = 7, "a" * 64
COLUMNS = ("number", "operation", "at", "person", "person_name", "act")
# Strings that look alike, are escaped, or mean something in JSON; numbers that are equal to what is none.
WORDS = st.one_of(
    st.sampled_from(['"', "\\", "\0", "é", "e\u0301", "\u2028", "\x7f", "1", "null", ',"act":"x"', "\U0001f600"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
PLAIN = st.one_of(st.none(), st.booleans(), st.sampled_from([0, 1, NUMBER, -1, 2**63 - 1]), WORDS)
SCALARS = PLAIN | st.sampled_from([2**64, 10**30, 1.0, float(NUMBER), -0.0, 0.1])


def values(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Such scalars, alone or in lists and objects."""
    return st.recursive(
        one, lambda own: st.lists(own, max_size=3) | st.dictionaries(WORDS, own, max_size=3), max_leaves=6
    )


FACTS, VALUES = st.dictionaries(WORDS, values(PLAIN), max_size=3), values(SCALARS)
NAMES = st.sampled_from([*COLUMNS, "facts", "schema", "follows", "else"])

Link = dict[str, Any]
Tampered = Callable[[Link], None]


@st.composite
def links(draw: st.DrawFn) -> Link:
    """An entry as the site writes it: its columns, its text."""
    link: Link = {
        "number": NUMBER,
        "operation": draw(st.none() | st.integers(1, 9)),
        "at": draw(st.sampled_from(["2026-11-26T09:00:00+00:00", "2026-11-26T09:00:00.100000+00:00"])),
        "person": draw(st.integers(1, 9)),
        "person_name": draw(WORDS),
        "act": draw(st.sampled_from(["looked", "approve"])),
    }
    rest = {"facts": draw(FACTS), "follows": None, "reference": draw(WORDS)}
    return link | {"text": canonical_json({**link, **rest, "schema": 2}).decode(), "hash": None}


@st.composite
def tampered(draw: st.DrawFn) -> Link:
    """The same after up to three changes, of which most keep the hash fitting its text."""
    link = draw(links())
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=3)):
        change(draw, link)
    link["text"] = link["text"].encode(errors="replace").decode()  # no database keeps half a character
    fitting = audit.chained(BEFORE, link["text"])
    link["hash"] = draw(st.sampled_from([*[fitting] * 9, fitting.upper(), "0" * 64]))
    return link


def column(draw: st.DrawFn, link: Link) -> None:
    name = draw(st.sampled_from(["operation", "person", "person_name", "act", "at", "number"]))
    link[name] = draw(WORDS if isinstance(link[name], str) else st.none() | st.integers(1, 9))


def value(draw: st.DrawFn, link: Link) -> None:
    told = read(link["text"])
    if isinstance(told, dict):
        name = draw(NAMES)
        same = told.get(name)
        told[name] = draw(VALUES | st.sampled_from([str(same), [same], bool(same), float(NUMBER)]))
        link["text"] = canonically(told)


def without(draw: st.DrawFn, link: Link) -> None:
    told = read(link["text"])
    if isinstance(told, dict):
        told.pop(draw(NAMES), None)
        link["text"] = canonically(told)


def spelling(draw: st.DrawFn, link: Link) -> None:
    """The same told otherwise: with spaces, escapes, another order."""
    told = read(link["text"])
    order = list(told.items()) if isinstance(told, dict) else []
    if order:
        ascii_only, separators = draw(st.booleans()), draw(st.sampled_from([(",", ":"), (", ", ": ")]))
        told = dict(draw(st.permutations(order)))
        link["text"] = json.dumps(told, ensure_ascii=ascii_only, separators=separators)


def twice(draw: st.DrawFn, link: Link) -> None:
    """A name that stands there already, or not, said at the start of some object."""
    text = link["text"]
    starts = [at for at, sign in enumerate(text) if sign == "{"]
    if starts:
        at = draw(st.sampled_from(starts)) + 1
        link["text"] = f"{text[:at]}{json.dumps(draw(NAMES))}:{json.dumps(draw(SCALARS))},{text[at:]}"


def characters(draw: st.DrawFn, link: Link) -> None:
    """Some of the text replaced, put in, or gone."""
    text = link["text"]
    at = draw(st.integers(0, len(text)))
    into = draw(
        st.sampled_from(["", " ", "\n", "\0", "{", "}", "]", '"', ",", "\\", "\ufeff", "\\ud800", "NaN", "0", "-"])
    )
    link["text"] = text[:at] + into + text[at + draw(st.integers(0, 2)) :]


CHANGES = [column, value, without, spelling, twice, characters]


def canonically(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(text: str) -> Any:
    """What a text says to a reader who takes each name once, None for what can't be read."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _value in pairs}) < len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once) if text == text.strip(" \t\r\n") else None
    except ValueError:
        return None


def tells_the_same(link: Link) -> bool:
    """The law in its plainest words."""
    told = read(link["text"])
    return (
        isinstance(told, dict)
        and isinstance(told.get("facts"), dict)
        and all(name in told and repr(told[name]) == repr(link[name]) for name in COLUMNS)
    )


def put_to_the_law(link: Link) -> None:
    entry = (*(link[name] for name in COLUMNS), link["text"])
    plain, wrong = is_plain(entry), wrong_with(entry)
    assert (not wrong) == tells_the_same(link)
    assert not (plain and wrong), "passed at a glance"
    fits = link["hash"] == hashlib.sha256((BEFORE + link["text"]).encode()).hexdigest()
    assert audit._fits(link["text"], link["hash"], BEFORE) == fits


@given(tampered())
def test_whatever_was_done_to_a_link_is_found(link: Link) -> None:
    put_to_the_law(link)


@pytest.mark.long
def test_whatever_was_done_to_ten_thousand_links_is_found() -> None:
    settings(max_examples=10_000)(given(tampered())(put_to_the_law))()


@given(links())
def test_a_link_that_the_site_wrote_is_passed_at_a_glance(link: Link) -> None:
    entry = (*(link[name] for name in COLUMNS), link["text"])
    assert wrong_with(entry) == ""
    assert is_plain(entry)


@pytest.mark.parametrize("depth", [200, 400])
def test_facts_may_be_nested_deeper_than_what_spells_them_at_a_glance(depth: int) -> None:
    link = {**dict.fromkeys(COLUMNS), "number": NUMBER}
    text = canonically({**link, "facts": {"": "deep"}}).replace('"deep"', "[" * depth + "]" * depth)
    link |= {"text": text, "hash": audit.chained(BEFORE, text)}
    put_to_the_law(link)
    assert tells_the_same(link)


MOMENTS = [
    dt.datetime(2026, 11, 26, 9, 0, 0, fraction, tzinfo=dt.UTC) for fraction in (0, 1, 100_000, 120_000, 999_999)
]
FAR = [dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)]
ELSEWHERE = dt.datetime(2026, 11, 26, 9, tzinfo=dt.timezone(dt.timedelta(hours=-7)))


@pytest.mark.parametrize("at", [*MOMENTS, *FAR, ELSEWHERE], ids=str)
def test_the_database_spells_every_moment_as_an_entry_tells_it(cast: Cast, at: dt.datetime) -> None:
    with transaction.atomic():
        audit.record("looked", operation=None, person=cast.mara, at=at)
    [entry] = told_by(AuditEntry.objects.all())
    assert is_plain(entry)
    assert audit.verify() is None
