"""The record as JSON: what a draft holds comes back the same, what was decided elsewhere never comes in."""

from __future__ import annotations

import base64
import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from records.library.templates_in import take_shipped, take_template
from records.models import AuditEntry, Check, LogEntry, Operation, OperationTemplate, Person, Revision, State, Step
from records.refusals import Refused, Unusable, WrongOrder
from records.transfer.bringing_in import bring_in, json_arrival
from records.transfer.exchange import SCHEMA_FILE, json_of, parsed, read_json, record_as_json
from records.transfer.records_in import import_file
from records.transfer.records_out import markdown_of
from records.transfer.text_files import BYTE_ORDER_MARK, read_text
from records.writing.saving import save_section
from tests.records.transfer.json_records import NOW, back, leaf

ROOT = Path(__file__).parents[3]
KAFKA = ROOT / "records/demo/kafka-rolling-upgrade.md"
STEPS = "infrastructure-operation-steps"
RECORDS = sorted([*ROOT.glob("tests/data/messy/*.md"), *ROOT.glob("records/demo/*.md")])

pytestmark = pytest.mark.django_db


@pytest.fixture
def template() -> OperationTemplate:
    return take_shipped()[0]


@pytest.fixture
def mara(template: OperationTemplate) -> Person:
    return Person.objects.create_user("mara", name="Mara Lindqvist")


@pytest.fixture
def draft(mara: Person) -> Operation:
    """A record with annex, people, an added row, and a line that was changed since it was read."""
    jun, ines = (Person.objects.create_user(name.lower(), name=name) for name in ("Jun", "Ines"))
    draft = import_file(KAFKA, operator="mara", at=NOW).operation
    step = Step.objects.filter(section__operation=draft, phase__isnull=False).order_by("pk")[0]
    new = f"{step.block}/n1"
    rows = [*Step.objects.filter(block=step.block).order_by("position").values_list("key", flat=True), new]
    values = {
        f"{step.key}.estimate": "25 min",
        f"{step.key}.host": "kafka-1.internal.example",
        f"{step.key}.point_of_no_return": "yes",
        f"{step.key}.title": "Take the first broker out",
        f"{step.block}.rows": json.dumps(rows),
        f"{new}.title": "Look again",
        f"{new}.parts": json.dumps([["commands", f"{new}/commands", ""]]),
        f"{new}/commands": "\n  kafka-topics --describe\n",
    }
    save_section(operation=draft, key=STEPS, version=1, values=values, by=mara, at=NOW)
    draft.operator, draft.supervisor = mara, jun
    draft.save()
    draft.team.add(ines, jun)
    return Operation.objects.get(pk=draft.pk)


def held(data: dict[str, Any]) -> dict[str, Any]:
    """What a draft holds of an exported record: everything but the site's own account of it."""
    return {key: value for key, value in data.items() if key != "account"}


# ---------------------------------------------------------------- the identity


def test_json_to_record_to_json_is_the_identity(draft: Operation, tmp_path: Path) -> None:
    data = json.loads(json_of(draft))
    again = back(data, tmp_path).operation
    assert held(json.loads(json_of(again))) == held(data)
    assert again.pk != draft.pk
    assert markdown_of(again) == markdown_of(draft)


def test_annex_keys_people_and_slices_are_in_it(draft: Operation) -> None:
    data = record_as_json(draft)
    [annex] = [facts for facts in data["annex"].values() if "estimate" in facts]
    assert annex == {"estimate": "25 min", "host": "kafka-1.internal.example", "point_of_no_return": "yes"}
    assert data["people"]["author"] == {"user": "mara", "name": "Mara Lindqvist"}
    assert [person["user"] for person in data["people"]["team"]] == ["ines", "jun"]
    text = json.dumps(data["document"])
    assert "/n1" in text and '"source"' in text and '"read_as"' in text


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_markdown_to_json_to_markdown_is_byte_equal(path: Path, mara: Person, tmp_path: Path) -> None:
    data = record_as_json(import_file(path, operator="mara", at=NOW).operation)
    again = back(data, tmp_path).operation
    assert markdown_of(again) == path.read_bytes()
    assert held(record_as_json(again)) == held(data)


def test_a_byte_order_mark_comes_back_and_hides_nothing(mara: Person, tmp_path: Path) -> None:
    path = tmp_path / "marked.md"
    path.write_bytes(BYTE_ORDER_MARK.encode() + KAFKA.read_bytes())
    data = record_as_json(import_file(path, operator="mara", at=NOW).operation)
    again = back(data, tmp_path).operation
    assert markdown_of(again) == path.read_bytes()
    assert held(record_as_json(again)) == held(data)
    assert again.title == "Kafka brokers 3.7 to 3.9, rolling"


@pytest.mark.parametrize("name", ["certificate-rotation", "quick-change"])
def test_records_of_other_templates_and_of_none_too(name: str, mara: Person, tmp_path: Path) -> None:
    path = ROOT / f"tests/data/templates/{name}.md"
    free = record_as_json(import_file(path, operator="mara", at=NOW).operation)
    assert free["template"] is None
    assert held(record_as_json(back(free, tmp_path).operation)) == held(free)
    taken = take_template(read_text(path)).template
    data = record_as_json(import_file(path, operator="mara", at=NOW).operation)
    assert data["template"] == {"name": taken.name, "version": taken.version, "digest": taken.digest}
    assert held(record_as_json(back(data, tmp_path).operation)) == held(data)


def test_facts_that_no_line_says_travel_beside_the_document(mara: Person, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("Only notes.\n")
    notes = import_file(path, operator="mara", at=NOW).operation
    notes.operation_id, notes.risk_level, notes.window_start = "2026-12-01-notes", "High", NOW
    notes.save()
    data = record_as_json(notes)
    assert data["facts"] == {
        "operation_id": "2026-12-01-notes",
        "risk_level": "High",
        "window_start": "2026-11-24T12:00:00Z",
    }
    again = back(data, tmp_path).operation
    assert (again.reference, again.risk_level, again.window_start) == ("2026-12-01-notes", "High", NOW)
    with pytest.raises(Refused, match="2026-12-01-notes"):
        bring_in(json_arrival(read_json(data), None, came=""), author=mara, at=NOW)


def test_a_fact_beside_a_line_that_says_it_is_not_taken(draft: Operation, tmp_path: Path) -> None:
    data = record_as_json(draft)
    data["facts"] = {"risk_level": "Low", "operation_id": "2026-01-01-mine"}
    again = back(data, tmp_path).operation
    assert (again.risk_level, again.reference) == ("Medium", draft.reference)


# ---------------------------------------------------------------- case 40


def decided(draft: Operation) -> Revision:
    """A revision of ``draft`` that somebody approved, and traces of a run."""
    jun = Person.objects.get(username="jun")
    revision = Revision.objects.create(
        operation=draft,
        number=1,
        plan_text=markdown_of(draft),
        annex=b"{}",
        rule=b'{"level":"High","roles":["supervisor"],"supervisor":null}',
        content=b"{}",
        schema=2,
        digest="a" * 64,
        submitted_by=draft.author,
        submitted_at=NOW,
    )
    apps.get_model("approvals", "Decision").objects.create(
        kind="approve", revision=revision, person=jun, person_name="Jun", role="supervisor", at=NOW, digest="a" * 64
    )
    LogEntry.objects.create(operation=draft, at=NOW, written_at=NOW, person=jun, kind="note", text="Begun")
    Check.objects.filter(section__operation=draft).update(ticked=True, ticked_at=NOW, ticked_by=jun)
    Step.objects.filter(section__operation=draft).update(status="done", ended_at=NOW, worked_by=jun)
    return revision


def test_the_account_says_who_decided_what_and_when(draft: Operation) -> None:
    revision = decided(draft)
    account = record_as_json(draft)["account"]
    [told] = account["revisions"]
    assert base64.b64decode(told["plan_text"]) == bytes(revision.plan_text)
    assert told["decisions"] == [
        {
            "kind": "approve",
            "person": {"user": "jun", "name": "Jun"},
            "role": "supervisor",
            "roles": [],
            "at": "2026-11-24T12:00:00Z",
            "reason": "",
            "digest": "a" * 64,
        }
    ]
    assert account["log"][0]["text"] == "Begun"
    assert {"user": "jun", "name": "Jun"} in [row.get("ticked_by") for row in account["run"].values()]


@pytest.mark.parametrize("state", [*State.values, "approved!", None])
def test_case_40_json_forges_no_state_decision_tick_or_digest(
    state: str | None, draft: Operation, tmp_path: Path
) -> None:
    decided(draft)
    data = copy.deepcopy(record_as_json(draft))
    data["account"] |= {"state": state, "outcome": "completed", "audit": [{"number": 1, "hash": "0" * 64}]}
    data["account"]["times"] |= {"submitted_at": "2026-01-01T00:00:00Z", "started_at": "2026-01-01T00:00:00Z"}
    if state is None:
        del data["account"]["state"]
    again = back(data, tmp_path).operation
    again.refresh_from_db()
    over = state in (State.FINALIZED, State.IMPORTED)
    assert again.state == (State.IMPORTED if over else State.DRAFT)
    assert (again.outcome, again.submitted_at, again.started_at, again.final_text) == ("", None, None, None)
    assert (again.created_at > NOW, again.start_conditions) == (True, [])
    assert not again.revisions.exists() and not again.final_texts.exists() and not again.log.exists()
    assert [entry.act for entry in AuditEntry.objects.filter(operation=again)] == ["import"]
    assert apps.get_model("approvals", "Decision").objects.count() == 1
    for check in Check.objects.filter(section__operation=again):
        assert (check.ticked, check.ticked_by, check.ticked_at) == (True, None, None)
    for step in Step.objects.filter(section__operation=again):
        assert (step.status, step.worked_by, step.ended_at) == ("todo", None, None)


def test_what_ended_elsewhere_is_labelled_and_can_not_be_changed(
    draft: Operation, tmp_path: Path, client: Client
) -> None:
    data = record_as_json(draft)
    data["account"]["state"] = "finalized"
    imported = back(data, tmp_path)
    assert "It is kept to be read: approved elsewhere, not verified here." in imported.hints
    record = imported.operation
    with pytest.raises(WrongOrder):
        save_section(
            operation=record,
            key="operation-summary",
            version=1,
            values={"operation-summary/intro/text": "Other words"},
            by=record.author,
            at=NOW,
        )
    assert markdown_of(record) == markdown_of(draft)
    client.force_login(record.author)
    assert "Approved elsewhere, not verified here" in client.get(reverse("record", args=[record.pk])).content.decode()


def test_whoever_is_named_when_importing_is_the_author(draft: Operation, tmp_path: Path) -> None:
    data = record_as_json(draft)
    assert back(data, tmp_path, operator="jun").operation.author.username == "jun"
    data["people"]["author"] = {"user": "stranger", "name": "A. Stranger"}
    assert back(data, tmp_path).operation.author.username == "import"


def test_people_whom_nobody_knows_here_are_told_not_made(draft: Operation, tmp_path: Path) -> None:
    data = record_as_json(draft)
    data["people"] |= {"supervisor": {"user": "zoe", "name": "Zoe"}, "deputies": [{"user": "max", "name": "Max"}]}
    imported = back(data, tmp_path)
    assert "Nobody here is known as Max, Zoe; the record's text names them, the site doesn't." in imported.hints
    assert (imported.operation.supervisor, imported.operation.deputies.count()) == (None, 0)
    assert set(Person.objects.values_list("username", flat=True)) == {"mara", "jun", "ines"}


# ---------------------------------------------------------------- malformed, and dishonest


Change = Callable[[dict[str, Any]], object]


BROKEN: list[tuple[str, Change, str]] = [
    ("state", lambda d: d.update(state="approved"), "This is no record: the record: Additional properties"),
    ("schema", lambda d: d.update(schema="1"), "This is no record: schema: "),
    ("people", lambda d: d["people"].pop("author"), "This is no record: people: 'author' is a required property"),
    ("user", lambda d: d["people"]["author"].update(user=5), "people/author/user: 5 is not of type 'string'"),
    ("digest", lambda d: d["template"].update(digest="x"), "This is no record: template/digest: "),
    ("annex", lambda d: d["annex"].update(x={"colour": "red"}), "This is no record: annex/x: "),
    ("row", lambda d: d["annex"].update(x={"host": "db"}), "The annex speaks of “x.host”"),
    ("type", lambda d: leaf(d, "item").update(type="thing"), "This is not a document as this site writes it"),
    ("field", lambda d: leaf(d, "item").update(run="rm"), "run is unknown in item"),
    ("missing", lambda d: leaf(d, "item").pop("title"), "This is not a document as this site writes it"),
    ("sections", lambda d: d["document"].update(sections={}), "This is not a document as this site writes it"),
    ("moment", lambda d: d["facts"].update(window_start="soon"), "This is no record: facts/window_start: "),
    ("number", lambda d: leaf(d, "phase").update(number=10**30), "is no number between 0 and 999999999"),
    ("twice", lambda d: d["document"]["sections"].append(d["document"]["sections"][1]), "occurs twice"),
    ("key", lambda d: leaf(d, "item").update(key="../../x"), "is no key that a part of"),
    ("elsewhere", lambda d: leaf(d, "item").update(key="footer/x"), "is no key that a part of"),
    ("longkey", lambda d: leaf(d, "item").update(key=f"{STEPS}/{'x' * 600}"), "is no key that a part of"),
]


@pytest.mark.parametrize(("change", "words"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_broken_json_is_refused_in_words(change: Change, words: str, draft: Operation, tmp_path: Path) -> None:
    data = json.loads(json_of(draft))
    change(data)
    with pytest.raises(Unusable) as refusal:
        back(data, tmp_path)
    assert words in str(refusal.value)
    assert Operation.objects.count() == 1


def test_a_template_that_is_not_here_leaves_markdown(draft: Operation, tmp_path: Path) -> None:
    data = json.loads(json_of(draft))
    data["template"] = {"name": "Nobody's", "version": "1", "digest": "0" * 64}
    imported = back(data, tmp_path)
    assert "There is no template “Nobody's” v1 here." in imported.hints
    assert markdown_of(imported.operation) == markdown_of(draft)


def test_a_template_that_says_something_else_here_is_told(draft: Operation, tmp_path: Path) -> None:
    data = json.loads(json_of(draft))
    data["template"]["digest"] = "0" * 64
    assert any("is not the same here" in hint for hint in back(data, tmp_path).hints)


# ---------------------------------------------------------------- the schema


def test_what_leaves_fits_the_schema(draft: Operation) -> None:
    decided(draft)
    schema = json.loads(SCHEMA_FILE.read_text())
    place = schema["properties"]["document"]["$ref"]
    document = json.loads((SCHEMA_FILE.parent / place).read_text())
    Draft202012Validator.check_schema(schema)
    here = SCHEMA_FILE.as_uri()
    registry: Registry[Any] = Registry().with_resource(urljoin(here, place), Resource.from_contents(document))
    fits = Draft202012Validator({**schema, "$id": here}, registry=registry)
    fits.validate(json.loads(json_of(draft)))
    assert not fits.is_valid({**json.loads(json_of(draft)), "document": {"type": "document"}})


def test_the_same_record_gives_the_same_bytes(draft: Operation) -> None:
    assert json_of(draft) == json_of(Operation.objects.get(pk=draft.pk))


def test_case_17_a_nul_half_a_character_and_a_number_that_is_none_are_refused() -> None:
    """Case 17, inside JSON."""
    for text in ('{"a": "\\u0000"}', '{"a\\ud800": 1}', '["\\udfff"]', "[Infinity]", "1" * 5000):
        with pytest.raises(Unusable):
            parsed(text)
    assert parsed('["\\ud83d\\ude00"]') == ["😀"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["account"].update(revisions=[{}] * 100_000), ""),
        (lambda d: d["account"].update(times={str(at): "x" for at in range(50_000)}), ""),
        (lambda d: d["people"].update(team=[{"user": "u", "name": 1}] * 30_000), "people/team: .* is too long"),
        (lambda d: d.update(annex={str(at): {"x": 1} for at in range(30_000)}), "annex: .* has too many properties"),
    ],
    ids=["revisions", "times", "team", "annex"],
)
def test_data_with_a_hundred_thousand_faults_is_told_of_the_first_and_holds_nobody_up(
    change: Change, words: str, draft: Operation
) -> None:
    data = json.loads(json_of(draft))
    change(data)
    began = time.process_time()
    if words:
        with pytest.raises(Unusable, match=words):
            read_json(data)
    else:
        read_json(data)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-12-31T23:00:00-12:00"])
def test_a_window_at_either_end_of_the_calendar_is_refused_since_no_other_clock_can_say_it(
    moment: str, mara: Person, tmp_path: Path
) -> None:
    path = tmp_path / "notes.md"
    path.write_text("Only notes.\n")
    data = record_as_json(import_file(path, operator="mara", at=NOW).operation)
    data["facts"] = {"window_start": moment, "window_end": moment}
    with pytest.raises(Unusable, match="is no date and time"):
        back(data, tmp_path)
