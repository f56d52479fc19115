"""Checks an evidence bundle of an operation record: python3 verify.py bundle.zip [NUMBER:HASH kept elsewhere]

Needs Python 3.9 or newer alone. Exit code 0 if all of it fits together, else 1 and the first thing that doesn't. The
hash of the record's last entry, kept elsewhere, binds all before it: without it the end may be left out, or all made
up, this script too. Never known: whether log and comments, which nobody signs, are as they were, or who signed in.
"""

import hashlib
import io
import json
import sys
import zipfile
from typing import Any

MOST_FILES, EVIDENCE, JSON = 5000, "evidence/", ("manifest.json", "trail.json", "decisions.json")
FREEZING = ("submit", "reschedule", "record_afterwards", "emergency_start", "complete_plan", "amend")
SIGNING = {act: act for act in ("approve", "ask_for_changes", "reject", "sign_off", "ratify")}
SIGNING |= {"take_back_approval": "take_back", "sign_as_operator": "sign"}
SIGNING |= {"sign_off_addendum": "sign_off", "turn_down_addendum": "reject"}
UNAPPROVED = {"emergency_start": "started as an emergency", "record_afterwards": "recorded afterwards"}
FROZEN = {"addendum": "addenda", "final_text": "final_texts", "revision": "revisions"}


class Wrong(Exception):
    """The first thing that does not fit."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read(data: bytes) -> tuple[Any, ...]:
    """The files, evidence by its digest, and what JSON tells; of each as much as it says to be: read() unpacks more."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    sizes = {one.filename: one.file_size for one in archive.infolist() if one.compress_type in (0, 8)}
    texts = [one for one in archive.infolist() if not one.filename.startswith(EVIDENCE)]
    room, packed = (16 << 20) - sum(one.file_size for one in texts), sum(one.compress_size for one in texts)
    fits = room + 12 * min(packed, len(data)) >= 0 and sum(sizes.values()) <= (64 << 20) + 12 * len(data)
    if not fits or not len(sizes) == len(archive.infolist()) <= MOST_FILES:
        raise Wrong("The archive is larger than any bundle, packed as none is, or a name stands twice in it.")
    files = {n: archive.open(n).read(size + 1) for n, size in sizes.items() if not n.startswith(EVIDENCE)}
    kept = {(n, sha256(archive.open(n).read(size + 1))) for n, size in sizes.items() if n.startswith(EVIDENCE)}
    manifest, trail, decisions = (json.loads(files[name]) for name in JSON)
    found = dict(kept) | {name: sha256(own) for name, own in files.items()}
    for name in sorted({*found, *manifest["files"]} - {"manifest.json", "verify.py"}):
        if found.get(name) != manifest["files"].get(name):
            raise Wrong(f"{name} is not what the manifest says.")
    return files, kept, manifest, trail, decisions


def check_trail(trail: Any, manifest: Any, anchors: Any) -> list[Any]:
    """Each entry is bound to those before it, and begins where the last act led. Returns what they tell."""
    number, end, state, there, told = 0, None, "draft", {}, []
    for one in trail:
        told.append(entry := json.loads(one["entry"]))
        before, number, facts = number, one["number"], entry["facts"]
        odd = number <= before or (before and number == before + 1 and one["before"] != end)
        if odd or (entry["schema"] > 1 and entry["follows"] != end):  # the first release's entries don't tell it
            raise Wrong(f"Entry {number} does not follow entry {before}.")
        there[number] = end = one["hash"]
        if sha256((one["before"] + one["entry"]).encode()) != end or entry["number"] != number:
            raise Wrong(f"Entry {number} was changed: its hash does not fit.")
        if "after" in facts and entry["act"] != "move_to_version":
            if facts["before"] != state:
                raise Wrong(f"Entry {number} began at {facts['before']}, not {state}: an act before it was left out.")
            state = facts["after"]
    last, told_state = manifest["trail_ends"], manifest["state"].replace("imported", "draft")
    if told_state != state or last["number"] < number or there.get(last["number"], last["hash"]) != last["hash"]:
        raise Wrong(f"Entry {number} can't be the last one of what the manifest tells: an act was left out.")
    if strange := anchors.items() - there.items():
        raise Wrong(f"Entry {min(strange)[0]} is not the one whose hash was kept elsewhere, or not in the bundle.")
    return told


def digest_of(what: str, one: Any, manifest: Any, files: dict[str, bytes]) -> str:
    """What a signature binds, made anew from the bytes, which are taken out of ``files``."""
    number, told = one["number"], {"schema": one.get("schema", 1), "record": manifest["record"], what: one["number"]}
    if what == "addendum":
        told |= {"text": sha256(files.pop(f"addenda/{number}.md")), **{n: one[n] for n in ("final_text", "by", "at")}}
    elif what == "revision":
        told |= {"template": one["template"], "rule": files.pop(f"revisions/{number}/rule.json").decode()}
        parts = [("plan_text", "plan.md"), ("annex", "annex.json"), ("content", "content.json")]
        digests = [(name, sha256(files.pop(f"revisions/{number}/{file}"))) for name, file in parts]
        told |= dict(digests[: 1 + told["schema"]])  # in the first schema without the content
    bound = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if (digest := sha256(files.pop(f"final-texts/{number}.md") if what == "final_text" else bound)) != one["digest"]:
        raise Wrong(f"The bytes of {what.replace('_', ' ')} {number} don't fit its digest.")
    return digest


def same(decision: Any, entry: Any) -> bool:
    """Whether a decision is the one that an entry tells of."""
    kind, facts = SIGNING[entry["act"]], entry["facts"]
    facts = facts if "roles" in facts else {**decision, **facts}  # the first release's entries tell less
    told = (kind, entry["person"], facts.get("called", entry["person_name"]), entry["at"], facts.get("reason", ""))
    own = {**decision, "at": decision["at"].replace("Z", "+00:00")}
    is_told = told == tuple(own[name] for name in ("kind", "person", "name", "at", "reason"))
    return is_told and all(own[name] == facts[name] for name in ("decision", "role", "roles", "digest"))


def check_decisions(entries: list[Any], frozen: dict[tuple[str, int], str], decisions: Any) -> None:
    """Each frozen text and each decision has its entry, and each entry of these acts what it tells of."""
    waiting, untold = {one["decision"]: one for one in decisions}, dict(frozen)
    for entry in (one for one in entries if one["act"] in {*FREEZING, *SIGNING}):
        facts, what = entry["facts"], next((name for name in FROZEN if name in entry["facts"]), "")
        if frozen.get((what, facts.get(what))) != facts["digest"]:
            raise Wrong(f"Entry {entry['number']}: what it tells of is not in the bundle as it was.")
        if entry["act"] in (*FREEZING, "sign_as_operator"):
            untold.pop((what, facts[what]), None)
        if entry["act"] in SIGNING:
            decision = waiting.pop(facts["decision"], None)
            if decision is None or decision.get(what) != facts[what] or not same(decision, entry):
                raise Wrong(f"Entry {entry['number']}: its decision is missing or says something else.")
    for what, number in untold:
        raise Wrong(f"No entry tells of {what.replace('_', ' ')} {number}.")
    for one in waiting.values():
        raise Wrong(f"No entry tells of the decision of {one['name']} at {one['at']}.")


def check(data: bytes, anchors: Any = None) -> tuple[Any, Any]:
    """The manifest and the decisions of a bundle. Raises Wrong with the first thing that does not fit."""
    try:
        files, kept, manifest, trail, decisions = read(data)
        entries = check_trail(trail, manifest, anchors or {})
        told = {(EVIDENCE + e["facts"]["name"], e["facts"]["sha256"]) for e in entries if e["act"] == "evidence"}
        if told != kept and any(one["schema"] > 1 for one in (manifest, *entries)):  # the first bundles had none
            raise Wrong(f"Evidence with SHA-256 {min(told ^ kept)[1]} is missing, or no entry tells of it.")
        texts = [(what, one) for what, part in FROZEN.items() for one in manifest.get(part, [])]
        frozen = {(what, one["number"]): digest_of(what, one, manifest, files) for what, one in texts}
        check_decisions(entries, frozen, decisions)
        if strange := files.keys() - {*JSON, "comments.json", "verify.py", f"{manifest['record']}.log.md"}:
            raise Wrong(f"{min(strange)} is no part of a bundle: nobody signed it.")
        words = next((f"Nobody approved it: {UNAPPROVED[e['act']]}" for e in entries if e["act"] in UNAPPROVED), "")
        if manifest.setdefault("unapproved", words) != words:
            raise Wrong("The manifest says something else than the entries about who approved it.")
    except Exception as error:  # whatever it stumbles over
        said = str(error) if isinstance(error, Wrong) else f"This is no evidence bundle, or not whole: {error!r}."
        raise Wrong(said) from error
    return manifest, decisions


if __name__ == "__main__":
    try:
        with open(sys.argv[1] if sys.argv[1:] else sys.exit(__doc__), "rb") as bundle:
            shown, signed = check(bundle.read(), {int(n): end for n, end in (one.split(":") for one in sys.argv[2:])})
    except (Wrong, OSError) as fault:
        sys.exit(str(fault))
    print(*(f"{own['at']}  {own['name']} ({own['role']}): {own['kind']}, {own['digest']}" for own in signed), sep="\n")
    print(f"{shown['record']}: everything fits. {shown['unapproved']}".rstrip())
