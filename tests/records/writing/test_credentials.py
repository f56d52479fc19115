"""Case 39: a password or key in a record is warned of by its line; never rewritten, never logged, never repeated."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from records.models import AuditEntry, Delivery, Operation, OperationTemplate
from records.writing.credentials import credential_words, credentials_in
from tests.make import make_draft
from tests.people import Cast

ROOT = Path(__file__).parents[3]
SECRET = "hunter2-Blau"
COMMANDS = "infrastructure-operation-steps/phase-2-migration-execution-hh-mm-hh-mm/service-transition/commands"


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "PGPASSWORD=hunter2-Blau psql -h db -U app",
        'password: "s3cretWord"',
        "psql postgresql://app:hunter2@db.example.com/orders",
        "curl -u admin:hunter2 https://api.example.com/",
        "curl -H 'Authorization: Bearer 9f86d081884c7d659a2feaa0c55ad015' https://api.example.com/",
        "mysqldump -u root -phunter2 orders",
        "sshpass -p hunter2 ssh db-1",
        "tool --password hunter2",
        "tool --token=abcd1234",
        "git clone https://ghp_0123456789abcdefghijklmnopqrstuvwxyz@example.com/x.git",
        "api_key = 'abcd1234efgh'",
        "Kennwort ist geheim123",
        "Das Passwort lautet geheim123",
        "passwort: s0mmer",
        "mot de passe : secret42",
        "Contraseña: clave123",
        "The password is hunter2",
    ],
)
def test_what_looks_like_a_secret_is_found_on_its_line(line: str) -> None:
    [found] = credentials_in(f"# first\n{line}\n")
    assert found.line == 2


@pytest.mark.parametrize(
    "line",
    [
        "PGPASSWORD=$PGPASSWORD psql -h db",
        "PGPASSWORD=$(pass show orders/app) psql",
        "password: <from the vault>",
        "Authorization: Bearer $TOKEN",
        "postgresql://app:${PASSWORD}@db/orders",
        "Token: rotated monthly by the platform team",
        "Passwords are kept in the vault; ask for the secret before step 2",
        "mysqldump -u root -p orders",
        "tool --password-file /run/secrets/db",
        "The API key: see the vault",
        "Das Passwort ist im Tresor",
        "The password is rotated in step 12",
        "Le mot de passe est connu",
        "https://records.example.com:8443/records/12",
        "grep -p token file",
        "kubectl create secret generic tls --from-file=tls.key",
    ],
)
def test_what_only_speaks_of_one_is_not(line: str) -> None:
    assert credentials_in(line) == []


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("records/demo/*.md"), *ROOT.glob("records/operation_templates/*.md")]),
    ids=lambda p: p.stem,
)
def test_no_record_of_the_demo_is_suspected(path: Path) -> None:
    assert credentials_in(path.read_text()) == []


def test_every_line_is_named_together() -> None:
    text = "Kennwort ist geheim123\nls\npassword=hunter2\n-----BEGIN PRIVATE KEY-----"
    assert credential_words(text) == "lines 1, 3 and 4 look like a password or a private key"
    assert credential_words("ls") == ""
    assert credential_words("password=hunter2") == credentials_in("password=hunter2")[0].words


@pytest.mark.parametrize("piece", ["a", "a.", "password", "curl -u ", "mysql ", "token: ", "eyJ", "x://", "Basic "])
def test_a_long_line_is_read_in_a_moment(piece: str) -> None:
    text = piece * (262_144 // len(piece))
    begun = time.process_time()
    credentials_in(text)
    assert time.process_time() - begun < 1


def test_its_author_is_warned_and_nothing_else_repeats_it(
    cast: Cast, template: OperationTemplate, caplog: pytest.LogCaptureFixture
) -> None:
    operation = make_draft(cast, template)
    client = Client()
    client.force_login(cast.mara)
    own = operation.sections.get(key="infrastructure-operation-steps")
    commands = f"systemctl stop app\nPGPASSWORD={SECRET} psql -h db"
    where = reverse("section", args=[operation.pk, own.key])
    with caplog.at_level(logging.DEBUG):
        client.post(where, {"version": own.version, COMMANDS: commands, "act": "save"})
        page = client.get(where).content.decode()
        check = client.get(reverse("check", args=[operation.pk])).content.decode()
        client.post(reverse("check", args=[operation.pk]), {})
    assert "Line 2 looks like a password" in page
    assert "line 2 looks like a password" in check
    operation = Operation.objects.get(pk=operation.pk)
    assert commands.encode() in bytes(operation.revisions.get().plan_text).replace(b"\n   ", b"\n"), "kept as it was"
    assert SECRET not in caplog.text
    assert not AuditEntry.objects.filter(entry__contains=SECRET).exists()
    assert Delivery.objects.exists() and not Delivery.objects.filter(body__contains=SECRET).exists()


def test_the_warning_never_holds_the_secret() -> None:
    assert SECRET not in repr(credentials_in(f"password={SECRET}"))
