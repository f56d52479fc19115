"""Closing as its people use it: what is left, and the very text that is signed."""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from records.life_cycle import Act
from records.models import Check, FieldChange, Operation, Outcome, State
from records.run.comparison import number_in
from records.run.loaded import load_run
from records.run.verifying import recorded
from records.writing.saving import save_section
from tests import make
from tests.approvals.closing.asking import WHEN, get, to_sign
from tests.browserless import look
from tests.make import NIGHT, fresh, make_in
from tests.people import Cast, signed_in

pytestmark = pytest.mark.django_db


IMPACT = "infrastructure-impact-assessment"


def test_what_the_signing_writes_by_itself_is_said_before_and_is_nobody_s_edit(cast: Cast, closing: Operation) -> None:
    Operation.objects.filter(pk=closing.pk).update(risk_level="Low")
    settings, answers = closing.outline.settings, closing.outline.answers
    close = [key for key in answers if settings.asked(key).part == "close" and not settings.is_asked(key, "Low")]
    key = next(key for key in close if answers[key].shape == "bullet")
    own, at = closing.sections.get(key=key.partition("/")[0]), timezone.now() - dt.timedelta(minutes=1)
    save_section(operation=closing, key=own.key, version=own.version, values={key: ""}, by=cast.jun, at=at)
    told = get(cast.jun, closing, "close").context["unasked"]
    _answer, posted = to_sign(cast.jun, closing)
    page = get(cast.jun, closing, "close").content.decode()
    assert signed_in(cast.jun).post(reverse("sign", args=[closing.pk]), posted).status_code == 303
    filler = closing.outline.settings.filler
    fillers = FieldChange.objects.filter(operation=closing, after=filler, at=fresh(closing).final_text.frozen_at)
    assert sorted(label for _title, labels in told for label in labels) == sorted(one.label for one in fillers)
    assert told and all(label in html.unescape(page) for _title, labels in told for label in labels)
    entries = get(cast.jun, closing, "history").context["entries"]
    settled = [change.anchor for one in entries if one.settled == Act.SIGN_AS_OPERATOR for change in one.changes]
    assert sorted(settled) == sorted(one.key for one in fillers)
    past = get(cast.jun, closing, "history").content.decode()
    assert "by the site" in past and "at the signing, since it isn’t asked at this level" in past
    assert not any(one.changes and one.settled == "" and filler in str(one.changes) for one in entries)
    feed = get(cast.jun, closing, "record").context["feed"]
    assert not [one for one in feed if one.url and one.moment == fresh(closing).final_text.frozen_at]


def test_save_and_continue_goes_on_to_what_is_still_due_and_ends_at_the_closing(cast: Cast, closing: Operation) -> None:
    tasks = get(cast.jun, closing, "close").context["tasks"]
    assert "Status and sign-off" in [task.title for task in tasks]
    key = "infrastructure-impact-assessment"
    line, own = f"{key}/service-changes/configuration", closing.sections.get(key=key)
    save_section(operation=closing, key=key, version=own.version, values={line: ""}, by=cast.mara, at=timezone.now())
    page = look(signed_in(cast.jun), f"/records/{closing.pk}/sections/footer/")
    seen: list[str] = []
    while "/sections/" in page.address and len(seen) <= len(tasks):
        seen.append(page.address)
        page = page.send({line: "None"} if line in page.fields() else {}, act="continue")
    assert f"/records/{closing.pk}/sections/{key}/" in seen
    assert page.address == reverse("close", args=[closing.pk])


def test_all_that_is_open_after_the_run_is_marked_at_once_and_the_plan_stays(cast: Cast, closing: Operation) -> None:
    key = "post-operation-infrastructure-verification"
    lines = [f"{key}/capacity-assessment/{name}" for name in ("headroom-available", "scaling-triggers", "cost-impact")]
    own = closing.sections.get(key=key)
    told = {"key": key, "version": own.version, "values": dict.fromkeys(lines, "")}
    save_section(operation=closing, **told, by=cast.mara, at=timezone.now())
    page = look(signed_in(cast.jun), f"/records/{closing.pk}/sections/{key}/")
    page = page.send(do=f"na:{key}").send({"reason": "No change"}, do=f"set-na:{key}")
    answers = closing.sections.get(key=key).answers
    assert {answers[line] for line in lines} == {"Not applicable: No change"}
    assert make.ending(fresh(closing))["digest"], "the plan is what was approved"


def test_save_and_exit_goes_back_to_the_closing(cast: Cast, closing: Operation) -> None:
    page = look(signed_in(cast.jun), f"/records/{closing.pk}/sections/footer/").send(act="exit")
    assert page.address == reverse("close", args=[closing.pk])


def test_the_operator_signs_exactly_what_was_shown(cast: Cast, closing: Operation) -> None:
    answer, posted = to_sign(cast.jun, closing)
    assert fresh(closing).final_text is None, "looking freezes nothing"
    assert "2026-12-06 02:30:00 UTC" in answer.context["source"]
    done = signed_in(cast.jun).post(reverse("sign", args=[closing.pk]), posted)
    assert done.status_code == 303
    record = fresh(closing)
    assert record.final_text is not None
    assert (record.final_text.digest, record.outcome) == (posted["digest"], Outcome.COMPLETED)
    assert bytes(record.final_text.text).decode() == answer.context["source"]


def test_a_record_that_changed_meanwhile_is_shown_again(cast: Cast, closing: Operation) -> None:
    _answer, posted = to_sign(cast.jun, closing)
    footer = closing.sections.get(kind="footer")
    key = "footer/infrastructure-status"
    save_section(
        operation=closing,
        key="footer",
        version=footer.version,
        values={key: "Worse now"},
        by=cast.mara,
        at=timezone.now(),
    )
    answer = signed_in(cast.jun).post(reverse("sign", args=[closing.pk]), posted)
    assert answer.status_code == 409
    assert "Worse now" in answer.content.decode()
    assert answer.context["digest"] != posted["digest"]
    assert fresh(closing).final_text is None


def test_a_wrong_password_signs_nothing_and_is_told(cast: Cast, closing: Operation) -> None:
    _answer, posted = to_sign(cast.jun, closing)
    answer = signed_in(cast.jun).post(reverse("sign", args=[closing.pk]), {**posted, "password": "wrong"})
    assert answer.status_code == 400
    assert "That is not your password" in answer.content.decode()
    assert "<title>Error: " in answer.content.decode()
    assert fresh(closing).final_text is None


def test_what_is_missing_is_listed_with_the_way_to_it(cast: Cast, closing: Operation) -> None:
    footer = closing.sections.get(kind="footer")
    values = {"footer/infrastructure-status": ""}
    save_section(
        operation=closing, key="footer", version=footer.version, values=values, by=cast.mara, at=timezone.now()
    )
    answer = get(cast.jun, closing, "sign", outcome="completed", completed=WHEN)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Still needed before it can be signed" in page
    assert reverse("section", args=[closing.pk, "footer"]) in page


def test_a_check_that_is_still_observed_stands_in_the_way_and_is_ticked_here(cast: Cast, closing: Operation) -> None:
    check = Check.objects.filter(section__operation=closing)[0]
    nothing = {"ticked": False, "ticked_at": None, "ticked_by": None}
    Check.objects.filter(pk=check.pk).update(**nothing, observe_until=NIGHT + dt.timedelta(days=1))
    answer = get(cast.jun, closing, "sign", outcome="completed", completed=WHEN)
    assert answer.status_code == 400
    assert "Still observed: " in answer.content.decode()
    assert "observed until 7 Dec 02:00 UTC" in answer.content.decode()
    url = reverse("close", args=[closing.pk])
    posted = {"do": "tick_check", "key": check.key, "at": "observed-1"}
    assert signed_in(cast.olga).post(url, posted).status_code == 403
    assert signed_in(cast.noor).post(url, {**posted, "do": "skip_check"}).status_code == 400
    assert signed_in(cast.noor).post(url, {**posted, "evidence": "No error"}).status_code == 303
    assert get(cast.jun, closing, "sign", outcome="completed", completed=WHEN).status_code == 200


def test_only_the_operator_signs(cast: Cast, closing: Operation) -> None:
    assert get(cast.tomas, closing, "sign", outcome="completed", completed=WHEN).status_code == 403
    assert "Read the final text and sign" not in get(cast.tomas, closing, "close").content.decode()


def test_the_supervisor_sends_it_back_to_its_run(cast: Cast, signed: Operation) -> None:
    url = reverse("close", args=[signed.pk])
    assert signed_in(cast.tomas).post(url, {"evidence": " "}).status_code == 400
    assert signed_in(cast.jun).post(url, {"evidence": "x"}).status_code == 403
    assert signed_in(cast.tomas).post(url, {"evidence": "Output of pg_amcheck"}).status_code == 303
    record = fresh(signed)
    assert (record.state, record.final_text) == (State.RUNNING, None)


def test_who_closes_and_signs_is_told_what_went_beyond_its_limit(
    cast: Cast, closing: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "Beyond their limit after the run"
    assert told not in get(cast.jun, closing, "close").content.decode()
    run = load_run(closing)
    assert run is not None
    measured = next(one for one in run.plan.metrics if number_in(recorded(run.metrics[one.key])))
    tight = replace(run.plan, metrics=(replace(measured, limit="0", lower_is_better=True),))
    for reader in ("approvals.plan_against_actual", "records.run.emergency"):
        monkeypatch.setattr(f"{reader}.run_plan", lambda revision, template: tight)
    for page in (get(cast.jun, closing, "close"), to_sign(cast.jun, closing)[0]):
        assert told in page.content.decode() and f"{measured.name}: " in page.content.decode()


STANDS = {
    State.RUNNING: ("The work isn’t finished", "Add values or notes"),
    State.CLOSING: ("Jun Park says how it went, and signs", "Add values or notes"),
    State.FINALIZED: ("Nothing in it changes any more", "See the run"),
}


@pytest.mark.parametrize("state", STANDS)
def test_the_page_says_what_state_it_is_in_and_who_acts_next(state: State, cast: Cast, template) -> None:
    page = get(cast.jun, make_in(state, cast, template), "close").content.decode()
    assert all(words in page for words in STANDS[state])


def test_what_is_signed_is_not_said_to_go_on(cast: Cast, signed: Operation) -> None:
    page = get(cast.jun, signed, "close").content.decode()
    assert "Sign-off by: Tomas Okafor" in page and "See the run" in page
    assert "can be added" not in page and "Add values" not in page


def test_looking_at_the_text_to_sign_writes_and_locks_nothing(cast: Cast, closing: Operation) -> None:
    """Whatever closing adds is computed: nobody who saves meanwhile has to wait, and no section has another version."""
    client = signed_in(cast.jun)
    with CaptureQueriesContext(connection) as queries:
        assert (
            client.get(reverse("sign", args=[closing.pk]), {"outcome": "completed", "completed": WHEN}).status_code
            == 200
        )
    told = [query["sql"] for query in queries]
    assert [sql for sql in told if not sql.lstrip("(").startswith("SELECT") or " FOR " in sql] == []
    assert len(told) <= 20


def test_while_closing_nothing_is_said_to_be_needed_before_review(cast: Cast, closing: Operation) -> None:
    section = closing.sections.get(key=IMPACT)
    lines = [answer.key for answer in closing.outline.section_answers[IMPACT]] if closing.outline else []
    save_section(
        operation=closing, key=IMPACT, version=section.version, values=dict.fromkeys(lines, ""), by=cast.jun, at=NIGHT
    )
    url = reverse("section", args=[closing.pk, IMPACT])
    page = signed_in(cast.jun).get(url, {"still": "1"}).content.decode()
    assert "Still needed before it is signed" in page and "before review" not in page
