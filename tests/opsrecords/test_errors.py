"""What went wrong is said in the site's own words, and a person's text comes back to them."""

import logging
import re

import pytest
from django.conf import settings
from django.test import Client

from tests.opsrecords.faulty_urls import FAULTS

pytestmark = pytest.mark.urls("tests.opsrecords.faulty_urls")


@pytest.fixture
def strict_client() -> Client:
    """A browser whose forms need their token, and that gets error pages, not exceptions."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def test_an_unknown_address_is_a_designed_404(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_refusal_gives_its_reason(client):
    response = client.get("/forbidden/")
    assert response.status_code == 403
    assert "you wrote part of this plan" in response.content.decode()


def test_what_can_t_be_used_is_a_400_with_its_reason(client):
    response = client.post("/unusable/")
    assert response.status_code == 400
    page = response.content.decode()
    assert "This could not be read" in page and "holds a NUL character" in page


def test_a_fault_shows_a_number_that_the_log_knows_and_nothing_else(strict_client, caplog):
    with caplog.at_level(logging.ERROR, "opsrecords.errors"):
        response = strict_client.get("/broken/")
    page = response.content.decode()
    assert response.status_code == 500
    reference = re.search(r"<code>([0-9a-f]{8})</code>", page)
    assert reference
    assert f"Reference {reference[1]}: RuntimeError" in caplog.text
    assert "secret" not in page


@pytest.mark.parametrize("fault", FAULTS)
def test_a_database_or_disk_that_gives_way_is_a_503_in_plain_words_case_31(strict_client, fault):
    response = strict_client.get(f"/out-of-order/{fault}/")
    page = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert ("There is no room left" in page) == ("full" in fault or "broken" in fault)
    assert ("Its database does not answer" in page) == (fault in ("away", "closed"))
    assert "What you just sent was most likely not saved" in page
    assert "hunter2" not in page


def test_a_session_that_can_t_be_written_is_the_database_s_fault_case_30(strict_client):
    assert strict_client.get("/interrupted/").status_code == 503


@pytest.mark.parametrize("address", ["/form/?q=%00", "/form/?%00=q", "/fo%00rm/"])
def test_a_nul_in_the_address_is_a_400(client, address):
    response = client.get(address)
    assert response.status_code == 400
    assert "This could not be read" in response.content.decode()


def test_a_foreign_host_is_a_400(client):
    assert client.get("/form/", headers={"host": "elsewhere.example"}).status_code == 400


def test_too_many_fields_are_a_413(client):
    limit = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    fits, over = ({f"f{number}": "x" for number in range(limit + extra)} for extra in (0, 1))
    assert client.post("/form/", fits).status_code == 200
    assert client.post("/form/", over).status_code == 413


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/x"])
def test_a_body_over_the_limit_is_a_413_and_is_not_read(client, kind):
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    response = client.generic("POST", "/form/", b"text=x", kind, CONTENT_LENGTH=str(limit + 1))
    assert response.status_code == 413
    assert "That is too long" in response.content.decode()


def test_a_body_at_the_limit_is_read(client):
    body = b"text=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 5)
    response = client.generic("POST", "/form/", body, "application/x-www-form-urlencoded")
    assert response.content == body[5:]


TYPED = "first line\nsecond <b>line</b>"


def test_an_old_form_comes_back_with_its_text_and_can_be_sent_again(strict_client):
    posted = {"text": TYPED, "version": "7", "password": "hunter2", "csrfmiddlewaretoken": "old"}
    response = strict_client.post("/form/?tab=2", posted)
    page = response.content.decode()
    assert response.status_code == 403
    assert 'action="/form/?tab=2"' in page
    assert "\nfirst line\nsecond &lt;b&gt;line&lt;/b&gt;</textarea>" in page
    assert '<input type="hidden" name="version" value="7">' in page
    assert "hunter2" not in page
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    again = strict_client.post("/form/?tab=2", {**posted, "csrfmiddlewaretoken": token[1]})
    assert (again.status_code, again.content.decode()) == (200, TYPED)


def test_a_form_of_another_site_is_refused_without_its_text(strict_client):
    response = strict_client.post("/form/", {"text": TYPED}, headers={"origin": "https://elsewhere.example"})
    page = response.content.decode()
    assert response.status_code == 403
    assert "Another site sent this form" in page
    assert "first line" not in page
    assert "Send again" not in page
