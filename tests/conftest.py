"""What every test may ask for."""

import gc
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from django.conf import settings
from django.template import Context, Template
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as settings_of_examples

from records import triggers
from records.models import OperationTemplate
from tests.make import make_template
from tests.migrated_once import migrate_once
from tests.people import Cast, begin_session, make_cast

TEMPLATES = Path(__file__).parent.parent / "records" / "operation_templates"
# A machine at work elsewhere draws slowly: how long an example takes is no law of ours, and times are measured apart.
NO_LAW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
ANY_MACHINE = settings_of_examples(deadline=None, suppress_health_check=NO_LAW)
# The same tree is green for everybody or for nobody; what nobody has drawn yet is looked for by `make test-anew`.
settings_of_examples.register_profile("the same for everybody", ANY_MACHINE, max_examples=60, derandomize=True)
settings_of_examples.register_profile("anew", ANY_MACHINE, max_examples=1000)
settings_of_examples.load_profile("the same for everybody")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


@pytest.fixture(scope="session")
def infrastructure_template() -> str:
    """The shipped template, as text with its own line ends."""
    return (TEMPLATES / "infrastructure-operation.md").read_bytes().decode()


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody who plays a part in the stories."""
    return make_cast()


@pytest.fixture
def template(db: None) -> OperationTemplate:
    """The shipped template, stored."""
    return make_template()


@pytest.fixture(scope="session", autouse=True)
def tables_can_be_emptied() -> Iterator[None]:
    """After a test that commits, Django empties every table, which triggers refuse; the flush puts them back."""
    empty = TransactionTestCase._fixture_teardown

    def without_triggers(case: TransactionTestCase) -> None:
        triggers.remove()
        empty(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_triggers)
        yield


@pytest.fixture(scope="session", autouse=True)
def clients_are_quick(django_test_environment: None) -> Iterator[None]:
    """Whoever signs in has done so before, and a page is told to its client once, not with each of its parts.

    Django's client copies the whole context for every included template, of which a page has a hundred.
    """
    told = Template._render

    def page_is_told(template: Template, context: Context) -> str:
        return told(template, context) if context.template is template else template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", page_is_told)
        patch.setattr(Client, "force_login", begin_session)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix) -> None:
    """Before the test database is made; with a name of its own for each worker."""
    if hasattr(request.config, "workerinput"):
        migrate_once(settings.DATA_DIR)


def with_room(call: Callable[[], object]) -> object:
    """A frame so large that CPython takes a piece of stack of a megabyte for it, with room for all that is called.

    Else the stack grows in pieces of 16 KB, and a loop that happens to run at the end of one asks the system for
    another piece, and gives it back, at every call.
    """
    return call()


with_room.__code__ = with_room.__code__.replace(co_stacksize=100_000)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    with_room(lambda: runtestprotocol(item, nextitem=nextitem))
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and collected tests stay to the end: Python looks through them for rubbish neither meanwhile nor later.

    Rows and pages of a test go when it ends, most of them without being looked for: that is done thirty times less.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000)
        gc.enable()


def pytest_report_header() -> str:
    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what asks for a database is run again; of the journeys, those that are marked for it."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return
    again = [item for item in items if uses_database(item) and on_postgresql(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in again])
    items[:] = again


def uses_database(item: pytest.Item) -> bool:
    """Whether the test asks for a database, by mark, by fixture or as one of Django's test cases."""
    if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    case = getattr(item, "cls", None)
    return isinstance(case, type) and issubclass(case, TransactionTestCase)


def on_postgresql(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is None or item.get_closest_marker("postgresql") is not None
