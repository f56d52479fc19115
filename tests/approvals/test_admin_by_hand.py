"""The administrator's pages by hand: addresses and posts that no page offers, and what is told of every change."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse

from approvals.admin import ApprovalRuleAdmin
from approvals.models import ApprovalRule
from opsrecords.deliveries.tasks import sweep
from records.audit import facts_in, verify
from records.models import AuditEntry, Delivery, FreezeWindow, OperationTemplate, Person, RoleHolding, WebhookTarget
from tests.approvals.staff import client_of, rule
from tests.people import Cast


def test_a_rule_never_moves_to_another_level_where_its_history_would_end_without_a_word(
    cast: Cast, template: OperationTemplate
) -> None:
    client, page = client_of(cast.leo), reverse("admin:approvals_approvalrule_add")
    assert client.post(page, rule(template, risk_level="High", second="supervisor")).status_code == 302
    made = ApprovalRule.objects.get()
    change = reverse("admin:approvals_approvalrule_change", args=[made.pk])
    told = client.post(change, rule(template)).content.decode()
    assert "This rule stays with its template and level." in told
    assert ApprovalRule.objects.get().risk_level == "High"


@pytest.mark.parametrize(
    "asked",
    [
        "records/webhooktarget/?secret__startswith=whsec_",
        "records/person/?username__regex=(a%2B)%2B%24",
        "records/person/?opened_under__startswith=a",
        "records/roleholding/?since__year=99999999999999",
        "records/operationtemplate/?text__regex=(a%2B)%2B%24",
    ],
)
def test_the_address_of_a_list_asks_for_nothing_that_the_page_doesn_t_offer(asked: str, cast: Cast) -> None:
    """A secret that is never shown again was told sign by sign, by whether the list was empty."""
    secret = "whsec_" + "c2VjcmV0" * 6
    WebhookTarget.objects.create(name="chat", url="https://chat.example.com/", secret=secret)
    client = client_of(cast.leo)
    assert client.get(f"/admin/{asked}").status_code == 400
    assert client.get("/admin/records/roleholding/?role__exact=supervisor").status_code == 200
    assert client.get("/admin/records/person/?is_active__exact=1").status_code == 200


def test_whatever_an_address_or_a_form_says_of_a_person_or_a_time_is_answered_in_words(cast: Cast) -> None:
    client = client_of(cast.leo)
    page = reverse("admin:records_roleholding_add")
    for person in ("abc", "99999999999999999999", "\u0663", "-1"):
        assert client.get(page, {"person": person}).status_code == 200
        posted = {"person": person, "role": "auditor", "since": "2026-11-01", "until": ""}
        assert "Select a valid choice" in client.post(page, posted).content.decode()
    assert client.get(reverse("admin:records_freezewindow_add"), {"starts_at": "soon"}).status_code == 200


def test_a_role_that_began_can_t_be_made_to_have_ended_before(cast: Cast) -> None:
    holding = RoleHolding.objects.create(person=cast.olga, role="auditor", since="2026-11-20", given_by=cast.leo)
    page = reverse("admin:records_roleholding_change", args=[holding.pk])
    told = client_of(cast.leo).post(page, {"until": "2026-11-19"}).content.decode()
    assert "This role is held from 2026-11-20 on: it can’t end before." in told.replace("&#x27;", "’")


def test_a_freeze_at_either_end_of_the_calendar_is_refused_since_no_other_clock_can_say_it(cast: Cast) -> None:
    """With one, the calendar of everybody who isn't in UTC ended in an error."""
    page = reverse("admin:records_freezewindow_add")
    posted = {"name": "Ever", "starts_at_1": "00:00", "ends_at_1": "23:59", "is_active": "on"}
    for start, end in (("0001-01-01", "2026-12-31"), ("2026-12-01", "9999-12-31")):
        told = client_of(cast.leo).post(page, posted | {"starts_at_0": start, "ends_at_0": end}).content.decode()
        assert "Write a year between 2 and 9998." in told
    assert not FreezeWindow.objects.exists()


def test_whose_address_is_changed_hears_of_it_where_they_read_so_far(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    """Whoever changes it first, then sets the password and signs, would have told themselves of it alone."""
    Person.objects.filter(pk=cast.tomas.pk).update(email="tomas@example.com")
    client = client_of(cast.leo)
    page = reverse("admin:records_person_change", args=[cast.tomas.pk])
    posted = {"username": "tomas", "name": cast.tomas.name, "email": "leo@example.com", "time_zone": "UTC"}
    assert client.post(page, posted | {"is_active": "on"}).status_code == 302
    entry = AuditEntry.objects.order_by("-number")[0]
    assert entry.act == "person_changed" and "tomas@example.com" in entry.entry, "what it was stands in the trail"
    Delivery.objects.exclude(person=cast.tomas).delete()
    sweep()
    [told] = [mail for mail in mailoutbox if mail.subject == "Your mail address was changed"]
    assert told.to == ["tomas@example.com"] and "by Leo Marchetti" in str(told.body)
    assert verify() is None


@pytest.mark.parametrize("zone", ["Berlin", "CET", "Europe/Atlantis", "../../etc/passwd", "+26:00"])
def test_what_is_no_time_zone_is_refused_in_words(cast: Cast, zone: str) -> None:
    """Every time that the person is shown would be read in it."""
    page = reverse("admin:records_person_change", args=[cast.tomas.pk])
    posted = {"username": "tomas", "name": cast.tomas.name, "email": "tomas@example.com", "time_zone": zone}
    answer = client_of(cast.leo).post(page, posted | {"is_active": "on"})
    assert answer.status_code == 200
    assert "such as Europe/Stockholm" in answer.content.decode()
    assert Person.objects.get(pk=cast.tomas.pk).time_zone == "UTC"


def test_what_a_rule_asked_for_before_stands_in_the_trail_and_no_secret_does(
    cast: Cast, template: OperationTemplate
) -> None:
    client = client_of(cast.leo)
    client.post(reverse("admin:approvals_approvalrule_add"), rule(template, second="infrastructure_approver"))
    change = reverse("admin:approvals_approvalrule_change", args=[ApprovalRule.objects.get().pk])
    assert client.post(change, rule(template)).status_code == 302
    told = facts_in(AuditEntry.objects.order_by("-number")[0])["changes"]
    assert {"before": {"second": "infrastructure_approver"}} in list(told)  # type: ignore[call-overload]
    secrets = ["whsec_" + "c2VjcmV0" * 6, "whsec_" + "b3RoZXJz" * 6]
    target = WebhookTarget.objects.create(name="chat", url="https://chat.example.com/", secret=secrets[0])
    page = reverse("admin:records_webhooktarget_change", args=[target.pk])
    posted = {"name": "chats", "url": target.url, "secret": secrets[1], "body": target.body, "is_active": "on"}
    assert client.post(page, posted).status_code == 302
    entry = AuditEntry.objects.order_by("-number")[0]
    assert entry.act == "webhooktarget_changed" and '"name":"chat"' in entry.entry.replace(" ", "")
    assert not any(secret in entry.entry for secret in secrets)


def test_rules_that_were_not_deleted_after_all_are_not_said_to_be(
    cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of rules would have told everybody that a rule had ended which went on to hold."""

    def broken(*_: object) -> None:
        raise OSError

    client, page = client_of(cast.leo), reverse("admin:approvals_approvalrule_changelist")
    client.post(reverse("admin:approvals_approvalrule_add"), rule(template))
    made = ApprovalRule.objects.get()
    posted = {"action": "delete_selected", "_selected_action": [made.pk], "post": "yes"}
    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(ApprovalRuleAdmin, "delete_queryset", broken)
        client.post(page, posted)
    assert not AuditEntry.objects.filter(act="approvalrule_deleted").exists()
    assert client.post(page, posted).status_code == 302
    assert AuditEntry.objects.filter(act="approvalrule_deleted").count() == 1 and not ApprovalRule.objects.exists()
