"""Who approves what is told to everybody: the rules as an administrator set them, since when, and who is away."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.admin import PLACES
from approvals.eligibility import need_for, roles_at
from approvals.models import ApprovalRule, Delegation
from approvals.rules import ApprovalNeed, need_in
from records import triggers
from records.audit import verify
from records.library.templates_in import take_template
from records.library.versions import move_to_version, newer_than, other_versions
from records.models import Operation, OperationTemplate, Person, RoleHolding, State
from records.transfer.bringing_in import bring_in, json_arrival, markdown_arrival
from records.transfer.exchange import read_json, record_as_json
from records.views.new_record import newest_templates
from records.writing.saving import save_section
from tests import make
from tests.approvals.staff import client_of
from tests.browserless import seen
from tests.people import SINCE, Cast


@pytest.fixture
def until() -> dt.date:
    """A day that is still to come if midnight passes meanwhile."""
    return timezone.now().date() + dt.timedelta(days=2)


def test_a_rule_that_an_administrator_sets_is_read_with_its_history(cast: Cast, template: OperationTemplate) -> None:
    before = seen(cast.olga, "rules")
    assert "Low supervisor as the template says" in before and "every level goes by its template" in before
    assert reverse("admin:approvals_approvalrule_changelist") not in page(cast.olga)
    facts = {"template": template.pk, "risk_level": "Low", "first": "infrastructure_approver"}
    client_of(cast.leo).post(reverse("admin:approvals_approvalrule_add"), facts)
    after = seen(cast.olga, "rules")
    assert "Low infrastructure approver set by an administrator" in after
    assert "Leo Marchetti set an approval rule" in after and "Low: infrastructure approver" in after
    assert reverse("admin:approvals_approvalrule_changelist") in page(cast.leo)


def page(person: Person) -> str:
    client = Client()
    client.force_login(person)
    return client.get(reverse("rules")).content.decode()


def test_nobody_chooses_a_milder_rule_by_choosing_a_version(cast: Cast, template: OperationTemplate) -> None:
    newer = OperationTemplate.objects.create(
        name=template.name, version="1.1.0", text=template.text, toml=template.toml
    )
    ApprovalRule.objects.create(template=newer, risk_level="Low", roles=["infrastructure_approver"])
    draft = make.make_draft(cast, template, level="Low")
    assert need_for(draft, "Low").roles == ("infrastructure_approver",)
    assert need_for(move_to_version(draft, template=newer, by=cast.mara), "Low").roles == ("infrastructure_approver",)
    assert "Low infrastructure approver set by an administrator" in seen(cast.olga, "rules")


def test_nobody_chooses_a_milder_rule_by_staying_on_an_older_version(cast: Cast, template: OperationTemplate) -> None:
    """Nor by cloning a record, or bringing a text in, that names one."""
    draft = make.make_draft(cast, template, level="Low")
    stricter = template.toml.replace('\nLow = ["supervisor"]', '\nLow = ["infrastructure_approver"]')
    assert stricter != template.toml
    OperationTemplate.objects.create(name=template.name, version="1.1.0", text=template.text, toml=stricter)
    assert need_for(draft, "Low").roles == ("infrastructure_approver",)
    assert make.submit(cast, draft, at=timezone.now()).state == State.IN_REVIEW
    assert need_in(bytes(draft.revisions.get().rule)).roles == ("infrastructure_approver",)
    assert verify() is None


def test_a_level_that_the_newest_version_does_not_know_asks_for_no_less_than_its_own_says(
    cast: Cast, template: OperationTemplate
) -> None:
    text = template.text.replace("[Low/Medium/High/Critical]", "[Low/Medium/High]")
    toml = "".join(line for line in template.toml.splitlines(keepends=True) if not line.startswith("Critical ="))
    newer = OperationTemplate.objects.create(name=template.name, version="1.1.0", text=text, toml=toml)
    assert newer.outline.settings.levels == ("Low", "Medium", "High")
    assert need_for(make.make_draft(cast, template, level="Critical"), "Critical").roles == (
        "devops_supervisor",
        "infrastructure_approver",
    )


ALL_THREE = ("devops_supervisor", "infrastructure_approver", "supervisor")


def without_risk(template: OperationTemplate) -> tuple[str, str]:
    """Its text and settings as they were before its header said the risk."""
    text = re.sub(r"(?m)^\*\*Risk Level\*\*.*\n", "", template.text)
    lines = (line for line in template.toml.splitlines() if "header/risk-level" not in line and "from = " not in line)
    return text, re.sub(r"(?m)^risk = .*$", 'risk = ""', "\n".join(lines))


def with_other_levels(template: OperationTemplate) -> tuple[str, str]:
    """Its text and settings as they were when its levels had other names, and one supervisor approved each."""
    text = template.text.replace("[Low/Medium/High/Critical]", "[Minor/Major]")
    toml = re.sub(r'from = "\w+"', 'from = "Minor"', template.toml)
    return text, re.sub(r"(?ms)^\[rule\]\n.*?\n\n", '[rule]\nMinor = ["supervisor"]\nMajor = ["supervisor"]\n\n', toml)


def on_older_version(cast: Cast, template: OperationTemplate, text: str, toml: str, level: str) -> Operation:
    """A plan of Mara's for high risks, which all three have to approve, moved to an older version of its template."""
    older = OperationTemplate(pk=900, name=template.name, version="0.9.0", text=text, toml=toml)
    older.save(force_insert=True)
    facts = {"template": template.pk, "risk_level": "High"} | dict(zip(PLACES, ALL_THREE, strict=True))
    assert client_of(cast.leo).post(reverse("admin:approvals_approvalrule_add"), facts).status_code == 302
    draft = make.make_draft(cast, template)
    assert "strictest" not in seen(cast.mara, "check", draft.pk)
    draft = make.fresh(move_to_version(draft, template=older, by=cast.mara, at=make.PLANNED))
    if level:
        header = draft.sections.get(key="header")
        values = {"header/risk-level": level}
        save_section(
            operation=draft, key="header", version=header.version, values=values, by=cast.mara, at=make.PLANNED
        )
    return make.fresh(draft)


@pytest.mark.parametrize(
    ("as_it_was", "level", "why"),
    [
        (without_risk, "", "No line of its version of the template says what it risks"),
        (with_other_levels, "Major", "The newest version of its template knows no risk level “Major”"),
    ],
)
def test_where_a_version_can_t_say_a_level_of_the_newest_one_the_strictest_rule_holds(
    as_it_was: Callable[[OperationTemplate], tuple[str, str]],
    level: str,
    why: str,
    cast: Cast,
    template: OperationTemplate,
) -> None:
    """Else one approval would do instead of three, and whoever writes the record would choose that."""
    draft = on_older_version(cast, template, *as_it_was(template), level)
    assert need_for(draft, draft.risk_level) == ApprovalNeed(level, ALL_THREE, cast.tomas.pk)
    told = seen(cast.mara, "check", draft.pk)
    assert f"{why}: so the strictest of its rules holds." in told
    RoleHolding.objects.create(person=cast.olga, role="devops_supervisor", since=SINCE)
    sent = make.submit(cast, draft, at=timezone.now())
    assert need_in(bytes(sent.revisions.get().rule)).roles == ALL_THREE
    sent = make.approve_by(cast, sent, "tomas", "ada", at=timezone.now())
    assert sent.state == State.IN_REVIEW
    assert make.approve_by(cast, sent, "olga", at=timezone.now()).state == State.APPROVED
    assert verify() is None


def test_a_plan_that_an_earlier_release_sent_on_such_a_version_verifies_case_37(
    cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asked for what the version itself says, and keeps that."""
    draft = on_older_version(cast, template, *with_other_levels(template), "Major")
    copied = ApprovalNeed("Major", ("supervisor",), cast.tomas.pk)
    monkeypatch.setattr("approvals.submitting.need_for", lambda *_of: copied)
    sent = make.approve_by(cast, make.submit(cast, draft, at=timezone.now()), "tomas", at=timezone.now())
    assert (sent.state, verify()) == (State.APPROVED, None)


def test_of_rules_at_two_versions_the_newer_one_holds(cast: Cast, template: OperationTemplate) -> None:
    """As they were left by releases that copied a rule to each next version."""
    newer = OperationTemplate.objects.create(
        name=template.name, version="1.1.0", text=template.text, toml=template.toml
    )
    for version, role in ((newer, "infrastructure_approver"), (template, "supervisor")):
        ApprovalRule.objects.create(template=version, risk_level="Low", roles=[role])
    assert {roles_at(one, ["Low"])["Low"] for one in (template, newer)} == {("infrastructure_approver",)}


def test_who_could_approve_is_told_with_who_is_away_and_who_stands_in(
    cast: Cast, template: OperationTemplate, until: dt.date
) -> None:
    Person.objects.filter(pk=cast.ada.pk).update(away_until=until)
    today = timezone.now().date()
    Delegation.objects.create(person=cast.ada, to=cast.olga, since=today, until=until)
    told = seen(cast.mara, "rules")
    away = f"away until {until.day} {until:%b}"
    assert f"Ada Brandt {away}" in told and "Olga Petrenko for Ada Brandt" in told


def test_the_author_is_told_before_submitting_that_everybody_is_away(
    cast: Cast, template: OperationTemplate, until: dt.date
) -> None:
    draft = make.make_in(State.DRAFT, cast, template)
    assert "is away" not in seen(cast.mara, "check", draft.pk)
    Person.objects.filter(pk=cast.ada.pk).update(away_until=until)
    told = seen(cast.mara, "check", draft.pk)
    assert "Everybody who could approve it as infrastructure approver is away." in told
    today = timezone.now().date()
    Delegation.objects.create(person=cast.ada, to=cast.olga, since=today, until=until)
    assert "is away." not in seen(cast.mara, "check", draft.pk)


def test_a_level_that_no_line_of_the_template_says_chooses_no_rule(cast: Cast) -> None:
    """The JSON of a record may bring one beside its text, where no approver reads it."""
    toml = """
        name = "Runbook"
        version = "1"
        [bind]
        risk = ""
        [rule]
        Low = ["supervisor"]
        default = ["devops_supervisor", "infrastructure_approver"]
    """
    template = take_template("# Change\n\n**What**: [what]\n\n## Steps\n\n1. [do it]\n", toml).template
    text = "# Change\n\n**What**: disks\n\n## Steps\n\n1. swap them\n"
    data = record_as_json(bring_in(markdown_arrival(text, template), author=cast.mara, at=timezone.now())[0])
    data["facts"] = {"risk_level": "Low"}
    operation, _hints = bring_in(json_arrival(read_json(data), template, came=""), author=cast.mara, at=timezone.now())
    assert operation.risk_level == "Low"
    assert need_for(operation, operation.risk_level).roles == ("devops_supervisor", "infrastructure_approver")


def test_the_newest_version_is_the_last_that_was_published_whatever_a_clock_said(
    cast: Cast, template: OperationTemplate
) -> None:
    """Case 32: published while the clock was years ahead, a milder version would have held against all that follow."""
    milder = template.toml.replace('\nLow = ["supervisor"]', '\nLow = ["devops_supervisor"]')
    stricter = template.toml.replace('\nLow = ["supervisor"]', '\nLow = ["infrastructure_approver"]')
    ahead = OperationTemplate.objects.create(name=template.name, version="1.1.0", text=template.text, toml=milder)
    triggers.remove()
    OperationTemplate.objects.filter(pk=ahead.pk).update(added_at=timezone.now() + dt.timedelta(days=3000))
    newest = OperationTemplate.objects.create(name=template.name, version="1.2.0", text=template.text, toml=stricter)
    draft = make.make_draft(cast, template, level="Low")
    assert need_for(draft, "Low").roles == ("infrastructure_approver",)
    assert newer_than(template) == newest and other_versions(template) == [newest, ahead]
    assert newest in newest_templates() and ahead not in newest_templates()
