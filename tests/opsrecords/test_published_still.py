"""The published repository, changed by hand: nothing of it is written over, and what is lost is named."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from opsrecords.deliveries.tasks import sweep
from records.models import Delivery, DeliveryState, Operation
from records.transfer.publication import put_publication
from tests.opsrecords.repositories import NAME, PATHS, Remote, due, row, told


def changing(remote: Remote, *commands: tuple[str, ...], push: str = "HEAD:main") -> None:
    """Somebody does this in a clone, and pushes it."""
    clone = remote.clone()
    for words in commands:
        remote.git(*words, at=clone)
    remote.git("commit", "--quiet", "--message", "Ours", at=clone)
    remote.git("push", "--quiet", "origin", push, at=clone)


def test_what_somebody_moved_in_the_repository_is_there_and_what_they_changed_or_removed_is_named(
    finalized: Operation, remote: Remote
) -> None:
    sweep()
    told = io.StringIO()
    changing(remote, ("mv", PATHS[1], "kept.md"))
    call_command("verify_published", stdout=told)
    assert told.getvalue().endswith("and the repository all 1 records that were published.\n")
    remote.push({"kept.md": "Another text\n", PATHS[1]: "And another\n"})
    with pytest.raises(CommandError, match=rf"{NAME}\.md is no longer what was signed off\.\nSee who pushed\."):
        call_command("verify_published")
    changing(remote, ("rm", "--quiet", PATHS[1]))
    with pytest.raises(CommandError, match=rf"{NAME}\.md is no longer there\."):
        call_command("verify_published")


def test_another_history_that_was_pushed_over_what_was_published_is_named_and_nothing_is_written_over_it(
    finalized: Operation, remote: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    remote.push({"README.md": "Ours\n"})
    sweep()
    own, others = remote.commits()
    changing(remote, ("reset", "--quiet", "--soft", others), push="+HEAD:main")
    anew = remote.commits()
    put_publication(finalized, at=timezone.now())
    due()
    assert sweep() == 1, told()
    assert remote.commits() == anew, "the same bytes are there"
    assert f"no longer holds commit {own}: its history was written anew" in caplog.text
    Delivery.objects.filter(answer=anew[0]).delete()
    with pytest.raises(CommandError, match=f"was published with {own[:12]}, which the history of “main” no longer"):
        call_command("verify_published")


@pytest.mark.parametrize("path", [*PATHS, "infrastructure"])
@pytest.mark.parametrize("mode", ["160000", "120000"])
def test_a_link_or_another_repository_in_its_place_is_left_alone_and_said(
    finalized: Operation, remote: Remote, path: str, mode: str
) -> None:
    remote.push({"README.md": "Ours\n"})
    linked = remote.git("rev-parse", "main:README.md").decode().strip() if mode == "120000" else "1" * 40
    changing(remote, ("update-index", "--add", "--cacheinfo", f"{mode},{linked},{path}"))
    before = remote.commits()
    assert sweep() == 0, told()
    assert (remote.commits(), row().state) == (before, DeliveryState.DIVERGED)
    assert "Move it away, then send again." in row().error


def test_a_shallow_copy_and_a_branch_that_names_no_commit_are_told_in_words(
    finalized: Operation, remote: Remote, settings
) -> None:
    for text in ("Ours\n", "Still ours\n"):
        remote.push({"README.md": text})
    shallow = remote.folder / "shallow.git"
    remote.git("clone", "--quiet", "--bare", "--depth=1", f"file://{remote.bare}", str(shallow), at=remote.folder)
    settings.PUBLISH_URL = str(shallow)
    assert sweep() == 0, told()
    assert row().state == DeliveryState.DIVERGED and "it is a shallow copy, or damaged" in row().error
    with pytest.raises(CommandError, match=r"It can't be compared: .*shallow copy"):
        call_command("verify_published")
    blob = remote.git("rev-parse", "main:README.md").decode()
    (shallow / "packed-refs").unlink(missing_ok=True)
    (shallow / "refs" / "heads" / "main").write_text(blob)
    Delivery.objects.update(state=DeliveryState.WAITING)
    due()
    assert sweep() == 0, told()
    assert row().state == DeliveryState.DIVERGED and "“main” names no commit." in row().error
