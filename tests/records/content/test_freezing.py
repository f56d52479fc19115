"""What is frozen: the plan at submission, the whole record at closing; digests over exactly those bytes (I1)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from records.content import freezing
from records.content.assembly import document_of, load_all
from records.content.final_text import Ending, Signature, act_lines, signed_line, words_of
from records.content.freezing import document_in, plan_document, revision_digest, unasked_in
from records.document.exchange import to_json
from records.document.write import write
from records.models import Metric, Operation, OperationTemplate, Outcome, Revision, State, Step, outline_of
from records.refusals import Changed, Incomplete
from records.times import first_date_in
from records.writing.people import name_people
from records.writing.readiness import Missing, missing
from records.writing.saving import save_section
from tests import make
from tests.make import start_record
from tests.people import Cast

USERS = "operation-summary/business-impact/user-experience"
NOT_ASKED = "Not applicable: not required at this risk level"
BASE = {
    "schema": 2,
    "record": "2026-12-06-a",
    "number": 1,
    "template_digest": "t",
    "rule": b"{}",
    "plan_text": b"plan",
    "annex": b"{}",
    "content": b"{}",
}


def text_of(frozen: Revision) -> str:
    return bytes(frozen.plan_text).decode()


# ---------------------------------------------------------------- the digest


def test_the_digest_can_be_made_anew_with_the_standard_library(cast: Cast, template: OperationTemplate) -> None:
    revision = make.make_in(State.IN_REVIEW, cast, template).revisions.get()
    told = {
        "schema": 2,
        "record": "2026-12-06-infrastructure-postgresql-16-orders",
        "revision": 1,
        "template": hashlib.sha256(f"{template.text}\0{template.toml}".encode()).hexdigest(),
        "rule": '{"level":"High","roles":["devops_supervisor","infrastructure_approver"],"schema":1,'
        f'"supervisor":{cast.tomas.pk}}}',
        "plan_text": hashlib.sha256(bytes(revision.plan_text)).hexdigest(),
        "annex": hashlib.sha256(bytes(revision.annex)).hexdigest(),
        "content": hashlib.sha256(bytes(revision.content)).hexdigest(),
    }
    stored = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert revision.digest == hashlib.sha256(stored).hexdigest()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schema", 1),
        ("record", "2026-12-06-b"),
        ("number", 2),
        ("template_digest", "u"),
        ("rule", b"[]"),
        ("plan_text", b"plan "),
        ("annex", b"[]"),
        ("content", b"[]"),
    ],
)
def test_everything_in_the_digest_counts(name: str, value: object) -> None:
    assert revision_digest(**{**BASE, name: value}) != revision_digest(**BASE)  # type: ignore[arg-type]


def test_case_42_facts_without_a_line_are_in_the_annex(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    plain = json.loads(freezing.annex_of(draft, load_all(draft)))
    assert plain == {
        "schema": 1,
        "people": {"operator": cast.jun.pk, "supervisor": cast.tomas.pk, "deputies": [cast.ines.pk]},
        "rows": {},
    }
    step = Step.objects.filter(section__operation=draft).order_by("pk")[0]
    metric = Metric.objects.filter(section__operation=draft).order_by("-pk")[0]
    facts = {"estimate": "25 min", "host": "db-1", "expected": "0", "ask_before": "Tomas", "point_of_no_return": True}
    Step.objects.filter(pk=step.pk).update(**facts)
    Metric.objects.filter(pk=metric.pk).update(limit="400", lower_is_better=False)
    annex = json.loads(freezing.annex_of(draft, load_all(draft)))
    assert annex["rows"] == {
        step.section.key: {step.key: facts},
        metric.section.key: {metric.key: {"limit": "400", "lower_is_better": False}},
    }


def test_the_frozen_content_is_the_frozen_text(cast: Cast, template: OperationTemplate) -> None:
    revision = make.make_in(State.IN_REVIEW, cast, template).revisions.get()
    assert write(document_in(revision)) == text_of(revision)


# ---------------------------------------------------------------- the plan text


def test_the_plan_text_holds_the_plan_and_nothing_else(cast: Cast, template: OperationTemplate) -> None:
    text = text_of(make.make_in(State.IN_REVIEW, cast, template).revisions.get())
    assert "patronictl -c /etc/patroni/orders.yml pause" in text
    assert "- [ ] orders-api answers correctly on version 16" in text
    assert "CPU Utilization: 61% → [after]%" in text
    assert "**DevOps Team**: [Team members involved]" in text
    assert "**Operation Status**: [🔄 IN PROGRESS" in text


def test_law_9_neither_open_nor_close_parts_nor_the_run_change_it(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.APPROVED, cast, template)
    text = text_of(operation.revisions.get())
    operation = make.sign(cast, make.work(cast, make.start(cast, operation)))
    assert write(plan_document(operation, document_of(operation))) == text


# ---------------------------------------------------------------- what the level doesn't ask


@pytest.fixture
def small(cast: Cast, template: OperationTemplate) -> Operation:
    """A Low change, from the blank template, in which only what is asked was answered."""
    values = {
        "title": "Kernel update",
        "header/date": "2026-12-06",
        "header/time": "02:00:00 UTC",
        "header/risk-level": "Low",
        "header/service-impact": "None",
        "header/operator": "Jun Park",
        "header/supervisor": "Tomas Okafor",
    }
    draft = start_record(author=cast.mara, template=template, at=make.PLANNED, values=values)
    answer(draft, cast, "plan")
    return name_people(draft, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, at=make.PLANNED)


def answer(operation: Operation, cast: Cast, *parts: str) -> None:
    lacking = missing(document_of(operation), operation.outline, "Low", parts)  # type: ignore[arg-type]
    for key in {one.section for one in lacking}:
        section = operation.sections.get(key=key)
        own = [one.key for one in lacking if one.section == key]
        values = {one: "02:00-03:00" if one.endswith(".window") else "uptime, in 5 min" for one in own}
        save_section(
            operation=operation, key=key, version=section.version, values=values, by=cast.mara, at=make.PLANNED
        )


def test_where_nobody_was_asked_the_template_s_own_words_stand(template: OperationTemplate) -> None:
    german = outline_of(template.text, f'unasked = "auf dieser Stufe nicht verlangt"\n{template.toml}')
    for outline, words in ((template.outline, NOT_ASKED), (german, "Not applicable: auf dieser Stufe nicht verlangt")):
        sections = outline.document.sections
        found = [text for one in sections for text in unasked_in(one, outline, "Low", ("plan", "close")).values()]
        assert {text.removeprefix("# ") for text in found} == {words}
        assert all(outline.settings.is_filler(text) for text in found)


def test_what_a_lower_risk_level_did_not_ask_is_missing_at_a_higher_one(cast: Cast, small: Operation) -> None:
    """Else a plan of fifteen answers goes as a critical one, its reviewers told that no more is required there."""
    actions.submit(small, by=cast.mara, at=make.PLANNED)
    actions.withdraw(small, by=cast.mara, at=make.PLANNED)
    header = small.sections.get(key="header")
    level = {"header/risk-level": "Critical"}
    save_section(operation=small, key="header", version=header.version, values=level, by=cast.mara, at=make.PLANNED)
    with pytest.raises(Incomplete) as raised:
        actions.submit(make.fresh(small), by=cast.mara, at=make.PLANNED)
    lacking = [one.key for one in raised.value.missing if isinstance(one, Missing)]
    assert "operation-summary/infrastructure-rationale/compliance" in lacking
    assert "disaster-recovery-plan/rollback-procedures/complete-infrastructure-restoration/commands" in lacking
    assert USERS not in lacking
    page = Client()
    page.force_login(cast.mara)
    shown = page.get(reverse("section", args=[small.pk, "operation-summary"])).content.decode()
    assert re.search(r'name="operation-summary/infrastructure-rationale/compliance"[^>]*>\s*</textarea>', shown)
    section = small.sections.get(key="operation-summary")
    assert section.progress["plan"]["answered"] < section.progress["plan"]["due"]


def test_what_nobody_was_asked_is_written_in_the_draft_itself(cast: Cast, small: Operation) -> None:
    text = text_of(actions.submit(small, by=cast.mara, at=make.PLANNED))
    assert f"- **Compliance**: {NOT_ASKED}\n" in text
    assert f"- **User Experience**: {NOT_ASKED}\n" not in text
    assert f"- CPU Utilization: {NOT_ASKED}\n" in text
    assert f"   ```bash\n   # {NOT_ASKED}\n   ```" in text
    assert "- **Reliability**: [Availability and stability improvements]\n" in text
    assert "**Operation ID**: `2026-12-06-infrastructure-kernel-update`\n" in text
    assert f"- **Compliance**: {NOT_ASKED}\n" in write(document_of(make.fresh(small)))


def test_no_sample_command_is_left_in_an_approved_plan(
    cast: Cast, small: Operation, infrastructure_template: str
) -> None:
    text = text_of(actions.submit(small, by=cast.mara, at=make.PLANNED))
    samples = [line for line in infrastructure_template.splitlines() if line.startswith("   # ")]
    assert len(samples) >= 5
    assert [line for line in samples if line in text] == []


def test_a_small_change_goes_the_whole_way(cast: Cast, small: Operation) -> None:
    actions.submit(small, by=cast.mara, at=make.PLANNED)
    operation = make.approve_by(cast, make.fresh(small), "tomas")
    operation = make.start(cast, operation)
    from records.run import running

    running.finish_work(operation, by=cast.jun, not_reached="Nothing to do", at=make.NIGHT)
    answer(operation, cast, "close")
    operation = make.sign_off(cast, make.sign(cast, make.fresh(operation)), "sam")
    assert operation.final_text
    final = bytes(operation.final_text.text).decode()
    assert "[" not in final.replace("[ ]", "")
    assert f"CPU Utilization: {NOT_ASKED} → {NOT_ASKED}\n" in final
    assert f"**DevOps Team**: {NOT_ASKED}\n" in final
    assert f"**Infrastructure Approval**: {NOT_ASKED}\n" in final
    assert "**DevOps Supervisor**: Tomas Okafor, supervisor, 2026-11-26 09:00 UTC, revision 1, " in final


# ---------------------------------------------------------------- the final text


def test_the_final_text_is_the_record_with_outcome_completion_and_approvals(
    cast: Cast, template: OperationTemplate
) -> None:
    """Only the lines that acts write differ from what was imported, complete, at the beginning."""
    operation = make.make_in(State.CLOSING, cast, template)
    before = write(document_of(operation)).splitlines()
    operation = make.sign(cast, operation)
    digest = operation.revisions.get().digest[:8]
    assert operation.final_text
    final = bytes(operation.final_text.text).decode()
    changed = [line for line in final.splitlines() if line not in before]
    assert changed == [
        "**Completion Time**: 2026-12-06 02:00:00 UTC",
        f"**DevOps Supervisor**: Tomas Okafor, DevOps supervisor, 2026-11-26 09:00 UTC, revision 1, {digest}",
        f"**Infrastructure Approval**: Ada Brandt, infrastructure approver, 2026-11-26 09:00 UTC, revision 1, {digest}",
    ]
    assert len(final.splitlines()) == len(before)
    assert "**Operation Status**: ✅ COMPLETED SUCCESSFULLY\n" in final
    assert operation.final_text.digest == hashlib.sha256(final.encode()).hexdigest()
    assert write(document_in(operation.final_text)) == final
    assert json.loads(bytes(operation.final_text.content)) == to_json(document_of(operation))


@pytest.mark.parametrize(
    ("asked", "ended", "review", "told"),
    [
        ("DD.MM.YYYY HH:MM", "06.12.2026 02:00", "[DD.MM.YYYY]", "31.03.2027"),
        ("[HH:MM TZ, on the day]", "02:00 UTC", "[Day, as YYYY/MM/DD]", "2027/03/31"),
        ("dd.mm.yyyy hh:mm tz", "06.12.2026 02:00 UTC", "[DD.MM.YYYY]", "31.03.2027"),
        ("DD.MM.YYYY", "06.12.2026", "[When to look again]", "2027-03-31"),
        ("[When it was over]", "2026-12-06 02:00:17 UTC", "[MM/DD/YYYY]", "03/31/2027"),
    ],
)
def test_the_lines_of_the_end_are_written_as_the_template_asks_for_them(
    asked: str, ended: str, review: str, told: str
) -> None:
    """A day, a time or both, in its order; seconds where they have a place; where no shape shows, all of it."""
    given = make.TEMPLATES / "infrastructure-operation.md"
    text = given.read_bytes().decode().replace("YYYY-MM-DD HH:MM:SS TZ", asked)
    text = text.replace("[When to review infrastructure]", review)
    bound = '[bind]\nreview = "footer/next-infrastructure-review"'
    toml = given.with_suffix(".toml").read_text().replace("[bind]", bound)
    at, day = make.NIGHT + dt.timedelta(seconds=17), dt.date(2027, 3, 31)
    lines = act_lines(outline_of(text, toml), Ending(Outcome.COMPLETED, at, Revision(), [], NOT_ASKED, day))
    assert lines["footer/completion-time"] == ended
    assert lines["footer/next-infrastructure-review"] == told
    assert first_date_in(told) == day, "it is read again, to remind of it"


def test_a_signature_that_was_typed_elsewhere_shows_and_does_not_survive(
    cast: Cast, template: OperationTemplate
) -> None:
    """An imported text is shown as it is (law 4) until the closing writes its own; a line that it lacks is put in."""
    forged = "**DevOps Supervisor**: Ada Brandt, DevOps supervisor, 2026-11-01 09:00 UTC, revision 9, deadbeef\n"
    draft = make.make_draft(cast, template)
    text = write(document_of(draft))
    lines = {
        line for line in text.splitlines(keepends=True) if line.startswith(("**DevOps Sup", "**Infrastructure Ap"))
    }
    own, other = sorted(lines)
    Operation.objects.filter(pk=draft.pk).update(operation_id=None)
    text = text.replace(own, forged).replace(other, "")
    draft = make.import_text(author=cast.mara, text=text, template=template, at=make.PLANNED)
    people = {"operator": cast.jun, "supervisor": cast.tomas, "team": [cast.noor]}
    draft = name_people(draft, by=cast.mara, deputies=[cast.ines], at=make.PLANNED, **people)
    assert forged in write(document_of(draft))
    operation = make.approve_by(cast, make.submit(cast, draft), "tomas", "ada")
    operation = make.sign(cast, make.work(cast, make.start(cast, operation)))
    assert operation.final_text
    final = bytes(operation.final_text.text).decode()
    assert "deadbeef" not in final
    assert "**DevOps Supervisor**: Tomas Okafor, DevOps supervisor, 2026-11-26" in final
    assert "**Infrastructure Approval**: Ada Brandt, infrastructure approver, 2026-11-26" in final


@pytest.mark.parametrize(("outcome", "words"), [(Outcome.ROLLED_BACK, "🔁 ROLLED BACK"), (Outcome.FAILED, "❌ FAILED")])
def test_the_status_is_one_of_the_template_s_own(
    outcome: Outcome, words: str, cast: Cast, template: OperationTemplate
) -> None:
    operation = make.sign(cast, make.work(cast, make.make_in(State.ROLLING_BACK, cast, template)), outcome)
    assert operation.final_text
    assert f"**Operation Status**: {words}\n" in bytes(operation.final_text.text).decode()


def test_i1_a_plan_that_was_changed_behind_the_acts_is_not_signed(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.CLOSING, cast, template)
    step = Step.objects.filter(section__operation=operation, phase__isnull=False).order_by("pk")[0]
    Step.objects.filter(pk=step.pk).update(title=f"{step.title} ")
    with pytest.raises(Changed, match="no longer what was approved"):
        make.sign(cast, operation)
    assert make.fresh(operation).final_text is None


def test_bytes_that_do_not_fit_their_digest_are_found(cast: Cast, template: OperationTemplate) -> None:
    revision = make.make_in(State.APPROVED, cast, template).revisions.select_related("operation").get()
    revision.plan_text = bytes(revision.plan_text) + b"\n"
    with pytest.raises(Changed, match="no longer fit its digest"):
        sections = load_all(revision.operation)
        document = document_of(revision.operation)
        freezing.check_unchanged(revision.operation, revision, document, sections)


# ---------------------------------------------------------------- lines that acts write


def test_signatures_in_their_line() -> None:
    at = dt.datetime(2026, 12, 1, 11, 12, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    signatures = [
        Signature("devops_supervisor", "DevOps supervisor", "Tomas Okafor", at, 4, "3fa9c1b2" * 8),
        Signature("supervisor", "supervisor", "Sam Whitfield", at, 4, "3fa9c1b2" * 8),
    ]
    assert signed_line(signatures, ["supervisor", "devops_supervisor"], NOT_ASKED) == (
        "Tomas Okafor, DevOps supervisor, 2026-12-01 10:12 UTC, revision 4, 3fa9c1b2; "
        "Sam Whitfield, supervisor, 2026-12-01 10:12 UTC, revision 4, 3fa9c1b2"
    )
    assert signed_line(signatures, ["infrastructure_approver"], NOT_ASKED) == NOT_ASKED


@pytest.mark.parametrize(
    ("choices", "told", "words"),
    [
        (["🔄 IN PROGRESS", "✅ COMPLETED SUCCESSFULLY", "❌ FAILED", "🔁 ROLLED BACK"], "", [1, 2, 3]),
        (["Failed", "Rolled back", "Completed successfully", "In progress"], "", [2, 0, 1]),
        (["⏳ OPEN", "✅ DONE", "↩️ UNDONE"], "", [1, "Failed", 2]),
        (["Erfolgreich", "Teilweise", "Zurückgerollt"], "", [0, "Failed", 2]),
        (["Erfolgreich", "Teilweise", "Zurückgerollt"], 'Teilweise = "failed"', [0, 1, 2]),
        (["Unsuccessful", "Not done", "✅ Well", "✅ Very well"], "", ["Completed successfully", 0, "Rolled back"]),
        (["✅ Well", "Done", "Open"], "", [1, "Failed", "Rolled back"]),
        (["✅ Done"], '"✅ Done" = ""', ["Completed successfully", "Failed", "Rolled back"]),
        ([], "", ["Completed successfully", "Failed", "Rolled back"]),
    ],
)
def test_an_outcome_is_written_in_the_word_that_says_it_wherever_that_stands(
    choices: list[str], told: str, words: list[int | str]
) -> None:
    offered = f"[{'/'.join(choices)}]" if len(choices) > 2 else "[x]"
    said = f'[bind]\nstatus = "footer/end"\n[choices]\n"footer/end" = {choices!r}\n' if choices else ""
    own = outline_of(f"# A: [b]\n\n## S\n\n- **C**: [d]\n\n---\n\n**End**: {offered}\n", f"{said}[outcomes]\n{told}\n")
    outcomes = (Outcome.COMPLETED, Outcome.FAILED, Outcome.ROLLED_BACK)
    wanted = [choices[one] if isinstance(one, int) else one for one in words]
    assert [words_of(outcome, own.settings)[0] for outcome in outcomes] == wanted


# ---------------------------------------------------------------- without a template


def test_free_notes_are_all_plan_and_go_the_whole_way(cast: Cast) -> None:
    text = Path("tests/data/messy/san-switch-notes.md")
    source = (make.ROOT / text).read_bytes().decode()
    draft = make.import_text(author=cast.mara, text=source, template=None, at=make.PLANNED)
    draft = name_people(draft, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, at=make.PLANNED)
    revision = actions.submit(draft, by=cast.mara, at=make.PLANNED)
    assert bytes(revision.plan_text) == source.encode()
    assert draft.reference == str(draft.pk)
    operation = make.start(cast, make.approve_by(cast, make.fresh(draft), "tomas", "ada"))
    operation = make.sign_off(cast, make.sign(cast, make.work(cast, operation)), "sam")
    assert operation.final_text
    assert bytes(operation.final_text.text) == source.encode()
