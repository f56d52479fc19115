"""Addenda: beside a finalized record whose bytes never change, signed off by another person, in every export."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import actions, bundle_verifier
from approvals.bundle import bundle_of
from approvals.bundle_verifier import Wrong, check
from approvals.models import Decision
from approvals.signing import NotSigned
from records import triggers
from records.audit import verify
from records.models import Addendum, AuditEntry, Delivery, Operation, Role, RoleHolding, State
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.transfer.companion import companion_of
from records.transfer.exchange import json_of
from records.transfer.records_out import markdown_of
from tests import make
from tests.approvals.bundles import agreeing, opened
from tests.people import PASSWORD, SINCE, Cast, signed_in

pytestmark = pytest.mark.django_db
DAY_AFTER = make.NIGHT + dt.timedelta(days=1)
TEXT = "The **limit** was raised on the day after.\n\n## Not a section\n\n- one <script>alert(1)</script>\n"


@pytest.fixture
def record(cast: Cast, template) -> Operation:
    return make.make_in(State.FINALIZED, cast, template)


def amended(cast: Cast, record: Operation, text: str = TEXT) -> Addendum:
    return actions.amend(record, text=text, by=cast.mara, at=DAY_AFTER)


def sign_off(cast: Cast, record: Operation, addendum: Addendum, by: str = "tomas", **more) -> Decision:
    said = {"number": addendum.number, "digest": addendum.digest, "password": PASSWORD, "at": DAY_AFTER, **more}
    return actions.sign_off_addendum(record, by=getattr(cast, by), **said)


def test_the_final_text_stays_and_every_export_tells_of_the_addendum(cast: Cast, record: Operation) -> None:
    before, text = markdown_of(record), bytes(record.final_text.text)  # type: ignore[union-attr]
    addendum = amended(cast, record)
    waits = companion_of(record).decode()
    assert "- **Signed off**: not yet" in waits
    assert "## Addenda" not in companion_of(record, signed_off_alone=True).decode()
    decision = sign_off(cast, record, addendum)
    fresh = make.fresh(record)
    assert (fresh.state, markdown_of(fresh)) == (State.FINALIZED, before)
    assert bytes(fresh.final_text.text) == text  # type: ignore[union-attr]

    log = companion_of(fresh).decode()
    assert companion_of(fresh, signed_off_alone=True).decode() == log
    assert f"## Addenda\n\n### Addendum 1\n\n- **Written**: Mara Lindqvist, {DAY_AFTER:%Y-%m-%d %H:%M:%S} UTC\n" in log
    assert f"signed off addendum 1, {DAY_AFTER:%Y-%m-%d %H:%M:%S} UTC, SHA-256 {addendum.digest}" in log
    assert f"```markdown\n{TEXT.strip()}\n```" in log
    [told] = json.loads(json_of(fresh))["account"]["addenda"]
    assert (told["text"], told["digest"], told["written_by"]["user"]) == (TEXT.strip(), addendum.digest, "mara")
    assert [one["kind"] for one in told["decisions"]] == ["sign_off"]
    files = opened(bundle_of(fresh))
    assert files["addenda/1.md"].decode() == TEXT.strip()
    _manifest, decisions = check(bundle_of(fresh))
    assert decisions[-1]["decision"] == decision.pk
    assert verify() is None
    acts = list(AuditEntry.objects.filter(operation=record).order_by("number").values_list("act", flat=True))
    assert acts[-2:] == ["amend", "sign_off_addendum"]
    events = set(Delivery.objects.values_list("event", "person__username"))
    assert {("addendum_written", "tomas"), ("addendum_signed", "mara")} <= events


@pytest.mark.parametrize("columns", [{"text": b"The limit was never raised."}, {"person_name": "Sam Whitfield"}])
def test_what_was_put_in_the_place_of_an_addendum_is_decided_on_by_nobody(
    columns: dict[str, object], cast: Cast, record: Operation
) -> None:
    addendum = amended(cast, record)
    triggers.remove()
    Addendum.objects.update(**columns)
    words = "stored bytes of addendum 1 no longer fit its digest"
    with pytest.raises(Changed, match=words):
        sign_off(cast, record, addendum)
    with pytest.raises(Changed, match=words):
        actions.turn_down_addendum(record, number=1, digest=addendum.digest, reason="No", by=cast.tomas)
    assert not addendum.decisions.exists()


@pytest.mark.parametrize("name", ["mara", "carl", "jun", "ines", "noor", "olga", "root"])
def test_who_wrote_or_ran_it_or_is_no_supervisor_signs_no_addendum(cast: Cast, record: Operation, name: str) -> None:
    addendum = amended(cast, record)
    with pytest.raises(Refused):
        sign_off(cast, record, addendum, by=name)
    with pytest.raises(Refused):
        actions.turn_down_addendum(record, number=1, digest=addendum.digest, reason="No", by=getattr(cast, name))
    assert not addendum.decisions.exists()
    assert AuditEntry.objects.filter(act="sign_off_addendum_refused", person=getattr(cast, name)).exists()


@pytest.mark.parametrize("name", ["mara", "carl", "jun", "ines", "noor"])
def test_nor_does_anybody_of_them_who_supervises(cast: Cast, record: Operation, name: str) -> None:
    """Nor whoever wrote the addendum, when they are no co-author any more."""
    addendum = actions.amend(record, text=TEXT, by=cast.carl, at=DAY_AFTER)
    record.co_authors.clear()
    RoleHolding.objects.get_or_create(person=getattr(cast, name), role=Role.SUPERVISOR, since=SINCE)
    with pytest.raises(Refused, match=r"you wrote part of this record|you took part in the operation"):
        sign_off(cast, record, addendum, by=name)


def test_only_what_is_finalized_is_amended_and_only_what_was_written_decided(cast: Cast, record: Operation) -> None:
    with pytest.raises(Http404):
        actions.turn_down_addendum(record, number=1, digest="0" * 64, reason="No", by=cast.tomas)
    addendum = amended(cast, record)
    same = actions.amend(record, text=TEXT, by=cast.carl, at=DAY_AFTER)
    assert (addendum.number, same.number) == (1, 2), "the same words of somebody else are theirs"
    Operation.objects.filter(pk=record.pk).update(state=State.CLOSING)
    with pytest.raises(WrongOrder):
        actions.amend(make.fresh(record), text="More", by=cast.mara, at=DAY_AFTER)


def test_it_is_signed_on_exactly_what_was_shown_and_once(cast: Cast, record: Operation) -> None:
    addendum = amended(cast, record)
    assert amended(cast, record) == addendum, "a second click"
    with pytest.raises(NotSigned):
        sign_off(cast, record, addendum, password="wrong")
    with pytest.raises(Changed):
        sign_off(cast, record, addendum, digest="0" * 64)
    once = sign_off(cast, record, addendum)
    assert sign_off(cast, record, addendum) == once, "a second click"
    with pytest.raises(WrongOrder, match="Tomas Okafor signed off it"):
        sign_off(cast, record, addendum, by="sam")
    assert amended(cast, record).number == 2, "the same words, once the first is decided, are another addendum"


def test_one_that_is_turned_down_stays_to_be_seen(cast: Cast, record: Operation, settings: Any) -> None:
    settings.PUBLISH_URL = "https://git.example.com/records.git"
    addendum = amended(cast, record)
    with pytest.raises(Incomplete):
        actions.turn_down_addendum(record, number=1, digest=addendum.digest, reason=" ", by=cast.tomas)
    actions.turn_down_addendum(record, number=1, digest=addendum.digest, reason="Which limit?", by=cast.tomas)
    with pytest.raises(WrongOrder, match="Tomas Okafor rejected it"):
        sign_off(cast, record, addendum, by="sam")
    told = Delivery.objects.get(event="addendum_turned_down", person=cast.mara)
    assert "Which limit?" in told.body
    assert not Delivery.objects.filter(event="addendum_signed").exists()
    assert not Delivery.objects.filter(channel="git").exists()
    page = signed_in(cast.olga).get(reverse("record", args=[record.pk])).content.decode()
    assert "Turned down" in page and "“Which limit?”" in page
    sign_off(cast, record, amended(cast, record, "The limit of the array."))
    assert Delivery.objects.get(channel="git").event == "addendum_signed", "another one is published"


@pytest.mark.parametrize("text", [" ", "a\0b", "x" * (64 * 1024 + 1)])
def test_what_can_not_be_an_addendum_is_told(cast: Cast, record: Operation, text: str) -> None:
    with pytest.raises(Incomplete):
        amended(cast, record, text)
    page = signed_in(cast.mara).post(reverse("amend", args=[record.pk]), {"text": text})
    assert page.status_code == 400
    assert not Addendum.objects.exists()


def test_the_database_keeps_it_and_a_changed_one_is_found_case_12(cast: Cast, record: Operation) -> None:
    addendum = amended(cast, record)
    sign_off(cast, record, addendum)
    for change in (lambda: Addendum.objects.update(text=b"Other"), lambda: Addendum.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    files = opened(bundle_of(record))
    with pytest.raises(Wrong, match="The bytes of addendum 1 don't fit its digest"):
        check(agreeing(files | {"addenda/1.md": b"Other"}))
    manifest = json.loads(files["manifest.json"])
    manifest["addenda"][0]["at"] = "2026-12-06T00:00:00+00:00"
    with pytest.raises(Wrong, match="addendum 1"):
        check(agreeing(files | {"manifest.json": json.dumps(manifest).encode()}))
    manifest["addenda"] = []
    with pytest.raises(Wrong, match="not in the bundle as it was"):
        check(agreeing(files | {"manifest.json": json.dumps(manifest).encode()}))
    assert bundle_verifier.check(bundle_of(record))


def test_from_the_record_to_the_signed_addendum_on_the_pages(cast: Cast, record: Operation) -> None:
    """As its people do it, without any script."""
    home = signed_in(cast.sam).get("/").content.decode()
    assert "Addenda to sign off" not in home
    mara, url = signed_in(cast.mara), reverse("amend", args=[record.pk])
    assert url in mara.get(reverse("record", args=[record.pk])).content.decode()
    assert url not in signed_in(cast.sam).get(reverse("record", args=[record.pk])).content.decode()
    answer = mara.post(url, {"text": TEXT})
    assert answer["Location"] == reverse("record", args=[record.pk]) + "#addendum-1"
    sam, own = signed_in(cast.sam), reverse("addendum", args=[record.pk, 1])
    assert "Addenda to sign off" in sam.get("/").content.decode()
    page = sam.get(reverse("record", args=[record.pk])).content.decode()
    assert "Waits for its sign-off" in page and own in page
    assert "<script>alert" not in page and "<h4>Not a section</h4>" in page
    digest = Addendum.objects.get().digest
    shown = sam.get(own).content.decode()
    assert digest in shown and "Your password, again" in shown
    assert "you wrote part of this record" in mara.get(own).content.decode().replace("&#x27;", "'")
    posted = {"digest": digest, "do": "sign_off"}
    assert "Enter your password" in sam.post(own, posted).content.decode()
    assert sam.post(own, {**posted, "password": "wrong"}).status_code == 400
    assert sam.post(own, {**posted, "password": PASSWORD, "digest": "0" * 64}).status_code == 409
    assert sam.post(own, {**posted, "password": PASSWORD}).status_code == 303
    told = signed_in(cast.olga).get(reverse("record", args=[record.pk])).content.decode()
    assert "Sam Whitfield signed off" in told
    assert "Addendum 1" in signed_in(cast.olga).get(reverse("record_print", args=[record.pk])).content.decode()
    decided = sam.get("/decisions/?show=decided").content.decode()
    assert f"/records/{record.pk}/#addendum-1" in decided


def test_addenda_cost_two_queries_however_many_there_are(cast: Cast, record: Operation) -> None:
    client = signed_in(cast.olga)
    client.get(reverse("record", args=[record.pk]))
    with CaptureQueriesContext(connection) as without:
        client.get(reverse("record", args=[record.pk]))
    for text in ("One", "Two"):
        amended(cast, record, text)
    with CaptureQueriesContext(connection) as with_two:
        client.get(reverse("record", args=[record.pk]))
    assert len(with_two) <= len(without) + 2


def test_who_cannot_add_an_addendum_is_told_who_can(cast: Cast, record: Operation) -> None:
    page = signed_in(cast.olga).get(reverse("record", args=[record.pk])).content.decode()
    assert "Add an addendum" not in page and "can add an addendum to it." in page
    page = signed_in(cast.mara).get(reverse("record", args=[record.pk])).content.decode()
    assert "Add an addendum" in page and "can add an addendum to it." not in page
