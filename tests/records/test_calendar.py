"""The calendar and its feed: windows that one may see, in UTC, at an address that can be renewed."""

from __future__ import annotations

import datetime as dt
import random
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from records.calendar import Night, feed_address, feed_of, overlapping, person_at, renew_address
from records.models import AuditEntry, FreezeWindow, Operation, OperationTemplate, Person, State
from tests import make
from tests.people import Cast, signed_in

LINK = "http://127.0.0.1:8000/records/"


def events(person: Person, *, mine: bool = True, at: dt.datetime = make.PLANNED) -> list[dict[str, str]]:
    """The feed's events as another program reads them."""
    calendar = Calendar.from_ical(feed_of(person, mine=mine, at=at))
    names = ("uid", "summary", "dtstart", "dtend", "status")
    return [
        {
            name: event[name].to_ical().decode() if hasattr(event[name], "to_ical") else str(event[name])
            for name in names
        }
        for event in calendar.walk("VEVENT")
    ]


@pytest.fixture
def approved(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.APPROVED, cast, template)


def another(operation: Operation, title: str, start: dt.datetime, **more: object) -> Operation:
    """A record beside it, written as a row."""
    copy = Operation.objects.get(pk=operation.pk)
    copy.pk, copy.operation_id, copy.title = None, None, title
    copy.window_start, copy.window_end = start, start + dt.timedelta(hours=2)
    for name, value in more.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    return copy


# ---------------------------------------------------------------- the feed


def test_a_window_is_one_event_in_utc(cast: Cast, approved: Operation) -> None:
    assert events(cast.mara) == [
        {
            "uid": f"record-{approved.pk}-0@127.0.0.1",
            "summary": "[High] PostgreSQL 14 to 16 migration\\, orders cluster (approved)",
            "dtstart": "20261206T020000Z",
            "dtend": "20261206T053000Z",
            "status": "CONFIRMED",
        }
    ]
    [event] = Calendar.from_ical(feed_of(cast.mara, at=make.PLANNED)).walk("VEVENT")
    assert event["url"] == f"{LINK}{approved.pk}/"
    assert event["description"].splitlines()[2] == "Operator: Jun Park"


def test_lines_are_folded_and_no_title_makes_a_line_of_its_own(cast: Cast, approved: Operation) -> None:
    title = "é; a, \\n b\r\nATTACH:http://evil.example\u2028\x07" + "ü" * 120
    Operation.objects.filter(pk=approved.pk).update(title=title)
    content = feed_of(cast.mara, at=make.PLANNED)
    assert content.replace(b"\r\n", b"").count(b"\n") == content.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert not any(line.startswith(b"ATTACH") for line in content.split(b"\r\n"))
    [event] = Calendar.from_ical(content).walk("VEVENT")
    assert str(event["summary"]) == f"[High] é; a, \\n b ATTACH:http://evil.example {'ü' * 120} (approved)"


def test_ones_own_or_everybodys_but_no_draft_of_others(cast: Cast, approved: Operation) -> None:
    others = {"author": cast.olga, "operator": cast.olga, "supervisor": cast.sam}
    another(approved, "Olga's", make.NIGHT, **others)
    another(approved, "Olga's draft", make.NIGHT, state=State.DRAFT, submitted_at=None, **others)
    another(approved, "Long ago", make.PLANNED - dt.timedelta(days=200))
    titles = {
        person: [one["summary"] for one in events(getattr(cast, person))] for person in ("olga", "noor", "ines", "vera")
    }
    assert [len(found) for found in titles.values()] == [1, 1, 1, 0]
    assert "Olga's" in titles["olga"][0] and "PostgreSQL" in titles["noor"][0]
    assert len(events(cast.vera, mine=False)) == 2


def test_what_was_cancelled_is_taken_back_and_what_is_in_review_is_tentative(cast: Cast, approved: Operation) -> None:
    for state, status in (
        (State.CANCELLED, "CANCELLED"),
        (State.IN_REVIEW, "TENTATIVE"),
        (State.FINALIZED, "CONFIRMED"),
    ):
        Operation.objects.filter(pk=approved.pk).update(state=state)
        assert [one["status"] for one in events(cast.mara)] == [status]
    Operation.objects.filter(pk=approved.pk).update(state=State.REJECTED)
    assert events(cast.mara) == []


def test_another_night_is_another_event(cast: Cast, template: OperationTemplate) -> None:
    running = make.end_phase(make.make_in(State.RUNNING, cast, template))
    make.stop(running, by=cast.jun)
    assert [(one["uid"].split("-")[2][0], one["dtstart"]) for one in events(cast.jun, at=make.NIGHT)] == [
        ("0", "20261206T020000Z"),
        ("1", "20261207T020000Z"),
    ]


# ---------------------------------------------------------------- its address


def test_the_address_needs_no_sign_in_and_shows_what_its_person_sees(cast: Cast, approved: Operation) -> None:
    page = signed_in(cast.mara).get(reverse("calendar")).content.decode()
    address = feed_address(cast.mara)
    assert address in page
    answer = Client().get(urlsplit(address).path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert Client().get(urlsplit(address).path, {"all": "1"}).status_code == 200
    assert Client().post(urlsplit(address).path).status_code == 405


def test_renewing_makes_the_old_address_useless(cast: Cast) -> None:
    old = urlsplit(feed_address(cast.mara)).path
    others = feed_address(cast.ada)
    assert signed_in(cast.mara).post(reverse("calendar_renew")).status_code == 302
    cast.mara.refresh_from_db()
    assert Client().get(old).status_code == 404
    assert Client().get(urlsplit(feed_address(cast.mara)).path).status_code == 200
    assert feed_address(cast.ada) == others
    assert AuditEntry.objects.get(act="calendar_address_renewed").person == cast.mara


@pytest.mark.parametrize(
    "forge", [lambda token: token[:-1] + "A", lambda _: "1-0", lambda _: "x", lambda _: "1001-0:x"]
)
def test_a_forged_address_is_nobodys(cast: Cast, forge) -> None:
    token = urlsplit(feed_address(cast.mara)).path.rpartition("/")[2].removesuffix(".ics")
    assert person_at(token) == cast.mara
    assert person_at(forge(token)) is None or forge(token) == token


def test_who_left_has_no_feed(cast: Cast) -> None:
    path = urlsplit(feed_address(cast.mara)).path
    Person.objects.filter(pk=cast.mara.pk).update(is_active=False)
    assert Client().get(path).status_code == 404


def test_renewing_twice_at_once_gives_two_numbers(cast: Cast) -> None:
    stale = Person.objects.get(pk=cast.mara.pk)
    renew_address(cast.mara)
    renew_address(stale)
    assert stale.calendar_number == 2


# ---------------------------------------------------------------- the page


def agenda(page: str) -> str:
    return page.partition('id="agenda-title"')[2].partition("</section>")[0]


def test_the_month_shows_windows_and_what_falls_on_the_same_time(cast: Cast, approved: Operation) -> None:
    other = another(approved, "Olga's", make.NIGHT + dt.timedelta(hours=1), author=cast.olga, operator=cast.olga)
    another(approved, "Later", make.NIGHT + dt.timedelta(days=1))
    another(approved, "Gone", make.NIGHT, state=State.CANCELLED)
    mara = signed_in(cast.mara)
    page = mara.get(reverse("calendar"), {"month": "2026-12"}).content.decode()
    assert "December 2026" in page
    assert agenda(page).count("At the same time:") == 2
    assert f'<a href="/records/{other.pk}/">Olga&#x27;s</a>' in agenda(page)
    assert "Gone" not in page
    assert page.count('class="night approved') == 3
    assert page.count('class="night approved conflict"') == page.count("at the same time as another") == 2
    assert "No window in this month." in mara.get(reverse("calendar"), {"month": "2026-11"}).content.decode()


def test_a_window_over_midnight_stands_on_both_days(cast: Cast, approved: Operation) -> None:
    start = dt.datetime(2026, 12, 15, 23, 0, tzinfo=dt.UTC)
    Operation.objects.filter(pk=approved.pk).update(window_start=start, window_end=start + dt.timedelta(hours=3))
    page = signed_in(cast.mara).get(reverse("calendar"), {"month": "2026-12"}).content.decode()
    assert page.count('class="night approved"') == 2
    assert len(re.findall(r"<li>", agenda(page))) == 1
    midnight = start + dt.timedelta(hours=1)
    Operation.objects.filter(pk=approved.pk).update(window_end=midnight)
    page = signed_in(cast.mara).get(reverse("calendar"), {"month": "2026-12"}).content.decode()
    assert page.count('class="night approved"') == 1, "what ends at midnight is over"


@pytest.mark.parametrize("month", ["", "2026-13", "x", "0001-01", "9999-12", "2026-12-01", "1e3-01"])
def test_a_month_that_cannot_be_read_is_this_one(cast: Cast, month: str) -> None:
    page = signed_in(cast.mara).get(reverse("calendar"), {"month": month}).content.decode()
    assert dt.datetime.now(dt.UTC).strftime("%B %Y") in page


def test_a_month_has_an_address_that_stays(cast: Cast, approved: Operation) -> None:
    mara, page = signed_in(cast.mara), reverse("calendar")
    shown = mara.get(page, {"month": "2026-12", "mine": "1"}).content.decode()
    links = dict(re.findall(r'rel="(prev|next)" href="([^"]*)"', shown))
    assert links == {"prev": "?month=2026-11&amp;mine=1", "next": "?month=2027-01&amp;mine=1"}
    assert 'href="?month=2026-12"' in shown, "everybody's, of the same month"
    back = mara.get(page + links["next"].replace("&amp;", "&")).content.decode()
    assert "January 2027" in back and 'href="?month=2026-12&amp;mine=1"' in back
    assert agenda(mara.get(f"{page}?month=2026-12&mine=1").content.decode()) == agenda(shown)


def test_the_grid_is_that_of_the_readers_own_clock(cast: Cast, approved: Operation) -> None:
    start = dt.datetime(2026, 12, 31, 23, 0, tzinfo=dt.UTC)
    Operation.objects.filter(pk=approved.pk).update(window_start=start, window_end=start + dt.timedelta(hours=2))
    Person.objects.filter(pk=cast.mara.pk).update(time_zone="Asia/Kolkata")
    mara = signed_in(cast.mara)
    page = mara.get(reverse("calendar"), {"month": "2027-01"}).content.decode()
    assert "are those of Asia/Kolkata" in page
    assert re.findall(r'class="night approved"[^>]*><time[^>]*>([^<]*)', page) == ["04:30"]
    assert f"/records/{approved.pk}/" in agenda(page)
    assert f"/records/{approved.pk}/" not in agenda(
        mara.get(reverse("calendar"), {"month": "2026-12"}).content.decode()
    )


def test_a_freeze_window_is_hatched_and_named_and_so_is_what_stands_in_it(cast: Cast, approved: Operation) -> None:
    another(approved, "Well before", make.NIGHT - dt.timedelta(days=3))
    start, end = make.NIGHT - dt.timedelta(hours=20), make.NIGHT + dt.timedelta(hours=1)
    for name, is_active in (("Year end", True), ("Given up", False)):
        FreezeWindow.objects.create(name=name, starts_at=start, ends_at=end, is_active=is_active)
    page = signed_in(cast.mara).get(reverse("calendar"), {"month": "2026-12"}).content.decode()
    assert page.count('class=" frozen"') == page.count('<span class="freeze">') == 2, "the days before and of the night"
    assert "Given up" not in page and "Set freeze windows" not in page
    rows = re.findall(r"<li.*?</li>", agenda(page), re.DOTALL)
    assert page.count('class="night approved conflict"') == page.count("in a freeze window") == 1
    assert ["Freeze: Year end" in row for row in rows] == [True, False, False]
    assert ["In the freeze window “Year end”" in row for row in rows] == [False, False, True]
    assert "Year end" not in signed_in(cast.mara).get(reverse("calendar"), {"month": "2027-02"}).content.decode()
    assert reverse("admin:records_freezewindow_changelist") in signed_in(cast.leo).get(reverse("calendar")).text


def test_a_day_that_is_to_come_leads_to_a_new_record_on_it(
    cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: make.NIGHT)
    mara = signed_in(cast.mara)
    page = mara.get(reverse("calendar"), {"month": "2026-12"}).text
    days = re.findall(r'href="/records/new/\?date=([0-9-]+)"', page)
    assert (days[0], days[-1], len(days)) == ("2026-12-06", "2027-01-03", 29), (
        "today and later, as far as the grid goes"
    )
    ways = mara.get(reverse("record_new"), {"date": "2026-12-20"}).text
    [chosen] = re.findall(r'href="(/records/new/\?template=[^"]*)"', ways)
    assert 'value="2026-12-20"' in mara.get(chosen.replace("&amp;", "&")).text
    assert "&amp;date=" not in mara.get(reverse("record_new"), {"date": "<soon>"}).text


def test_where_there_are_too_many_the_nearest_are_shown_and_that_is_said(
    cast: Cast, approved: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.calendar.MOST", 2)
    monkeypatch.setattr("records.views.calendar.MOST", 2)
    for days in (-3, -1, 2):
        another(approved, f"Day {days}", make.NIGHT + dt.timedelta(days=days))
    monkeypatch.setattr(timezone, "now", lambda: make.NIGHT)
    page = signed_in(cast.mara).get(reverse("calendar"), {"month": "2026-12"}).content.decode()
    assert "There are more than 2 windows: only those nearest to today are shown." in page
    assert "Day -1" in page and str(approved) in page and "Day -3" not in page and "Day 2" not in page
    assert len(events(cast.mara, at=make.NIGHT)) == 2


@pytest.mark.parametrize("most", [1, 3, 99])
def test_one_sweep_finds_what_comparing_each_with_each_would(approved: Operation, most: int) -> None:
    chance = random.Random(7)
    operations = [Operation(pk=number) for number in range(40)]
    found = []
    for one in operations:
        start = make.NIGHT + dt.timedelta(hours=chance.randrange(30))
        found.append(Night(one, start, start + dt.timedelta(hours=chance.choice([0, 1, 2, 9]))))
    found += [Night(one.operation, one.start, one.end + dt.timedelta(hours=1), 1) for one in found[:5]]
    found.sort(key=lambda one: (one.start, one.operation.pk))
    for one, others in zip(found, overlapping(found, most), strict=True):
        every = [other for other in found if other.operation.pk != one.operation.pk and one.overlaps(other)]
        assert len(others) == min(most, len(every)) and all(other in every for other in others)


def test_many_at_the_same_time_are_not_each_compared_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Night] = []
    plain = Night.overlaps
    monkeypatch.setattr(Night, "overlaps", lambda self, other: asked.append(self) or plain(self, other))
    found = [Night(Operation(pk=n), make.NIGHT, make.NIGHT + dt.timedelta(hours=1)) for n in range(500)]
    assert all(len(own) == 6 for own in overlapping(found, 6))
    assert len(asked) < 20 * len(found)


def test_only_mine(cast: Cast, approved: Operation) -> None:
    """Whoever has a part in it: author, co-author, operator, deputy, team, supervisor; who approved it has none."""
    asked = {"month": "2026-12", "mine": "1"}
    pages = {name: signed_in(one).get(reverse("calendar"), asked).text for name, one in cast.all().items()}
    having = {name for name, page in pages.items() if "PostgreSQL" in page}
    assert having == {"mara", "carl", "jun", "ines", "noor", "tomas"}


def test_a_full_month_costs_no_more_queries(cast: Cast, approved: Operation, django_assert_max_num_queries) -> None:
    for number in range(12):
        at = make.NIGHT + dt.timedelta(days=number)
        another(approved, f"More {number}", at)
        FreezeWindow.objects.create(name=f"Freeze {number}", starts_at=at, ends_at=at + dt.timedelta(hours=1))
    mara = signed_in(cast.mara)
    with django_assert_max_num_queries(6):
        mara.get(reverse("calendar"), {"month": "2026-12"})
    with django_assert_max_num_queries(3):
        Client().get(urlsplit(feed_address(cast.mara)).path)
