"""The mail page: what left, what waits, what failed for good; sent again by an administrator alone."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from records.audit import facts_in
from records.models import AuditEntry, Delivery, DeliveryState, OperationTemplate
from tests import make
from tests.people import Cast, signed_in


@pytest.fixture
def mails(cast: Cast, template: OperationTemplate) -> None:
    make.submit(cast, make.make_draft(cast, template))
    assert {mail.person.username for mail in Delivery.objects.all()} == {"tomas", "ada"}


def test_the_demo_shows_everybody_what_would_have_left(cast: Cast, mails: None, settings) -> None:
    settings.DEMO = True
    page = signed_in(cast.noor).get(reverse("deliveries")).content.decode()
    assert "these are the mails that would have" in page
    assert page.count("Review asked: PostgreSQL 14 to 16 migration") >= 2
    assert "tomas@example.com" in page
    assert "To copy for a chat:" in page


def test_elsewhere_people_see_their_own_and_administrators_all(cast: Cast, mails: None, settings) -> None:
    settings.DEMO = False
    expected = {"tomas": {"tomas"}, "noor": set(), "leo": {"tomas", "ada"}}
    for name, seen in expected.items():
        page = signed_in(getattr(cast, name)).get(reverse("deliveries")).content.decode()
        assert {to for to in ("tomas", "ada") if f"{to}@example.com" in page} == seen, name


def test_what_failed_stays_visible_and_is_sent_again_by_an_administrator(cast: Cast, mails: None) -> None:
    mail = Delivery.objects.get(person=cast.ada)
    Delivery.objects.filter(pk=mail.pk).update(state=DeliveryState.FAILED, attempts=8, error="SMTP says <no>")
    page = signed_in(cast.leo).get(reverse("deliveries"), {"state": "failed"}).content.decode()
    assert "Failed for good" in page
    assert "SMTP says &lt;no&gt;" in page
    assert "tomas@example.com" not in page
    url = reverse("delivery_again", args=[mail.pk])
    assert signed_in(cast.ada).post(url).status_code == 403
    assert signed_in(cast.leo).post(url).status_code == 302
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (DeliveryState.WAITING, 0)
    assert AuditEntry.objects.get(act="mail_sent_again").person == cast.leo


def test_all_that_failed_is_sent_again_with_one_press(cast: Cast, mails: None) -> None:
    Delivery.objects.update(state=DeliveryState.FAILED, attempts=30)
    diverged = Delivery.objects.create(
        channel="git",
        event="finalized",
        state="diverged",
        subject="x.md",
        next_at=timezone.now(),
        created_at=timezone.now(),
    )
    leo = signed_in(cast.leo)
    page = leo.get(reverse("deliveries")).content.decode()
    assert re.findall(r"Failed for good: (\d+)|Diverged: (\d+)", page) == [("", "1"), ("2", "")]
    assert "Send all again" not in signed_in(cast.ada).get(reverse("deliveries")).content.decode()
    assert signed_in(cast.ada).post(reverse("deliveries_again"), {"state": "failed"}).status_code == 403
    assert leo.post(reverse("deliveries_again"), {"state": "sent"}).status_code == 400
    page = leo.post(reverse("deliveries_again"), {"state": "failed"}, follow=True).content.decode()
    assert "2 are queued again." in page
    assert set(Delivery.objects.filter(channel="mail").values_list("state", "attempts")) == {("waiting", 0)}
    diverged.refresh_from_db()
    assert diverged.state == DeliveryState.DIVERGED
    [entry] = AuditEntry.objects.filter(act="mails_sent_again")
    ids = Delivery.objects.filter(channel="mail").values_list("delivery_id", flat=True)
    assert set(facts_in(entry)["deliveries"]) == {str(one) for one in ids}
    page = leo.post(reverse("deliveries_again"), {"state": "failed"}, follow=True).content.decode()
    assert "Nothing was left" in page and AuditEntry.objects.filter(act="mails_sent_again").count() == 1


def test_what_was_sent_is_not_sent_twice(cast: Cast, mails: None) -> None:
    mail = Delivery.objects.get(person=cast.ada)
    Delivery.objects.filter(pk=mail.pk).update(state=DeliveryState.SENT)
    assert signed_in(cast.leo).post(reverse("delivery_again", args=[mail.pk])).status_code == 409
    mail.refresh_from_db()
    assert mail.state == DeliveryState.SENT
