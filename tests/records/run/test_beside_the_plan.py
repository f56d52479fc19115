"""What a night brings beside the plan: a stop until another night, a handover, a witness, a step nobody planned."""

from __future__ import annotations

import re

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from records import audit
from records.content.assembly import document_in_all, load_all
from records.content.freezing import check_unchanged
from records.models import (
    AuditEntry,
    Delivery,
    LogEntry,
    Operation,
    OperationTemplate,
    Person,
    Step,
    StepStatus,
)
from records.outbox import Event
from records.overtaken import overtaken
from records.refusals import Incomplete, Refused, WrongOrder
from records.run import handing_over, left_undone, running, unplanned, witnessing, working
from records.run.loaded import version_of
from records.run.log_words import log_words
from records.run.step_order import in_order
from records.run.witnessing import to_witness
from records.transfer.records_out import markdown_of
from tests import make
from tests.make import NIGHT, fresh
from tests.people import Cast
from tests.records.run.keys import MINUTE
from tests.records.run.run_pages import kinds, page, press, told

pytestmark = pytest.mark.django_db


def check_plan(operation: Operation) -> None:
    """The plan is still, byte for byte, the approved one."""
    sections = load_all(operation)
    check_unchanged(operation, operation.revisions.get(), document_in_all(operation, sections), sections)


# ---------------------------------------------------------------- in charge


def test_a_deputy_takes_charge_and_can_finish(cast: Cast, run: Operation) -> None:
    with pytest.raises(Refused):
        running.finish_work(run, by=cast.ines, not_reached="x", at=NIGHT)
    with pytest.raises(Incomplete, match="what the next person has to know"):
        handing_over.hand_over(run, to=cast.ines, words=" ", by=cast.jun, at=NIGHT)
    for _twice in range(2):
        handing_over.hand_over(run, to=cast.ines, words="Lag is 0, 2.1 is next", by=cast.jun, at=NIGHT)
    operation = fresh(run)
    assert (operation.runs_it, operation.operator) == (cast.ines, cast.jun)
    assert LogEntry.objects.get(kind="hand_over").text == "Ines Duarte: Lag is 0, 2.1 is next"
    entry = AuditEntry.objects.get(act="hand_over")
    assert (entry.person, audit.facts_in(entry)["to_name"]) == (cast.jun, "Ines Duarte")
    check_plan(operation)
    running.finish_work(operation, by=cast.ines, not_reached="Window over", at=NIGHT)


@pytest.mark.parametrize(("by", "to"), [("noor", "ines"), ("tomas", "ines"), ("jun", "noor"), ("jun", "tomas")])
def test_charge_stays_with_operator_and_deputies(by: str, to: str, cast: Cast, run: Operation) -> None:
    with pytest.raises(Refused):
        handing_over.hand_over(run, to=getattr(cast, to), words="x", by=getattr(cast, by), at=NIGHT)


def test_a_deputy_takes_over_alone_and_the_page_says_who_is_in_charge(cast: Cast, run: Operation) -> None:
    assert "Take over" in page(cast.ines, run) and "Hand over" in page(cast.jun, run)
    assert "Take over" not in page(cast.noor, run)
    assert press(cast.ines, run, "hand_over", to=str(cast.ines.pk), words="Jun is in hospital") == 303
    assert "<b>Ines Duarte</b>" in page(cast.olga, run)
    assert press(cast.jun, run, "hand_over", to="x", words="y") == 400
    assert press(cast.jun, run, "hand_over", to=str(cast.jun.pk), words="I am back") == 303
    assert fresh(run).runs_it == cast.jun


def test_who_takes_over_says_something_or_nothing(cast: Cast, run: Operation) -> None:
    assert "What the others have to know (optional)" in page(cast.ines, run)
    assert "(optional)" not in page(cast.jun, run), "whoever hands it over has something to say"
    assert press(cast.ines, run, "hand_over", to=str(cast.ines.pk), words=" ") == 303
    entry = LogEntry.objects.get(kind="hand_over")
    assert (entry.text, log_words(entry, {})) == ("Ines Duarte", "took over")
    assert "<b>Ines Duarte is in charge.</b> Taken over. <span" in " ".join(page(cast.jun, run).split())
    assert "<b>You are in charge.</b> <span" in " ".join(page(cast.ines, run).split())
    [body] = told_of_handover(cast.jun, run)
    assert body.startswith("Ines Duarte has taken the operation over and is in charge now.")


def test_a_handover_without_words_opens_its_form_again_at_the_field(cast: Cast, run: Operation) -> None:
    told = {"do": "hand_over", "at": "charge", "to": str(cast.ines.pk), "words": " "}
    client = Client()
    client.force_login(cast.jun)
    answer = client.post(reverse("run", args=[run.pk]), told)
    shown = answer.content.decode()
    assert answer.status_code == 400
    summary = shown.split('class="summary-err')[1].split("</section>")[0]
    assert 'href="#hand-words"' in summary and "autofocus" not in summary
    assert '<details class="more" open>' in shown.split('id="charge"')[1].split("</section>")[0]
    assert re.findall(r'id="([\w-]+)"[^>]* autofocus', shown) == ["hand-words"]


def test_whoever_was_in_charge_sees_in_the_clock_that_somebody_else_is(cast: Cast, run: Operation) -> None:
    """The clock stays in sight, and is put in anew at each look, also while somebody types."""

    def told(person: Person) -> list[str]:
        shown = page(person, run).split('id="clock"')[1].split('id="queue"')[0]
        return re.findall(r'<dt>In charge</dt><dd class="w">([^<]+)</dd>', shown)

    before = version_of(fresh(run), NIGHT)
    assert told(cast.jun) == told(cast.ines) == []
    press(cast.ines, run, "hand_over", to=str(cast.ines.pk), words="")
    assert version_of(fresh(run), NIGHT) != before, "the next look is answered"
    assert told(cast.jun) == ["Ines Duarte"] and told(cast.ines) == told(cast.noor) == []
    assert '<p class="note warn">' in page(cast.jun, run).split('id="board"')[1].split("is in charge.")[0]


def told_of_handover(person: Person, run: Operation) -> list[str]:
    rows = Delivery.objects.filter(operation=run, event=Event.HANDED_OVER, person=person).order_by("pk")
    return [row.body for row in rows]


def test_a_handover_reaches_whoever_is_in_charge_and_whoever_was(cast: Cast, run: Operation) -> None:
    press(cast.jun, run, "hand_over", to=str(cast.ines.pk), words="Lag is 0, 2.1 is next")
    [body] = told_of_handover(cast.ines, run)
    assert body.startswith("You are in charge of the operation from now on.") and "Lag is 0, 2.1 is next" in body
    assert told_of_handover(cast.jun, run) == [], "whoever handed it over knows"
    for name in ("run", "rollback"):
        shown = " ".join(page(cast.ines, run, name).split())
        assert "<b>You are in charge.</b> Jun Park says: “Lag is 0, 2.1 is next”" in shown
        shown = " ".join(page(cast.jun, run, name).split())
        assert "<b>Ines Duarte is in charge.</b> Jun Park handed it over: “Lag is 0, 2.1 is next”" in shown

    press(cast.jun, run, "hand_over", to=str(cast.jun.pk), words="I am back")
    [body] = told_of_handover(cast.ines, run)[1:]
    assert body.startswith("Jun Park has taken the operation over and is in charge now.") and "I am back" in body
    assert "<b>Jun Park is in charge.</b> Taken over, because: “I am back”" in page(cast.ines, run)
    assert "<b>You are in charge.</b> “I am back”" in page(cast.jun, run)


# ---------------------------------------------------------------- a witness


@pytest.fixture
def witnessed(cast: Cast, template: OperationTemplate) -> Operation:
    """Running; its first step asks for a witness."""
    draft = make.make_draft(cast, template)
    Step.objects.filter(pk=in_order(draft)[0].pk).update(witness=True)
    return make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))


def test_a_witness_is_somebody_else_and_comes_once_it_began(cast: Cast, witnessed: Operation) -> None:
    key = in_order(witnessed)[0].key
    with pytest.raises(WrongOrder, match="once it was begun"):
        witnessing.witness_step(witnessed, key=key, by=cast.olga, at=NIGHT)
    working.finish_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    with pytest.raises(Refused, match="not its witness"):
        witnessing.witness_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    with pytest.raises(Http404):
        witnessing.witness_step(witnessed, key=in_order(witnessed)[1].key, by=cast.olga, at=NIGHT)
    working.reopen_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    working.start_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    witnessing.witness_step(witnessed, key=key, by=cast.noor, at=NIGHT)
    with pytest.raises(WrongOrder, match="somebody else finishes it"):
        working.finish_step(witnessed, key=key, by=cast.noor, at=NIGHT)
    working.reopen_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    working.finish_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    for _twice in range(2):
        step = witnessing.witness_step(witnessed, key=key, words="41 of 41", by=cast.olga, at=NIGHT + MINUTE)
    assert (step.witnessed_by, step.witnessed_at) == (cast.olga, NIGHT + MINUTE)
    with pytest.raises(WrongOrder, match="Olga Petrenko is the witness already"):
        witnessing.witness_step(witnessed, key=key, by=cast.noor, at=NIGHT)
    assert kinds(witnessed).count("witness_step") == 2, "one by Noor, one by Olga"
    told = AuditEntry.objects.filter(act="witness_step").order_by("number")
    assert [one.person for one in told] == [cast.noor, cast.olga]
    assert working.reopen_step(witnessed, key=key, by=cast.jun, at=NIGHT).witnessed_by is None


@pytest.mark.parametrize("then", ["finished by another", "reopened by another", "done anew by another"])
def test_who_had_a_hand_in_a_step_is_not_its_witness(then: str, cast: Cast, witnessed: Operation) -> None:
    """Whoever worked it last: the page doesn't ask them, nor does their home."""
    key = in_order(witnessed)[0].key
    working.start_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    working.finish_step(witnessed, key=key, by=cast.noor if "finished" in then else cast.jun, at=NIGHT + MINUTE)
    if "finished" not in then:
        working.reopen_step(witnessed, key=key, by=cast.noor, at=NIGHT + MINUTE)
    if "anew" in then:
        working.finish_step(witnessed, key=key, by=cast.noor, at=NIGHT + 2 * MINUTE)
    for person in (cast.jun, cast.noor):
        assert "I looked on" not in page(person, witnessed)
        assert to_witness(person, [witnessed]) == []
        with pytest.raises(Refused, match="not its witness"):
            witnessing.witness_step(witnessed, key=key, by=person, at=NIGHT + 2 * MINUTE)
    assert "I looked on" in page(cast.ines, witnessed)
    assert [step.key for _record, step in to_witness(cast.ines, [witnessed])] == [key]
    assert witnessing.witness_step(witnessed, key=key, by=cast.ines, at=NIGHT + 2 * MINUTE).witnessed_by == cast.ines


def test_whoever_could_look_on_is_told_once_it_is_begun_until_somebody_did(cast: Cast, witnessed: Operation) -> None:
    """The rest of the team and the supervisor, in the inbox and on top of home; the step stays unfolded for them."""
    first, second = in_order(witnessed)[:2]
    client = Client()

    def home(person: Person) -> str:
        client.force_login(person)
        return client.get(reverse("home")).content.decode()

    working.start_step(witnessed, key=first.key, by=cast.noor, at=NIGHT)
    working.finish_step(witnessed, key=first.key, by=cast.jun, at=NIGHT + MINUTE)
    asked = {"ines", "carl", "jun", "tomas"}
    assert told("witness_asked") == {(name, False) for name in asked}, "once, though it was finished too"
    words = f"“{first.title}” asks for a witness; Jun Park works it."
    assert words in home(cast.tomas) and words in home(cast.ines)
    assert words not in home(cast.jun) and words not in home(cast.noor), "who had a hand in it"
    assert words not in home(cast.olga)
    working.finish_step(witnessed, key=second.key, by=cast.jun, at=NIGHT + 2 * MINUTE)
    assert "I am the witness" in page(cast.ines, witnessed)
    assert folded_above(cast.ines, witnessed) == [], "where it is looked for"
    assert not Delivery.objects.filter(overtaken(), event="witness_asked").exists()
    witnessing.witness_step(witnessed, key=first.key, by=cast.ines, at=NIGHT + 3 * MINUTE)
    assert words not in home(cast.tomas)
    assert Delivery.objects.filter(overtaken(), event="witness_asked").count() == len(asked)
    assert folded_above(cast.ines, witnessed) == ["1.1"]


def folded_above(person: Person, operation: Operation) -> list[str]:
    """The steps of the first phase in the fold of those that are over."""
    client = Client()
    client.force_login(person)
    phase = client.get(reverse("run", args=[operation.pk])).context["phases"][0]
    return [step.number for step in phase.earlier]


def test_done_asks_once_while_nobody_has_looked_on(cast: Cast, witnessed: Operation) -> None:
    """A witness comes once it was begun: so it can't be done before that, and afterwards Done says that nobody came."""
    key = in_order(witnessed)[0].key
    done = 'value="finish_step"'

    def at_hand() -> str:
        return page(cast.jun, witnessed).partition('<div class="actions at-hand">')[2].partition('"note"')[0]

    assert 'value="start_step"' in at_hand() and done not in at_hand()
    working.start_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    asked = at_hand().partition("<details")[2].partition("</details>")[0]
    assert done in asked and "no witness so far" in asked and at_hand().count(done) == 1
    witnessing.witness_step(witnessed, key=key, by=cast.olga, at=NIGHT)
    assert done in at_hand() and "<details" not in at_hand().partition(done)[0]
    # From a page that has not heard of the witness yet: what counts is that somebody looked on.
    assert press(cast.jun, witnessed, "finish_step", key=key) == 303
    step = in_order(witnessed)[0]
    assert step.witnessed_by == cast.olga and step not in left_undone.left_undone(witnessed)


def test_work_that_lacked_its_witness_ends_with_a_reason(cast: Cast, witnessed: Operation) -> None:
    step = in_order(witnessed)[0]
    working.finish_step(witnessed, key=step.key, by=cast.jun, at=NIGHT)
    assert step in left_undone.left_undone(witnessed)
    assert ">No witness: 1.1 " in page(cast.jun, witnessed), "the page names all that the end will ask for"
    running.finish_work(witnessed, reasons={step.key: "Olga was asleep"}, not_reached="x", by=cast.jun, at=NIGHT)
    step.refresh_from_db()
    assert (step.status, step.run_reason) == (StepStatus.DONE, "No witness: Olga was asleep")
    with pytest.raises(WrongOrder, match="while the operation is under way"):
        witnessing.witness_step(witnessed, key=step.key, by=cast.olga, at=NIGHT)


def test_the_page_asks_everybody_but_the_worker_for_the_witness(cast: Cast, witnessed: Operation) -> None:
    assert "Needs a witness" in page(cast.olga, witnessed) and "I looked on" not in page(cast.olga, witnessed)
    assert "A witness is still needed" in page(cast.jun, witnessed), "said where Start and Done are pressed"
    key = in_order(witnessed)[0].key
    working.start_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    assert "I looked on" in page(cast.olga, witnessed) and "I looked on" not in page(cast.jun, witnessed)
    working.finish_step(witnessed, key=key, by=cast.jun, at=NIGHT)
    done = page(cast.jun, witnessed)
    assert "Witness: nobody yet" in done and "Needs a witness" not in done and "A witness is still needed" not in done
    assert press(cast.olga, witnessed, "witness", key=key) == 303
    assert "Witnessed by Olga Petrenko" in page(cast.jun, witnessed)


def test_that_a_step_has_no_witness_yet_leads_to_where_that_is_said(cast: Cast, witnessed: Operation) -> None:
    """For who worked it or began it, who can't say it, to the step."""
    working.start_step(witnessed, key=in_order(witnessed)[0].key, by=cast.noor, at=NIGHT)
    make.end_phase(witnessed)
    for person, place in ((cast.olga, "saw-1.1"), (cast.jun, "step-1.1"), (cast.noor, "step-1.1")):
        text = page(person, witnessed)
        assert f'href="#{place}">Step 1.1 has no witness yet.</a>' in text
        assert text.count(f' id="{place}"') == 1
    witnessing.witness_step(witnessed, key=in_order(witnessed)[0].key, by=cast.olga, at=NIGHT)
    assert "has no witness yet" not in page(cast.olga, witnessed)


# ---------------------------------------------------------------- unplanned


def test_a_step_nobody_planned_is_worked_like_any_other_and_leaves_the_plan_alone(cast: Cast, run: Operation) -> None:
    before = markdown_of(run)
    with pytest.raises(Incomplete, match="what is done"):
        unplanned.add_step(run, title="", reason="x", by=cast.jun, at=NIGHT)
    step = unplanned.add_step(
        run, title="Restart the proxy", reason="It hangs", commands="sudo restart\n", by=cast.noor, at=NIGHT
    )
    assert step.key in [one.key for one in left_undone.undone_steps(run)]
    working.finish_step(run, key=step.key, by=cast.noor, at=NIGHT + MINUTE)
    step.refresh_from_db()
    assert (step.status, step.worked_by, step.unplanned) == (StepStatus.DONE, cast.noor, True)
    assert markdown_of(fresh(run)) == before
    check_plan(fresh(run))
    with pytest.raises(Refused):
        unplanned.add_step(run, title="x", reason="y", by=cast.olga, at=NIGHT)


def test_it_is_shown_in_its_phase_and_marked(cast: Cast, run: Operation) -> None:
    posted = {"title": "Restart the proxy", "reason": "It hangs", "commands": "sudo restart"}
    assert press(cast.jun, run, "add_step", **{**posted, "reason": ""}) == 400
    assert press(cast.jun, run, "add_step", **posted) == 303
    shown = page(cast.jun, run)
    assert "U1 Restart the proxy" in shown and "Unplanned" in shown and "sudo restart" in shown
    places = [shown.index(place) for place in ('aria-current="step"', "U1 Restart", 'id="step-1.1"', 'id="phase-2"')]
    assert places == sorted(places), "it is at hand, before what is still to be done"
    working.finish_step(run, key="unplanned/1", by=cast.jun, at=NIGHT)
    working.finish_step(run, key=in_order(run)[0].key, by=cast.jun, at=NIGHT + MINUTE)
    shown = page(cast.jun, run)
    assert shown.index("U1 Restart") < shown.index('id="step-1.1"'), "and then stands where it was done"
    make.roll_back(cast, run)
    assert press(cast.jun, run, "add_step", **{**posted, "title": "Free the lock"}) == 303
    assert "U2 Free the lock" in page(cast.jun, run, "rollback")


def test_it_finds_a_key_of_its_own_whatever_the_plan_calls_its_steps(cast: Cast, template: OperationTemplate) -> None:
    """A template may have a section of that name, and a step of the plan stands under the key that it came with."""
    draft = make.make_draft(cast, template)
    taken = ("unplanned/1", "unplanned/2")
    for step, key in zip(Step.objects.filter(section__operation=draft, loose=False), taken, strict=False):
        Step.objects.filter(pk=step.pk).update(key=key)
    run = make.start(cast, make.approve_by(cast, make.submit(cast, make.fresh(draft)), "tomas", "ada"))
    own = {"reason": "It is full", "by": cast.jun, "at": NIGHT}
    added = [unplanned.add_step(run, title=title, **own).key for title in ("Free the disk", "Free the other")]
    assert added == ["unplanned/3", "unplanned/4"]
