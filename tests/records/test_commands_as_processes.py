"""The commands as a script sees them: processes with exit codes, each on a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.records.command_files import KAFKA, KAFKA_ID, ROOT, TEMPLATE, TOML


def process(*args: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "opsrecords.settings", **environment},
        capture_output=True,
    )


def test_exit_codes_and_bytes_as_a_script_sees_them(tmp_path: Path) -> None:
    own = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": ""}
    early = process("import_record", str(KAFKA), **own)
    assert early.returncode == 1
    assert early.stdout == b""
    assert b"manage.py migrate" in early.stderr and b"Traceback" not in early.stderr
    assert process("migrate", "-v0", **own).returncode == 0
    assert process("import_template", str(TEMPLATE), "--toml", str(TOML), **own).returncode == 0
    crlf = tmp_path / "crlf.md"
    crlf.write_bytes(KAFKA.read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    came = process("import_record", str(crlf), **own)
    assert (came.returncode, came.stdout.splitlines()[-1]) == (0, KAFKA_ID.encode())
    went = process("export_record", KAFKA_ID, **own)
    assert (went.returncode, went.stdout, went.stderr) == (0, crlf.read_bytes(), b"")
    leaving = "import os, sys; os.close(0)"
    piped = f"{sys.executable} manage.py export_record {KAFKA_ID} --format json | {sys.executable} -c '{leaving}'"
    left = subprocess.run(
        piped,
        shell=True,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "opsrecords.settings", **own},
        capture_output=True,
    )
    assert b"Traceback" not in left.stderr and b"BrokenPipe" not in left.stderr
    again = process("import_record", str(crlf), **own)
    assert (again.returncode, again.stdout) == (1, b"")
    assert KAFKA_ID.encode() in again.stderr and b"Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DEBUG": "false"}, b"SECRET_KEY must be set"),
        ({"DATA_DIR": "/dev/null/data"}, b"DATA_DIR can't be made"),
        ({"DATABASE_URL": "mysql://x/y"}, b"DATABASE_URL must name SQLite"),
        ({"DATABASE_URL": "sqlite:////dev/null/none"}, b"The database can't be reached"),
    ],
    ids=str,
)
def test_a_site_that_can_not_start_says_so(environment: dict[str, str], words: bytes, tmp_path: Path) -> None:
    ended = process("export_record", "1", **{"DATA_DIR": str(tmp_path), **environment})
    assert ended.returncode == 1
    assert words in ended.stderr and b"Traceback" not in ended.stderr
