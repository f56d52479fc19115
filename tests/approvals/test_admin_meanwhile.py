"""Two administrators in the same form: who saves second overwrites nothing unseen."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from approvals.models import ApprovalRule
from records.models import OperationTemplate, Person, RoleHolding, WebhookTarget
from tests.approvals.staff import client_of, rule
from tests.people import Cast


def shown(client: Client, page: str) -> dict[str, str]:
    """What the form would post as it stands, of what this is about."""
    [digest] = re.findall(r'name="shown" value="([0-9a-f]{64})"', client.get(page).content.decode())
    return {"shown": digest}


def person(cast: Cast, **more: str) -> dict[str, str]:
    own = {"username": "tomas", "name": cast.tomas.name, "email": "", "time_zone": "UTC", "is_active": "on"}
    return {**own, **more}


def test_who_saves_second_is_told_and_may_mean_it(cast: Cast) -> None:
    page = reverse("admin:records_person_change", args=[cast.tomas.pk])
    first, second = client_of(cast.leo), client_of(cast.root)
    seen, also_seen = shown(first, page), shown(second, page)
    assert first.post(page, person(cast, email="okafor@example.com") | seen).status_code == 302
    told = second.post(page, person(cast, phone="08 123 45") | also_seen)
    assert told.status_code == 200
    answer = told.content.decode()
    assert "Somebody changed this after you opened it." in answer
    assert "“okafor@example.com”" in answer
    assert 'value="08 123 45"' in answer, "what was typed stays in the form"
    tomas = Person.objects.get(pk=cast.tomas.pk)
    assert (tomas.email, tomas.phone) == ("okafor@example.com", cast.tomas.phone)
    [now] = re.findall(r'name="shown" value="([0-9a-f]{64})"', answer)
    assert second.post(page, person(cast, phone="08 123 45") | {"shown": now}).status_code == 302
    tomas.refresh_from_db()
    assert (tomas.email, tomas.phone) == ("", "08 123 45")


def test_the_same_change_twice_asks_nobody(cast: Cast) -> None:
    page = reverse("admin:records_person_change", args=[cast.tomas.pk])
    client = client_of(cast.leo)
    seen = shown(client, page)
    for _time in range(2):
        assert client.post(page, person(cast, phone="08 123 45") | seen).status_code == 302


def test_a_rule_that_another_one_made_stricter_is_not_loosened_unseen(cast: Cast, template: OperationTemplate) -> None:
    client = client_of(cast.leo)
    client.post(reverse("admin:approvals_approvalrule_add"), rule(template))
    page = reverse("admin:approvals_approvalrule_change", args=[ApprovalRule.objects.get().pk])
    seen = shown(client, page)
    stricter = rule(template, second="infrastructure_approver")
    assert client_of(cast.root).post(page, stricter | seen).status_code == 302
    answer = client.post(page, rule(template, first="devops_supervisor") | seen).content.decode()
    assert "First approval “Supervisor”; Second approval “Infrastructure approver”" in answer
    assert ApprovalRule.objects.get().roles == ["supervisor", "infrastructure_approver"]


def test_the_end_of_a_role_that_another_one_set(cast: Cast) -> None:
    held = RoleHolding.objects.filter(person=cast.tomas).order_by("pk")[0]
    page = reverse("admin:records_roleholding_change", args=[held.pk])
    client = client_of(cast.leo)
    seen = shown(client, page)
    RoleHolding.objects.filter(pk=held.pk).update(until="2026-12-01")
    assert "Until “2026-12-01”" in client.post(page, {"until": ""} | seen).content.decode()


def test_a_secret_is_not_told(cast: Cast) -> None:
    target = WebhookTarget.objects.create(name="Chat", url="https://hooks.example.com/s3cr3t", secret="a" * 40)
    page = reverse("admin:records_webhooktarget_change", args=[target.pk])
    client = client_of(cast.leo)
    seen = shown(client, page)
    WebhookTarget.objects.filter(pk=target.pk).update(url="https://hooks.example.com/0th3r")
    posted = {"name": "Chat", "url": "https://hooks.example.com/s3cr3t", "secret": "", "body": target.body}
    answer = client.post(page, posted | {"is_active": "on"} | seen).content.decode()
    assert "Now it says: Address (not shown here)." in answer and "0th3r" not in answer


def test_what_is_only_looked_at_has_no_form(cast: Cast, template: OperationTemplate) -> None:
    page = reverse("admin:records_operationtemplate_change", args=[template.pk])
    answer = client_of(cast.leo).get(page)
    assert answer.status_code == 200 and 'name="shown"' not in answer.content.decode()
