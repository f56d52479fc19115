"""Publication to a repository elsewhere: by http, served by git itself, and by ssh, as its other end runs git."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from opsrecords.deliveries.publication import SSH
from opsrecords.deliveries.tasks import sweep
from records.models import Delivery, DeliveryState, Operation
from records.transfer.publication import put_publication
from tests.opsrecords.repositories import PATHS, Remote, due, row, told


def test_over_http_with_a_name_and_a_password_that_no_error_repeats(
    finalized: Operation, remote: Remote, settings, git_over_http: Callable[..., str]
) -> None:
    remote.push({"README.md": "Ours\n"})
    settings.PUBLISH_URL = git_over_http(remote.bare, password="wrong%2Fone")
    assert sweep() == 0, told()
    assert row().state == DeliveryState.WAITING
    assert ("wrong" not in row().error and "401" in row().error) or "Unauthorized" in row().error
    settings.PUBLISH_URL = git_over_http(remote.bare, password="right%2Fone")
    due()
    assert sweep() == 1, told()
    assert remote.files() == ["README.md", *PATHS]
    assert len(remote.commits()) == 2
    due()
    Delivery.objects.update(state=DeliveryState.WAITING)
    assert sweep() == 1, told()
    assert len(remote.commits()) == 2


def test_a_push_that_the_repository_refuses_is_no_attempt_to_be_repeated(
    finalized: Operation, remote: Remote, settings, git_over_http: Callable[..., str]
) -> None:
    remote.push({"README.md": "Ours\n"})
    hook = remote.bare / "hooks" / "update"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    settings.PUBLISH_URL = git_over_http(remote.bare, password="right%2Fone")
    assert sweep() == 0, told()
    assert (row().state, len(remote.commits())) == (DeliveryState.DIVERGED, 1)
    assert "refused the push: hook declined" in row().error


@pytest.mark.parametrize("there", ["a wrong password", "no such repository", "nobody", "no such folder"])
def test_a_repository_that_lets_nobody_in_is_asked_once_a_sweep_and_a_comparison_says_so_in_words(
    finalized: Operation, remote: Remote, settings, git_over_http: Callable[..., str], there: str
) -> None:
    right = git_over_http(remote.bare, password="right%2Fone")
    settings.PUBLISH_URL = {
        "a wrong password": right.replace("right", "wrong"),
        "no such repository": right.replace("docs.git", "other.git"),
        "nobody": "https://site:right@127.0.0.1:9/docs.git",
        "no such folder": str(remote.folder / "other.git"),
    }[there]
    put_publication(finalized, at=timezone.now())
    assert sweep() == 0, told()
    rows = Delivery.objects.filter(channel="git").order_by("pk")
    assert [(each.state, each.attempts) for each in rows] == [(DeliveryState.WAITING, 1), (DeliveryState.WAITING, 0)]
    with pytest.raises(CommandError, match=r"^It can't be compared: [A-Z]") as refused:
        call_command("verify_published")
    assert "right" not in str(refused.value)


# ---------------------------------------------------------------- over ssh

# What sshd does with what it is sent: the command goes to a shell. A key that it doesn't know ends it before.
SSHD = """#!/bin/sh
printf '%s\\n' "$@" >> {home}/asked
[ -e {home}/knows-the-key ] || {{ echo 'Permission denied (publickey).' >&2; exit 255; }}
for command; do :; done
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' exec sh -c "$command"
"""


@pytest.fixture
def by_ssh(remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings) -> Path:
    """The folder of an ``ssh`` that stands for the real one and its other end, on a repository with a nasty name."""
    home = tmp_path / "ssh"
    home.mkdir()
    (home / "ssh").write_text(SSHD.format(home=shlex.quote(str(home))))
    (home / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(home), prepend=":")
    remote.bare = remote.bare.rename(remote.bare.with_name("it's;docs$(id).git"))
    settings.PUBLISH_URL = f"ssh://git@git.example.com:2222{remote.bare}"
    return home


def test_over_ssh_with_a_key_and_nothing_that_the_repository_s_name_could_run(
    by_ssh: Path, finalized: Operation, remote: Remote
) -> None:
    remote.push({"README.md": "Ours\n"})
    (by_ssh / "knows-the-key").touch()
    assert sweep() == 1, told()
    assert (remote.files(), len(remote.commits())) == (["README.md", *PATHS], 2)
    due()
    Delivery.objects.update(state=DeliveryState.WAITING)
    assert sweep() == 1, told()
    assert len(remote.commits()) == 2
    asked = (by_ssh / "asked").read_text().splitlines()
    assert asked[: len(own := shlex.split(SSH)[1:])] == own, "it asks nobody for a password, and waits for nobody long"
    assert {asked[at + 1] for at, word in enumerate(asked) if word == "-p"} == {"2222"}
    assert "git@git.example.com" in asked


def test_over_ssh_a_key_that_is_not_known_is_waited_for(by_ssh: Path, finalized: Operation, remote: Remote) -> None:
    remote.push({"README.md": "Ours\n"})
    assert sweep() == 0, told()
    assert (row().state, row().attempts, remote.files()) == (DeliveryState.WAITING, 1, ["README.md"])
    assert "Permission denied (publickey)" in row().error
    with pytest.raises(CommandError, match="Permission denied"):
        call_command("verify_published")
    (by_ssh / "knows-the-key").touch()
    due()
    assert sweep() == 1, told()
    assert remote.files() == ["README.md", *PATHS]
