"""The mail page: what left, what waits, what failed for good; sent again by an administrator alone."""

import pytest
from django.test import Client
from django.urls import reverse

from records.models import AuditEntry, Delivery, DeliveryState, OperationTemplate
from tests import make
from tests.people import Cast


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def mails(cast: Cast, template: OperationTemplate) -> None:
    make.submit(cast, make.make_draft(cast, template))
    assert {mail.person.username for mail in Delivery.objects.all()} == {"tomas", "ada"}


def test_the_demo_shows_everybody_what_would_have_left(cast: Cast, mails: None, settings) -> None:
    settings.DEMO = True
    page = client_of(cast.noor).get(reverse("deliveries")).content.decode()
    assert "these are the mails that would have" in page
    assert page.count("Review asked: PostgreSQL 14 to 16 migration") >= 2
    assert "tomas@example.com" in page
    assert "To copy for a chat:" in page


def test_elsewhere_people_see_their_own_and_administrators_all(cast: Cast, mails: None, settings) -> None:
    settings.DEMO = False
    expected = {"tomas": {"tomas"}, "noor": set(), "leo": {"tomas", "ada"}}
    for name, seen in expected.items():
        page = client_of(getattr(cast, name)).get(reverse("deliveries")).content.decode()
        assert {to for to in ("tomas", "ada") if f"{to}@example.com" in page} == seen, name


def test_what_failed_stays_visible_and_is_sent_again_by_an_administrator(cast: Cast, mails: None) -> None:
    mail = Delivery.objects.get(person=cast.ada)
    Delivery.objects.filter(pk=mail.pk).update(state=DeliveryState.FAILED, attempts=8, error="SMTP says <no>")
    page = client_of(cast.leo).get(reverse("deliveries"), {"state": "failed"}).content.decode()
    assert "Failed for good" in page
    assert "SMTP says &lt;no&gt;" in page
    assert "tomas@example.com" not in page
    url = reverse("delivery_again", args=[mail.pk])
    assert client_of(cast.ada).post(url).status_code == 403
    assert client_of(cast.leo).post(url).status_code == 302
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (DeliveryState.WAITING, 0)
    assert AuditEntry.objects.get(act="mail_sent_again").person == cast.leo


def test_what_was_sent_is_not_sent_twice(cast: Cast, mails: None) -> None:
    mail = Delivery.objects.get(person=cast.ada)
    Delivery.objects.filter(pk=mail.pk).update(state=DeliveryState.SENT)
    assert client_of(cast.leo).post(reverse("delivery_again", args=[mail.pk])).status_code == 409
    mail.refresh_from_db()
    assert mail.state == DeliveryState.SENT
