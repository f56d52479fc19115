"""Webhooks: signed, with an ID that stays, at least once; and never to an inner address (case 24)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_network
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from opsrecords.deliveries import guarded, tasks
from opsrecords.deliveries.guarded import Forbidden, judge, post, refuse_address
from opsrecords.deliveries.tasks import sweep
from records.models import AuditEntry, Delivery, DeliveryState, Operation, OperationTemplate, State, WebhookTarget
from records.refusals import Unusable
from records.webhooks import key_in, new_secret
from tests import make
from tests.opsrecords.conftest import Receiver
from tests.people import Cast

SECRET = new_secret()


@pytest.fixture
def inner(settings) -> None:
    """This machine may be written to."""
    settings.WEBHOOKS_INTERNAL = [ip_network("127.0.0.0/8")]


@pytest.fixture
def approved(cast: Cast, template: OperationTemplate) -> Operation:
    operation = make.make_in(State.APPROVED, cast, template)
    Delivery.objects.all().delete()
    return operation


def target(receiver: Receiver, **more: Any) -> WebhookTarget:
    return WebhookTarget.objects.create(**{"name": "Chat", "url": receiver.url, "secret": SECRET, **more})


def cancel(cast: Cast, operation: Operation) -> None:
    actions.cancel(operation, reason="The vendor is late", by=cast.mara, at=make.PLANNED)
    Delivery.objects.filter(channel="mail").delete()


def row() -> Delivery:
    return Delivery.objects.get(channel="webhook")


def due() -> None:
    Delivery.objects.update(next_at=timezone.now())


# ---------------------------------------------------------------- what is told


def test_an_act_is_told_signed_and_with_its_facts(
    cast: Cast, approved: Operation, receiver: Receiver, inner: None
) -> None:
    target(receiver)
    cancel(cast, approved)
    before = time.time()
    assert sweep() == 1
    [(headers, body)] = receiver.got
    link = f"http://127.0.0.1:8000/records/{approved.pk}/"
    title, name = "PostgreSQL 14 to 16 migration, orders cluster", "2026-12-06-infrastructure-postgresql-16-orders"
    assert json.loads(body) == {
        "id": str(row().delivery_id),
        "event": "cancelled",
        "at": "2026-11-26T09:00:00Z",
        "by": "Mara Lindqvist",
        "text": f"Cancelled: {title} ({name}), Mara Lindqvist: {link}",
        "record": {
            "number": approved.pk,
            "id": name,
            "title": title,
            "state": "cancelled",
            "outcome": None,
            "risk_level": "High",
            "window_start": "2026-12-06T02:00:00Z",
            "window_end": "2026-12-06T05:30:00Z",
            "url": link,
        },
    }
    assert "vendor" not in body.decode(), "what people wrote stays here"
    assert headers["webhook-id"] == str(row().delivery_id)
    assert before - 2 < int(headers["webhook-timestamp"]) < before + 20
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert (row().state, row().answer, row().person) == (DeliveryState.SENT, "204 No Content", None)


def test_a_chat_gets_one_line(cast: Cast, approved: Operation, receiver: Receiver, inner: None) -> None:
    target(receiver, body="chat")
    Operation.objects.filter(pk=approved.pk).update(title="Move\nit")
    cancel(cast, approved)
    sweep()
    told = json.loads(receiver.got[0][1])
    assert list(told) == ["text"]
    assert told["text"].startswith("Cancelled: Move it (") and "\n" not in told["text"]


def test_a_target_gets_the_events_it_wants_while_it_is_in_use(
    cast: Cast, approved: Operation, receiver: Receiver, inner: None
) -> None:
    wanting = [
        target(receiver, name="wants it", events=["started", "cancelled"]),
        target(receiver, name="wants all", events=[]),
        target(receiver, name="wants others", events=["started"]),
        target(receiver, name="switched off", is_active=False),
    ]
    cancel(cast, approved)
    assert {one.target for one in Delivery.objects.filter(channel="webhook")} == set(wanting[:2])
    WebhookTarget.objects.filter(name="wants all").update(is_active=False)
    assert sweep() == 1
    assert Delivery.objects.get(target=wanting[1]).error == "Undeliverable: The target is switched off."


# ---------------------------------------------------------------- at least once, with the same ID


def test_case_28_it_is_tried_again_with_the_same_id_and_body_and_a_new_time(
    cast: Cast, approved: Operation, receiver: Receiver, inner: None
) -> None:
    target(receiver)
    cancel(cast, approved)
    receiver.answers = [500, 429]
    for attempt in (1, 2):
        assert sweep() == 0
        assert (row().state, row().attempts) == (DeliveryState.WAITING, attempt)
        due()
    assert sweep() == 1
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert len({body for _headers, body in receiver.got}) == 1


@pytest.mark.parametrize(("status", "words"), [(302, "redirects aren't followed"), (410, "nobody listens there")])
def test_a_redirect_is_not_followed_and_who_is_gone_is_not_asked_again(
    cast: Cast, approved: Operation, receiver: Receiver, inner: None, status: int, words: str
) -> None:
    receiver.answers, receiver.location = [status], receiver.url
    target(receiver)
    cancel(cast, approved)
    assert sweep() == 0
    assert len(receiver.got) == 1
    assert (row().state, words in row().error) == (DeliveryState.FAILED, True)


def test_what_no_database_takes_holds_up_no_sweep(
    cast: Cast, approved: Operation, receiver: Receiver, inner: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    target(receiver)
    cancel(cast, approved)
    answered = {"mail": lambda _delivery: "", "webhook": lambda _delivery: "200 O\x00K"}
    monkeypatch.setattr(tasks, "CHANNELS", answered)
    sweep()
    assert (row().state, row().answer) == (DeliveryState.SENT, "200 O K")


def test_one_that_is_silent_holds_up_no_other(cast: Cast, approved: Operation, receiver: Receiver, inner: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    silent = target(receiver, name="silent", url=f"http://127.0.0.1:{port}/")
    target(receiver)
    for event in range(3):
        Delivery.objects.create(
            channel="webhook", event=f"{event}", target=silent, body="{}", next_at=make.PLANNED, created_at=make.PLANNED
        )
    cancel(cast, approved)
    assert sweep() == 1
    tried = Delivery.objects.filter(target=silent).values_list("attempts", flat=True)
    assert sorted(tried) == [0, 0, 0, 1], "who doesn't answer is asked once a sweep"


@pytest.fixture
def dripping() -> Iterator[str]:
    """An address whose answer never ends, one byte at a time."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def drip() -> None:
            caller, _where = door.accept()
            with caller:
                try:
                    while True:
                        caller.sendall(b"X")
                        time.sleep(0.02)
                except OSError:
                    return

        dripper = Thread(target=drip, daemon=True)
        dripper.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/"
        dripper.join(5)


def test_an_answer_that_drips_is_ended(dripping: str, inner: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "ALL_SECONDS", 0.3)
    begun = time.monotonic()
    with pytest.raises(ConnectionError):
        post(dripping, b"{}", {})
    assert time.monotonic() - begun < 4


# ---------------------------------------------------------------- case 24

INNER = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "::",
    "::1",
    "fe80::1%lo",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "3fff::1",
    "2606:2800:220:1::5efe:10.0.0.1",
    "2606:2800:220:1:200:5efe:127.0.0.1",
]


@pytest.mark.parametrize("number", INNER)
def test_case_24_inner_addresses_are_forbidden(number: str) -> None:
    with pytest.raises(Forbidden):
        judge(number, secure=True)


def test_public_addresses_are_allowed_over_tls_alone() -> None:
    for number in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "2606:2800::5efe:93.184.216.34"):
        judge(number, secure=True)
        with pytest.raises(Forbidden):
            judge(number, secure=False)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]", "LOCALHOST."],
)
def test_case_24_this_machine_is_reached_by_no_spelling(host: str, receiver: Receiver) -> None:
    url = f"http://{host}:{receiver.server.server_address[1]}/"
    with pytest.raises(Forbidden):
        post(url, b"{}", {})
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://me:secret@example.com/",
        "https://example.com\\@127.0.0.1/",
        "https:///x",
        "https://example.com/#x",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://-x/",
        "example.com",
        "https://[::1/",
        "https://example.com:port/",
        f"https://{'a' * 64}.com/",
    ],
)
def test_case_24_what_is_no_address_is_refused_when_it_is_saved(url: str) -> None:
    with pytest.raises(Unusable):
        refuse_address(url)


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> tuple[list[str], list[Any]]:
    """A name server of one's own, which gives one answer after the other; and what is dialled, which goes nowhere."""
    asked: list[str] = []
    dialled: list[Any] = []

    def look_up(host: str, port: int | None, **how: Any) -> list[Any]:
        if how.get("flags"):
            raise socket.gaierror
        asked.append(host)
        numbers = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    def dial(*told: Any) -> socket.socket:
        dialled.append(told[-1])
        raise ConnectionRefusedError

    monkeypatch.setattr(guarded.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(guarded, "dial", dial)
    return asked, dialled


def test_case_24_a_name_is_looked_up_once_and_its_judged_address_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, dialled = answering(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(ConnectionRefusedError):
        post("https://rebinding.example/", b"{}", {})
    assert (asked, dialled) == (["rebinding.example"], [("93.184.216.34", 443)])


@pytest.mark.parametrize("numbers", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["10.0.0.1", "93.184.216.34"]])
def test_case_24_a_name_with_any_inner_address_is_not_dialled(
    numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _asked, dialled = answering(monkeypatch, numbers)
    with pytest.raises(Forbidden):
        post("https://rebinding.example/", b"{}", {})
    assert dialled == []


def test_case_24_a_forbidden_target_fails_for_good_and_says_why(
    cast: Cast, approved: Operation, receiver: Receiver
) -> None:
    target(receiver)
    cancel(cast, approved)
    assert sweep() == 0
    assert receiver.got == []
    assert row().state == DeliveryState.FAILED
    assert "127.0.0.1 is an inner address, which WEBHOOKS_INTERNAL doesn't allow" in row().error


def test_a_certificate_has_to_be_the_names(inner: None, receiver: Receiver) -> None:
    with pytest.raises(ConnectionError, match="SSLError"):
        post(receiver.url.replace("http:", "https:"), b"{}", {})
    assert receiver.got == []


# ---------------------------------------------------------------- the administrator's page


@pytest.fixture
def leo(cast: Cast) -> Client:
    cast.leo.is_staff = True
    cast.leo.save()
    client = Client()
    client.force_login(cast.leo, backend="records.signed_in.PersonBackend")
    return client


def test_a_target_is_made_with_a_secret_that_is_shown_once(leo: Client, cast: Cast) -> None:
    page = leo.get(reverse("admin:records_webhooktarget_add")).content.decode()
    assert "whsec_" in page
    posted = {
        "name": "Chat",
        "url": "https://chat.example.com/hook",
        "secret": SECRET,
        "body": "chat",
        "is_active": "on",
    }
    assert leo.post(reverse("admin:records_webhooktarget_add"), {**posted, "events": ["started"]}).status_code == 302
    made = WebhookTarget.objects.get()
    assert (made.secret, made.events) == (SECRET, ["started"])
    change = reverse("admin:records_webhooktarget_change", args=[made.pk])
    assert "whsec_" not in leo.get(change).content.decode()
    assert leo.post(change, {**posted, "secret": "", "name": "Our chat"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.secret, made.events) == ("Our chat", SECRET, [])
    acts = AuditEntry.objects.order_by("number")
    assert [one.act for one in acts] == ["webhooktarget_added", "webhooktarget_changed"]
    assert not any(SECRET in one.entry for one in acts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://2130706433/"},
        {"url": "https://[::1]/"},
        {"url": "ftp://example.com/"},
        {"secret": "password"},
        {"secret": "whsec_AAAA"},
        {"events": ["no such event"]},
    ],
)
def test_a_target_that_could_not_be_used_is_not_saved(leo: Client, wrong: dict[str, str]) -> None:
    posted = {"name": "Chat", "url": "https://chat.example.com/", "secret": SECRET, "body": "json", **wrong}
    assert leo.post(reverse("admin:records_webhooktarget_add"), posted).status_code == 200
    assert not WebhookTarget.objects.exists()


def test_a_test_message_says_so(leo: Client, receiver: Receiver, inner: None) -> None:
    made = target(receiver)
    posted = {"action": "send_test", "_selected_action": [made.pk]}
    assert leo.post(reverse("admin:records_webhooktarget_changelist"), posted).status_code == 302
    assert sweep() == 1
    told = json.loads(receiver.got[0][1])
    assert (told["event"], told["record"]) == ("test", None)
    assert "A test by Leo Marchetti" in told["text"]
    assert AuditEntry.objects.get(act="webhook_tried")
    assert "to the webhook Chat" in leo.get(reverse("deliveries")).content.decode()


def test_new_secrets_are_keys_of_32_bytes_and_differ() -> None:
    assert new_secret() != new_secret()
    assert len(key_in(new_secret())) == 32


def test_a_draft_that_not_everybody_sees_is_told_to_nobody_outside(
    cast: Cast, template: OperationTemplate, receiver: Receiver
) -> None:
    target(receiver)
    cancel(cast, make.make_in(State.DRAFT, cast, template))
    assert not Delivery.objects.filter(channel="webhook").exists()
