"""A real browser, the one that the system has."""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from approvals import actions
from records.models import Operation, OperationTemplate
from records.writing.saving import save_section
from tests import make
from tests.journeys.eyes import Eyes
from tests.people import Cast
from tests.processes import PATIENCE

QUIET = ("background-networking", "component-update", "sync", "gpu", "quic")
# Each window of the browser would load the popups of its address bar, pages of its own: as much work as all of ours.
POPUPS = ("WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup")
# What playwright itself turns off: of two lists of features the last one counts.
ALSO_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)


@pytest.fixture(scope="session", autouse=True)
def django_in_the_thread_of_the_browser() -> None:
    """Playwright's loop runs in the test's thread; Django would refuse to ask the database there."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session", autouse=True)
def a_slow_machine_is_waited_for() -> None:
    """How soon a page answers is measured apart (``test_speed.py``)."""
    expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's chromium, best without the windows of a desktop: a third less time; it asks nobody for anything."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert chromium, "chromium is not installed: make system-packages"
    arguments = ["--no-sandbox", "--headless", "--no-first-run", *(f"--disable-{word}" for word in QUIET)]
    arguments.append("--disable-features=" + ",".join((*POPUPS, *ALSO_OFF)))
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}


@pytest.fixture(autouse=True)
def no_window_stays(browser: Browser) -> Iterator[None]:
    """The browser is there for all journeys: a page that one left open would go on asking during the next."""
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture(
    params=[
        pytest.param(False, id="one-look"),
        pytest.param(True, id="all-looks", marks=pytest.mark.long),
    ]
)
def eyes(request: pytest.FixtureRequest, transactional_db: None, browser: Browser, live_server) -> Iterator[Eyes]:
    """Every page once in the daily run; `make test-long PART=looks` sees each in both themes at both widths."""
    looking = Eyes(browser, live_server.url, all_looks=request.param)
    yield looking
    looking.page.context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a journey in a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture
def again(transactional_db: None, cast: Cast, template: OperationTemplate) -> Operation:
    """In review again after changes were asked for, one of two approvals given."""
    operation = make.submit(cast, make.make_draft(cast, template))
    digest = operation.revisions.get().digest
    actions.ask_for_changes(operation, digest=digest, reason="Say how long", by=cast.tomas, at=make.PLANNED)
    draft = make.fresh(operation)
    version = draft.sections.get(key="operation-summary").version
    later = make.PLANNED + dt.timedelta(hours=1)
    values = {"operation-summary/business-impact/user-experience": "Orders fail for two minutes."}
    save_section(operation=draft, key="operation-summary", version=version, values=values, by=cast.mara, at=later)
    return make.approve_by(cast, make.submit(cast, draft, at=later), "ada", at=later)
