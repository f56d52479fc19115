"""The administrator's pages: people and rules, and no way around the acts (case 12)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from approvals.models import ApprovalRule, Decision
from records.audit import facts_in, verify
from records.models import (
    AuditEntry,
    AuditHead,
    Delivery,
    FinalText,
    FreezeWindow,
    LogEntry,
    Operation,
    OperationTemplate,
    Person,
    Revision,
    RoleHolding,
    Section,
    State,
    Step,
    WebhookTarget,
)
from tests import make
from tests.approvals.staff import client_of, rule
from tests.people import Cast

NO_PAGES = [Decision, Revision, FinalText, AuditEntry, AuditHead, Operation, Section, Step, Delivery, LogEntry]


def test_only_people_rules_templates_webhooks_and_freezes_have_pages_at_all() -> None:
    ours = {model for app in ("records", "approvals") for model in apps.get_app_config(app).get_models()}
    assert {model for model in ours if admin.site.is_registered(model)} == {
        Person,
        RoleHolding,
        OperationTemplate,
        ApprovalRule,
        WebhookTarget,
        FreezeWindow,
    }


@pytest.mark.parametrize("model", NO_PAGES)
def test_case_12_there_is_no_such_page_not_even_for_a_superuser(model: type, cast: Cast) -> None:
    names = f"admin:{model._meta.app_label}_{model._meta.model_name}"  # type: ignore[attr-defined]
    for page in ("changelist", "add"):
        with pytest.raises(NoReverseMatch):
            reverse(f"{names}_{page}")
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"  # type: ignore[attr-defined]
    assert client_of(cast.root).get(address).status_code == 404


@pytest.mark.parametrize("name", ["mara", "tomas", "ada", "vera", "olga"])
def test_who_does_not_administer_manages_nobody(name: str, cast: Cast) -> None:
    client = client_of(getattr(cast, name))
    for model in (Person, RoleHolding, OperationTemplate, ApprovalRule, WebhookTarget, FreezeWindow):
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(page).status_code == 403


def test_an_administrator_gives_and_ends_roles_and_it_stands_in_the_trail(cast: Cast) -> None:
    client = client_of(cast.leo)
    page = reverse("admin:records_roleholding_add")
    posted = {"person": cast.olga.pk, "role": "supervisor", "since": "2026-11-01", "until": ""}
    assert client.post(page, posted).status_code == 302
    holding = RoleHolding.objects.get(person=cast.olga, role="supervisor")
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.act, entry.person) == ("roleholding_added", cast.leo)
    assert "Olga Petrenko: Supervisor" in entry.entry
    page = reverse("admin:records_roleholding_change", args=[holding.pk])
    posted |= {"role": "infrastructure_approver", "until": "2026-11-30"}
    assert client.post(page, posted).status_code == 302
    holding.refresh_from_db()
    assert (holding.role, str(holding.until)) == ("supervisor", "2026-11-30")
    assert AuditEntry.objects.order_by("-number")[0].act == "roleholding_changed"
    assert client.get(reverse("admin:records_roleholding_delete", args=[holding.pk])).status_code == 403
    assert verify() is None


def test_a_new_password_for_somebody_stands_in_the_trail(cast: Cast) -> None:
    page = reverse("admin:auth_user_password_change", args=[cast.tomas.pk])
    words = "another horse battery staple"
    posted = {"usable_password": "true", "password1": words, "password2": words}
    assert client_of(cast.leo).post(page, posted).status_code == 302
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.act, entry.person) == ("person_changed", cast.leo)
    assert words not in entry.entry


def test_a_password_set_by_an_administrator_is_shown_to_its_person(cast: Cast) -> None:
    words = "another horse battery staple"
    posted = {"usable_password": "true", "password1": words, "password2": words}
    client_of(cast.leo).post(reverse("admin:auth_user_password_change", args=[cast.tomas.pk]), posted)
    tomas = Person.objects.get(pk=cast.tomas.pk)
    assert tomas.password_set_by == cast.leo
    mail = Delivery.objects.get(event="password_set")
    assert (mail.person, mail.operation) == (tomas, None) and "by Leo Marchetti" in mail.body
    assert words not in mail.body
    assert "Leo Marchetti set your password." in client_of(tomas).get(reverse("account")).content.decode()
    add = {"username": "nia", "name": "Nia Okoro", "email": ""} | posted
    assert client_of(cast.leo).post(reverse("admin:records_person_add"), add).status_code == 302
    assert Person.objects.get(username="nia").password_set_by == cast.leo
    first = Delivery.objects.get(event="password_set", person__username="nia")
    assert first.subject == "An account was made for you" and "Sign in as “nia”." in first.body
    assert "ended" not in first.body and words not in first.body


def test_who_chooses_the_next_password_too_is_told_of_to_whose_it_is(cast: Cast) -> None:
    """Whoever set a password knows it, and could choose the one that signs: its person and the trail hear of both."""
    words, own = "another horse battery staple", "and yet another horse of mine"
    posted = {"usable_password": "true", "password1": words, "password2": words}
    client_of(cast.leo).post(reverse("admin:auth_user_password_change", args=[cast.tomas.pk]), posted)
    as_tomas = client_of(Person.objects.get(pk=cast.tomas.pk))
    choice = {"old_password": words, "new_password1": own, "new_password2": own}
    assert as_tomas.post(reverse("account_password"), choice).status_code == 302
    assert Person.objects.get(pk=cast.tomas.pk).password_set_by is None
    told = list(Delivery.objects.filter(person=cast.tomas).order_by("pk").values_list("event", "subject", "body"))
    assert [event for event, *_rest in told] == ["password_set", "password_set"]
    assert told[1][1] == "Your password was changed" and "instead of the one that Leo Marchetti had set" in told[1][2]
    inbox = as_tomas.get(reverse("inbox")).content.decode()
    assert "Your password was set" in inbox and "Your password was changed" in inbox
    entry = AuditEntry.objects.get(act="password_changed")
    assert dict(facts_in(entry)) == {"instead_of_one_set_by": "Leo Marchetti"}
    client_of(cast.leo).post(reverse("admin:auth_user_password_change", args=[cast.tomas.pk]), posted)
    assert Delivery.objects.filter(person=cast.tomas, event="password_set").count() == 3


@pytest.mark.parametrize("name", ["leo", "root"])
def test_nobody_gives_a_role_to_themselves_or_keeps_one_up(name: str, cast: Cast) -> None:
    own = getattr(cast, name)
    client, page = client_of(own), reverse("admin:records_roleholding_add")
    posted = {"person": own.pk, "role": "devops_supervisor", "since": "2026-11-01", "until": ""}
    assert client.post(page, posted).status_code == 200
    assert not RoleHolding.objects.filter(person=own, role="devops_supervisor").exists()
    held = RoleHolding.objects.create(person=own, role="supervisor", since="2026-01-01", until="2026-11-30")
    change = reverse("admin:records_roleholding_change", args=[held.pk])
    assert client.post(change, {"until": "2027-11-30"}).status_code == 403
    held.refresh_from_db()
    assert str(held.until) == "2026-11-30"
    client.post(page, posted | {"person": cast.olga.pk})
    assert RoleHolding.objects.get(person=cast.olga, role="devops_supervisor").given_by == own


def test_an_administrator_makes_no_superuser(cast: Cast) -> None:
    page = reverse("admin:records_person_change", args=[cast.olga.pk])
    client = client_of(cast.leo)
    form = client.get(page).context["adminform"].form
    posted = {name: "" if (value := form.initial.get(name)) is None else value for name in form.fields}
    posted |= {"name": "Olga P.", "is_superuser": "on", "is_active": "on"}
    assert client.post(page, posted).status_code == 302
    cast.olga.refresh_from_db()
    assert (cast.olga.name, cast.olga.is_superuser) == ("Olga P.", False)


def test_an_administrator_gives_nobody_another_s_name(cast: Cast) -> None:
    client = client_of(cast.leo)
    page = reverse("admin:records_person_change", args=[cast.olga.pk])
    form = client.get(page).context["adminform"].form
    posted = {name: "" if (value := form.initial.get(name)) is None else value for name in form.fields}
    for name in ("TOMAS OKAFOR", "Olga, infrastructure approver"):
        assert client.post(page, posted | {"name": name, "is_active": "on"}).status_code == 200
    add = {"username": "tom", "name": "Tomas  Okafor", "email": "", "usable_password": "true"}
    add |= {"password1": "another horse battery", "password2": "another horse battery"}
    assert client.post(reverse("admin:records_person_add"), add).status_code == 200
    assert (Person.objects.get(pk=cast.olga.pk).name, Person.objects.filter(username="tom").count()) == (
        "Olga Petrenko",
        0,
    )


def test_an_account_with_a_name_from_before_the_rule_can_still_be_closed(cast: Cast) -> None:
    Person.objects.filter(pk=cast.olga.pk).update(name="Ada Brandt")
    client, page = client_of(cast.leo), reverse("admin:records_person_change", args=[cast.olga.pk])
    form = client.get(page).context["adminform"].form
    posted = {name: "" if (value := form.initial.get(name)) is None else value for name in form.fields}
    posted.pop("is_active")
    assert client.post(page, posted).status_code == 302
    assert not Person.objects.get(pk=cast.olga.pk).is_active


def test_a_freeze_window_is_set_and_switched_off_and_it_stands_in_the_trail(cast: Cast) -> None:
    leo, add = client_of(cast.leo), reverse("admin:records_freezewindow_add")
    told = {"name": "Year end", "starts_at_0": "2026-12-20", "starts_at_1": "00:00", "is_active": "on"}
    page = leo.post(add, told | {"ends_at_0": "2026-12-20", "ends_at_1": "00:00"})
    assert "It has to end after it begins." in page.text and not FreezeWindow.objects.exists()
    leo.post(add, told | {"ends_at_0": "2027-01-02", "ends_at_1": "06:00"})
    freeze = FreezeWindow.objects.get()
    del told["is_active"]
    change = reverse("admin:records_freezewindow_change", args=[freeze.pk])
    leo.post(change, told | {"ends_at_0": "2027-01-03", "ends_at_1": "06:00"})
    assert leo.post(reverse("admin:records_freezewindow_delete", args=[freeze.pk]), {"post": "yes"}).status_code == 403
    entries = AuditEntry.objects.filter(act__startswith="freezewindow").order_by("number")
    assert [(one.act, one.person, facts_in(one)["called"]) for one in entries] == [
        ("freezewindow_added", cast.leo, "Year end, 2026-12-20 00:00 to 2027-01-02 06:00 UTC"),
        ("freezewindow_changed", cast.leo, "Year end, 2026-12-20 00:00 to 2027-01-03 06:00 UTC"),
    ]


def test_a_template_is_only_looked_at(cast: Cast, template: OperationTemplate) -> None:
    client = client_of(cast.leo)
    page = reverse("admin:records_operationtemplate_change", args=[template.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "x", "text": "x"}).status_code == 403
    assert client.get(reverse("admin:records_operationtemplate_add")).status_code == 403


def test_a_rule_is_one_to_three_roles_of_a_level_that_the_template_has(cast: Cast, template: OperationTemplate) -> None:
    client, page = client_of(cast.leo), reverse("admin:approvals_approvalrule_add")
    for wrong in ({"risk_level": "Lowest"}, {"first": ""}, {"first": "administrator"}, {"second": "operator"}):
        assert client.post(page, rule(template, **wrong)).status_code == 200
    assert not ApprovalRule.objects.exists()
    assert client.post(page, rule(template, second="supervisor")).status_code == 302
    made = ApprovalRule.objects.get()
    assert (made.risk_level, made.roles) == ("Low", ["supervisor", "supervisor"])
    change = reverse("admin:approvals_approvalrule_change", args=[made.pk])
    assert client.post(change, rule(template, first="devops_supervisor")).status_code == 302
    told = [facts_in(entry)["called"] for entry in AuditEntry.objects.order_by("number")]
    asked = ("supervisor, supervisor", "devops_supervisor")
    assert told == [f"{template}, Low: {roles}" for roles in asked], "its history stands in the trail"
    page = reverse("admin:approvals_approvalrule_delete", args=[made.pk])
    assert client.post(page, {"post": "yes"}).status_code == 302
    assert AuditEntry.objects.order_by("-number")[0].act == "approvalrule_deleted"


def test_a_level_has_one_rule_for_all_versions_of_its_template(cast: Cast, template: OperationTemplate) -> None:
    newer = OperationTemplate.objects.create(
        name=template.name, version="1.1.0", text=template.text, toml=template.toml
    )
    client, page = client_of(cast.leo), reverse("admin:approvals_approvalrule_add")
    assert "The rule holds for all versions of this template." in client.get(page).content.decode()
    assert client.post(page, rule(template)).status_code == 302
    told = client.post(page, rule(newer, first="infrastructure_approver")).content.decode()
    assert f"is set at {template} and holds for all versions: change that one." in told
    made = ApprovalRule.objects.get()
    change = reverse("admin:approvals_approvalrule_change", args=[made.pk])
    assert client.post(change, rule(newer)).status_code == 302, "it can be moved along"
    assert ApprovalRule.objects.get().template == newer


def test_a_post_to_the_admin_moves_no_record(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    client = client_of(cast.root)
    for address in (
        f"/admin/records/operation/{operation.pk}/change/",
        "/admin/approvals/decision/add/",
        f"/admin/records/revision/{operation.revisions.get().pk}/delete/",
    ):
        assert client.post(address, {"state": "approved", "kind": "approve", "post": "yes"}).status_code == 404
    assert make.fresh(operation).state == State.IN_REVIEW
