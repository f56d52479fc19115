"""A real browser, the one that the system has."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

QUIET = ("background-networking", "component-update", "sync", "gpu", "quic")


@pytest.fixture(scope="session", autouse=True)
def django_in_the_thread_of_the_browser() -> None:
    """Playwright's loop runs in the test's thread; Django would refuse to ask the database there."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's chromium; it asks nobody for anything."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed: make system-packages"
    arguments = ["--no-sandbox", "--headless", "--no-first-run", *(f"--disable-{word}" for word in QUIET)]
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a journey in a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
