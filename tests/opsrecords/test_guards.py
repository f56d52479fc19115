"""What stands around every page: headers, the database's manners, the throttle on passwords."""

import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import find, get_finders
from django.db import connection, transaction
from django.test import Client

from opsrecords.static_files import LinkedStaticFiles

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
    "postgresql": {"SHOW synchronous_commit": "on", "SHOW lock_timeout": "20s", "SHOW statement_timeout": "30s"},
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
