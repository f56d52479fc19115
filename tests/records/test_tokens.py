"""Rule 9: a token reads and brings drafts in; whatever decides, signs, runs or administers is closed to it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from opsrecords.by_token import OPENS
from records import tokens
from records.audit import facts_in
from records.calendar import feed_address
from records.document.digest import sha256
from records.models import ApiToken, AuditEntry, Operation, OperationTemplate, Person, RoleHolding, State
from records.own_account import change_password
from records.passwords import WrongPassword, confirm
from records.refusals import Refused
from records.tokens import end_token, make_token
from records.transfer.exchange import record_as_json
from records.transfer.records_out import markdown_of
from tests import make
from tests.approvals.access_table import address, patterns, rows
from tests.people import PASSWORD, Cast

API = "/api/records/"
ANOTHER = "another horse battery staple"


def bearer(secret: str) -> dict[str, Any]:
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def a_token(person: Person, name: str = "the nightly export") -> str:
    return make_token(person, name=name, password=PASSWORD)


def test_it_is_shown_once_and_kept_as_a_digest(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.mara)
    url = reverse("tokens")
    assert client.post(url, {"name": "export", "password": "wrong"}).status_code == 400
    assert not ApiToken.objects.exists()
    answer = client.post(url, {"name": "export", "password": PASSWORD})
    token = ApiToken.objects.get()
    secret = answer.context["secret"]
    assert secret in answer.content.decode() and token.digest == sha256(secret.encode())
    later = client.get(url).content.decode()
    assert secret not in later and "export" in later and "never used" in later
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.act, entry.person) == ("token_made", cast.mara) and secret not in entry.entry


def test_it_reads_what_its_person_may_see(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_in(State.DRAFT, cast, template)
    client, mine, others = Client(), bearer(a_token(cast.mara)), bearer(a_token(cast.olga))
    listed = client.get(API, **mine).json()["records"]
    assert [(one["number"], one["state"]) for one in listed] == [(draft.pk, "draft")]
    assert client.get(API, **others).json() == {"records": [], "next": ""}
    assert client.get(listed[0]["markdown"], **mine).content == markdown_of(draft)
    assert client.get(listed[0]["json"], **mine).json()["account"]["number"] == draft.pk
    assert client.get(listed[0]["json"], **others).status_code == 404
    assert ApiToken.objects.get(person=cast.mara).used_at is not None


def test_every_other_address_is_closed_to_it(cast: Cast, template: OperationTemplate) -> None:
    """With all the rights of its person, and with their session beside it."""
    operation = make.make_in(State.IN_REVIEW, cast, template)
    client, header = Client(), bearer(a_token(cast.tomas))
    client.force_login(cast.tomas)
    wrong = []
    # What watchers ask is answered before anybody is known; drafts of templates need one that is there.
    before = ("health_", "metrics", "publish", "template_draft", "delivery_again")
    for name in sorted({row[0].partition(":")[0] for row in rows() if not row[0].startswith(before)}):
        url = address("act:withdraw" if name == "act" else name, operation)
        for method in ("get", "post", "put", "delete"):
            status = getattr(client, method)(url, {"digest": "0"}, **header).status_code
            opened = method.upper() in OPENS.get(name, ())
            if (status == 403) == opened:
                wrong.append((name, method, status))
    assert wrong == []
    assert client.get("/admin/", **header).status_code == 403
    assert set(OPENS) <= {str(pattern.name) for pattern in patterns(get_resolver())}
    assert make.fresh(operation).state == State.IN_REVIEW


def test_it_decides_and_signs_nothing_even_with_the_password_beside_it(cast: Cast, template: OperationTemplate) -> None:
    """With everything that the page itself would send; all that a token sends is a record."""
    tomas, jun = (bearer(a_token(person)) for person in (cast.tomas, cast.jun))
    told = {"password": PASSWORD, "invisible_seen": "on", "actual_seen": "on", "note": "Fine", "reason": "So be it"}

    def refused(name: str, header: dict[str, Any], **facts: Any) -> None:
        assert Client().post(address(name, operation), {**told, **facts}, **header).status_code == 403, name

    operation = make.make_in(State.IN_REVIEW, cast, template)
    for decision in ("approve", "ask_for_changes", "reject"):
        refused("decide", tomas, decision=decision, digest=operation.revisions.get().digest)
    refused("emergency", jun, **make.ANSWERS)
    operation = make.approve_by(cast, operation, "tomas", "ada")
    refused("run", jun, do="start")
    operation = make.work(cast, make.start(cast, operation))
    refused("sign", jun, **{**make.ending(operation), "completed_at": make.NIGHT.isoformat()})
    operation = make.sign(cast, operation)
    refused("sign_off", tomas, digest=operation.final_text.digest if operation.final_text else "")
    assert {name for name, methods in OPENS.items() if set(methods) - {"GET", "HEAD"}} == {"api_records"}


def test_a_role_that_has_ended_opens_nothing_to_its_token(cast: Cast, template: OperationTemplate) -> None:
    draft, header = make.make_in(State.DRAFT, cast, template), bearer(a_token(cast.vera))
    pages = [API, address("record_download", draft), address("record_json", draft)]
    assert [Client().get(page, **header).status_code for page in pages] == [200, 200, 200]
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    RoleHolding.objects.filter(person=cast.vera).update(since=yesterday, until=yesterday)
    assert Client().get(API, **header).json()["records"] == []
    assert [Client().get(page, **header).status_code for page in pages[1:]] == [404, 404]


def test_a_session_beside_it_opens_no_more(cast: Cast, template: OperationTemplate) -> None:
    draft, header = make.make_in(State.DRAFT, cast, template), bearer(a_token(cast.olga))
    client = Client()
    client.force_login(cast.mara)
    page = address("record_download", draft)
    assert (client.get(page).status_code, client.get(page, **header).status_code) == (200, 404)
    assert client.get(API, **header).json()["records"] == []


@pytest.mark.parametrize("kind", ["md", "json"])
def test_a_record_comes_in_as_a_draft_whatever_it_says(kind: str, cast: Cast, template: OperationTemplate) -> None:
    done = make.make_in(State.APPROVED, cast, template)
    text = markdown_of(done).decode() if kind == "md" else json.dumps(record_as_json(done))
    text = text.replace(done.operation_id or "-", "2026-12-06-infrastructure-brought-in")
    header = bearer(a_token(cast.olga))
    answer = Client(enforce_csrf_checks=True).post(API, text.encode(), content_type="text/plain", **header)
    own = Operation.objects.get(pk=answer.json()["number"])
    assert (answer.status_code, own.state, own.author) == (201, State.DRAFT, cast.olga)
    assert not own.revisions.exists()
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.act, facts_in(entry)["called"]) == ("token_used", "the nightly export")
    again = Client().post(API, text.encode(), content_type="text/plain", **header)
    assert again.status_code in (201, 400)


def test_what_is_no_record_is_said_in_words(cast: Cast) -> None:
    header = bearer(a_token(cast.olga))
    for body in (b"\xff\xfe", b"{", b"a\0b"):
        answer = Client().post(API, body, content_type="text/plain", **header)
        assert answer.status_code == 400 and answer.json()["error"]
    assert not Operation.objects.exists()


def test_a_session_alone_opens_nothing_there(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.mara)
    assert client.post(API, b"# A", content_type="text/plain").status_code == 401


def test_an_ended_one_and_one_of_a_disabled_account_open_nothing(cast: Cast) -> None:
    first, second = a_token(cast.mara, "one"), a_token(cast.mara, "two")
    client = Client()
    client.force_login(cast.olga)
    number = ApiToken.objects.get(name="one").pk
    assert client.post(reverse("tokens"), {"end": number}).status_code == 404
    with pytest.raises(Refused):
        end_token(ApiToken.objects.get(name="one"), by=cast.olga)
    client.force_login(cast.leo)
    assert "the account" not in client.get(reverse("tokens")).content.decode()
    assert client.post(reverse("tokens"), {"end": number}).status_code == 302
    assert [Client().get(API, **bearer(one)).status_code for one in (first, second, "opr_x")] == [401, 200, 401]
    Person.objects.filter(pk=cast.mara.pk).update(is_active=False)
    assert Client().get(API, **bearer(second)).status_code == 401


def test_no_token_is_made_with_a_password_that_somebody_else_set(cast: Cast) -> None:
    Person.objects.filter(pk=cast.mara.pk).update(password_set_by=cast.leo)
    with pytest.raises(Refused, match="Somebody else set your password"):
        a_token(cast.mara)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("by", ["mara", "leo"])
def test_with_a_new_password_end_the_tokens_and_the_calendar_address(by: str, cast: Cast) -> None:
    secret, others, feed = a_token(cast.mara), a_token(cast.olga), feed_address(cast.mara)
    if by == "mara":
        change_password(cast.mara, password=ANOTHER)
    else:
        Person.objects.filter(pk=cast.leo.pk).update(is_staff=True)
        client = Client()
        client.force_login(cast.leo)
        posted = {"usable_password": "true", "password1": ANOTHER, "password2": ANOTHER}
        page = reverse("admin:auth_user_password_change", args=[cast.mara.pk])
        assert client.post(page, posted).status_code == 302
    assert [Client().get(API, **bearer(one)).status_code for one in (secret, others)] == [401, 200]
    assert feed_address(Person.objects.get(pk=cast.mara.pk)) != feed
    assert AuditEntry.objects.get(act="token_ended").person == getattr(cast, by)


def _by_command(person: Person) -> None:
    with patch("getpass.getpass", return_value=ANOTHER):
        call_command("changepassword", person.username, stdout=StringIO())


def _by_shell(person: Person) -> None:
    person.set_password(ANOTHER)
    person.save()


def _by_query(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(password=make_password(ANOTHER))


@pytest.mark.parametrize("way", [_by_command, _by_shell, _by_query])
def test_however_a_password_is_set_what_another_one_opened_ends(
    way: Callable[[Person], None], cast: Cast, template: OperationTemplate
) -> None:
    secret, others, feed = a_token(cast.mara), a_token(cast.olga), feed_address(cast.mara)
    assert Client().get(feed).status_code == 200
    way(Person.objects.get(pk=cast.mara.pk))
    assert cast.mara.password not in Person.objects.filter(pk=cast.mara.pk).values_list()[0], "an old hash is kept"
    assert [Client().get(API, **bearer(one)).status_code for one in (secret, others)] == [401, 200]
    assert Client().get(feed).status_code == 404
    assert "the nightly export" not in _listed_to(cast.mara)
    client = Client()
    assert client.post("/sign-in/", {"username": "mara", "password": ANOTHER}).status_code == 302
    ended = AuditEntry.objects.get(act="token_ended")
    assert (ended.person, facts_in(ended)["called"]) == (cast.mara, "the nightly export")
    mara = Person.objects.get(pk=cast.mara.pk)
    make_token(mara, name="anew", password=ANOTHER)
    assert Client().get(feed).status_code == 404 and Client().get(feed_address(mara)).status_code == 200


def _listed_to(person: Person) -> str:
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    return client.get(reverse("tokens")).content.decode()


def test_a_password_that_is_only_hashed_anew_ends_nothing(cast: Cast, settings: Any) -> None:
    secret, feed = a_token(cast.mara), feed_address(cast.mara)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", *settings.PASSWORD_HASHERS]
    assert Client().post("/sign-in/", {"username": "mara", "password": PASSWORD}).status_code == 302
    assert Person.objects.get(pk=cast.mara.pk).password.startswith("scrypt$")
    assert Client().get(API, **bearer(secret)).status_code == Client().get(feed).status_code == 200


def test_a_password_changed_while_a_token_is_made_leaves_none_behind(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(person: Person, password: str) -> Person:
        confirmed = confirm(person, password)
        _by_shell(Person.objects.get(pk=person.pk))
        return confirmed

    monkeypatch.setattr(tokens, "confirm", overtaken)
    with pytest.raises(WrongPassword, match="changed meanwhile"):
        a_token(cast.mara)
    assert not ApiToken.objects.exists()


def test_a_token_is_made_with_the_password_alone(cast: Cast) -> None:
    with pytest.raises(WrongPassword):
        make_token(cast.mara, name="mine", password="guessed")
    for _ in range(20):
        a_token(cast.mara)
    with pytest.raises(Refused, match="20 tokens"):
        a_token(cast.mara)
