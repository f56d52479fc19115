"""The evidence bundle: whatever is changed in it is found, by a script that knows nothing of the site."""

from __future__ import annotations

import io
import json
import random
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from approvals import bundle_verifier
from approvals.bundle import bundle_of
from approvals.bundle_verifier import Wrong, check
from records import audit
from records.models import Operation, OperationTemplate, State
from records.run.keeping import Brought, keep_evidence
from tests import make
from tests.approvals.bundles import agreeing, closed, in_json, looked_at, opened, spelled_anew
from tests.people import Cast


def test_it_holds_the_signed_bytes_and_checks_itself_without_the_site(finalized: Operation, tmp_path: Path) -> None:
    files = opened(bundle_of(finalized))
    assert finalized.final_text
    assert files["final-texts/1.md"] == bytes(finalized.final_text.text)
    assert files["revisions/1/plan.md"] == bytes(finalized.revisions.get().plan_text)
    (tmp_path / "bundle.zip").write_bytes(bundle_of(finalized))
    (tmp_path / "verify.py").write_bytes(files["verify.py"])
    command = [sys.executable, "-I", "verify.py", "bundle.zip"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == f"{finalized.operation_id}: everything fits."
    kinds = ["approve", "approve", "sign", "sign_off"]
    assert [line.rsplit(": ", 1)[1].split(",")[0] for line in lines[:-1]] == kinds
    unasked = subprocess.run(command[:-1], cwd=tmp_path, capture_output=True, text=True)
    assert (unasked.returncode, unasked.stderr.startswith("Checks an evidence bundle")) == (1, True)
    number, end = (json.loads(files["trail.json"])[-1][name] for name in ("number", "hash"))
    assert subprocess.run([*command, f"{number}:{end}"], cwd=tmp_path, capture_output=True).returncode == 0
    kept = subprocess.run([*command, f"{number}:{'0' * 64}"], cwd=tmp_path, capture_output=True, text=True)
    assert (kept.returncode, kept.stderr.strip()) == (
        1,
        f"Entry {number} is not the one whose hash was kept elsewhere, or not in the bundle.",
    )


def test_the_script_is_short_and_stands_alone() -> None:
    lines = Path(bundle_verifier.__file__).read_text().splitlines()
    assert len(lines) < 150
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {"hashlib", "io", "json", "sys", "zipfile", "typing"}


def in_file(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({name: data})


def of_act(trail: list[dict[str, str]], act: str) -> dict[str, str]:
    return next(one for one in trail if json.loads(one["entry"])["act"] == act)


TAMPERED = {
    "plan": (in_file("revisions/1/plan.md", b"# Other"), "The bytes of revision 1"),
    "annex": (in_file("revisions/1/annex.json", b"{}"), "The bytes of revision 1"),
    "rule": (in_file("revisions/1/rule.json", b"{}"), "The bytes of revision 1"),
    "content": (in_file("revisions/1/content.json", b"{}"), "The bytes of revision 1"),
    "final text": (in_file("final-texts/1.md", b"# Other"), "The bytes of final text 1"),
    "who": (in_json("decisions.json", lambda d: d[0].update(name="Ada Brandt")), "its decision is missing or says"),
    "roles": (in_json("decisions.json", lambda d: d[0].update(roles=["auditor"])), "its decision is missing or says"),
    "when": (in_json("decisions.json", lambda d: d[3].update(at="2026-01-01T00:00:00Z")), "its decision is missing"),
    "decision removed": (in_json("decisions.json", lambda d: d.pop(1)), "its decision is missing"),
    "decision added": (
        in_json("decisions.json", lambda d: d.append({**d[0], "decision": 99})),
        "No entry tells of the",
    ),
    "entry changed": (in_json("trail.json", lambda t: t[2].update(entry=t[2]["entry"] + " ")), "was changed: its hash"),
    "submission removed": (in_json("trail.json", lambda t: t.remove(of_act(t, "submit"))), "does not follow entry"),
    "approval removed": (in_json("trail.json", lambda t: t.remove(of_act(t, "approve"))), "does not follow entry"),
    "entries swapped": (in_json("trail.json", lambda t: t.insert(0, t.pop(2))), "does not follow entry"),
    "file missing": (lambda files: files.pop("final-texts/1.md"), "or not whole"),
    "other record": (in_json("manifest.json", lambda m: m.update(record="2026-12-06-b")), "The bytes of revision 1"),
    "state": (in_json("manifest.json", lambda m: m.update(state="approved")), "an act was left out"),
    "end": (in_json("manifest.json", lambda m: m["trail_ends"].update(number=1)), "an act was left out"),
    "end rewritten": (in_json("manifest.json", lambda m: m["trail_ends"].update(hash="0" * 64)), "an act was left out"),
    "revision hidden": (in_json("manifest.json", lambda m: m["revisions"].clear()), "what it tells of is not in the"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_changed_is_found_even_if_the_manifest_agrees(name: str, finalized: Operation) -> None:
    tamper, words = TAMPERED[name]
    files = opened(bundle_of(finalized))
    tamper(files)
    with pytest.raises(Wrong) as raised:
        check(agreeing(files))
    assert words in str(raised.value)


def without(files: dict[str, bytes], at: int) -> str:
    """Takes an entry out of the bundle, with the decision that it tells of; its act."""
    trail, decisions = json.loads(files["trail.json"]), json.loads(files["decisions.json"])
    entry = json.loads(trail.pop(at)["entry"])
    decisions = [one for one in decisions if one["decision"] != entry["facts"].get("decision")]
    files |= {"trail.json": json.dumps(trail).encode(), "decisions.json": json.dumps(decisions).encode()}
    return str(entry["act"])


def test_an_entry_that_was_left_out_with_its_decision_is_found_wherever_it_stood(finalized: Operation) -> None:
    whole = bundle_of(finalized)
    acts = []
    for at in range(len(json.loads(opened(whole)["trail.json"])) - 1):
        files = opened(whole)
        acts.append(without(files, at))
        with pytest.raises(Wrong, match="does not follow entry"):
            check(agreeing(files))
    assert acts.count("approve") == 2


def test_an_end_that_was_left_out_is_found_by_its_hash_kept_elsewhere(finalized: Operation) -> None:
    files = opened(bundle_of(finalized))
    last = json.loads(files["trail.json"])[-1]
    assert without(files, -1) == "sign_off"
    with pytest.raises(Wrong, match=r"can't be the last one of what the manifest tells: an act was left out"):
        check(agreeing(files))
    in_json("manifest.json", lambda own: own.update(state="closing"))(files)
    check(agreeing(files))  # as it could have left the site before
    with pytest.raises(Wrong, match=f"Entry {last['number']} is not the one whose hash was kept elsewhere, or not in"):
        check(agreeing(files), {last["number"]: last["hash"]})


def test_the_hash_of_the_last_entry_binds_all_that_went_before_it(cast: Cast, template: OperationTemplate) -> None:
    record = make.submit(cast, make.make_draft(cast, template))
    audit.record("looked", operation=None, person=cast.mara, at=make.PLANNED)  # which the bundle doesn't tell
    files = opened(bundle_of(make.approve_by(cast, record, "tomas")))
    last = json.loads(files["trail.json"])[-1]
    anchor = {last["number"]: last["hash"]}
    check(agreeing(files), anchor)

    def other_author(entry: dict[str, Any]) -> None:
        if entry["act"] == "submit":
            entry["person_name"] = "Ada Brandt"

    spelled_anew(files, other_author)
    check(agreeing(files))
    with pytest.raises(Wrong, match="whose hash was kept elsewhere"):
        check(agreeing(files), anchor)


def test_in_a_bundle_of_the_first_release_a_left_out_act_is_found_by_where_the_next_one_began(
    finalized: Operation,
) -> None:
    def as_first_release(entry: dict[str, Any]) -> None:
        entry["schema"] = 1
        entry.pop("follows", None)

    whole = opened(bundle_of(finalized))
    spelled_anew(whole, as_first_release)
    check(agreeing(dict(whole)))
    trail = json.loads(whole["trail.json"])
    starts = [at for at, one in enumerate(trail) if json.loads(one["entry"])["act"] in ("start", "finish_work")]
    assert len(starts) == 2
    for at in starts:
        files = dict(whole)
        without(files, at)
        with pytest.raises(Wrong, match="an act before it was left out"):
            check(agreeing(files))


def test_that_nobody_approved_it_is_not_wiped_off(cast: Cast, template: OperationTemplate) -> None:
    files = opened(bundle_of(make.begin_emergency(cast, make.make_draft(cast, template))))
    manifest, _decisions = check(agreeing(files))
    assert manifest["unapproved"] == "Nobody approved it: started as an emergency"
    for said in ("", "Approved by all"):
        in_json("manifest.json", lambda own, said=said: own.update(unapproved=said))(files)
        with pytest.raises(Wrong, match="something else than the entries about who approved it"):
            check(agreeing(files))
    in_json("manifest.json", lambda own: own.pop("unapproved"))(files)
    assert check(agreeing(files))[0]["unapproved"] == "Nobody approved it: started as an emergency"


def test_what_was_kept_in_the_run_and_its_log_are_in_it(cast: Cast, template: OperationTemplate) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    for brought in (Brought(b"lag 3 s\n"), Brought(b"\x89PNG\r\n\x1a\n...", "dashboard.png")):
        keep_evidence(run, files=[brought], by=cast.jun, at=make.NIGHT)
    made = bundle_of(make.fresh(run))
    files = opened(made)
    kept = {name: data for name, data in files.items() if name.startswith("evidence/")}
    assert kept == {"evidence/output-1.txt": b"lag 3 s\n", "evidence/2-dashboard.png": b"\x89PNG\r\n\x1a\n..."}
    log = f"{run.operation_id}.log.md"
    assert bundle_verifier.sha256(b"lag 3 s\n") in files[log].decode()
    digests = json.loads(files["manifest.json"])["files"]
    assert {name: digests[name] for name in (*kept, log)} == {
        name: bundle_verifier.sha256(files[name]) for name in (*kept, log)
    }
    check(made)
    for name in kept:
        for forged in ({**files, name: b"other"}, {one: data for one, data in files.items() if one != name}):
            with pytest.raises(Wrong, match=r"Evidence with SHA-256 [0-9a-f]{64} is missing, or no entry tells of it"):
                check(agreeing(forged))
    with pytest.raises(Wrong, match=r"log\.md is not what the manifest says"):
        check(closed(files | {log: b"# Other"}))


def test_the_page_takes_a_bundle_with_pictures_and_no_more_texts_than_it_can_hold(
    cast: Cast, template: OperationTemplate
) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    photo = b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(3 << 20)
    keep_evidence(run, files=[Brought(photo, "dashboard.png")], by=cast.jun, at=make.NIGHT)
    made = bundle_of(make.fresh(run))
    assert len(made) > 3 << 20
    assert "everything in it is what was signed here" in looked_at(cast.olga, made, "b.zip")
    for name, size in (("comments.json", 3 << 20), ("evidence/1-dashboard.png", 11 << 20)):
        large = closed(opened(made) | {name: random.Random(2).randbytes(size)})
        assert "more than this page reads" in looked_at(cast.olga, large, "b.zip")


def test_a_file_that_the_manifest_does_not_know_is_found(finalized: Operation) -> None:
    files = opened(bundle_of(finalized))
    with pytest.raises(Wrong, match=r"final-texts/2\.md is not what the manifest says"):
        check(closed(files | {"final-texts/2.md": b"# Other"}))


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04" + b"x" * 100, closed({}), closed({"manifest.json": b"[]"})])
def test_what_is_no_bundle_is_told(data: bytes) -> None:
    with pytest.raises(Wrong):
        check(data)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Wrong, match="larger than any bundle"):
        check(closed({f"{number}": b"" for number in range(5001)}))


def packed(files: dict[str, bytes], way: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_what_unpacks_to_far_more_than_a_bundle_is_refused_before_it_does() -> None:
    """Pictures and texts of a bundle hardly shrink: two megabytes that become gigabytes are no evidence."""
    large = {"evidence/other.png": random.Random(1).randbytes(4 << 20)}
    for name, size, beside in (
        ("evidence/photo.png", 128 << 20, {}),
        ("trail.json", 32 << 20, {}),
        ("trail.json", 32 << 20, large),
    ):
        data = packed({name: b"[" * size, **beside})
        assert len(data) < 200_000 + sum(map(len, beside.values()))
        with pytest.raises(Wrong, match="larger than any bundle"):
            check(data)


def test_a_file_that_is_larger_than_it_says_is_not_unpacked() -> None:
    size, told = (128 << 20) + 1234567, 10
    data = packed({"x": b"x" * size}).replace(struct.pack("<I", size), struct.pack("<I", told))
    tracemalloc.start()
    with pytest.raises(Wrong, match="Bad CRC-32"):
        check(data)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


NESTED = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("way", ["deflate", "bzip2", "lzma", "nested manifest", "nested entry"])
def test_what_nobody_could_read_is_told_too(way: str, finalized: Operation) -> None:
    files = opened(bundle_of(finalized))
    if way == "deflate":
        data = bytearray(packed({"x": bytes(range(256)) * 100}))
        data[36:46] = b"\xff" * 10
    elif way == "nested manifest":
        data = bytearray(closed(files | {"manifest.json": NESTED}))
    elif way == "nested entry":
        in_json("trail.json", lambda trail: trail[0].update(entry=NESTED.decode()))(files)
        data = bytearray(agreeing(files))
    else:
        data = bytearray(packed(files, {"bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}[way]))
    with pytest.raises(Wrong, match=r"This is no evidence bundle|packed as none is"):
        check(bytes(data))


@pytest.mark.parametrize("name", ["final-texts/2.md", "revisions/2/plan.md", "revisions/1/note.md", "APPROVED.md"])
def test_a_file_that_nobody_signed_is_no_part_of_a_bundle_even_if_the_manifest_agrees(
    name: str, finalized: Operation
) -> None:
    files = opened(bundle_of(finalized))
    with pytest.raises(Wrong, match=f"{name} is no part of a bundle"):
        check(agreeing(files | {name: b"# Approved by all"}))


def test_evidence_is_not_left_out_as_if_the_bundle_were_older_and_has_its_own_name(
    cast: Cast, template: OperationTemplate
) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    keep_evidence(run, files=[Brought(b"lag 3 s\n")], by=cast.jun, at=make.NIGHT)
    whole = opened(bundle_of(make.fresh(run)))
    content = whole.pop("evidence/output-1.txt")
    without, renamed = dict(whole), whole | {"evidence/output-2.txt": content}
    in_json("manifest.json", lambda manifest: manifest.update(schema=1))(without)
    for forged in (without, renamed, whole | {"evidence/output-1.txt": content, "evidence/output-2.txt": content}):
        with pytest.raises(Wrong, match=r"Evidence with SHA-256 [0-9a-f]{64} is missing, or no entry tells of it"):
            check(agreeing(forged))
