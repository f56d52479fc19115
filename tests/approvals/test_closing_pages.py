"""Closing as its people use it: what is left, the very text that is signed, the sign-off, the sealed record."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals.plan_against_actual import beyond_limits
from records.life_cycle import Act
from records.models import Check, FieldChange, Operation, Outcome, Person, State
from records.run import logbook
from records.run.comparison import number_in
from records.run.loaded import load_run
from records.run.told_facts import fact_named
from records.run.verifying import recorded
from records.views.finalized import with_contents
from records.writing.saving import save_section
from tests import make
from tests.browserless import look
from tests.make import NIGHT, fresh, make_in
from tests.people import PASSWORD, Cast, signed_in

pytestmark = pytest.mark.django_db
WHEN = "2026-12-06 02:30"
IMPACT = "infrastructure-impact-assessment"


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT + dt.timedelta(hours=4))


@pytest.fixture
def closing(cast: Cast, template) -> Operation:
    return make_in(State.CLOSING, cast, template)


@pytest.fixture
def signed(cast: Cast, closing: Operation) -> Operation:
    return make.sign(cast, closing)


def get(person: Person, operation: Operation, name: str, **query: str):
    return signed_in(person).get(reverse(name, args=[operation.pk]), query)


def to_sign(person: Person, operation: Operation, **more: str):
    """The page that shows the final text, and what it would post."""
    answer = get(person, operation, "sign", outcome="completed", completed=WHEN, **more)
    assert answer.status_code == 200
    digest = answer.context["digest"]
    return answer, {"outcome": "completed", "completed": WHEN, "digest": digest, "password": PASSWORD}


def write(cast: Cast, operation: Operation, status: str) -> None:
    """Mara changes a line of the footer."""
    version = operation.sections.get(key="footer").version
    values = {"footer/infrastructure-status": status}
    save_section(operation=operation, key="footer", version=version, values=values, by=cast.mara, at=timezone.now())


def test_the_template_s_own_words_are_offered_and_nothing_is_chosen(cast: Cast, closing: Operation) -> None:
    page = get(cast.jun, closing, "close").content.decode()
    assert "COMPLETED SUCCESSFULLY" in page and "FAILED" in page
    assert "ROLLED BACK" not in page and "IN PROGRESS" not in page
    assert " checked" not in page
    assert 'value="2026-12-06 02:00:00"' in page


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


def test_no_section_waits_for_what_the_outcome_s_form_asks(cast: Cast, closing: Operation) -> None:
    own = closing.sections.get(key="footer")
    told = {"key": "footer", "version": own.version, "values": {"footer/next-infrastructure-review": ""}}
    save_section(operation=closing, **told, by=cast.mara, at=timezone.now())
    answer = get(cast.jun, closing, "close")
    assert answer.context["left"] == 0
    assert "Next Infrastructure Review is asked with the outcome" in answer.content.decode()
    (one,) = (task for task in answer.context["tasks"] if task.hint.endswith("is asked with the outcome"))
    done, due = re.findall(r"\d+", one.count)
    assert done == due, "what is done lacks no field that is asked elsewhere"
    key = "infrastructure-impact-assessment"
    page = look(signed_in(cast.jun), f"/records/{closing.pk}/sections/{key}/").send(act="continue")
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


def test_what_was_rolled_back_cannot_be_called_completed(cast: Cast, template) -> None:
    rolled = make.work(cast, make_in(State.ROLLING_BACK, cast, template))
    page = get(cast.jun, rolled, "close").content.decode()
    assert "ROLLED BACK" in page and "COMPLETED SUCCESSFULLY" not in page
    answer = get(cast.jun, rolled, "sign", outcome="completed", completed=WHEN)
    assert answer.status_code == 400


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


@pytest.mark.parametrize("completed", ["", "soon", "2026-12-05 01:00", "2031-01-01 00:00", "\0"])
def test_a_completion_time_that_cannot_be_is_told(cast: Cast, closing: Operation, completed: str) -> None:
    assert get(cast.jun, closing, "sign", outcome="completed", completed=completed).status_code == 400


def test_the_day_of_the_next_review_is_chosen_with_the_outcome(cast: Cast, closing: Operation) -> None:
    page = get(cast.jun, closing, "close").content.decode()
    assert "Left empty, what is written stays: “2026-12-08: drop the reverse" in page
    assert get(cast.jun, closing, "sign", outcome="completed", completed=WHEN, review="2026-12-01").status_code == 400
    answer, posted = to_sign(cast.jun, closing, review="2027-02-01")
    assert "**Next Infrastructure Review**: 2027-02-01\n" in answer.context["source"]
    assert 'name="review" value="2027-02-01"' in answer.content.decode()
    done = signed_in(cast.jun).post(reverse("sign", args=[closing.pk]), {**posted, "review": "2027-02-01"})
    assert done.status_code == 303
    assert fresh(closing).review_on == dt.date(2027, 2, 1)


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


def test_before_the_signature_there_is_nothing_to_sign_off(cast: Cast, closing: Operation) -> None:
    assert get(cast.tomas, closing, "sign_off").status_code == 409


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mara", "you wrote part of this record"),
        ("jun", "you wrote part of this record"),
        ("noor", "you took part in the operation"),
        ("olga", "that asks for a supervisor"),
        ("root", "that asks for a supervisor"),
    ],
)
def test_others_see_why_they_cannot_sign_it_off(cast: Cast, signed: Operation, name: str, words: str) -> None:
    person = getattr(cast, name)
    page = get(person, signed, "sign_off").content.decode()
    assert words in page.replace("&#x27;", "'")
    assert "Sign off and finalize" not in page
    assert signed.final_text is not None
    posted = {"digest": signed.final_text.digest, "actual_seen": "on", "password": PASSWORD}
    assert signed_in(person).post(reverse("sign_off", args=[signed.pk]), posted).status_code == 403
    assert fresh(signed).state == State.CLOSING


def test_a_value_beyond_its_limit_is_before_the_eyes_of_who_signs_off(signed: Operation) -> None:
    run = load_run(signed)
    assert run is not None and beyond_limits(run.plan, run.metrics) == []
    measured = next(one for one in run.plan.metrics if number_in(recorded(run.metrics[one.key])))
    tight = replace(measured, limit="0", lower_is_better=True)
    run.plan = replace(run.plan, metrics=(tight,))
    assert [words.split(":")[0] for words in beyond_limits(run.plan, run.metrics)] == [measured.name]
    assert beyond_limits(run.plan, run.metrics)[0].endswith(", limit 0")


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


def test_the_sign_off_compares_the_values_too_against_their_limits(
    signed: Operation, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, limit, after, the difference and who measured it, for each that was to be measured."""
    run = load_run(signed)
    assert run is not None
    planned = [one if one.name != "CPU Utilization" else replace(one, limit="40") for one in run.plan.metrics]
    changed = replace(run.plan, metrics=tuple(replace(one, lower_is_better=True) for one in planned))
    monkeypatch.setattr("records.run.emergency.run_plan", lambda revision, template: changed)
    page = get(cast.sam, signed, "sign_off").content.decode()
    rows = [row for row in page.partition('class="mtab"')[2].partition("</table>")[0].split("<tr>") if "<td" in row]
    assert len(rows) == len(planned)
    [cpu] = [row for row in rows if "CPU Utilization" in row]
    cells = re.findall(r"<td.*?>(.*?)</td>", cpu, re.S)
    assert [one.strip() for one in cells[:3]] == ["61%", "40%", "48%"]
    assert "▼ 13 points, better" in cells[3] and "beyond the limit" in cells[3] and "Noor Haddad" in cells[3]
    assert 'name="after:' not in page, "it is looked at, not written"


def test_who_signs_off_sees_what_solved_a_problem_and_when_a_stop_ended(cast: Cast, signed: Operation) -> None:
    run = load_run(signed)
    assert run is not None
    step = run.plan.steps[2]
    lines = [
        ("problem", "Lag 40 s", step.key, 1),
        ("solved", "Replica restarted", step.key, 2),
        ("stop_at_phase_end", "Too late (goes on later)", "", 3),
        ("go_on", "", "", 33),
    ]
    for kind, text, key, minutes in lines:
        logbook.log(signed, kind, by=cast.jun, at=NIGHT + minutes * dt.timedelta(minutes=1), text=text, step_key=key)
    answer = get(cast.sam, signed, "sign_off")
    page = answer.content.decode()
    assert page.index("Lag 40 s") < page.index("<b>Solved:</b> “Replica restarted”") < page.index("</table>")
    told = dict(answer.context["run_facts"])
    assert told["Problems and deviations"] == "1", "what solved one is none"
    assert told["Stopped"].endswith("Too late (goes on later); went on 6 Dec 02:33 UTC")
    run = load_run(fresh(signed))
    assert run is not None
    words = f"1 problem or deviation noted: {step.number}: Lag 40 s, {step.number}: solved: Replica restarted"
    assert fact_named("notes").words(run) == words


def test_plan_against_actual_then_the_sign_off_finalizes(cast: Cast, signed: Operation) -> None:
    answer = get(cast.sam, signed, "sign_off")
    assert [one.number for one in answer.context["compared"]] == [
        "1.1",
        "1.2",
        "1.3",
        "2.1",
        "2.2",
        "2.3",
        "3.1",
        "3.2",
    ]
    url = reverse("sign_off", args=[signed.pk])
    posted = {"digest": answer.context["digest"], "password": PASSWORD}
    refused = signed_in(cast.sam).post(url, posted)
    assert refused.status_code == 400
    assert "Confirm that you compared plan and actual" in refused.content.decode()
    assert signed_in(cast.sam).post(url, {**posted, "actual_seen": "on", "digest": "0" * 64}).status_code == 409
    done = signed_in(cast.sam).post(url, {**posted, "actual_seen": "on", "note": "Well prepared"})
    assert done["Location"] == reverse("record", args=[signed.pk])
    assert fresh(signed).state == State.FINALIZED
    seal = get(cast.olga, signed, "record").content.decode().split('class="seal"')[1].split("</section>")[0]
    assert "Sam Whitfield: “Well prepared”" in seal


def test_a_refused_sign_off_keeps_all_but_the_password(cast: Cast, signed: Operation) -> None:
    url = reverse("sign_off", args=[signed.pk])
    posted = {"digest": get(cast.sam, signed, "sign_off").context["digest"], "actual_seen": "on", "note": "As planned"}
    page = signed_in(cast.sam).post(url, {**posted, "password": "wrong"}).content.decode()
    assert "As planned</textarea>" in page and re.search(r'name="actual_seen"[^>]* checked', page)
    assert "Type it again" in page
    assert re.findall(r"<(\w+)[^>]* autofocus", page) == ["input"], "the only thing to be typed again has the focus"
    page = signed_in(cast.sam).post(url, {**posted, "actual_seen": "", "password": PASSWORD}).content.decode()
    assert re.findall(r"<(\w+)[^>]* autofocus", page) == ["section"] and "Type it again" in page


STANDS = {
    State.RUNNING: ("The work isn’t finished", "Add values or notes"),
    State.CLOSING: ("Jun Park says how it went, and signs", "Add values or notes"),
    State.FINALIZED: ("Nothing in it changes any more", "See the run"),
}


@pytest.mark.parametrize("state", STANDS)
def test_the_page_says_what_state_it_is_in_and_who_acts_next(state: State, cast: Cast, template) -> None:
    page = get(cast.jun, make_in(state, cast, template), "close").content.decode()
    assert all(words in page for words in STANDS[state])


def test_only_who_may_sign_off_is_led_there_and_the_others_read_who_does(cast: Cast, signed: Operation) -> None:
    own = get(cast.jun, signed, "record").content.decode()
    assert "Sign-off by: Tomas Okafor or Sam Whitfield (one of them)" in own
    assert "Go to the sign-off" not in own and "Nothing is missing" not in own
    assert "Go to the sign-off" in get(cast.tomas, signed, "record").content.decode()
    closing = get(cast.jun, signed, "close").content.decode()
    assert "Planned window" in closing and " left<" not in closing and "planned start" not in closing
    assert "choose the outcome with it in mind" not in closing


def test_what_is_signed_is_not_said_to_go_on(cast: Cast, signed: Operation) -> None:
    page = get(cast.jun, signed, "close").content.decode()
    assert "Sign-off by: Tomas Okafor" in page and "See the run" in page
    assert "can be added" not in page and "Add values" not in page


def test_a_finalized_record_is_read_as_the_document_that_was_signed(cast: Cast, signed: Operation) -> None:
    record = make.sign_off(cast, signed)
    assert record.final_text is not None
    page = get(cast.olga, record, "record").content.decode()
    assert record.final_text.digest in page
    assert "Signed by Jun Park" in page and "signed off by Tomas Okafor" in page
    assert page.count("<h1") == 1
    headings = [line[3:] for line in bytes(record.final_text.text).decode().split("\n") if line.startswith("## ")]
    for number in range(1, len(headings) + 1):
        assert f'href="#part-{number}"' in page and f'id="part-{number}"' in page
    download = get(cast.olga, record, "record_download")
    assert download.content == bytes(record.final_text.text)
    assert download["Content-Disposition"] == f'attachment; filename="{record.operation_id}.md"'


def test_contents_never_become_markup() -> None:
    html, parts = with_contents("<h2>a &lt;script&gt; <code>b</code></h2><p>x</p>")
    assert parts[0].title == "a &lt;script&gt; b"
    assert html == '<h2 id="part-1">a &lt;script&gt; <code>b</code></h2><p>x</p>'


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


@pytest.mark.parametrize(("name", "most"), [("close", 20), ("sign_off", 24), ("record", 9)])
def test_pages_of_closing_cost_few_queries(cast: Cast, signed: Operation, name: str, most: int) -> None:
    record = make.sign_off(cast, signed) if name == "record" else signed
    client = signed_in(cast.tomas)
    client.get(reverse(name, args=[record.pk]))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse(name, args=[record.pk])).status_code == 200
    assert len(queries) <= most


def test_what_was_chosen_of_the_outcome_is_there_when_one_comes_back(cast: Cast, closing: Operation) -> None:
    """What is still missing is filled in on another page."""
    client, url = signed_in(cast.jun), reverse("close", args=[closing.pk])
    client.get(reverse("sign", args=[closing.pk]), {"outcome": "failed", "completed": "soon", "review": "2027-03-31"})
    form = client.get(url).context["form"]
    assert [form[name].value() for name in ("outcome", "completed", "review")] == ["failed", "soon", "2027-03-31"]
    assert '" value="failed" checked' in client.get(url).content.decode()
    assert signed_in(cast.jun).get(url).context["form"]["outcome"].value() is None, "in another session"


@pytest.mark.parametrize("do", ["choose", "tick_check", "take_over"])
def test_what_was_chosen_of_the_outcome_stays_whatever_is_pressed_beside_it(
    do: str, cast: Cast, closing: Operation
) -> None:
    check = Check.objects.filter(section__operation=closing)[0]
    Check.objects.filter(pk=check.pk).update(ticked=False, ticked_by=None, observe_until=NIGHT)
    client, url = signed_in(cast.jun), reverse("close", args=[closing.pk])
    answer = client.post(url, {"do": do, "key": check.key, "outcome": "failed", "review": "2027-03-31"})
    assert answer.status_code == {"choose": 204, "tick_check": 303, "take_over": 400}[do]
    form = client.get(url).context["form"]
    assert [form[name].value() for name in ("outcome", "review")] == ["failed", "2027-03-31"]
    assert Check.objects.get(pk=check.pk).ticked == (do == "tick_check")


@pytest.mark.parametrize(("level", "is_needed"), [("Low", False), ("High", True)])
def test_that_a_next_review_has_to_be_named_is_said_at_its_field(
    level: str, is_needed: bool, cast: Cast, closing: Operation
) -> None:
    url, words = reverse("close", args=[closing.pk]), "Needed before it can be signed."
    Operation.objects.filter(pk=closing.pk).update(risk_level=level)
    assert words not in signed_in(cast.jun).get(url).content.decode(), "a day stands there"
    section = closing.sections.get(key="footer")
    values = {"footer/next-infrastructure-review": ""}
    save_section(operation=closing, key="footer", version=section.version, values=values, by=cast.jun, at=NIGHT)
    assert (words in signed_in(cast.jun).get(url).content.decode()) == is_needed


def test_while_closing_nothing_is_said_to_be_needed_before_review(cast: Cast, closing: Operation) -> None:
    section = closing.sections.get(key=IMPACT)
    lines = [answer.key for answer in closing.outline.section_answers[IMPACT]] if closing.outline else []
    save_section(
        operation=closing, key=IMPACT, version=section.version, values=dict.fromkeys(lines, ""), by=cast.jun, at=NIGHT
    )
    url = reverse("section", args=[closing.pk, IMPACT])
    page = signed_in(cast.jun).get(url, {"still": "1"}).content.decode()
    assert "Still needed before it is signed" in page and "before review" not in page
