"""A finalized record is published once, byte for byte, never forced; into real repositories, read by ordinary git."""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from dulwich.refs import DiskRefsContainer

from approvals import actions
from opsrecords.deliveries import publication, published_trail, tasks
from opsrecords.deliveries.publication import publish
from opsrecords.deliveries.tasks import sweep
from records import triggers
from records.audit import newest
from records.models import AuditEntry, AuditHead, Delivery, DeliveryState, Operation, OperationTemplate, State
from records.transfer.companion import companion_of
from records.transfer.publication import put_publication
from tests import make
from tests.another_process import environment_of_tests
from tests.opsrecords.repositories import NAME, PATHS, Remote, due, make_finalized, row, told
from tests.people import PASSWORD, Cast, make_cast


class Killed(BaseException):
    """The worker is gone: nothing that follows is done, nothing is caught."""


# ---------------------------------------------------------------- published


def test_signing_off_queues_it_where_a_repository_is_set(cast: Cast, template: OperationTemplate, settings) -> None:
    operation = make.work(
        cast,
        make.start(cast, make.approve_by(cast, make.submit(cast, make.make_draft(cast, template)), "tomas", "ada")),
    )
    operation = make.sign(cast, operation)
    settings.PUBLISH_URL = "/srv/docs.git"
    make.sign_off(cast, operation)
    assert (row().subject, row().person, row().state) == (PATHS[1], None, "waiting")


def test_without_a_repository_nothing_is_queued(cast: Cast, template: OperationTemplate) -> None:
    put_publication(make.make_in(State.FINALIZED, cast, template), at=timezone.now())
    assert not Delivery.objects.filter(channel="git").exists()


def test_record_and_log_are_one_commit_byte_for_byte_beside_what_was_there(
    finalized: Operation, remote: Remote
) -> None:
    remote.push({"README.md": "Ours\n", "infrastructure/older.md": "Older\n"})
    assert sweep() == 1, told()
    clone = remote.clone() / "infrastructure"
    assert finalized.final_text is not None
    assert (clone / f"{NAME}.md").read_bytes() == bytes(finalized.final_text.text)
    assert (clone / f"{NAME}.log.md").read_bytes() == companion_of(finalized)
    assert remote.files() == ["README.md", *PATHS[:2], "infrastructure/index.md", "infrastructure/older.md"]
    assert remote.read("README.md") == b"Ours\n"
    assert len(remote.commits()) == 2
    assert (row().state, row().answer) == (DeliveryState.SENT, remote.commits()[0])


def test_an_empty_repository_gets_its_first_commit(finalized: Operation, remote: Remote) -> None:
    assert sweep() == 1, told()
    assert (remote.files(), len(remote.commits())) == (PATHS, 1)


def test_the_commit_says_which_text_it_is_and_where_the_trail_ends(finalized: Operation, remote: Remote) -> None:
    Operation.objects.filter(pk=finalized.pk).update(title="Move\r\n\r\nSigned-off-by: nobody\u2028<x>\x1b")
    sweep()
    author, message = remote.git("log", "-1", "--format=%an <%ae>%n%B", "main").decode().split("\n", 1)
    assert author == "Operation records <records@localhost>"
    end, own = AuditHead.objects.get(pk=1), newest(finalized)
    assert finalized.final_text is not None
    assert own is not None
    assert message.strip().splitlines() == [
        f"{NAME}: Move Signed-off-by: nobody <x>",
        "",
        f"Final-Text-SHA-256: {finalized.final_text.digest}",
        f"Audit-Entry: {own.number}:{own.hash}",
        f"Audit-Checkpoint: {end.number}:{end.hash}",
        f"Delivery-ID: {row().delivery_id}",
    ]
    trailers = remote.git("log", "-1", "--format=%(trailers:only,key=Signed-off-by)", "main")
    assert trailers.strip() == b"", "no trailer is forged (case 22)"


def test_an_older_database_does_not_hold_what_was_published(
    finalized: Operation, remote: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    """A backup from before a decision brings back the checkpoints of that time too; not the repository."""
    sweep()
    told = io.StringIO()
    call_command("verify_published", stdout=told)
    assert told.getvalue().startswith("The trail holds all ")
    end = AuditHead.objects.get(pk=1)
    triggers.remove()
    AuditEntry.objects.filter(number=end.number).delete()
    with pytest.raises(CommandError, match=f"^Entry {end.number}: missing, or not the one that the published repo"):
        call_command("verify_published")
    put_publication(finalized, at=timezone.now())
    due()
    sweep()
    assert f"names entry {end.number}, which the audit trail lacks" in caplog.text
    assert {one.state for one in Delivery.objects.filter(channel="git")} == {DeliveryState.SENT}, "it stops nothing"


def test_every_commit_is_compared_however_many_came_since(
    finalized: Operation, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep()
    monkeypatch.setattr(published_trail, "NEWEST", 1)
    remote.push({"README.md": "Ours\n"})
    told = io.StringIO()
    call_command("verify_published", stdout=told)
    end = AuditHead.objects.get(pk=1)
    named = len(set(re.findall(rb"^ *Audit-(?:Entry|Checkpoint): (\S+)$", remote.git("log", "main"), re.MULTILINE)))
    assert told.getvalue().startswith(f"The trail holds all {named} entries ")
    triggers.remove()
    AuditEntry.objects.filter(number=end.number).delete()
    with pytest.raises(CommandError, match=f"^Entry {end.number}: missing"):
        call_command("verify_published")


def test_what_was_published_is_compared_only_where_there_is_a_repository(settings, db: None) -> None:
    settings.PUBLISH_URL = ""
    with pytest.raises(CommandError, match="No repository is set"):
        call_command("verify_published")


def test_the_index_lists_it_in_its_place_and_keeps_what_people_wrote(finalized: Operation, remote: Remote) -> None:
    ours = (
        "# Ours\n\nRead this.\n\n- [2027-01-01-a](2027-01-01-a.md): later\n- [2026-01-01-b](2026-01-01-b.md): earlier"
    )
    remote.push({"infrastructure/index.md": ours})
    sweep()
    later, earlier = ours.splitlines()[-2:]
    own = f"- [{NAME}]({NAME}.md): PostgreSQL 14 to 16 migration, orders cluster (completed successfully)"
    assert remote.read("infrastructure/index.md").decode() == "\n".join(
        ["# Ours", "", "Read this.", "", later, own, earlier]
    )


def test_what_was_finalized_before_a_repository_was_set_is_published_once(
    finalized: Operation, remote: Remote, settings
) -> None:
    def queued() -> str:
        call_command("publish_finalized", stdout=(out := io.StringIO()))
        return out.getvalue()

    Delivery.objects.all().delete()
    other = Operation.objects.get(pk=finalized.pk)
    other.pk, other.operation_id, other.state = None, f"{NAME}-closing", State.CLOSING
    other.save(force_insert=True)
    assert (queued(), queued()) == ("1 queued\n", "0 queued\n")
    assert sweep() == 1, told()
    assert (remote.files(), queued(), len(remote.commits())) == (PATHS, "0 queued\n", 1)
    settings.PUBLISH_URL = ""
    with pytest.raises(CommandError, match="PUBLISH_URL"):
        queued()


# ---------------------------------------------------------------- exactly once


def test_what_is_there_already_is_published(finalized: Operation, remote: Remote) -> None:
    sweep()
    [commit] = remote.commits()
    Delivery.objects.update(state=DeliveryState.WAITING, attempts=0)
    due()
    assert sweep() == 1, told()
    assert (remote.commits(), row().answer) == ([commit], commit)


POINTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "fetched": lambda patch: killed_after(patch, publication, "fetched"),
    "committed here": lambda patch: killed_after(patch, publication, "built"),
    "objects pushed, branch not moved": lambda patch: killed_before(patch, DiskRefsContainer, "set_if_equals"),
    "branch moved": lambda patch: killed_after(patch, DiskRefsContainer, "set_if_equals"),
    "pushed, not noted": lambda patch: killed_before(patch, tasks, "_release"),
}


def killed_after(patch: pytest.MonkeyPatch, where: object, name: str) -> None:
    real = getattr(where, name)

    def dying(*args: object, **kwargs: object) -> None:
        real(*args, **kwargs)
        raise Killed

    patch.setattr(where, name, dying)


def killed_before(patch: pytest.MonkeyPatch, where: object, name: str) -> None:
    def dying(*_: object, **__: object) -> None:
        raise Killed

    patch.setattr(where, name, dying)


@pytest.mark.parametrize("point", POINTS)
def test_case_28_a_worker_killed_at_any_point_publishes_it_once(
    finalized: Operation, remote: Remote, point: str
) -> None:
    remote.push({"README.md": "Ours\n"})
    with pytest.MonkeyPatch.context() as patch:
        POINTS[point](patch)
        with pytest.raises(Killed):
            sweep()
    assert row().state == DeliveryState.WAITING
    assert sweep() == 0, told()
    due()
    assert sweep() == 1, told()
    assert len(remote.commits(PATHS[1])) == 1
    assert len(remote.commits()) == 2
    assert row().answer == remote.commits()[0]


SLAIN = """
import os, signal, django
django.setup()
from dulwich.refs import DiskRefsContainer
from opsrecords.deliveries.tasks import sweep
moved = DiskRefsContainer.set_if_equals
def dying(*args, **kwargs):
    moved(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
DiskRefsContainer.set_if_equals = dying
sweep()
"""


@pytest.mark.django_db(transaction=True)
def test_case_28_a_worker_that_is_killed_for_real_just_after_the_push(remote: Remote, settings) -> None:
    make_finalized(make_cast(), make.make_template())
    environment = environment_of_tests(settings.DATA_DIR, PUBLISH_URL=str(remote.bare))
    assert subprocess.run([sys.executable, "-c", SLAIN], env=environment).returncode == -9
    [commit] = remote.commits()
    assert row().state == DeliveryState.WAITING
    due()
    assert sweep() == 1, told()
    assert (remote.commits(), row().answer) == ([commit], commit)


@pytest.mark.django_db(transaction=True)
def test_many_workers_publish_many_records_each_once(remote: Remote) -> None:
    first = make_finalized(make_cast(), make.make_template())
    for number in range(5):
        copy = Operation.objects.get(pk=first.pk)
        copy.pk, copy.operation_id = None, f"2026-12-1{number}-infrastructure-more"
        copy.started_at = None
        copy.save(force_insert=True)
        put_publication(copy, at=timezone.now())

    def work(_: int) -> int:
        try:
            return int(sweep())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, range(3))) == 6
    assert len(remote.commits()) == 6
    assert len(remote.read("infrastructure/index.md").splitlines()) == 2 + 6


def test_somebody_who_pushes_in_between_loses_nothing(finalized: Operation, remote: Remote) -> None:
    remote.push({"README.md": "Ours\n"})
    real = publication.built

    def slow(*args: object) -> object:
        commit = real(*args)  # type: ignore[arg-type]
        if len(remote.commits()) == 1:
            remote.push({"OTHER.md": "Pushed meanwhile\n"})
        return commit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publication, "built", slow)
        assert sweep() == 1, told()
    assert remote.files() == ["OTHER.md", "README.md", *PATHS]
    assert len(remote.commits()) == 3


def amended(cast: Cast, operation: Operation) -> None:
    """An addendum, signed off, whose publication waits."""
    added = actions.amend(operation, text="The replica lagged for a day.", by=cast.mara, at=timezone.now())
    told = {"number": added.number, "digest": added.digest, "password": PASSWORD, "by": cast.tomas}
    actions.sign_off_addendum(operation, **told)
    Delivery.objects.exclude(channel="git").delete()


@pytest.mark.parametrize("point", [None, "branch moved"])
def test_an_addendum_adds_to_the_log_in_one_commit_more(
    finalized: Operation, cast: Cast, remote: Remote, point: str | None
) -> None:
    sweep()
    amended(cast, finalized)
    before = remote.read(PATHS[1])
    if point:
        with pytest.MonkeyPatch.context() as patch:
            POINTS[point](patch)
            with pytest.raises(Killed):
                sweep()
        cast.tomas.name = "Tomas Renamed"
        cast.tomas.save()
        Delivery.objects.filter(state="waiting").update(leased_until=None)
    assert sweep() == 1, told()
    assert len(remote.commits()) == 2
    assert remote.read(PATHS[1]) == before
    assert b"The replica lagged for a day." in remote.read(PATHS[0])
    assert Delivery.objects.order_by("-pk")[0].answer == remote.commits()[0]


def test_an_addendum_that_nobody_signed_off_is_not_published(finalized: Operation, cast: Cast, remote: Remote) -> None:
    actions.amend(finalized, text="The replica lagged for a day.", by=cast.mara, at=timezone.now())
    Delivery.objects.exclude(channel="git").delete()
    assert sweep() == 1, told()
    assert b"The replica lagged" not in remote.read(PATHS[0])


def test_an_addendum_replaces_no_log_that_somebody_else_changed(
    finalized: Operation, cast: Cast, remote: Remote
) -> None:
    sweep()
    remote.push({PATHS[0]: "Theirs\n"})
    amended(cast, finalized)
    assert sweep() == 0, told()
    assert (Delivery.objects.order_by("-pk")[0].state, remote.read(PATHS[0])) == ("diverged", b"Theirs\n")


def test_a_record_that_was_amended_before_it_left_leaves_once(finalized: Operation, cast: Cast, remote: Remote) -> None:
    amended(cast, finalized)
    assert sweep() == 2, told()
    assert len(remote.commits()) == 1
    assert b"The replica lagged for a day." in remote.read(PATHS[0])


# ---------------------------------------------------------------- diverged (case 36)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ({PATHS[1]: "Something else\n"}, f"{NAME}.md is in the repository already, with other content"),
        ({PATHS[0]: "Another log\n"}, f"{NAME}.log.md is in the repository already, with other content"),
        ({"infrastructure": "A file\n"}, "a file stands where its folder should be"),
    ],
)
def test_case_36_something_else_in_its_place_is_left_alone_and_said(
    finalized: Operation, cast: Cast, remote: Remote, there: dict[str, str], words: str
) -> None:
    remote.push(there)
    before = remote.commits()
    assert sweep() == 0, told()
    assert remote.commits() == before
    assert row().state == DeliveryState.DIVERGED
    assert words in row().error
    assert "send again" in row().error
    client = Client()
    client.force_login(cast.olga)
    page = client.get(reverse("record", args=[finalized.pk])).content.decode()
    assert "Not published." in page and words in page


def test_mended_there_and_sent_again_it_is_published(finalized: Operation, cast: Cast, remote: Remote) -> None:
    remote.push({PATHS[1]: "Something else\n"})
    sweep()
    clone = remote.clone()
    remote.git("mv", f"infrastructure/{NAME}.md", "elsewhere.md", at=clone)
    remote.git("commit", "--quiet", "--message", "Moved away", at=clone)
    remote.git("push", "--quiet", "origin", "HEAD:main", at=clone)
    client = Client()
    client.force_login(cast.leo)
    client.post(reverse("delivery_again", args=[row().pk]))
    assert sweep() == 1, told()
    page = client.get(reverse("record", args=[finalized.pk])).content.decode()
    assert "Published as" in page and remote.commits()[0][:12] in page


def test_a_branch_that_is_not_there_is_not_made_up(finalized: Operation, remote: Remote, settings) -> None:
    remote.push({"README.md": "Ours\n"})
    settings.PUBLISH_BRANCH = "records"
    sweep()
    assert (row().state, "no branch “records”" in row().error) == (DeliveryState.DIVERGED, True)


def test_a_repository_out_of_reach_is_waited_for(finalized: Operation, remote: Remote) -> None:
    moved = remote.bare.rename(remote.bare.with_name("away.git"))
    assert sweep() == 0, told()
    assert (row().state, row().attempts) == (DeliveryState.WAITING, 1)
    assert row().next_at > timezone.now() + dt.timedelta(seconds=20)
    moved.rename(remote.bare)
    due()
    assert sweep() == 1, told()


def test_publish_needs_a_repository(finalized: Operation, settings) -> None:
    settings.PUBLISH_URL = ""
    sweep()
    assert (row().state, "PUBLISH_URL" in row().error) == (DeliveryState.FAILED, True)
    assert publish is tasks.CHANNELS["git"]
