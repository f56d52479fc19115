"""Templates that no code knows go the whole way through the site: new, filled, approved, run, closed, downloaded."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from records.document.plan import plan_text
from records.document.read import read_record
from records.models import Check, Metric, Operation, OperationTemplate, Person, Revision, RollbackTrigger, State, Step
from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent.parent / "data" / "templates"
QUICK_WORDS = "[⏳ OPEN / ✅ DONE / ↩️ UNDONE]"
NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def one_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing takes time here, so that windows and tokens of time don't matter."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@dataclass
class Desk:
    """Somebody at the site, working on one record."""

    person: Person
    operation: Operation

    def client(self) -> Client:
        client = Client()
        client.force_login(self.person)
        return client

    def get(self, name: str, *args: object, **query: str) -> HttpResponse:
        answer = self.client().get(reverse(name, args=[self.operation.pk, *args]), query)
        assert answer.status_code == 200, (name, args, answer.status_code)
        return answer

    def post(self, name: str, *args: object, **posted: str) -> None:
        answer = self.client().post(reverse(name, args=[self.operation.pk, *args]), posted)
        told = re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())[-1500:]
        assert answer.status_code in (302, 303), (name, args, posted, answer.status_code, told)


def store(name: str) -> OperationTemplate:
    text = (FOLDER / f"{name}.md").read_bytes().decode()
    return OperationTemplate.objects.create(name=name, version="1", text=text, toml="")


def opened(author: Person, template: OperationTemplate, level: str) -> Operation:
    client = Client()
    client.force_login(author)
    facts = {"title": "Edge nodes, autumn", "date": "2026-11-26", "time": "09:00:00 UTC", "risk": level}
    answer = client.post(reverse("record_new") + f"?template={template.pk}", {**facts, "operator": str(author.pk)})
    assert answer.status_code in (302, 303), answer.content.decode()[-2000:]
    return Operation.objects.get()


def fill(desk: Desk, *parts: str) -> None:
    """Answer whatever the pages say is missing of ``parts``, section by section; twice, as rows bring new fields."""
    outline = desk.operation.template.outline
    for _again in range(2):
        for section in desk.operation.sections.all():
            lacking = [key for key, _label, part in section.progress.get("missing", ()) if part in parts]
            if not lacking:
                continue
            desk.get("section", section.key)
            values = {key: answer_to(key, outline) for key in lacking}
            desk.post("section", section.key, version=str(section.version), act="exit", **values)
    left = [one for s in desk.operation.sections.all() for one in s.progress.get("missing", ()) if one[2] in parts]
    assert left == []


def answer_to(key: str, outline) -> str:
    """An answer of the shape that the template's own text asks for."""
    asked = outline.texts.get(key, "")
    if key in outline.settings.choices:
        return outline.settings.choices[key][0]
    if key.endswith(".window") or asked == "HH:MM-HH:MM":
        return "09:00-10:00"
    if "/commands" in key:
        return "echo done\necho 'and again'"
    if asked == "YYYY-MM-DD":
        return "2026-11-26"
    return f"Answer to {key.rpartition('/')[2].replace('.', ' ')}"


def approve(desk: Desk) -> Revision:
    revision = desk.operation.revisions.get()
    desk.get("review")
    desk.post("decide", decision="approve", digest=revision.digest, password=PASSWORD)
    return revision


def run(desk: Desk) -> None:
    desk.get("run")
    desk.post("run", do="start")
    steps = Step.objects.filter(section__operation=desk.operation, phase__isnull=False, loose=False)
    for step in steps.order_by("section__position", "phase__position", "position"):
        desk.post("run", do="finish_step", key=step.key)
    for check in Check.objects.filter(section__operation=desk.operation, loose=False):
        desk.post("run", do="tick_check", key=check.key)
    for metric in Metric.objects.filter(section__operation=desk.operation, after__isnull=False, loose=False):
        desk.post("run", do="measure", **{f"after:{metric.key}": "12"})
    for trigger in RollbackTrigger.objects.filter(section__operation=desk.operation, loose=False):
        desk.post("run", do="trigger:ok", key=trigger.key)
    desk.post("run", do="finish_work")


@pytest.mark.parametrize(
    ("name", "level", "outcome"),
    [
        ("quick-change", "", "✅ DONE"),
        ("certificate-rotation", "Catastrophic", ""),
        ("firewall-cutover", "Niedrig", "✅ Gelungen"),
    ],
)
def test_a_record_of_a_template_without_settings_goes_the_whole_way(
    cast: Cast, name: str, level: str, outcome: str
) -> None:
    template = store(name)
    operation = opened(cast.mara, template, level)
    mara, sam, tomas = (Desk(person, operation) for person in (cast.mara, cast.sam, cast.tomas))
    fill(mara, "plan", "open")
    mara.get("check")
    mara.post("check")
    revision = approve(sam)
    run(mara)
    mara.get("close")
    fill(mara, "close", "open")
    shown = mara.get("sign", outcome="completed", completed="2026-11-26 09:00")
    posted = {"outcome": "completed", "completed": "2026-11-26 09:00", "password": PASSWORD}
    mara.post("sign", digest=shown.context["digest"], **posted)
    tomas.get("sign_off")
    tomas.post("sign_off", digest=shown.context["digest"], actual_seen="on", password=PASSWORD)

    operation.refresh_from_db()
    assert operation.state == State.FINALIZED
    text = tomas.get("record_download").content.decode()
    outline = template.outline
    assert plan_text(read_record(text, outline.document), outline.document, outline.settings).encode() == bytes(
        revision.plan_text
    )
    assert "- [ ] " not in text
    assert outcome in text
    tomas.get("record")


def test_closing_offers_the_templates_own_words_by_what_they_say(cast: Cast) -> None:
    text = (FOLDER / "quick-change.md").read_text().replace(QUICK_WORDS, "[Erfolgreich/Teilweise/Zurückgerollt]")
    toml = '[outcomes]\nTeilweise = "completed"\n'
    template = OperationTemplate.objects.create(name="German", version="1", text=text, toml=toml)
    operation = opened(cast.mara, template, "")
    mara, sam = Desk(cast.mara, operation), Desk(cast.sam, operation)
    fill(mara, "plan", "open")
    mara.post("check")
    approve(sam)
    run(mara)
    fill(mara, "close", "open")
    page = mara.get("close")
    offered = page.context["form"].fields["outcome"].choices
    assert offered == [("completed", "Erfolgreich"), ("completed|Teilweise", "Teilweise"), ("failed", "Failed")]
    assert "no word for that is offered" in page.content.decode()
    chosen = {"outcome": "completed|Teilweise", "completed": "2026-11-26 09:00"}
    shown = mara.get("sign", **chosen)
    mara.post("sign", digest=shown.context["digest"], password=PASSWORD, **chosen)
    operation.refresh_from_db()
    assert operation.outcome == "completed"
    assert ": Teilweise\n" in bytes(operation.final_text.text).decode()


def test_a_small_record_is_rolled_back_on_its_own_page(cast: Cast) -> None:
    operation = opened(cast.mara, store("quick-change"), "")
    mara, sam = Desk(cast.mara, operation), Desk(cast.sam, operation)
    fill(mara, "plan", "open")
    mara.post("check")
    approve(sam)
    mara.post("run", do="start")
    assert "Which trigger?" in mara.get("rollback").content.decode()
    mara.post("rollback", do="roll_back", trigger="other", other="Reload failed", sentence="It does not come back")
    for step in Step.objects.filter(section__operation=operation, plan__isnull=False).order_by("position"):
        mara.post("rollback", do="finish_step", key=step.key)
    mara.post("rollback", do="finish_work", reason="Rolled back")
    assert Operation.objects.get().state == State.CLOSING
    assert "↩️ UNDONE" in mara.get("close").content.decode()
