"""Whoever sends a form while they are signed out signs in, finds what they sent, and sends it once more."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from records.models import FieldChange, LogEntry, Operation, OperationTemplate, Person, State
from records.views import carried
from tests import make
from tests.browserless import Page, follow, look, words_of
from tests.people import PASSWORD, Cast, begin_session
from tests.records.section_pages.asking import COST, SUMMARY, table

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
LONG = "100 KB of “quotes”, 'quotes', <b>tags</b> & signs: ü 漢 🚒\r\n" * 1500 + "end"
SIGN_IN, CARRIED = "form-1", "send"


def browser(person: Person | None) -> Client:
    """A browser of ``person``, without scripts, whose forms need their token."""
    client = Client(enforce_csrf_checks=True, headers=BROWSER)
    if person:
        begin_session(client, person)
    return client


def signed_out(client: Client) -> None:
    """The session ended elsewhere; what else the browser has of this site, it has still."""
    del client.cookies[settings.SESSION_COOKIE_NAME]


def sends(person: Person, address: str, changes: dict[str, str], form: str = "f", **button: str) -> Page:
    """``person`` types ``changes`` into the form at ``address`` and sends it, signed out by then."""
    page = look(browser(person), address)
    signed_out(page.client)
    return page.send(changes, form=form, **button)


def signs_in(page: Page, name: str = "mara", password: str = PASSWORD) -> Page:
    return page.send({"username": name, "password": password}, form=SIGN_IN)


def section(operation: Operation) -> str:
    return reverse("section", args=[operation.pk, SUMMARY])


@pytest.mark.parametrize(
    "text",
    [
        "two words",
        "\r\nbegins with a line end",
        "\r\n\r\nwith two",
        "  blanks around \r\n and at the end  ",
        "</textarea></form><script>alert(1)</script> \" ' &amp; &#10;",
        "\u202egnp.exe \U0001f469\u200d\U0001f692 \u00a0\u2028 \ufeff",
        LONG,
    ],
)
def test_what_was_typed_is_sent_after_the_sign_in_as_it_was(text: str, cast: Cast, full: Operation) -> None:
    before = look(browser(cast.mara), section(full)).fields()
    page = sends(cast.mara, section(full), {COST: text}, act="save")
    assert page.status == 403
    assert "You were signed out when you sent this, and nothing was saved yet." in words_of(page.text)
    page = signs_in(page)
    assert page.status == 200
    assert "Nothing was saved yet" in words_of(page.text) and not FieldChange.objects.exists()
    kept = page.fields(CARRIED)
    # A browser reads every line end of a page as one character, and sends it as two.
    kept = {name: re.sub(r"\r\n|\r|\n", "\r\n", value) for name, value in kept.items()}
    assert kept[COST] == text
    tokens = {"csrfmiddlewaretoken", "page"}
    assert {name: value for name, value in kept.items() if name not in tokens | {COST, "act"}} == {
        name: value for name, value in before.items() if name not in tokens | {COST}
    }
    saved = page.send(kept, form=CARRIED)
    assert saved.status == 200
    assert table(full, SUMMARY)[COST] == text.replace("\r\n", "\n")


def test_it_is_not_sent_by_who_goes_on_without_it(cast: Cast, full: Operation) -> None:
    page = signs_in(sends(cast.mara, section(full), {COST: "not so"}, act="save"))
    assert f'href="{section(full)}">Open the page without it' in page.text
    assert page.text.count("btn-primary") == 1
    assert "not so" not in look(page.client, section(full)).text
    assert not FieldChange.objects.exists()


def test_nothing_is_stored_for_who_is_not_signed_in(cast: Cast, full: Operation, django_assert_num_queries) -> None:
    page = look(browser(cast.mara), section(full))
    signed_out(page.client)
    with django_assert_num_queries(0):
        answer = page.send({COST: "two words"}, act="save")
    assert settings.SESSION_COOKIE_NAME not in answer.response.cookies


def test_a_wrong_password_keeps_it_and_so_does_a_locked_door(cast: Cast, full: Operation) -> None:
    page = sends(cast.mara, section(full), {COST: "two words"}, act="save")
    for _time in range(settings.AXES_FAILURE_LIMIT - 1):
        page = signs_in(page, password="wrong")
        assert (page.status, "You could not be signed in" in page.text) == (200, True)
    locked = signs_in(page, password="wrong")
    assert (locked.status, "Locked for a while" in locked.text) == (429, True)
    again = locked.send(form=SIGN_IN)
    assert signs_in(again).status == 429, "the right password opens nothing before its time"
    assert "two words" in signs_in(again, name="carl").fields(CARRIED)[COST]


def test_an_old_token_on_the_sign_in_page_keeps_it_too(cast: Cast, full: Operation) -> None:
    page = sends(cast.mara, section(full), {COST: "two words"}, act="save")
    del page.client.cookies[settings.CSRF_COOKIE_NAME]
    asked = signs_in(page)
    assert (asked.status, "Please send that again" in asked.text) == (403, True)
    assert asked.send({"password": PASSWORD}, form="again").fields(CARRIED)[COST] == "two words"


def test_who_signs_in_reads_under_whose_name_it_is_sent(cast: Cast, full: Operation) -> None:
    page = signs_in(sends(cast.mara, section(full), {COST: "Mara's words"}, act="save"), "carl")
    assert "You are signed in as Carl Nyberg : what you send now, you send under this name." in words_of(page.text)
    refused = page.send(form=CARRIED)
    assert (refused.status, "opened by somebody else" in refused.text, "Mara" in refused.text) == (403, True, True)
    assert not FieldChange.objects.exists()


def test_rights_versions_and_texts_of_others_are_looked_at_as_ever(cast: Cast, full: Operation) -> None:
    page = signs_in(sends(cast.mara, section(full), {COST: "mine and mine"}, act="save"))
    look(browser(cast.carl), section(full)).send({COST: "theirs"}, act="save")
    clash = page.send(form=CARRIED)
    assert (clash.status, "Somebody else changed this too" in clash.text) == (409, True)
    assert table(full, SUMMARY)[COST] == "theirs"


# ---------------------------------------------------------------- who else could send it, and where to


def test_a_form_without_its_token_is_refused_as_before_and_plants_nothing(cast: Cast, full: Operation) -> None:
    foreign = browser(None)
    answer = foreign.post(section(full), {COST: "planted words"})
    assert (answer.status_code, "csrf_failure.html" in [one.name for one in answer.templates]) == (403, True)
    from_there = {"origin": "https://elsewhere.example"}
    assert "planted" not in foreign.post(section(full), {COST: "planted words"}, headers=from_there).content.decode()
    sealed = sends(cast.mara, section(full), {COST: "planted words"}, act="save").fields(SIGN_IN)["carried"]
    login = {"username": "mara", "password": PASSWORD, "carried": sealed}
    assert foreign.post(reverse("login"), login, headers=from_there).status_code == 403
    assert "carried" not in foreign.get(reverse("login"), {"carried": sealed}).content.decode()


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_what_was_not_sealed_here_or_leads_elsewhere_is_not_shown(to: str, cast: Cast) -> None:
    told = {"to": to, "fields": [["text", "two words"]], "had_files": False}
    sealed = signing.dumps(told, salt=carried.SALT, compress=True)
    for one in (sealed, sealed[:-1], signing.dumps(told, salt="another", compress=True), "[]"):
        posted = {"username": "mara", "password": PASSWORD, "carried": one}
        answer = Client(headers=BROWSER).post(reverse("login"), posted)
        assert (answer.status_code, "This could not be read" in answer.content.decode()) == (400, True)
        assert settings.SESSION_COOKIE_NAME not in answer.cookies, "nobody is signed in, and goes back to send it again"


@pytest.mark.parametrize("headers", [{"accept": "application/json"}, {"accept": "*/*"}, {}])
def test_a_script_is_answered_as_before(headers: dict[str, str], cast: Cast, full: Operation) -> None:
    """It keeps what it sends by itself, and knows by the way to the sign-in page that it wasn't taken."""
    client = Client(headers=headers)
    answer = client.post(section(full), {COST: "two words"})
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('login')}?next={section(full)}")
    assert client.get(section(full), headers=BROWSER).status_code == 302, "and so is who only looks"


def test_no_password_goes_along_and_no_file(cast: Cast, full: Operation) -> None:
    client = Client(headers=BROWSER)
    photo = SimpleUploadedFile("screen.png", b"\x89PNG of a screen")
    told = {"output": "two words", "password": "hunter2 hunter2", "old_password": "hunter2", "file": photo}
    address = reverse("bring_evidence", args=[full.pk])
    asked = follow(client, client.post(address, told | {"csrfmiddlewaretoken": "x" * 32}), address)
    page = signs_in(asked)
    assert [name for name, _value in page.parsed.forms[CARRIED]] == ["csrfmiddlewaretoken", "output"]
    assert "hunter2" not in str(signing.loads(asked.fields(SIGN_IN)["carried"], salt=carried.SALT))
    assert "Choose them again afterwards" in page.text
    assert f'href="{reverse("run", args=[full.pk])}">Open the page' in page.text, "its own address shows nothing"


def test_several_values_of_a_name_stay_in_their_order(cast: Cast, full: Operation) -> None:
    client = Client(headers=BROWSER)
    address = reverse("close", args=[full.pk])
    page = signs_in(follow(client, client.post(address, {"value": ["b", "a", "c"], "do": "take_over"}), address))
    fields = page.parsed.forms[CARRIED]
    assert fields[1:] == [("value", "b"), ("value", "a"), ("value", "c"), ("do", "take_over")]


def test_more_than_the_form_of_the_sign_in_page_may_send_waits_beside_it(
    cast: Cast, full: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can be sent can be sent again; sealed it may be longer, and would be refused with the sign-in."""
    page = look(browser(cast.mara), section(full))
    signed_out(page.client)
    monkeypatch.setattr(carried, "BESIDE", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    page = page.send({COST: "two words"}, act="save")
    assert (page.status, "Sign in in a new tab" in page.text) == (403, True)
    assert "You are signed in as" not in page.text
    tab = signs_in(look(page.client, reverse("login")))
    assert tab.status == 200
    asked = page.send(form=CARRIED)
    assert "Please send that again" in asked.text
    asked.send(form="again")
    assert table(full, SUMMARY)[COST] == "two words"


def test_a_body_over_the_limit_is_refused_as_before(full: Operation) -> None:
    limit = 2 * 1024 * 1024
    for address in (section(full), reverse("login")):
        assert Client(headers=BROWSER).post(address, {"text": "x" * limit}).status_code == 413


# ---------------------------------------------------------------- other pages that are written on


def test_a_note_of_the_run_goes_along(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.RUNNING, cast, template)
    address = reverse("run", args=[operation.pk])
    client = browser(cast.jun)
    look(client, address)
    signed_out(client)
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    told = {"do": "note", "note": "\r\nOrders wait in the queue", "csrfmiddlewaretoken": token}
    page = signs_in(follow(client, client.post(address, told), address), "jun")
    assert page.send(form=CARRIED).address.startswith(address)
    assert LogEntry.objects.filter(operation=operation, text__contains="Orders wait in the queue").count() == 1


def test_an_emergency_and_a_new_record_go_along(cast: Cast, template: OperationTemplate) -> None:
    for address in (reverse("emergency_new"), f"{reverse('record_new')}?template={template.pk}"):
        client = Client(headers=BROWSER)
        told = {"title": "Disk is full", "doing": "Disk is full"}
        page = signs_in(follow(client, client.post(address, told), address))
        assert page.parsed.actions[CARRIED] == address
        assert "Disk is full" in page.send(form=CARRIED).text
