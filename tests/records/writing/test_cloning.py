"""A clone starts with the texts of an earlier record, and with nothing that was dated, decided, measured or ticked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest

from approvals import actions
from approvals.standing import standing
from records import audit
from records.content.assembly import document_of, load
from records.document.answers import Filled, answer_in
from records.document.fields import table_of
from records.document.outline import Check, Document, Metric, Rows
from records.document.write import write
from records.models import AuditEntry, FieldChange, Operation, OperationTemplate, Person, State, Step
from records.models.states import UNDER_WAY
from records.refusals import Refused
from records.writing.cloning import clone_record
from records.writing.opening import Opening
from records.writing.saving import save_section
from tests import make
from tests.browserless import look
from tests.make import import_text
from tests.people import Cast, signed_in

AT = make.PLANNED
MESSY = Path(__file__).parents[2] / "data/messy"
ANEW = {"operation-id", "date", "time", "operator", "supervisor", "risk-level", "service-impact"}
STEPS = "infrastructure-operation-steps"
USERS = "operation-summary/business-impact/user-experience"
TRIGGER = "disaster-recovery-plan/rollback-triggers/time-limits.text"


def opening(**more: str) -> Opening:
    said = {"title": "Replica, again", "date": "2027-01-09", "time": "22:30:00 UTC", "risk": "High"}
    return Opening(**{**said, **more})  # type: ignore[arg-type]


def table(document: Document) -> dict[str, str]:
    return {key: text for section in document.sections for key, text in table_of(section).items()}


@pytest.mark.parametrize("state", list(State), ids=str)
def test_the_plan_comes_over_from_every_state_and_nothing_else(
    state: State, cast: Cast, template: OperationTemplate
) -> None:
    source = make.make_in(state, cast, template)
    before = (write(document_of(source)), make.fresh(source).state, audit.newest(source))
    clone = clone_record(source, opening=opening(), by=cast.mara, at=AT)
    texts, own = table(document_of(source)), table(document_of(clone))
    asked = template.outline.settings.asked
    for key, text in texts.items():
        if key == "title" or key.removeprefix("header/") in ANEW or key.endswith(".window"):
            continue
        if (key in template.outline.answers and asked(key).part == "close") or key.endswith(".after"):
            assert own[key] == template.outline.texts.get(key, "[after]"), key
        elif template.outline.settings.is_filler(text):
            assert own[key] == template.outline.texts[key]
        elif key == TRIGGER:
            assert own[key] == text.replace("04:50", "01:20") != text
        else:
            assert own[key] == text, key
    assert (write(document_of(source)), make.fresh(source).state, audit.newest(source)) == before
    ran = ("outcome", "started_at", "finished_at", "rolled_back_at", "final_text", "submitted_at", "start_conditions")
    assert [getattr(clone, name) for name in ran] == ["", None, None, None, None, None, []]
    assert (clone.state, clone.author, clone.cloned_from, clone.template) == (State.DRAFT, cast.mara, source, template)
    assert not FieldChange.objects.filter(operation=clone).exists()
    assert set(Step.objects.filter(section__operation=clone).values_list("status", flat=True)) == {"todo"}


@pytest.mark.parametrize("state", list(State), ids=str)
def test_whoever_wrote_what_nobody_approved_has_written_in_the_clone_too(
    state: State, cast: Cast, template: OperationTemplate
) -> None:
    source = make.make_in(state, cast, template)
    was_approved = source.state in (State.APPROVED, *UNDER_WAY, State.CLOSING, State.FINALIZED)
    clone = clone_record(source, opening=opening(), by=cast.jun, at=AT)
    assert told(clone) == ([] if was_approved else [("Mara Lindqvist", "clone")])
    again = clone_record(clone, opening=opening(title="Twice"), by=cast.jun, at=AT)
    assert told(again) == told(clone), "a clone in between changes nothing"
    others = clone_record(source, opening=opening(title="Her own"), by=cast.mara, at=AT)
    assert told(others) == [], "she is its author"


def told(operation: Operation) -> list[tuple[str, object]]:
    """Of whom the trail tells that they wrote in the plan, and through which act of somebody else."""
    entries = AuditEntry.objects.filter(operation=operation, act="write_plan").order_by("person_name")
    return [(one.person_name, audit.facts_in(one).get("through")) for one in entries]


def test_what_was_written_since_it_was_approved_is_approved_by_nobody(cast: Cast, template: OperationTemplate) -> None:
    """What comes back may be somebody else's: so all count who ever wrote in it."""
    source = make.make_draft(cast, template)
    write_in(source, {USERS: "Baskets are read only"}, cast.carl)
    source = make.approve_by(cast, make.submit(cast, make.fresh(source)), "tomas", "ada")
    later, everybody = AT + dt.timedelta(hours=1), [("Carl Nyberg", "clone"), ("Mara Lindqvist", "clone")]
    counted = [decision.pk for _role, decision in standing(source).counted]
    actions.change_plan(source, voids=counted, by=cast.mara, at=later)
    assert told(clone_record(source, opening=opening(), by=cast.jun, at=later)) == []
    write_in(make.fresh(source), {USERS: "Baskets are empty"}, cast.mara, at=later)
    assert told(clone_record(source, opening=opening(title="Again"), by=cast.jun, at=later)) == everybody
    again = make.submit(cast, make.fresh(source), at=later + dt.timedelta(hours=1))
    assert told(clone_record(again, opening=opening(title="Thrice"), by=cast.jun, at=later)) == everybody
    make.approve_by(cast, again, "tomas", at=later)
    make.approve_by(cast, again, "ada", at=later)
    assert told(clone_record(again, opening=opening(title="At last"), by=cast.jun, at=later)) == []
    actions.take_back_approval(again, reason="Wrong host", by=cast.ada, at=later)
    assert told(clone_record(again, opening=opening(title="No more"), by=cast.jun, at=later)) == everybody


def write_in(operation: Operation, values: dict[str, str], by: Person, at: dt.datetime = AT) -> None:
    own = operation.sections.get(key="operation-summary")
    save_section(operation=operation, key=own.key, version=own.version, values=values, by=by, at=at)


def test_nobody_approves_their_own_words_in_somebody_elses_clone(cast: Cast, template: OperationTemplate) -> None:
    """Ada writes a plan and sends it to nobody; Mara puts her name above it."""
    text = make.FINAL.read_bytes().decode().replace("**Operator**: Mara Lindqvist", "**Operator**: Jun Park")
    source = import_text(author=cast.ada, text=text, template=template, at=AT)
    source.co_authors.add(cast.mara)
    named = {"operator": cast.jun, "supervisor": cast.tomas, "impact": "Moderate"}
    clone = clone_record(make.fresh(source), opening=replace(opening(), **named), by=cast.mara, at=AT)
    submitted = make.submit(cast, clone)
    with pytest.raises(Refused, match="you wrote part of this plan"):
        make.approve_by(cast, submitted, "ada")
    assert make.approve_by(cast, submitted, "tomas", "carl").state == State.APPROVED
    assert audit.verify() is None


def test_ticks_and_results_stay_behind(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_in(State.FINALIZED, cast, template)
    clone = document_of(clone_record(source, opening=opening(), by=cast.olga, at=AT))
    rows = [row for s in clone.sections for b in s.blocks() if isinstance(b, Rows) for row in b.rows]
    assert not any(row.ticked for row in rows if isinstance(row, Check))
    assert {row.after for row in rows if isinstance(row, Metric) and row.after is not None} == {"[after]"}
    assert "- [x]" not in write(clone)


def test_what_is_said_anew_stands_in_the_lines(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_in(State.REJECTED, cast, template)
    clone = clone_record(source, opening=opening(impact="Minimal"), by=cast.mara, at=AT)
    text = write(document_of(clone))
    for line in (
        "# Infrastructure Operation: Replica, again",
        "**Operation ID**: `2027-01-09-infrastructure-replica-again`",
        "**Date**: 2027-01-09",
        "**Time**: 22:30:00 UTC",
        "**Operator**: [Agent/Person Name]",
        "**Service Impact**: Minimal",
    ):
        assert f"{line}\n" in text
    assert (clone.operator, clone.supervisor, clone.operation_id) == (
        None,
        None,
        "2027-01-09-infrastructure-replica-again",
    )
    assert not (clone.named.co_authors or clone.named.deputies or clone.named.team)


@pytest.mark.parametrize(
    ("time", "windows"),
    [("22:30:00 UTC", ["22:30-23:15", "23:15-01:00", "01:00-02:00"]), ("", ["HH:MM-HH:MM"] * 3)],
)
def test_windows_move_with_the_time_or_begin_anew(
    time: str, windows: list[str], cast: Cast, template: OperationTemplate
) -> None:
    source = make.make_draft(cast, template)
    clone = clone_record(source, opening=opening(time=time), by=cast.mara, at=AT)
    own = table(document_of(clone))
    assert [text for key, text in own.items() if key.endswith(".window")] == windows


@pytest.mark.parametrize(
    ("time", "written", "carried"),
    [
        (
            "22:30:00 UTC",
            "Replica not caught up by 03:30 at the latest",
            "Replica not caught up by 00:00 at the latest",
        ),
        ("22:30:00 UTC", "Not done by 03:30 UTC", "Not done by 00:00 UTC"),
        ("22:30 Europe/Berlin", "Not done by 3:30", "Not done by 00:00"),
        ("22:30 Europe/Berlin", "Not done by 03:30 UTC", "Not done by HH:MM UTC"),
        ("", "Not done by 03:30", "Not done by HH:MM"),
        ("22:30:00 UTC", "The backup of 23:15 is running still", "The backup of 23:15 is running still"),
        ("22:30:00 UTC", "More than 5 errors from 03:00 to 03:30", "More than 5 errors from 03:00 to 03:30"),
    ],
)
def test_the_time_of_a_trigger_moves_with_the_window_or_is_asked_for(
    time: str, written: str, carried: str, cast: Cast, template: OperationTemplate
) -> None:
    """One within the window: another one is a fact of the night, and of two nobody knows which is meant."""
    source, key = make.make_draft(cast, template), "disaster-recovery-plan"
    save_section(operation=source, key=key, version=1, values={TRIGGER: written}, by=cast.mara, at=AT)
    clone = clone_record(source, opening=opening(time=time), by=cast.mara, at=AT)
    assert table(document_of(clone))[TRIGGER] == carried
    page = look(signed_in(cast.mara), f"/records/{clone.pk}/sections/{key}/?open=all").text
    named = re.findall(r"Carried over, check: it names ([^<]+)<", page)
    assert [one for one in named if one in carried] == re.findall(r"\d\d:\d\d(?: UTC)?", carried)[:1]


def test_an_open_question_and_a_filler_begin_anew(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_draft(cast, template)
    users, cost = (
        "operation-summary/business-impact/user-experience",
        "operation-summary/infrastructure-rationale/cost-optimization",
    )
    values = {
        users: "To confirm by 2026-11-30: baskets are counted",
        cost: "Not applicable: not required at this risk level",
    }
    save_section(operation=source, key="operation-summary", version=1, values=values, by=cast.mara, at=AT)
    own = table(document_of(clone_record(source, opening=opening(), by=cast.mara, at=AT)))
    assert own[users] == template.outline.texts[users]
    assert own[cost] == template.outline.texts[cost]


def test_plan_facts_without_a_line_come_over(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_draft(cast, template)
    step = Step.objects.filter(section__operation=source, phase__isnull=False)[0]
    values = {f"{step.key}.estimate": "25 min", f"{step.key}.point_of_no_return": "yes"}
    save_section(operation=source, key=STEPS, version=1, values=values, by=cast.mara, at=AT)
    clone = clone_record(source, opening=opening(), by=cast.mara, at=AT)
    own = Step.objects.get(section__operation=clone, key=step.key)
    assert (own.estimate, own.point_of_no_return) == ("25 min", True)


def test_what_came_over_is_marked_and_nothing_else(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_draft(cast, template)
    clone = clone_record(source, opening=opening(), by=cast.mara, at=AT)
    assert [own.section.carried for own in load(list(source.sections.all()))] == [[]] * source.sections.count()
    marked = {key for section in clone.sections.all() for key in section.carried}
    own, texts = table(document_of(clone)), template.outline.texts
    assert f"{STEPS}/phase-1-pre-migration-setup-hh-mm-hh-mm.window" in marked
    assert marked.isdisjoint({"title", *(f"header/{name}" for name in ANEW), "header/category"})
    assert not any(key.endswith((".title", ".name", ".unit", ".rows", ".parts", ".phases")) for key in marked)
    lines = {key for key in template.outline.answers if key not in marked and key != "title"}
    assert [key for key in lines if isinstance(answer_in(own[key], texts[key]), Filled) and own[key] != texts[key]] == [
        key for key in lines if key.removeprefix("header/") in {"operation-id", "date", "time", "risk-level"}
    ]
    entry = AuditEntry.objects.get(operation=clone)
    assert (entry.act, entry.person) == ("clone", cast.mara)
    assert audit.facts_in(entry) == {"source": source.pk, "fields": len(marked)}


@pytest.mark.parametrize("name", sorted(path.name for path in MESSY.glob("*.md")))
@pytest.mark.parametrize("with_template", [True, False], ids=["along a template", "without one"])
def test_a_record_of_another_shape_is_cloned_too(
    name: str, with_template: bool, cast: Cast, template: OperationTemplate
) -> None:
    text = (MESSY / name).read_bytes().decode()
    source = import_text(author=cast.mara, text=text, template=template if with_template else None, at=AT)
    clone = clone_record(source, opening=opening(), by=cast.mara, at=AT)
    again = clone_record(clone, opening=opening(), by=cast.mara, at=AT)
    kept = write(document_of(clone)).replace("2027-01-09-infrastructure-replica-again", "ID")
    assert kept == write(document_of(again)).replace("2027-01-09-infrastructure-replica-again-2", "ID")
    if not with_template:
        same = write(document_of(source)).splitlines()
        new = [line for line in kept.splitlines() if line not in same]
        assert [line for line in new if "Replica, again" not in line and "- [ ]" not in line] == []


# ---------------------------------------------------------------- who, and the pages


def test_only_who_sees_a_draft_clones_it(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_draft(cast, template)
    with pytest.raises(Refused, match="its author's"):
        clone_record(source, opening=opening(), by=cast.olga, at=AT)
    assert signed_in(cast.olga).get(f"/records/{source.pk}/clone/").status_code == 404
    assert "Clone PostgreSQL" not in look(signed_in(cast.olga), "/records/new/clone/?q=PostgreSQL").text
    assert "Clone PostgreSQL" in look(signed_in(cast.carl), "/records/new/clone/?q=PostgreSQL").text
    assert Operation.objects.count() == 1


def test_the_short_form_starts_with_the_earlier_records_facts(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_in(State.REJECTED, cast, template)
    page = look(signed_in(cast.olga), f"/records/{source.pk}/clone/")
    form = next(name for name, action in page.parsed.actions.items() if "title" in dict(page.parsed.forms[name]))
    started = page.fields(form)
    assert (started["title"], started["risk"], started["date"], started["time"]) == (source.title, "High", "", "")
    assert (started["operator"], started["supervisor"]) == (str(cast.olga.pk), str(cast.tomas.pk))
    shown = page.send({"date": "2027-01-09", "time": "22:30:00 UTC"}, form=form)
    clone = Operation.objects.exclude(pk=source.pk).get()
    assert shown.address == f"/records/{clone.pk}/"
    assert f'Cloned from</dt><dd><a href="/records/{source.pk}/"' in shown.text.replace("\n", "")
    assert (clone.operator, clone.supervisor, clone.risk_level) == (cast.olga, cast.tomas, "High")


def test_a_source_that_the_reader_may_not_see_is_not_named(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_draft(cast, template)
    clone = clone_record(source, opening=opening(), by=cast.carl, at=AT)
    Operation.objects.filter(pk=clone.pk).update(supervisor=cast.sam)
    assert "Cloned from" in look(signed_in(cast.carl), f"/records/{clone.pk}/").text
    assert "Cloned from" not in look(signed_in(cast.sam), f"/records/{clone.pk}/").text


def test_what_the_short_form_can_not_take_is_said_and_nothing_is_made(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_in(State.APPROVED, cast, template)
    posted = {"title": "Again", "operation_id": source.operation_id}
    answer = signed_in(cast.mara).post(f"/records/{source.pk}/clone/", posted)
    assert answer.status_code == 400
    assert "There is a record" in answer.content.decode()
    assert Operation.objects.count() == 1


# ---------------------------------------------------------------- until somebody has looked


COST = "operation-summary/infrastructure-rationale/cost-optimization"
USERS = "operation-summary/business-impact/user-experience"


@pytest.fixture
def clone(cast: Cast, template: OperationTemplate) -> Operation:
    said = opening(impact="None")
    people = replace(said, operator=cast.jun, supervisor=cast.tomas)
    return clone_record(make.make_draft(cast, template), opening=people, by=cast.mara, at=AT)


def carried(clone: Operation, key: str = "operation-summary") -> set[str]:
    return set(clone.sections.get(key=key).carried)


def test_a_mark_goes_with_the_field_that_is_changed_or_confirmed(clone: Operation, cast: Cast) -> None:
    before = carried(clone)
    page = look(signed_in(cast.mara), f"/records/{clone.pk}/sections/operation-summary/")
    assert page.text.count("Carried over, check") == len(before) > 5
    page = page.send({COST: "42 less"}, act="exit")
    assert carried(clone) == before - {COST}
    version = clone.sections.get(key="operation-summary").version
    page = look(signed_in(cast.mara), f"/records/{clone.pk}/sections/operation-summary/")
    page = page.send(do=f"checked:{USERS}")
    assert carried(clone) == before - {COST, USERS}
    assert not page.has_button(f"checked:{USERS}")
    assert clone.sections.get(key="operation-summary").version == version
    assert not FieldChange.objects.filter(operation=clone, key=USERS).exists()


def test_going_on_says_that_all_of_the_section_was_looked_at(clone: Operation, cast: Cast) -> None:
    page = look(signed_in(cast.mara), f"/records/{clone.pk}/sections/{STEPS}/?open=all")
    assert "Carried over, check" in page.text
    page.send(act="continue")
    assert carried(clone, STEPS) == set()
    assert carried(clone) != set()
    assert "Carried over" not in look(signed_in(cast.mara), f"/records/{clone.pk}/sections/{STEPS}/?open=all").text


def test_overview_check_and_review_tell_what_nobody_looked_at(clone: Operation, cast: Cast) -> None:
    client, count = signed_in(cast.mara), len(carried(clone))
    assert f"{count} to check" in look(client, f"/records/{clone.pk}/").text
    overview = look(client, f"/records/{clone.pk}/").text
    for own in clone.sections.all():
        number = len(own.carried)
        words = f"{number} answer{'s' if number > 1 else ''} to look at"
        assert (words in overview) == bool(number), own.key
    assert "No field is missing." not in overview
    assert (
        "came over from the earlier record, and nobody has looked at"
        in look(client, f"/records/{clone.pk}/check/").text
    )
    submitted = make.submit(cast, clone)
    all_plan = sum(len(own.carried) for own in submitted.sections.all() if own.key != "infrastructure-communication")
    all_plan -= "header/devops-team" in carried(clone, "header")
    review = look(signed_in(cast.tomas), f"/records/{clone.pk}/review/")
    assert f"{all_plan} answers came over from the earlier record, and nobody has looked at them" in review.text
    for own in submitted.sections.all():
        own.carried = []
        own.save(update_fields=["carried"])
    review = look(signed_in(cast.tomas), f"/records/{clone.pk}/review/")
    assert "All that came over from the earlier record was looked at" in review.text


def test_at_the_upper_risk_levels_somebody_says_that_what_nobody_looked_at_holds(clone: Operation, cast: Cast) -> None:
    client, count = signed_in(cast.mara), sum(len(own.carried) for own in clone.sections.all())
    page = look(client, f"/records/{clone.pk}/check/")
    assert f"{count} answers that came over, and that nobody has looked at, hold for this operation too" in page.text
    refused = client.post(page.address)
    assert f"a look at {count} answers that came over from the earlier record" in refused.content.decode()
    assert make.fresh(clone).state == State.DRAFT
    client.post(page.address, {"carried_hold": "on"})
    assert make.fresh(clone).state == State.IN_REVIEW


def test_at_the_lower_levels_nobody_is_asked_for_their_word(clone: Operation, cast: Cast) -> None:
    own = clone.sections.get(key="header")
    values = {"header/risk-level": "Medium"}
    save_section(operation=clone, key="header", version=own.version, values=values, by=cast.mara, at=make.PLANNED)
    assert "hold for this operation too" not in look(signed_in(cast.mara), f"/records/{clone.pk}/check/").text
    assert actions.submit(make.fresh(clone), by=cast.mara, at=make.PLANNED).number == 1


def test_going_on_leads_through_what_came_over_and_then_to_the_check(clone: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    assert "Continue: Details" in look(client, f"/records/{clone.pk}/").text
    page, visited = look(client, f"/records/{clone.pk}/sections/header/"), []
    while "/sections/" in page.address:
        visited.append(page.address.split("/sections/")[1].strip("/"))
        page = page.send(act="continue")
    assert visited == [own.key for own in clone.sections.all() if visited.count(own.key)]
    assert "infrastructure-communication" in visited and len(visited) == 8
    assert page.address.endswith("/check/")
    assert not any(own.carried for own in clone.sections.all())


def test_a_clone_tells_nobody_of_the_draft_that_it_came_from(cast: Cast, template: OperationTemplate) -> None:
    """Neither title, ID and people, in the spelling of each line that content and JSON keep, nor that it is there."""
    text = make.RECORD.read_text().replace("orders cluster\n", "Zebra merger\n", 1)
    text = text.replace("2026-12-06-infrastructure-postgresql-16-orders", "2026-12-06-infrastructure-zebra")
    source = import_text(
        author=cast.mara, text=text.replace("Mara Lindqvist", "Zebra Lindqvist", 1), template=template, at=AT
    )
    named = {"operator": cast.jun, "supervisor": cast.tomas, "impact": "Moderate"}
    clone = clone_record(source, opening=replace(opening(), **named), by=cast.mara, at=AT)
    sent = make.submit(cast, clone)
    page = signed_in(cast.olga)
    assert page.get(f"/records/{source.pk}/").status_code == 404
    for name in ("", "record.json", "history/", "log.md", "review/"):
        assert "ebra" not in page.get(f"/records/{sent.pk}/{name}").content.decode(), name
    revision = sent.revisions.get()
    assert "ebra" not in bytes(revision.content).decode() + bytes(revision.plan_text).decode()
    assert "ebra" not in AuditEntry.objects.get(operation=sent, act="clone").entry
