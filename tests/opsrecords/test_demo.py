"""The demo: records in every state, made by the acts, around whatever day it is; in production never."""

from __future__ import annotations

import datetime as dt
import io
import tomllib
from collections import Counter
from typing import ClassVar

import pytest
from django.contrib.auth.hashers import get_hasher, make_password
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from approvals.models import Decision
from approvals.standing import standing
from opsrecords.demo.acts import ACTS
from opsrecords.demo.dates import moved
from opsrecords.demo.loading import load
from opsrecords.demo.people import PASSWORD, PEOPLE, make_people, signing_quickly
from opsrecords.demo.stories import FOLDER, moment, stories
from records.audit import verify
from records.freeze_windows import freezes_in
from records.models import Addendum, Operation, OperationTemplate, Outcome, Person, Revision, State, Step
from records.transfer.records_out import markdown_of

BASE = dt.date(2026, 12, 6)


def told() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


class TestLoaded(TestCase):
    """What a visitor finds; loaded once for all of these."""

    demo: ClassVar[dict[str, Operation]]
    now: ClassVar[dt.datetime]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.now = timezone.now()
        load(cls.now)
        cls.demo = {operation.reference[26:]: operation for operation in Operation.objects.all()}

    def test_every_state_that_a_visitor_should_see_is_there(self) -> None:
        states = Counter(operation.state for operation in self.demo.values())
        assert states == {
            State.DRAFT: 2,
            State.IN_REVIEW: 2,
            State.CHANGES_REQUESTED: 1,
            State.APPROVED: 1,
            State.RUNNING: 1,
            State.FINALIZED: 3,
            State.CANCELLED: 1,
        }
        outcomes = {operation.outcome for operation in self.demo.values() if operation.state == State.FINALIZED}
        assert outcomes == {Outcome.COMPLETED, Outcome.ROLLED_BACK}
        assert all(operation.is_demo for operation in self.demo.values())
        assert set(Person.objects.filter(is_demo=True).values_list("username", flat=True)) == {
            p.username for p in PEOPLE
        }

    def test_it_was_made_by_the_acts_and_every_link_of_the_trail_holds(self) -> None:
        assert verify() is None
        assert Decision.objects.filter(kind="approve").count() == 8
        assert Revision.objects.count() == 12

    def test_a_freeze_window_lies_over_a_plan_that_is_not_decided(self) -> None:
        start, end = (getattr(self.demo["dns-provider-migration"], name) for name in ("window_start", "window_end"))
        assert [one.name for one in freezes_in(start, end)] == ["Closing of the accounts"]

    def test_postgresql_waits_for_the_second_of_two_roles(self) -> None:
        record = self.demo["postgresql-16-orders"]
        now = standing(record)
        assert now.words == "1 of 2 signed, waiting for an infrastructure approver"
        assert now.revision is not None and now.revision.number == 2
        first, second = record.revisions.order_by("number")
        assert bytes(first.plan_text) != bytes(second.plan_text)

    def test_one_runs_now_and_one_is_approved_for_tomorrow(self) -> None:
        now = self.now
        running = self.demo["redis-failover-rehearsal"]
        assert running.window_start and running.window_end and running.window_start < now < running.window_end
        steps = Counter(
            Step.objects.filter(section__operation=running, phase__isnull=False).values_list("status", flat=True)
        )
        assert steps == {"done": 3, "started": 1, "todo": 4}
        tomorrow = self.demo["kubernetes-1-32-node-pools"]
        assert tomorrow.window_start and tomorrow.window_start.date() == now.date() + dt.timedelta(days=1)
        assert [condition["evidence"] for condition in tomorrow.start_conditions] == [""]

    def test_one_was_an_emergency_that_somebody_ratified(self) -> None:
        [emergency] = (one for one in self.demo.values() if one.emergency)
        assert (emergency.state, emergency.plan_due_at) == (State.FINALIZED, None)
        kinds = Decision.objects.filter(person__username="tomas").values_list("kind", flat=True)
        assert "ratify" in kinds
        assert Step.in_run.filter(section__operation=emergency, unplanned=True).count() == 3
        text = markdown_of(emergency).decode()
        assert "- **Reliability**: All 3 checks hold\n" in text

    def test_one_tells_of_an_addendum_that_was_signed_off(self) -> None:
        [addendum] = Addendum.objects.all()
        assert addendum.operation == self.demo["kafka-rolling-upgrade"]
        assert addendum.decisions.get().kind == "sign_off"

    def test_approvals_in_the_finalized_texts_are_the_real_ones(self) -> None:
        for name, signers in {"kafka-rolling-upgrade": 1, "storage-array-firmware": 2}.items():
            record = self.demo[name]
            text = markdown_of(record).decode()
            approvals = Decision.objects.filter(revision__operation=record, kind="approve")
            assert approvals.count() == signers
            for approval in approvals:
                assert f"{approval.person_name}, " in text and approval.digest[:8] in text
            made_up = (FOLDER / f"{name}.md").read_text().rpartition("approved ")[2][:30]
            assert made_up not in text

    def test_loading_twice_changes_nothing(self) -> None:
        before = [Operation.objects.count(), OperationTemplate.objects.count(), Person.objects.count()]
        assert "The demo holds 11 records, loaded before." in told()
        assert [Operation.objects.count(), OperationTemplate.objects.count(), Person.objects.count()] == before

    def test_the_command_and_the_sign_in_page_say_who_can_sign_in(self) -> None:
        words, page = told(), self.client.get(reverse("login")).content.decode()
        for one in PEOPLE:
            assert one.username in words and f"<code>{one.username}</code>" in page
            assert Person.objects.get(username=one.username).check_password(PASSWORD)
        assert PASSWORD in words and PASSWORD in page

    def test_a_pressed_name_stands_in_the_form_in_a_demo_only(self) -> None:
        def named(who: str) -> bool:
            return f'value="{who}"' in self.client.get(reverse("login"), {"as": who}).content.decode()

        assert f'href="{reverse("login")}?as=mara"' in self.client.get(reverse("login")).content.decode()
        assert named("mara") and not named("nobody")
        filled = f'value="{PASSWORD}"'
        assert filled in self.client.get(reverse("login"), {"as": "mara"}).content.decode()
        assert filled not in self.client.get(reverse("login")).content.decode()
        with self.settings(DEMO=False):
            assert not named("mara")
            assert filled not in self.client.get(reverse("login"), {"as": "mara"}).content.decode()


@pytest.mark.parametrize("at", ["2028-02-29 00:04", "2026-12-31 23:58"])
def test_it_can_be_loaded_at_any_moment(at: str, db: None) -> None:
    now = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
    assert load(now).records == 11
    running = Operation.objects.get(state=State.RUNNING)
    assert running.window_start and running.window_end and running.window_start < now < running.window_end
    assert Operation.objects.filter(state=State.FINALIZED, window_end__lt=now).count() == 3


def test_production_has_no_demo(db: None, settings: object) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="This is production"):
        told()
    assert not Person.objects.exists() and not Operation.objects.exists()


def test_no_demo_is_loaded_where_somebody_real_goes_by_such_a_name(db: None) -> None:
    Person.objects.create_user("mara", name="Another Mara", password="her own")
    with pytest.raises(CommandError, match="“mara” is no demo account"):
        told()
    assert Person.objects.get().check_password("her own")
    assert not Operation.objects.exists()


@pytest.mark.django_db
def test_signing_is_quick_while_it_is_loaded_and_what_is_kept_is_hashed_as_ever(settings) -> None:  # type: ignore[no-untyped-def]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    often = get_hasher().iterations  # type: ignore[attr-defined]
    with signing_quickly():
        people = make_people(BASE)
        assert {one.password.split("$")[1] for one in people.values()} == {"1"}
        assert people["tomas"].check_password(PASSWORD)
        assert not people["tomas"].check_password("another")
    kept = list(Person.objects.all())
    assert {one.password.split("$")[1] for one in kept} == {str(often)}
    assert len(kept) == len(PEOPLE) and kept[0].check_password(PASSWORD)
    assert make_password(PASSWORD).split("$")[1] == str(often)


# ---------------------------------------------------------------- dates and stories


@pytest.mark.parametrize(
    ("text", "days", "then"),
    [
        ("2026-12-06-infrastructure-x", 30, "2027-01-05-infrastructure-x"),
        ("etcd-20261209.db", 1, "etcd-20261210.db"),
        ("case 2026-77120, OPS-5127, 20260000", 5, "case 2026-77120, OPS-5127, 20260000"),
        ("on 29 November", 3, "on 2 December"),
        ("since 1 Dec.", -1, "since 30 Nov."),
        ("14 and 22 November", 7, "21 and 29 November"),
        ("from 26 to 28 November", 4, "from 30 November to 2 December"),
        ("from 5 December 18:00 to 7 December 08:00", 1, "from 6 December 18:00 to 8 December 08:00"),
        ("12 November 2026", 60, "11 January 2027"),
        ("2 January", 10, "12 January"),
        ("Sunday traffic", 2, "Tuesday traffic"),
        ("10.20.26.12 and 1:2 and May", 3, "10.20.26.12 and 1:2 and May"),
    ],
)
def test_dates_move_in_every_way_people_write_them(text: str, days: int, then: str) -> None:
    assert moved(text, BASE, days) == then


def test_times_of_day_move_past_midnight() -> None:
    assert moved("23:30:00 UTC, 23:45-00:15, 1:5", BASE, 0, 45) == "00:15:00 UTC, 00:30-01:00, 1:5"
    assert moved("23:30", BASE, 0) == "23:30"


def test_moments_are_told_from_the_start_or_from_now() -> None:
    start, now = (dt.datetime(2026, 12, day, 2, 0, tzinfo=dt.UTC) for day in (6, 1))
    assert moment("start +9m", start, now) == start + dt.timedelta(minutes=9)
    assert moment("start -2d 10:15", start, now) == dt.datetime(2026, 12, 4, 10, 15, tzinfo=dt.UTC)
    assert moment("-3d 14:20", start, now) == dt.datetime(2026, 11, 28, 14, 20, tzinfo=dt.UTC)
    with pytest.raises(ValueError, match="is no moment"):
        moment("soon", start, now)


def test_every_story_names_known_people_acts_and_files() -> None:
    names = {one.username for one in PEOPLE}
    for story in stories():
        assert {story.author, *story.deputies, *story.team, *(act.by for act in story.acts)} <= names
        assert {act.do for act in story.acts} <= {*ACTS, "create"}
        assert story.acts[0].do in ("create", "emergency")
        assert not story.file or (FOLDER / story.file).is_file()
    assert len(tomllib.loads((FOLDER / "stories.toml").read_text())["record"]) == 11
