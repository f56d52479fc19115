"""Case 9: every address × who asks, for a draft and for a record in review. An address without a row fails."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from records.library.template_drafts import begin_template
from records.models import OperationTemplate, Person, State
from tests import make
from tests.approvals.access_table import GOES_ALONG, WHO, address, answer, patterns, rows, signed_in
from tests.people import Cast


def everybody(cast: Cast) -> dict[str, Client]:
    stranger = Person.objects.create_user("stranger", name="Olga Novak")
    people = (None, stranger, cast.mara, cast.tomas, cast.vera, cast.leo)
    return {who: signed_in(person) for who, person in zip(WHO, people, strict=True)}


def test_every_address_has_a_row() -> None:
    named = {row[0].partition(":")[0] for row in rows()}
    assert {str(pattern.name) for pattern in patterns(get_resolver())} == named


def test_what_is_about_one_record_is_tried_in_both_states() -> None:
    tried = {name.partition(":")[0] for name, _method, _draft, in_review in rows() if in_review}
    about = [one for one in patterns(get_resolver()) if re.search("records/.*(pk|reference)", str(one.pattern))]
    assert {str(one.name) for one in about} <= tried


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
def test_every_address_answers_everybody_as_the_table_says_case_9(
    cast: Cast, template: OperationTemplate, state: State
) -> None:
    operation = make.make_in(state, cast, template)
    begin_template(text=template.text, toml=template.toml, base=template, by=cast.mara)
    browsers, wrong = everybody(cast), []
    for name, method, draft, in_review in rows():
        data = {"reason": "Because"} if method == "post" and name.startswith("act:") else None
        expected, url = draft if state == State.DRAFT else in_review, address(name, operation)
        for who, wanted in zip(WHO, expected, strict=False):
            got = answer(browsers[who], method, url, data)
            if got != wanted:
                wrong.append(f"{who} {method} {name}: {got}, not {wanted}")
    assert wrong == []


def test_what_nobody_s_browser_sends_goes_along_where_somebody_writes(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    begin_template(text=template.text, toml=template.toml, base=template, by=cast.mara)
    nobody, written, wrong = signed_in(None), {"text": "Words", "reason": "Because"}, []
    for name, method, draft, in_review in rows():
        wanted = 403 if method == "post" and name in GOES_ALONG.split() else (in_review or draft)[0]
        data = written if method == "post" and name != "viewed" else None  # that one is a press
        got = answer(nobody, method, address(name, operation), data, Accept="text/html")
        if got != wanted:
            wrong.append(f"{method} {name}: {got}, not {wanted}")
    assert wrong == []


def test_a_page_takes_no_other_method_case_8(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    begin_template(text=template.text, toml=template.toml, base=template, by=cast.mara)
    methods: dict[str, set[str]] = {}
    for name, method, *_ in rows():
        methods.setdefault(name, set()).add(method)
    mara = signed_in(cast.mara)
    wrong = [
        (name, method)
        for name, own in methods.items()
        for method in ({"get", "post"} - own) | {"delete"}
        if answer(mara, method, address(name, operation)) != 405
    ]
    assert wrong == []


@pytest.mark.parametrize("number", ["0", "999999", "9" * 18, "9" * 40, "-1", "1e3", "%00", "١"])
def test_a_record_that_is_not_there_is_not_found(cast: Cast, number: str) -> None:
    client = Client()
    client.force_login(cast.vera)
    for page in ("", "review/", "history/", "run/", "markdown/", "sections/operation-summary/"):
        assert client.get(f"/records/{number}/{page}").status_code in (400, 404)
