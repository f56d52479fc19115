"""The page that tells whether a file is what was signed: a text of a record, or an evidence bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from approvals.bundle import bundle_of
from approvals.bundle_verifier import check
from approvals.models import Decision
from records import triggers
from records.document.digest import sha256
from records.models import AuditEntry, FinalText, Operation, OperationTemplate, Revision, State
from tests import make
from tests.approvals.bundles import agreeing, closed, in_json, looked_at, opened, spelled_anew
from tests.people import Cast

# ---------------------------------------------------------------- the page


def test_the_page_tells_whether_a_file_is_what_was_signed(cast: Cast, finalized: Operation) -> None:
    assert finalized.final_text
    text = bytes(finalized.final_text.text)
    page = looked_at(cast.olga, text)
    assert "These are exactly the bytes that were signed." in page
    assert "Tomas Okafor" in page and "Jun Park" in page
    for same in (text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text):
        page = looked_at(cast.olga, same)
        assert "Not the bytes that were signed, but the same text" in page and "exactly the bytes" not in page
    for other in (text + b"\n", text.replace(b"\n", b"\r\n") + b"\n", b"x"):
        assert "No record that you may see was signed with these bytes" in looked_at(cast.olga, other)
    assert "give the record's Markdown" in looked_at(cast.olga, b"{}", "record.json")


def test_a_plan_text_of_the_bundle_is_known_with_the_digest_that_covers_it(
    cast: Cast, template: OperationTemplate
) -> None:
    """Its own digest is no approval's: those bind what stands beside it too."""
    record = make.submit(cast, make.make_draft(cast, template))
    first = record.revisions.get()
    text = opened(bundle_of(record))["revisions/1/plan.md"]
    page = looked_at(cast.tomas, text, "plan.md")
    assert "the plan text of revision 1, which is not an approved plan" in page
    make.approve_by(cast, record, "tomas", "ada")
    page = looked_at(cast.olga, text, "plan.md")
    assert "exactly the plan text of revision 1, which was approved together with the values beside" in page
    assert "Tomas Okafor" in page and first.digest in page
    assert page.count(first.text_digest) == 1 and sha256(text) == first.text_digest != first.digest
    assert "Not the bytes that were signed, but the same text" in looked_at(cast.olga, text.replace(b"\n", b"\r\n"))
    assert "No record that you may see" in looked_at(cast.olga, text.replace(b"e", b"f", 1))
    client = Client()
    client.force_login(cast.olga)
    source = client.get(f"/records/{record.pk}/review/?view=source").content.decode()
    assert first.digest in source and first.text_digest in source


def test_a_text_that_was_signed_but_not_in_the_end_is_told_so(cast: Cast, template: OperationTemplate) -> None:
    from records.run import running

    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    running.reopen_run(operation, evidence="A picture of the lag", by=cast.tomas, at=make.NIGHT)
    assert "signed once, but not in the end" in looked_at(cast.olga, bytes(FinalText.objects.get().text))


def test_the_page_checks_a_bundle_and_that_it_is_from_here(cast: Cast, finalized: Operation) -> None:
    client = Client()
    client.force_login(cast.olga)
    answer = client.get(reverse("bundle", args=[finalized.pk]))
    assert answer["Content-Disposition"].endswith('.evidence.zip"')
    assert "everything in it is what was signed here" in looked_at(cast.olga, answer.content, "b.zip")
    files = opened(answer.content)
    files["final-texts/1.md"] = b"# Other"
    assert "is not what the manifest says" in looked_at(cast.olga, closed(files), "b.zip")
    assert "The bytes of final text 1" in looked_at(cast.olga, agreeing(files), "b.zip")
    assert "This is no evidence bundle" in looked_at(cast.olga, b"PK", "b.zip")
    for manifest in ({"number": "x"}, {"number": None}):
        files = opened(answer.content)
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | manifest).encode()
        assert "it doesn't say which record it is of" in looked_at(cast.olga, closed(files), "b.zip")


def test_the_page_believes_no_decision_or_entry_that_does_not_stand_here(
    cast: Cast, template: OperationTemplate
) -> None:
    """True bytes and digests, and a trail spelled anew: it fits together, and tells of what nobody did."""
    record = make.submit(cast, make.make_draft(cast, template))
    early = bundle_of(record)
    make.approve_by(cast, record, "tomas")
    files = opened(bundle_of(record))

    def other_words(entry: dict[str, Any]) -> None:
        if entry["act"] == "approve":
            entry["person_name"] = "Ada Brandt"

    spelled_anew(files, other_words)
    in_json("decisions.json", lambda own: own[0].update(name="Ada Brandt"))(files)
    check(agreeing(files))
    assert "it is not what stands here" in looked_at(cast.olga, agreeing(files), "b.zip")
    empty = {name: own for name, own in opened(early).items() if not name.startswith("revisions/")}
    empty |= {"trail.json": b"[]", "decisions.json": b"[]"}
    in_json("manifest.json", lambda own: own.update(state="draft", revisions=[]))(empty)
    check(agreeing(empty))
    assert "it is not what stands here" in looked_at(cast.olga, agreeing(empty), "b.zip")
    assert "The record has gone on since it was made" in looked_at(cast.olga, early, "b.zip")
    assert "gone on since" not in looked_at(cast.olga, bundle_of(record), "b.zip")


FORGED = b"# Approved by all\n"


def forged_plan() -> bytes:
    Revision.objects.update(plan_text=FORGED)
    return FORGED


def forged_end() -> bytes:
    FinalText.objects.update(digest=sha256(FORGED))
    return FORGED


def end_with_its_decisions() -> bytes:
    Decision.objects.filter(final_text__isnull=False).update(digest=sha256(FORGED))
    FinalText.objects.update(digest=sha256(FORGED), text=FORGED)
    return FORGED


def end_without_its_sign_off() -> bytes:
    Decision.objects.filter(kind="sign_off").delete()
    return bytes(FinalText.objects.get().text)


def end_without_its_entry() -> bytes:
    AuditEntry.objects.filter(act="approve").update(operation=None)
    return bytes(FinalText.objects.get().text)


@pytest.mark.parametrize(
    "forge", [forged_plan, forged_end, end_with_its_decisions, end_without_its_sign_off, end_without_its_entry]
)
def test_the_page_vouches_for_nothing_that_the_trail_does_not_tell(
    forge: Callable[[], bytes], cast: Cast, finalized: Operation
) -> None:
    """Somebody with all rights on the database makes it know a text that nobody signed."""
    whole = bundle_of(finalized)
    assert "exactly the bytes that were signed" in looked_at(cast.olga, bytes(FinalText.objects.get().text))
    triggers.remove()
    text = forge()
    for page in (looked_at(cast.olga, text), looked_at(cast.olga, text.replace(b"\n", b"\r\n"))):
        assert "exactly" not in page and "Tomas Okafor" not in page
    assert "somebody changed the record past its acts" in looked_at(cast.olga, text)
    page = looked_at(cast.olga, whole, "b.zip")
    assert "is what was signed here" not in page


@pytest.mark.parametrize("name", ["comments.json", "verify.py", "log"])
def test_the_page_names_what_nobody_signs_and_is_otherwise_in_a_bundle(
    name: str, cast: Cast, finalized: Operation
) -> None:
    files = opened(bundle_of(finalized))
    name = f"{finalized.reference}.log.md" if name == "log" else name
    page = looked_at(cast.olga, agreeing(files | {name: b"print('everything fits')"}), "b.zip")
    assert f"Nobody signs {name}: what is in it is not what this site would put there now." in page
    assert "everything in it" not in page
    page = looked_at(cast.olga, agreeing({own: data for own, data in files.items() if own != name}), "b.zip")
    assert f"Nobody signs {name}" in page


@pytest.mark.parametrize("number", ["Infinity", "NaN", "1e400", "-1", '"x"', "[]", "9" * 30])
def test_no_number_in_a_bundle_ends_the_page(number: str, cast: Cast, finalized: Operation) -> None:
    files = opened(bundle_of(finalized))
    manifest = json.loads(files["manifest.json"])
    own = json.dumps({**manifest, "number": "HERE"}).replace('"HERE"', number).encode()
    text = '{"act":"looked","facts":{},"follows":null,"number":%s,"schema":2}' % number  # noqa: UP031
    end = sha256(("0" * 64 + text).encode())
    trail = json.dumps([{"number": "HERE", "before": "0" * 64, "entry": text, "hash": end}]).replace('"HERE"', number)
    few = {"schema": 2, "record": "x", "number": finalized.pk, "state": "draft", "revisions": [], "final_texts": []}
    ends = json.dumps({**few, "trail_ends": {"number": "HERE", "hash": end}}).replace('"HERE"', number).encode()
    made = {"manifest.json": ends, "trail.json": trail.encode(), "decisions.json": b"[]"}
    for forged in (files | {"manifest.json": own}, made):
        assert "what was signed here" not in looked_at(cast.olga, agreeing(forged), "b.zip")
