"""What stands around every page: headers, the database's manners, the throttle on passwords."""

import gzip
import re
import threading
from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import find, get_finders
from django.db import connection, transaction
from django.test import Client

from opsrecords.static_files import JOINED, LinkedStaticFiles
from records.tokens import make_token
from tests import make

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


@pytest.mark.parametrize(("address", "status"), [("/sign-in/", 200), ("/nothing/here/", 404), ("/?q=%00", 400)])
def test_every_page_carries_the_headers(client, address, status):
    response = client.get(address)
    assert response.status_code == status
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    assert "Strict-Transport-Security" not in response


def test_a_static_file_may_be_kept(client):
    response = client.get("/static/css/site.css")
    assert response.status_code == 200
    assert "no-store" not in response["Cache-Control"]


def test_pages_travel_compressed_and_files_as_they_are(client, db, cast):
    client.force_login(cast.mara)
    template = make.make_template()
    page = client.get("/help/", headers={"accept-encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert b"<h1" in gzip.decompress(page.content)
    file = client.get(f"/templates/{template.pk}.md", headers={"accept-encoding": "gzip"})
    assert not file.has_header("Content-Encoding")
    assert file.content == template.text.encode()


def test_only_static_files_that_pages_link_are_collected():
    paths = [
        path
        for finder in get_finders()
        for path, _ in finder.list(LinkedStaticFiles.ignore_patterns)
        if not path.startswith("admin/")
    ]
    assert "js-lib-bootstrap5/css/bootstrap.min.css" in paths
    assert "css/site.css" in paths
    assert len([path for path in paths if path.startswith("js-lib-bootstrap5/")]) < 4
    assert [path for path in paths if path.endswith((".js", ".css")) and path not in JOINED] == [
        "js-lib-bootstrap5/css/bootstrap.min.css"
    ]


def test_every_sheet_is_in_the_one_that_pages_link_and_paper_comes_last():
    text = Path(find("css/site.css")).read_text()
    sheets = [sheet.read_text() for sheet in (settings.BASE_DIR / "static/css").rglob("*.css")]
    assert [sheet for sheet in sheets if sheet not in text] == []
    assert text.startswith((settings.BASE_DIR / "static/css/tokens.css").read_text())
    assert text.endswith(f"@media print {{\n{(settings.BASE_DIR / 'static/css/print.css').read_text()}}}\n")


MANNERS = {
    "sqlite": {
        "PRAGMA foreign_keys": 1,
        "PRAGMA journal_mode": "wal",
        "PRAGMA synchronous": 2,
        "PRAGMA busy_timeout": 20000,
    },
    "postgresql": {
        "SHOW synchronous_commit": "on",
        "SHOW lock_timeout": "20s",
        "SHOW statement_timeout": "30s",
        "SHOW idle_in_transaction_session_timeout": "1min",
        "SHOW application_name": "opsrecords",
    },
}


@pytest.mark.django_db
def test_the_database_has_its_manners():
    expected = MANNERS[connection.vendor]
    with connection.cursor() as cursor:
        answers = {question: cursor.execute(question).fetchone()[0] for question in expected}
    assert answers == expected


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_reads_first_may_still_write_when_somebody_else_wrote():
    people = get_user_model().objects
    person = people.create_user("mara", "mara@example.com", "right-and-long")
    inside = threading.Event()

    def rename_elsewhere() -> None:
        inside.wait(20)
        with transaction.atomic():
            people.filter(pk=person.pk).update(last_name="elsewhere")
        connection.close()

    elsewhere = threading.Thread(target=rename_elsewhere)
    elsewhere.start()
    with transaction.atomic():
        assert people.get(pk=person.pk).first_name == ""
        inside.set()
        elsewhere.join(0.5)  # time for the other to write, were it let in between
        people.filter(pk=person.pk).update(first_name="here")
    elsewhere.join(20)
    person.refresh_from_db()
    assert (person.first_name, person.last_name) == ("here", "elsewhere")


@pytest.mark.django_db
def test_five_wrong_passwords_lock_the_name_at_that_address_only():
    get_user_model().objects.create_user("mara", "mara@example.com", "right-and-long")
    there, elsewhere = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    wrong, right = ({"username": "mara", "password": word} for word in ("wrong", "right-and-long"))
    assert [there.post("/sign-in/", wrong).status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    locked = there.post("/sign-in/", right)
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert "15 minutes" in locked.content.decode()
    assert elsewhere.post("/sign-in/", right).status_code == 302


@pytest.mark.django_db
def test_behind_a_proxy_the_address_is_the_one_that_it_names_and_none_that_came_along(settings):
    get_user_model().objects.create_user("mara", "mara@example.com", "right-and-long")
    wrong, right = ({"username": "mara", "password": word} for word in ("wrong", "right-and-long"))

    def asked(told: dict[str, str], named: str) -> int:
        return Client(REMOTE_ADDR="10.0.0.1").post("/sign-in/", told, headers={"X-Forwarded-For": named}).status_code

    assert [asked(wrong, f"192.0.2.{at}") for at in range(5)][-1] == 429, "nobody said that the proxy names it"
    settings.CLIENT_HEADER = "X-Forwarded-For"
    assert [asked(wrong, f"192.0.2.{at}, 192.0.2.9") for at in range(5)] == [200, 200, 200, 200, 429]
    assert asked(right, "192.0.2.9") == 429
    assert asked(right, "192.0.2.8") == 302
    assert asked(right, "unknown") == 429, "then it is the proxy's"


@pytest.mark.django_db
def test_case_25_nobody_locks_a_person_out_of_a_browser_that_is_theirs():
    """Somebody in the same office, behind the same address, guesses at the only supervisor's password all night."""
    get_user_model().objects.create_user("mara", "mara@example.com", "right-and-long")
    hers, theirs = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.1")
    right = {"username": "mara", "password": "right-and-long"}
    assert hers.post("/sign-in/", right).status_code == 302
    hers.get("/")
    hers.post("/sign-out/")
    answers = [theirs.post("/sign-in/", right | {"password": "wrong"}).status_code for _ in range(5)]
    assert answers[-1] == 429
    assert theirs.post("/sign-in/", right).status_code == 429
    assert hers.post("/sign-in/", right).status_code == 302
    # A browser is known to one person only, and whoever guesses in it meets the same limit.
    get_user_model().objects.create_user("ada", "ada@example.com", "right-and-long")
    ada = {"username": "ada", "password": "right-and-long"}
    assert [theirs.post("/sign-in/", ada | {"password": "wrong"}).status_code for _ in range(5)][-1] == 429
    hers.post("/sign-out/")
    assert hers.post("/sign-in/", ada).status_code == 429
    assert [hers.post("/sign-in/", right | {"password": "wrong"}).status_code for _ in range(5)][-1] == 429


@pytest.mark.django_db
def test_case_25_all_pages_that_ask_for_a_password_share_one_limit():
    """Wrong ones on the page of a new password count for the sign-in, and the page says so with its text kept."""
    get_user_model().objects.create_user("mara", "mara@example.com", "right-and-long")
    client = Client(REMOTE_ADDR="192.0.2.1")
    assert client.post("/sign-in/", {"username": "mara", "password": "right-and-long"}).status_code == 302
    change = {"old_password": "wrong", "new_password1": "another-long-one", "new_password2": "another-long-one"}
    answers = [client.post("/account/password/", change) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {400}
    assert "That is not your password" in answers[0].content.decode()
    assert "Too many wrong passwords" in answers[4].content.decode()
    assert client.post("/account/password/", change | {"old_password": "right-and-long"}).status_code == 400
    assert client.get("/admin/password_change/")["Location"] == "/account/password/"
    client.post("/sign-out/")
    assert client.post("/sign-in/", {"username": "mara", "password": "right-and-long"}).status_code == 429


@pytest.mark.django_db
def test_case_7_a_stolen_session_makes_no_new_browsers_to_guess_the_password_in():
    """Each browser that is known has a limit of its own: one comes to be known by the password alone."""
    get_user_model().objects.create_user("mara", "mara@example.com", "right-and-long")
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.post("/sign-in/", {"username": "mara", "password": "right-and-long"})
    change = {"old_password": "wrong", "new_password1": "another-long-one", "new_password2": "another-long-one"}
    stolen, answers = client.cookies["sessionid"].value, []
    for _ in range(7):
        thief = Client(REMOTE_ADDR="192.0.2.2")
        thief.cookies["sessionid"] = stolen
        assert thief.get("/account/").status_code == 200
        assert "device" not in thief.cookies
        answers.append(thief.post("/account/password/", change).content.decode())
    assert ["Too many wrong passwords" in answer for answer in answers] == [False] * 4 + [True] * 3
    assert client.post("/account/password/", change | {"old_password": "right-and-long"}).status_code == 302


@pytest.mark.django_db
def test_case_25_nor_does_a_token():
    mara = get_user_model().objects.create_user("mara", "mara@example.com", "right-and-long")
    secret = make_token(mara, name="Nightly", password="right-and-long")
    client = Client(headers={"authorization": f"Bearer {secret}"})
    assert client.get("/api/records/").status_code == 200
    assert not client.cookies


def test_no_sheet_says_for_all_pages_what_another_says():
    """They leave as one: a class that is a whole selector belongs to one sheet, and is no other's modifier."""
    owners, modifiers = defaultdict(set), defaultdict(set)
    for sheet in (settings.BASE_DIR / "static/css").rglob("*.css"):
        if sheet.name in ("print.css", "contrast.css"):  # they only change what is there, for paper and forced colours
            continue
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
        text = re.sub(r":(?:is|has|not)\([^()]*(?:\([^()]*\)[^()]*)*\)", ":any", text)
        for selector in [one.strip() for group in re.findall(r"([^{}]+){", text) for one in group.split(",")]:
            if re.fullmatch(r"\.[\w-]+", selector):
                owners[selector[1:]].add(sheet.name)
            for several in re.findall(r"(?:\.[\w-]+){2,}", selector):
                for name in several.split(".")[2:]:
                    modifiers[name].add(sheet.name)
    assert {name: sheets for name, sheets in owners.items() if len(sheets) > 1} == {}
    assert {name: modifiers[name] - sheets for name, sheets in owners.items() if modifiers[name] - sheets} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_case_26_signing_in_leads_nowhere_else_whatever_host_is_forwarded(elsewhere):
    get_user_model().objects.create_user("mara", "mara@example.com", "right-and-long")
    typed = {"username": "mara", "password": "right-and-long", "next": elsewhere}
    response = Client().post("/sign-in/", typed, headers={"X-Forwarded-Host": "evil.example"})
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.django_db
def test_case_26_a_host_that_is_not_ours_is_refused_and_an_address_that_is_only_said_changes_no_limit(settings):
    settings.ALLOWED_HOSTS = ["records.example.com"]
    hosts = (
        "evil.example",
        "records.example.com.evil.example",
        "records.example.com@evil.example",
        "records.example.com",
    )
    assert [Client().get("/sign-in/", headers={"host": one}).status_code for one in hosts] == [400, 400, 400, 200]
    get_user_model().objects.create_user("mara", "mara@example.com", "right-and-long")
    client = Client(REMOTE_ADDR="192.0.2.1", headers={"host": "records.example.com"})
    wrong = {"username": "mara", "password": "wrong"}
    said = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in range(5)]
    assert [client.post("/sign-in/", wrong, headers=one).status_code for one in said] == [200, 200, 200, 200, 429]
