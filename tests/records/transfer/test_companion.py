"""The companion of a record: what the template has no line for, each thing once, and no text that leaves its place."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from markdown_it import MarkdownIt

from approvals import actions
from approvals.plan_against_actual import plan_against_actual, planned_in
from records.models import (
    Check,
    LogEntry,
    Metric,
    Operation,
    OperationTemplate,
    Person,
    RollbackTrigger,
    State,
    Step,
)
from records.run import logbook, unplanned, verifying, witnessing, working
from records.run.keeping import Brought, keep_evidence
from records.run.loaded import load_run
from records.run.logbook import NoteKind
from records.run.step_order import in_order
from records.transfer.companion import companion_of
from records.transfer.exchange import json_of
from records.transfer.zipped import path_of
from tests import make
from tests.make import NIGHT
from tests.people import Cast

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
NASTY = "- a\n# b\n---\n```\n<!-- c\n[d]: e\n| f |\n\n> g **h"


@pytest.fixture
def run(cast: Cast, template: OperationTemplate) -> Operation:
    """Some of everything that a night brings."""
    draft = make.make_draft(cast, template)
    Step.objects.filter(pk=in_order(draft)[0].pk).update(witness=True)
    memory = Metric.objects.filter(section__operation=draft, name="Memory Usage")
    memory.update(limit="200", lower_is_better=True)
    run = make.start(cast, make.approve_by(cast, make.submit(cast, draft), "tomas", "ada"))
    first, second = in_order(run)[:2]
    later = NIGHT + 9 * MINUTE
    working.finish_step(run, key=first.key, note=NASTY, happened=NIGHT + 3 * MINUTE, by=cast.noor, at=later)
    witnessing.witness_step(run, key=first.key, by=cast.olga, at=later)
    working.skip_step(run, key=second.key, reason=NASTY, by=cast.jun, at=later)
    check = Check.objects.filter(section__operation=run).order_by("position")[0]
    verifying.tick_check(run, key=check.key, evidence=NASTY, by=cast.ines, at=later)
    logbook.note(run, text="Two racks were swapped", kind=NoteKind.DEVIATION, by=cast.jun, at=later)
    unplanned.add_step(run, title="Restart # it", reason="Hangs", commands="a\n```\nb", by=cast.jun, at=later)
    keep_evidence(run, files=[Brought(b"lag 0")], note="The lag", step_key=first.key, by=cast.jun, at=later)
    return make.fresh(run)


def download(person: Person, operation: Operation, name: str = "record_log"):
    client = Client()
    client.force_login(person)
    return client.get(reverse(name, args=[operation.pk]))


def test_every_line_of_the_log_stands_there_once_with_its_person_and_time(cast: Cast, run: Operation) -> None:
    text = companion_of(run).decode()
    log = text.partition("\n## Log\n\n")[2].partition("\n## ")[0]
    heads = [line for line in log.split("\n") if line.startswith("- **")]
    entries = sorted(LogEntry.objects.filter(operation=run), key=lambda one: (one.at, one.pk))
    assert len(heads) == len(entries)
    for head, entry in zip(heads, entries, strict=True):
        assert head.startswith(f"- **{entry.at:%Y-%m-%d %H:%M:%S} UTC**: {entry.person_name} ")
    told = json.loads(json_of(run))["account"]["log"]
    assert [one["kind"] for one in told] == [entry.kind for entry in entries]
    assert "(written 2026-12-06 02:09:00 UTC)" in log


def test_what_happened_stands_at_its_step(cast: Cast, run: Operation) -> None:
    text = companion_of(run).decode()
    first = text.partition("\n### 1.1 ")[2].partition("\n### ")[0]
    assert "**Ended**: 2026-12-06 02:03:00 UTC" in first and "**By**: Noor Haddad" in first
    assert "**Witness**: Olga Petrenko, 2026-12-06 02:09:00 UTC" in first
    assert "**Unplanned**: Hangs" in text and "Jun Park noted a deviation: Two racks were swapped" in text
    kept = LogEntry.objects.get(operation=run, kind="evidence").evidence
    assert kept and text.count(kept.sha256) == 2 and "output-1.txt" in text
    beside = text.partition("## Beside the plan text")[2].partition("\n## ")[0]
    assert "**Operator**: Jun Park" in beside and "**Supervisor**: Tomas Okafor" in beside
    assert "Needs a witness: yes" in beside and "{" not in beside
    assert "Tomas Okafor" in text.partition("## Approved and signed")[2]


def test_a_step_stands_in_its_place_with_what_was_noted_at_it(cast: Cast, run: Operation) -> None:
    """One that was added where it was done, in its phase; why the order was broken, and problems, at their step."""
    third, fourth = in_order(run)[2:4]
    later = NIGHT + 20 * MINUTE
    working.finish_step(run, key=fourth.key, reason="Agreed on the call", asked=True, by=cast.jun, at=later)
    logbook.note(run, text="Lag\nwent up", kind=NoteKind.PROBLEM, step_key=third.key, by=cast.noor, at=later)
    steps = companion_of(make.fresh(run)).decode().partition("## Steps")[2].partition("\n## ")[0]
    parts = {one.partition(" ")[0]: one for one in steps.split("### ")[1:]}
    assert list(parts)[:5] == ["1.1", "1.2", "U1", "1.3", "2.1"]
    told = f"Jun Park: Out of order, before “{third.title}” has ended: Agreed on the call\n"
    assert f"- **Deviation from the plan**: {told}" in parts["2.1"]
    assert "- **Problem**: Noor Haddad: Lag went up\n" in parts["1.3"]


def test_the_log_says_what_its_digests_are_made_over(cast: Cast, run: Operation) -> None:
    revision = run.revisions.get()
    told = companion_of(run).decode()
    over = "over plan text, values beside it, people, template, approval rule and revision number"
    assert f"- **Plan**: revision 1, SHA-256 {revision.digest} ({over})\n" in told
    assert f"- **Plan text**: SHA-256 {hashlib.sha256(bytes(revision.plan_text)).hexdigest()}\n" in told


def test_a_step_that_was_only_ever_done_has_no_begin_and_the_way_back_says_so(cast: Cast, run: Operation) -> None:
    """Nobody measured how long it took: "0 min, 5 min shorter" would be made up."""
    third, fourth = in_order(run)[2:4]
    working.finish_step(run, key=third.key, by=cast.jun, at=NIGHT + 20 * MINUTE)
    working.start_step(run, key=fourth.key, by=cast.jun, reason="Next", asked=True, at=NIGHT + 20 * MINUTE)
    working.finish_step(run, key=fourth.key, by=cast.jun, at=NIGHT + 45 * MINUTE)
    back = make.roll_back(cast, make.fresh(run), at=NIGHT + 46 * MINUTE)
    run_of = load_run(back)
    assert run_of
    compared = {one.title: (one.actual, one.difference) for one in plan_against_actual(run_of, planned_in(run_of))}
    assert compared[third.title] == ("02:20", "")
    assert compared[fourth.title][0] == "02:20, 25 min"
    told = companion_of(back).decode()
    parts = {one.partition("\n")[0]: one for one in told.partition("## Steps")[2].partition("\n## ")[0].split("### ")}
    titled = {name.partition(" ")[2]: part for name, part in parts.items()}
    assert "**Begun**" not in titled[third.title] and "- **Ended**: 2026-12-06 02:20:00 UTC" in titled[third.title]
    assert "- **Begun**: 2026-12-06 02:20:00 UTC" in titled[fourth.title]
    assert [name for name in parts if name.startswith("Rollback 1 ")]


def test_what_nobody_came_to_before_the_way_back_says_so_and_names_nobody(cast: Cast, run: Operation) -> None:
    back = make.finish_work(cast, make.roll_back(cast, run, at=NIGHT + 46 * MINUTE), at=NIGHT + 50 * MINUTE)
    last = in_order(run)[-1]
    known = "Rolled back at 02:46 UTC after step 1.1"
    told = companion_of(back).decode()
    part = told.partition("## Steps")[2].partition(f" {last.title}\n\n")[2].partition("\n### ")[0]
    assert f"- **Result**: not reached\n- **Reason**: {known}\n" in part and "**By**" not in part
    assert f"left out: {known}" in told and "skipped" not in part
    row = json.loads(json_of(back))["account"]["run"][last.key]
    own = {name: value for name, value in row.items() if value}
    assert (own["status"], own["run_reason"]) == ("not_reached", known)
    assert not {"worked_by", "ended_at", "started_at"} & set(own)


def test_what_was_confirmed_before_the_start_stands_with_what_shows_it(cast: Cast, run: Operation) -> None:
    assert "Confirmed before the start" not in companion_of(run).decode()
    told = {"key": "k", "label": "2.2 DNS", "by": "2026-12-05", "reason": "They answer late", "evidence": "Mail, 16:04"}
    told |= {"ticked_by": cast.jun.pk, "ticked_by_name": "Jun Park", "ticked_at": "2026-12-05T12:00:00+00:00"}
    Operation.objects.filter(pk=run.pk).update(start_conditions=[told])
    part = companion_of(make.fresh(run)).decode().partition("## Confirmed before the start\n\n")[2]
    line = "- **2.2 DNS**: to confirm by 2026-12-05: They answer late; confirmed by Jun Park, 2026-12-05 12:00:00 UTC: "
    assert part.startswith(f"{line}Mail, 16:04\n")


def test_a_value_keeps_the_unit_that_it_was_written_in(cast: Cast, run: Operation) -> None:
    row = Metric.objects.get(section__operation=run, name="Memory Usage", after__isnull=False)
    key = row.key
    verifying.measure(run, values={key: "13 %"}, by=cast.jun, at=NIGHT + 9 * MINUTE)
    text = companion_of(make.fresh(run)).decode()
    assert "- **Memory Usage**: 151GB → 13 % (limit: at most 200GB)" in text
    assert "Memory Usage: 13 %" in text and "13 %GB" not in text
    verifying.measure(run, values={key: "146"}, by=cast.jun, at=NIGHT + 9 * MINUTE)
    assert "- **Memory Usage**: 151GB → 146GB" in companion_of(make.fresh(run)).decode()


def test_no_text_leaves_its_place(cast: Cast, run: Operation) -> None:
    tokens = MarkdownIt().parse(companion_of(run).decode())
    heads = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert heads[0].startswith("Log: ")
    sections = [
        words
        for words in heads
        if words in ("Steps", "Checks", "Values", "Log", "Files", "Beside the plan text", "Approved and signed")
    ]
    assert sections == ["Steps", "Checks", "Log", "Files", "Beside the plan text", "Approved and signed"]
    assert not [one for one in heads if one in ("b", "c", "a")]
    assert not [token for token in tokens if token.type in ("hr", "html_block", "blockquote_open")]


def test_the_same_rows_give_the_same_bytes_whoever_asks(cast: Cast, run: Operation) -> None:
    before = companion_of(run)
    Person.objects.filter(pk=cast.olga.pk).update(time_zone="Asia/Tokyo")
    answer = download(cast.olga, run)
    assert answer.content == before
    assert answer["Content-Disposition"] == f'attachment; filename="RUNNING-{run.operation_id}.log.md"'


def test_the_record_itself_gains_no_line_by_it(cast: Cast, template: OperationTemplate) -> None:
    record = make.make_in(State.FINALIZED, cast, template)
    assert b"## Log" not in download(cast.olga, record, "record_download").content
    text = download(cast.olga, record).content.decode()
    assert record.final_text and f"SHA-256 {record.final_text.digest}" in text
    assert ": signed the final text, " in text and ": signed off the final text, " in text
    client = Client()
    client.force_login(cast.olga)
    archive = zipfile.ZipFile(io.BytesIO(client.get(reverse("finalized_zip")).getvalue()))
    assert archive.namelist() == [path_of(record), path_of(record).removesuffix(".md") + ".log.md"]


def test_the_log_says_that_a_plan_was_sent_back_by_whom_and_why(cast: Cast, template: OperationTemplate) -> None:
    back = make.make_in(State.CHANGES_REQUESTED, cast, template)
    actions.submit(back, note="Now with the duration", carried_hold=True, by=cast.mara, at=make.PLANNED)
    told = companion_of(make.start(cast, make.approve_by(cast, make.fresh(back), "tomas", "ada"))).decode()
    part = told.partition("## Approved and signed\n\n")[2].partition("\n## ")[0]
    beside = r", 20.* UTC(, SHA-256 \w+)?|, [^*]+(?=\*\*)"  # times, digests, roles
    assert [re.sub(beside, "", line) for line in part.strip().split("\n")] == [
        "- **Mara Lindqvist**: made revision 1",
        "- **Tomas Okafor**: asked for changes to revision 1: Say how long",
        "- **Mara Lindqvist**: made revision 2: Now with the duration",
        "- **Tomas Okafor**: approved revision 2",
        "- **Ada Brandt**: approved revision 2",
    ]


def test_a_look_at_a_trigger_says_in_the_json_what_was_looked_at_and_how_it_is(cast: Cast, run: Operation) -> None:
    one, two = RollbackTrigger.objects.filter(section__operation=run).order_by("position")[:2]
    looked = logbook.looked_words(NIGHT + 20 * MINUTE)
    for trigger, kind, text in ((one, NoteKind.NOTE, looked), (two, NoteKind.PROBLEM, f"9 s ({looked})")):
        logbook.note(run, text=text, kind=kind, step_key=trigger.key, by=cast.jun, at=NIGHT + 20 * MINUTE)
    logbook.note(run, text="Quiet", step_key=one.key, by=cast.jun, at=NIGHT + 21 * MINUTE)
    told = json.loads(json_of(make.fresh(run)))["account"]["log"]
    assert [(line["title"], line["looked"]) for line in told[-3:]] == [
        (one.title, "ok"),
        (two.title, "close"),
        (one.title, None),
    ]


def test_before_the_start_there_is_none(cast: Cast, template: OperationTemplate) -> None:
    assert download(cast.mara, make.make_in(State.APPROVED, cast, template)).status_code == 409
