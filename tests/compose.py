"""What Dockerfile and docker-compose.yml say, read as their engine reads them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
COMPOSE = (ROOT / "docker-compose.yml").read_text()
TOLD = {
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "records.example.com",
    "POSTGRES_PASSWORD": "secret",
    "EMAIL_URL": "smtp+tls://me:secret@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "records@example.com",
    "METRICS_TOKEN": "let-prometheus-in",
}


def instructions(name: str) -> list[str]:
    """What stands behind each ``name`` of the Dockerfile."""
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def compose(**environment: str) -> dict[str, Any]:
    """The file as it is with this environment. Raises KeyError for a variable that has to be told and isn't."""

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        return environment[name] if default is None else environment.get(name) or default

    filled = re.sub(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)\}", value, COMPOSE)
    return dict(yaml.safe_load(filled))


def services(**environment: str) -> dict[str, dict[str, Any]]:
    """The services of the file."""
    return dict(compose(**environment)["services"])


def image_environment() -> dict[str, str]:
    """The environment that the image brings."""
    return dict(pair.split("=", 1) for pair in shlex.split(" ".join(instructions("ENV"))))
