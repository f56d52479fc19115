"""Dockerfile and docker-compose.yml: as their engine would read them, and tried with every command that they hold."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import jsonschema
import pytest

from tests.compose import COMPOSE, DOCKERFILE, TOLD, compose, instructions, services
from tests.make import ROOT
from tests.processes import until
from tests.stack import BIN, SITE, Stack

SCHEMA = json.loads((ROOT / "tests/data/compose.schema.json").read_text())


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what is copied into the image, and the static files collected there as it says."""
    folder = tmp_path_factory.mktemp("image")
    for line in instructions("COPY"):
        source, target = line.split()
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, folder / (source if target in (".", "./") else target))
    [collect] = [line for line in instructions("RUN") if "collectstatic" in line]
    command = collect.replace("/tmp/data", str(folder / "while-collecting"))
    subprocess.run(command, shell=True, cwd=folder, check=True, env={"PATH": f"{BIN}:/usr/bin:/bin", "DEBUG": "false"})
    return folder


@pytest.fixture(scope="module")
def stack(image: Path) -> Iterator[Stack]:
    """Everything that the compose file starts, by its commands, healthy by its health checks; it ends when asked.

    Into the folder of the image, which is read-only there, nothing is written.
    """
    stack, files = Stack(image), set(image.rglob("*"))
    try:
        stack.start_all()
        yield stack
        assert stack.stop() == {"web": 0, "worker": 0, "beat": 0, "redis": 0, "postgres": 0}
        assert set(image.rglob("*")) == files
    finally:
        stack.stop()


def ask(port: int, method: str, address: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    """The proxy asks: https outside, http inside."""
    sent = {"Host": "records.example.com", "X-Forwarded-Proto": "https", **headers}
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, address, body, sent)
    with connection.getresponse() as response:
        return response.status, dict(response.getheaders()), response.read().decode()


def test_people_sign_in_through_the_proxy(stack: Stack) -> None:
    status, headers, page = ask(stack.port, "GET", "/sign-in/")
    assert status == 200
    assert headers["Strict-Transport-Security"]
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    status, _, page = ask(
        stack.port,
        "POST",
        "/sign-in/",
        urlencode({"csrfmiddlewaretoken": token, "username": "nobody", "password": "wrong"}),
        **{
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": headers["Set-Cookie"].split(";")[0],
            "Origin": "https://records.example.com",
        },
    )
    assert (status, "wrong" in page or "sign in" in page.lower()) == (200, True)


def test_pages_find_their_compressed_static_files(stack: Stack) -> None:
    _, _, page = ask(stack.port, "GET", "/sign-in/")
    for address in re.findall(r'(?:href|src)="(/static/[^"#]+)"', page):
        status, headers, _ = ask(stack.port, "HEAD", address, **{"Accept-Encoding": "gzip"})
        assert status == 200, address
        assert "immutable" in headers["Cache-Control"], address


def test_metrics_are_those_of_every_process(stack: Stack) -> None:
    for _ in range(20):
        ask(stack.port, "GET", "/sign-in/")
    status, _, told = ask(stack.port, "GET", "/metrics", Authorization=f"Bearer {TOLD['METRICS_TOKEN']}")
    [answered] = re.findall(r"^opsrecords_requests_total\{.*GET.*200.*login.*\} (.*)$", told, re.MULTILINE)
    assert status == 200
    assert float(answered) >= 20


def test_http_leads_to_https(stack: Stack) -> None:
    status, headers, _ = ask(stack.port, "GET", "/sign-in/", **{"X-Forwarded-Proto": "http"})
    assert (status, headers["Location"]) == (301, "https://records.example.com/sign-in/")


def test_beat_sends_the_sweep_the_worker_takes_it_and_the_web_server_knows(stack: Stack) -> None:
    def ready() -> dict[str, str]:
        return dict(json.loads(ask(stack.port, "GET", "/health/ready")[2]))

    until(lambda: ready() == {"state": "ok", "database": "ok", "disk": "ok", "queue": "ok"})
    until(lambda: b":1:last-sweep" in stack.redis(1).scan_iter())
    until(lambda: stack.redis().llen("celery") == 0)
    assert {name: stack.running[name].poll() for name in SITE} == dict.fromkeys(SITE)


def test_a_backup_of_it_is_made_by_the_programs_of_the_image(stack: Stack) -> None:
    assert any("postgresql-client" in line for line in instructions("RUN"))
    written = stack.run("python", "manage.py", "backup", str(stack.data))
    assert Path(written.strip()).stat().st_size > 1000


# ---------------------------------------------------------------- read, not run


def test_the_file_is_what_its_specification_allows() -> None:
    jsonschema.validate(compose(**TOLD), SCHEMA)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("restart: unless-stopped", "restart: sometimes"),
        ("interval: 10s", "interval: often"),
        ("condition: service_healthy", "condition: service_fine"),
        ('volumes: ["redis:/data"]', "volume: redis"),
        ('ports: ["', 'ports: ["x'),
        ("services:\n", "service:\n"),
    ],
)
def test_a_file_that_is_not_is_found(right: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.compose.COMPOSE", COMPOSE.replace(right, wrong))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose(**TOLD), SCHEMA)


def test_what_is_named_is_there() -> None:
    told = compose(**TOLD)
    for name, service in told["services"].items():
        assert set(service.get("depends_on", ())) <= set(told["services"]), name
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert volumes <= set(told["volumes"]), name
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "healthcheck" in told["services"][other], name


def test_the_site_runs_with_nobody_s_rights_and_writes_where_it_may() -> None:
    assert instructions("USER") == ["site"]
    assert DOCKERFILE.index("USER site") < DOCKERFILE.index("\nCMD ")
    for name in (*SITE, "migrate"):
        service = services(**TOLD)[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert (service["tmpfs"], service["volumes"]) == (["/tmp"], ["data:/data"])


@pytest.mark.parametrize("name", sorted(TOLD.keys() - {"METRICS_TOKEN"}))
def test_what_has_to_be_told_is_asked_for(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        services(**{key: value for key, value in TOLD.items() if key != name})


def test_what_is_set_reaches_the_site_and_what_is_not_is_empty() -> None:
    wished = {
        "SITE_URL": "https://records.example.com:8443",
        "SECRET_KEY_FALLBACKS": "y" * 50,
        "METRICS_TOKEN": "other",
        "CLIENT_HEADER": "X-Forwarded-For",
        "PUBLISH_URL": "https://git.example.com/docs.git",
        "PUBLISH_BRANCH": "published",
        "WEBHOOKS_INTERNAL": "10.0.0.0/8",
    }
    for name in (*SITE, "migrate"):
        assert services(**{**TOLD, **wished})[name]["environment"].items() >= wished.items()
        assert services(**TOLD)[name]["environment"].items() >= {"SITE_URL": "", "SECRET_KEY_FALLBACKS": ""}.items()


def test_no_service_looks_for_another_one_in_itself() -> None:
    for name, service in services(**TOLD).items():
        for key, value in service.get("environment", {}).items():
            assert "localhost" not in str(value) and "127.0.0.1" not in str(value), f"{name}: {key}"
