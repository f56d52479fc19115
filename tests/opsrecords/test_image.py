"""Dockerfile and docker-compose.yml, tried with the commands that they hold."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml

from tests.processes import free_port, until

ROOT = Path(__file__).parents[2]
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
BIN = Path(sys.executable).parent
TOLD = {
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "records.example.com",
    "POSTGRES_PASSWORD": "secret",
    "EMAIL_URL": "smtp+tls://me:secret@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "records@example.com",
    "METRICS_TOKEN": "let-prometheus-in",
}


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def services(**environment: str) -> dict[str, dict[str, object]]:
    """The services as they are with this environment. Raises KeyError for a variable that has to be told and isn't."""

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        return environment[name] if default is None else environment.get(name) or default

    text = (ROOT / "docker-compose.yml").read_text()
    filled = re.sub(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)\}", value, text)
    return dict(yaml.safe_load(filled)["services"])


def environment_of(service: dict[str, object], folder: Path) -> dict[str, str]:
    """What the service is started with, but for the other services: here their work is done by files."""
    told = service["environment"]
    assert isinstance(told, dict)
    here = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "CELERY_BROKER_URL": "", "CACHE_URL": ""}
    image = dict(pair.split("=", 1) for pair in shlex.split(" ".join(instructions("ENV"))))
    return {**image, **told, **here, "PATH": f"{BIN}:{os.environ['PATH']}", "DATA_DIR": str(folder)}


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
    subprocess.run(
        command, shell=True, cwd=folder, check=True, env={"PATH": f"{BIN}:{os.environ['PATH']}", "DEBUG": "false"}
    )
    return folder


@pytest.fixture(scope="module")
def port(image: Path) -> Iterator[int]:
    """The port where the image's own command answers, believing a proxy on this machine."""
    port, [command] = free_port(), instructions("CMD")
    web = services(**TOLD, SUBNET="127.0.0.0/8")["web"]
    environment = environment_of(web, image)
    subprocess.run(
        shlex.split(str(services(**TOLD)["migrate"]["command"])),
        cwd=image,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    arguments = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in json.loads(command)]
    process = subprocess.Popen(arguments, cwd=image, env=environment)
    try:
        health = [word.replace("8000", str(port)) for word in web["healthcheck"]["test"][1:]]  # type: ignore[index]
        until(lambda: subprocess.run(health, env=environment, stderr=subprocess.DEVNULL).returncode == 0)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def ask(port: int, method: str, address: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    """The proxy asks: https outside, http inside."""
    sent = {"Host": "records.example.com", "X-Forwarded-Proto": "https", **headers}
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, address, body, sent)
    with connection.getresponse() as response:
        return response.status, dict(response.getheaders()), response.read().decode()


def test_people_sign_in_through_the_proxy(port: int) -> None:
    status, headers, page = ask(port, "GET", "/sign-in/")
    assert status == 200
    assert headers["Strict-Transport-Security"]
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    status, _, page = ask(
        port,
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


def test_pages_find_their_compressed_static_files(port: int) -> None:
    _, _, page = ask(port, "GET", "/sign-in/")
    for address in re.findall(r'(?:href|src)="(/static/[^"#]+)"', page):
        status, headers, _ = ask(port, "HEAD", address, **{"Accept-Encoding": "gzip"})
        assert status == 200, address
        assert "immutable" in headers["Cache-Control"], address


def test_metrics_are_those_of_every_process(port: int) -> None:
    for _ in range(20):
        ask(port, "GET", "/sign-in/")
    status, _, told = ask(port, "GET", "/metrics", Authorization=f"Bearer {TOLD['METRICS_TOKEN']}")
    [answered] = re.findall(r"^opsrecords_requests_total\{.*GET.*200.*login.*\} (.*)$", told, re.MULTILINE)
    assert status == 200
    assert float(answered) >= 20


def test_http_leads_to_https(port: int) -> None:
    status, headers, _ = ask(port, "GET", "/sign-in/", **{"X-Forwarded-Proto": "http"})
    assert (status, headers["Location"]) == (301, "https://records.example.com/sign-in/")


def test_worker_and_beat_start_as_they_are_told(image: Path, port: int) -> None:
    told = services(**TOLD)
    environment = environment_of(told["worker"], image)
    words = {name: str(told[name]["command"]).replace("/tmp", str(image)) for name in ("worker", "beat")}
    message = "celery --app opsrecords --quiet call opsrecords.deliveries.sweep"
    subprocess.run(shlex.split(message), cwd=image, env=environment, check=True, stdout=subprocess.DEVNULL)
    waiting = image / "broker/messages"
    assert any(waiting.iterdir())
    started = [subprocess.Popen(shlex.split(command), cwd=image, env=environment) for command in words.values()]
    try:
        until(lambda: not any(waiting.iterdir()))
        until(lambda: any(image.glob("celerybeat-schedule*")))
        assert [process.poll() for process in started] == [None, None]
    finally:
        for process in started:
            process.terminate()
        assert [process.wait(30) for process in started] == [0, 0]


@pytest.mark.parametrize("name", sorted(TOLD.keys() - {"METRICS_TOKEN"}))
def test_what_has_to_be_told_is_asked_for(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        services(**{key: value for key, value in TOLD.items() if key != name})


def test_no_service_looks_for_another_one_in_itself() -> None:
    for name, service in services(**TOLD).items():
        told = service.get("environment", {})
        assert isinstance(told, dict)
        for key, value in told.items():
            assert "localhost" not in str(value) and "127.0.0.1" not in str(value), f"{name}: {key}"
