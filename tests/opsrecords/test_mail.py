"""Mail, received by a real mail server on this machine: whole, byte for byte, whatever breaks."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.utils import timezone

from opsrecords.deliveries import mail as sender
from opsrecords.deliveries import tasks
from opsrecords.deliveries.mail_words import as_html
from opsrecords.deliveries.tasks import LEASE, sweep
from records.models import Delivery, DeliveryState, Operation, OperationTemplate
from records.outbox import Event
from tests import make
from tests.opsrecords.mails import due, put, states
from tests.people import Cast
from tests.processes import free_port


class Kept:
    """Keeps what is delivered, and refuses as long as it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusal = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusal:
            return self.refusal
        self.mails.append(message_from_bytes(envelope.original_content, policy=policy.default))
        return "250 kept"


@pytest.fixture
def server(settings) -> Iterator[Kept]:
    kept, port = Kept(), free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield kept
    controller.stop()


# ---------------------------------------------------------------- what arrives


def test_the_approved_plan_goes_along_byte_for_byte(cast: Cast, template: OperationTemplate, server: Kept) -> None:
    operation = make.submit(cast, make.make_draft(cast, template))
    make.approve_by(cast, operation, "tomas", "ada")
    sweep()
    mara = [one for one in server.mails if one["To"] == "mara@example.com"]
    [attached] = [part for one in mara for part in one.iter_attachments()]
    assert attached.get_filename() == "2026-12-06-infrastructure-postgresql-16-orders.md"
    assert attached.get_content_type() == "text/markdown"
    assert attached.get_payload(decode=True) == bytes(operation.revisions.get().plan_text)
    assert not any(True for one in server.mails if one["To"] == "olga@example.com")


@pytest.mark.parametrize("text", [b"a\r\nb\rc\n", b"no end", b"", "é\u2028\n\n\n".encode(), b"." * 3000 + b"\n.\n"])
def test_no_line_end_of_an_attachment_changes_on_the_way(text: bytes, server: Kept) -> None:
    message = mail.EmailMessage("Plan", "It goes along.", to=["tomas@example.com"])
    message.attach(sender.attached("plan.md", text))
    message.send()
    [part] = server.mails[0].iter_attachments()
    assert part.get_payload(decode=True) == text


def test_plain_and_html_say_the_same(cast: Cast, in_review: Operation, server: Kept) -> None:
    Operation.objects.filter(pk=in_review.pk).update(title="<b>Move</b> & \u202ego")
    put(make.fresh(in_review), Event.REVIEW_ASKED, cast.tomas)
    sweep()
    [got] = server.mails
    plain, html = got.get_body(["plain"]), got.get_body(["html"])
    assert plain is not None and html is not None
    assert plain.get_content().splitlines()[0] == "Do review_asked."
    page, link = html.get_content(), f"http://127.0.0.1:8000/records/{in_review.pk}/review/"
    assert f'<a href="{link}">{link}</a>' in page
    assert "&lt;b&gt;Move&lt;/b&gt; &amp; ⟨U+202E⟩go" in page
    assert not any(sign in page for sign in ("<b>", "style", "<img", "<script", "\u202e"))
    assert got["Message-ID"] == f"<{Delivery.objects.get().delivery_id}@127.0.0.1>"


def test_html_has_links_alone() -> None:
    page = as_html("x", 'See https://a.example/?q="><script>\n\njavascript:alert(1)\n\n----\n\nend')
    assert page.count("<a ") == 1 and "<script>" not in page and "<hr>" in page


# ---------------------------------------------------------------- a broken server


def test_a_server_that_refuses_or_is_away_is_waited_for(
    cast: Cast, in_review: Operation, server: Kept, settings, caplog: pytest.LogCaptureFixture
) -> None:
    put(in_review, Event.REVIEW_ASKED, cast.tomas)
    put(in_review, Event.REVIEW_ASKED, cast.ada)
    server.refusal = "451 later"
    assert sweep() == 0
    assert states() == {"waiting": 2}
    assert "451" in (first := Delivery.objects.order_by("-attempts")[0]).error
    assert f"Delivery {first.delivery_id} waits, attempt 1 by mail: SMTP" in caplog.text
    assert "later" not in caplog.text, "the log holds no words of others"
    due()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    assert sweep() == 0
    server.refusal, settings.EMAIL_PORT = "", port
    due()
    assert sweep() == 2
    assert sorted(one["To"] for one in server.mails) == ["ada@example.com", "tomas@example.com"]


def test_a_server_that_says_nothing_holds_nobody_up_for_long(cast: Cast, in_review: Operation, settings) -> None:
    put(in_review, Event.REVIEW_ASKED, cast.tomas, cast.ada, cast.sam)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", silent.getsockname()[1]
        settings.EMAIL_TIMEOUT = 0.2
        assert sweep() == 0
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_case_28_a_worker_that_is_killed_with_several_in_hand_sends_them_all_later(
    cast: Cast, draft: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(draft, Event.COMMENTED, cast.mara)
    put(draft, Event.ANSWERED, cast.mara)

    class Killed(BaseException):
        pass

    def dying(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sender, "message_of", dying)
        with pytest.raises(Killed):
            sweep()
    assert states() == {"waiting": 2}
    assert sweep() == 0, "their lease runs"
    Delivery.objects.update(leased_until=timezone.now() - LEASE)
    assert sweep() == 1
    assert states() == {"sent": 2}
    assert len(mail.outbox) == 1


def test_a_mail_whose_lease_ran_out_before_it_went_does_not_go_with_itself(
    cast: Cast, draft: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(draft, Event.COMMENTED, cast.mara)
    monkeypatch.setattr(tasks, "LEASE", -LEASE)
    assert sweep() == 1
    [row] = Delivery.objects.all()
    assert (row.state, row.attempts, row.answer) == (DeliveryState.SENT, 1, "")


def test_a_mail_of_several_that_fails_leaves_each_as_it_was(cast: Cast, draft: Operation, server: Kept) -> None:
    put(draft, Event.COMMENTED, cast.mara)
    put(draft, Event.ANSWERED, cast.mara)
    server.refusal = "451 later"
    sweep()
    rows = Delivery.objects.order_by("pk")
    assert [(row.attempts, row.leased_until) for row in rows] == [(1, None), (0, None)]
    assert {row.state for row in rows} == {DeliveryState.WAITING}
