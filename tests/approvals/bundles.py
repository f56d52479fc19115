"""An evidence bundle taken apart and packed again, also by a careful forger."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from approvals import bundle_verifier
from records.document.digest import canonical_json
from records.models import Person


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def closed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def agreeing(files: dict[str, bytes]) -> bytes:
    """The careful forger: the manifest says what the files are now."""
    manifest = json.loads(files["manifest.json"])
    own = {name: data for name, data in files.items() if name not in ("manifest.json", "verify.py")}
    manifest["files"] = {name: bundle_verifier.sha256(data) for name, data in own.items()}
    return closed(files | {"manifest.json": json.dumps(manifest).encode()})


def in_json(name: str, change: Callable[[Any], object]) -> Callable[[dict[str, bytes]], None]:
    def tamper(files: dict[str, bytes]) -> None:
        data = json.loads(files[name])
        change(data)
        files[name] = json.dumps(data).encode()

    return tamper


def spelled_anew(files: dict[str, bytes], change: Callable[[dict[str, Any]], object]) -> None:
    """The most careful forger: an entry is changed, and every hash that hangs on it."""
    trail, own, number = json.loads(files["trail.json"]), None, 0
    for one in trail:
        entry = json.loads(one["entry"])
        change(entry)
        if entry["schema"] > 1:
            entry["follows"] = own
        one["before"] = own if own and one["number"] == number + 1 else one["before"]
        one["entry"] = canonical_json(entry).decode()
        own, number = bundle_verifier.sha256((one["before"] + one["entry"]).encode()), one["number"]
        one["hash"] = own
    files["trail.json"] = json.dumps(trail).encode()
    in_json("manifest.json", lambda m: m.update(trail_ends={"number": number, "hash": own}))(files)


def looked_at(person: Person, data: bytes, name: str = "record.md") -> str:
    client = Client()
    client.force_login(person)
    answer = client.post(reverse("verify"), {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 200
    return answer.content.decode().replace("&#x27;", "'")
