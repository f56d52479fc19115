"""Whether the published repository still has what was published, and the trail all that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from dulwich.object_store import iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.repo import Repo

from opsrecords.deliveries.failures import Undeliverable
from opsrecords.deliveries.publication import client_of, fetched, repository, whole
from opsrecords.deliveries.published_trail import anchors_in, missing_in, not_held
from records.audit import Fault
from records.models import Delivery, DeliveryState, FinalText
from records.transfer.publication import CHANNEL


@dataclass(frozen=True, slots=True)
class Compared:
    """The first entry that the repository names and the trail doesn't hold, how many it names; how many records were
    published, and what of them is no longer there, in words.
    """

    fault: Fault | None
    entries: int
    records: int
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A record that was published: where, and with which commit the last time."""

    path: str
    commit: ObjectID


def compared() -> Compared:
    """The trail and all that was published, held against the repository.

    Raises Undeliverable if no repository is told, or OSError when it is out of reach.
    """
    if not settings.PUBLISH_URL:
        raise Undeliverable(_("No repository is set (PUBLISH_URL)."))
    client, address = client_of(settings.PUBLISH_URL)
    known = _published()
    with repository() as repo, whole():
        head = fetched(client, address, repo)
        lost = tuple(_lost(repo, head, known))
        if head is None:
            return Compared(None, 0, len(known), lost)
        anchors = anchors_in(repo, head)
        return Compared(not_held(anchors), len(anchors), len(known), lost)


def _published() -> Mapping[int, Published]:
    """What was published, by the id of the final text that was."""
    sent = Delivery.objects.filter(channel=CHANNEL, state=DeliveryState.SENT).order_by("sent_at", "pk")
    rows = sent.values_list("operation__final_text_id", "subject", "answer")
    return {final: Published(path, ObjectID(answer.encode())) for final, path, answer in rows}


def _lost(repo: Repo, head: ObjectID | None, known: Mapping[int, Published]) -> Iterator[str]:
    """A text that was moved is still there, under whatever name; its log names people as they are called now."""
    commits = {one.commit for one in known.values()}
    rewritten = missing_in(repo, head, commits) if head else commits
    there = {} if head is None else _blobs(repo, head)
    texts = set(there.values())
    for final in FinalText.objects.filter(pk__in=known).order_by("pk").iterator(chunk_size=100):
        one = known[final.pk]
        if Blob.from_string(bytes(final.text)).id not in texts:
            changed = _("%(path)s is no longer what was signed off.")
            yield (changed if one.path in there else _("%(path)s is no longer there.")) % {"path": one.path}
        if one.commit in rewritten:
            words = _("%(path)s was published with %(commit)s, which the history of “%(branch)s” no longer holds.")
            told = {"path": one.path, "commit": one.commit.decode()[:12], "branch": settings.PUBLISH_BRANCH}
            yield words % told


def _blobs(repo: Repo, head: ObjectID) -> dict[str, ObjectID]:
    commit = repo[head]
    assert isinstance(commit, Commit)
    entries = iter_tree_contents(repo.object_store, commit.tree)
    return {entry.path.decode("utf-8", "surrogateescape"): entry.sha for entry in entries if entry.path and entry.sha}
