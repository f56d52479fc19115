"""An evidence bundle taken apart and packed again, also by a careful forger."""

from __future__ import annotations

import io
import json
import zipfile

from approvals import bundle_verifier


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
