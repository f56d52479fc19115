"""Who approves what is told to everybody: the rules as an administrator set them, since when, and who is away."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.eligibility import need_for, roles_at
from approvals.models import ApprovalRule, Delegation
from approvals.rules import need_in
from records import triggers
from records.audit import verify
from records.library.templates_in import take_template
from records.library.versions import move_to_version, newer_than, other_versions
from records.models import OperationTemplate, Person, State
from records.transfer.bringing_in import bring_in, json_arrival, markdown_arrival
from records.transfer.exchange import read_json, record_as_json
from records.views.new_record import newest_templates
from tests import make
from tests.approvals.staff import client_of
from tests.browserless import seen
from tests.people import Cast


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


def test_a_level_that_the_newest_version_does_not_know_asks_for_what_its_own_says(
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
