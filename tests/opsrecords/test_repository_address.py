"""Which addresses and branches records may be published to (case 21)."""

from __future__ import annotations

import pytest

from opsrecords.deliveries.repository_address import refuse_branch, refuse_repository
from records.refusals import Unusable


@pytest.mark.parametrize(
    "address",
    ["/srv/docs.git", "https://name:secret@git.example.com/docs.git", "ssh://git@git.example.com:2222/docs.git"],
)
def test_addresses_of_repositories(address: str) -> None:
    refuse_repository(address)


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c touch% /tmp/x",
        "file:///srv/docs.git",
        "http://git.example.com/docs.git",
        "git://git.example.com/docs.git",
        "--upload-pack=touch /tmp/x",
        "ssh://-oProxyCommand=touch/docs.git",
        "ssh://-oProxyCommand=x@host/docs.git",
        "ssh://host/-x",
        "ssh://host",
        "git@host:docs.git",
        "docs.git",
        "https://host/docs.git\n",
        "https:///docs.git",
        "https://[::1/docs.git",
    ],
)
def test_case_21_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(Unusable):
        refuse_repository(address)


@pytest.mark.parametrize("name", ["-x", "a..b", "", "a b", "x.lock", "/a", "a/"])
def test_case_21_a_branch_is_a_plain_name(name: str) -> None:
    refuse_branch("release/2026-records")
    with pytest.raises(Unusable):
        refuse_branch(name)
