"""The account page: what people set for themselves, and nothing else."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from records import audit
from records.models import AuditEntry, Delivery, Person
from tests.people import PASSWORD, Cast

MINE = {"name": "Mara Lindqvist", "phone": "", "time_zone": "Europe/Stockholm", "theme": "dark", "keys": "on"}


@pytest.fixture
def mara(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.mara)
    return client


def test_what_is_set_is_seen_on_every_page(cast: Cast, mara: Client) -> None:
    mara.post(reverse("account"), MINE | {"keys": "", "is_dense": "on", "away_until": "2026-12-24"})
    page = mara.get(reverse("home")).content.decode()
    assert 'data-theme="dark" data-density="close"' in page
    assert 'data-keys="off"' in page
    cast.mara.refresh_from_db()
    assert (cast.mara.time_zone, cast.mara.away_until) == ("Europe/Stockholm", dt.date(2026, 12, 24))


def test_a_new_name_stands_in_the_trail_with_the_old_one(cast: Cast, mara: Client) -> None:
    mara.post(reverse("account"), MINE | {"name": "  Mara   Holm "})
    assert Person.objects.get(pk=cast.mara.pk).name == "Mara Holm"
    entry = AuditEntry.objects.get(act="name_changed")
    assert dict(audit.facts_in(entry)) == {"before": "Mara Lindqvist", "after": "Mara Holm"}


@pytest.mark.parametrize("name", ["Mara lindqvist", "Zoë O'Brien-Smith", "Мара Линд", "李 小龍", "Ana (nights) 2"])
def test_a_name_of_one_s_own_is_taken_as_it_is(cast: Cast, mara: Client, name: str) -> None:
    assert mara.post(reverse("account"), MINE | {"name": name}).status_code == 302
    assert Person.objects.get(pk=cast.mara.pk).name == name


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "Enter your name"),
        ("phone", "ask Ines", "Write the number as it is dialled"),
        ("phone", "07", "Write the number as it is dialled"),
        ("phone", "070 000 00 09 or 08 000 00", "Write the number as it is dialled"),
        ("phone", "+46 70\u202e 000", "Write the number as it is dialled"),
        ("phone", "4670000000912345", "Write the number as it is dialled"),
        ("away_until", "tomorrow", "Write the date as 2026-12-06"),
        ("time_zone", "Europe/Nowhere", "Select a valid choice"),
        ("theme", "pink", "Select a valid choice"),
        ("name", "a\0b", "Null characters are not allowed"),
        ("name", "tomas okafor", "Somebody else goes by that name"),
        ("name", "Tomas\u2003Okafor", "Somebody else goes by that name"),
        ("name", "TomasOkafor", "Somebody else goes by that name"),
        ("name", "T\u043em\u0430s Ok\u0430f\u043er", "one that looks the same"),
        ("name", "\uff34omas Okaf\u00f3r", "one that looks the same"),
        ("name", "Tomas 0kafor", "one that looks the same"),
        ("name", "Tomas\u200b Okafor", "no characters that nobody sees"),
        ("name", "Tomas \u202eOkafor", "no characters that nobody sees"),
        ("name", "Tomas\u3164Okafor", "no characters that nobody sees"),
        ("name", "Ada Brandt, DevOps supervisor, 2026-12-01 09:00 UTC", "A name is words alone"),
        ("name", "Ada Brandt 2026", "A name is words alone"),
        ("name", "Ada \u2013 DEVOPS  SUPERVIS\u041er", "A name is words alone"),
        ("name", "Ada Brandt infrastructure approver", "A name is words alone"),
        ("name", "Mara\uff0c Ada", "A name is words alone"),
        ("name", "...", "Enter your name"),
    ],
)
def test_what_can_t_be_is_told_and_nothing_is_saved(
    cast: Cast, mara: Client, field: str, value: str, words: str
) -> None:
    posted = MINE | {"phone": "+46 70 000 00 09", field: value}
    response = mara.post(reverse("account"), posted)
    page = response.content.decode()
    assert response.status_code == 400
    assert words in page
    assert "<title>Error: " in page
    assert f'value="{posted["phone"]}"' in page, "what was posted is still there"
    assert "Account: Mara Lindqvist" in page
    cast.mara.refresh_from_db()
    assert (cast.mara.phone, cast.mara.theme) == ("", "")


@pytest.mark.parametrize("number", ["112", "+46 70 000 00 09", "(030) 901-820", "0041/44.668 18 00"])
def test_a_number_is_taken_as_people_write_it(cast: Cast, mara: Client, number: str) -> None:
    assert mara.post(reverse("account"), MINE | {"phone": number}).status_code == 302
    assert Person.objects.get(pk=cast.mara.pk).phone == number


def test_nobody_makes_themselves_more_than_they_are_case_10(cast: Cast, mara: Client) -> None:
    mara.post(
        reverse("account"), MINE | {"is_superuser": "on", "is_staff": "on", "username": "root", "roles": "auditor"}
    )
    person = Person.objects.get(pk=cast.mara.pk)
    assert (person.username, person.is_superuser, person.is_staff) == ("mara", False, False)


def test_a_new_password_ends_the_other_sessions(cast: Cast, mara: Client) -> None:
    other = Client()
    other.force_login(cast.mara)
    new = "a quite different one, and long"
    posted = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    assert mara.post(reverse("account_password"), posted).status_code == 400
    response = mara.post(reverse("account_password"), posted | {"old_password": PASSWORD}, follow=True)
    assert "Your password is changed." in response.content.decode()
    assert other.get(reverse("account")).status_code == 302
    assert mara.get(reverse("account")).status_code == 200
    assert dict(audit.facts_in(AuditEntry.objects.get(act="password_changed", person=cast.mara))) == {}
    told = Delivery.objects.get(person=cast.mara)
    assert told.subject == "Your password was changed" and "If you didn't change it, tell somebody" in told.body
    assert new not in told.body


def test_keys_are_offered_to_nobody_who_can_t_have_them(mara: Client) -> None:
    page = mara.get(reverse("account")).content.decode()
    assert "Your browser has to run scripts for them." in page


def test_each_sees_the_ways_that_are_theirs(cast: Cast) -> None:
    ways = {"leo": ("audit", "admin:index"), "vera": ("audit",), "mara": ()}
    for name, own in ways.items():
        client = Client()
        client.force_login(getattr(cast, name))
        page = client.get(reverse("account")).content.decode()
        for way in ("audit", "admin:index"):
            assert (f'href="{reverse(way)}"' in page) == (way in own), (name, way)


def test_what_is_wanted_by_mail_is_kept_as_far_as_it_differs(cast: Cast, mara: Client) -> None:
    page = mara.get(reverse("account")).content.decode()
    assert "Comments and answers" in page and "Once a day, in one mail" in page
    assert mara.post(reverse("account"), MINE | {"mail_comments": "daily", "mail_run": "never"}).status_code == 302
    assert Person.objects.get(pk=cast.mara.pk).mail_wishes == {"comments": "daily", "run": "never"}
    assert 'value="daily" selected' in mara.get(reverse("account")).content.decode()
    assert mara.post(reverse("account"), MINE | {"mail_comments": "hourly"}).status_code == 400
    mara.post(reverse("account"), MINE | {"mail_comments": "at_once"})
    assert Person.objects.get(pk=cast.mara.pk).mail_wishes == {}
