"""Publication: a finalized record and its log as one commit in a git repository; once, byte for byte, never forced.

Whether it was published is read off the repository itself, so it may be tried any number of times. What the remote
has is fetched into a bare repository beside the site's data; the commit is built from objects there and pushed on
the branch's head as it was seen. No program is run but, for an address with ssh, ``ssh``.
"""

from __future__ import annotations

import fcntl
import logging
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from dulwich.client import (
    GitClient,
    HTTPUnauthorized,
    LocalGitClient,
    default_urllib3_manager,
    get_transport_and_path,
)
from dulwich.config import ConfigFile
from dulwich.errors import GitProtocolError, NotGitRepository, NotTreeError
from dulwich.object_store import commit_tree_changes, tree_lookup_path
from dulwich.objects import S_ISGITLINK, ZERO_SHA, Blob, Commit, ObjectID, SubmoduleEncountered, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo
from urllib3 import Retry

from opsrecords.deliveries.failures import Diverged, Undeliverable
from opsrecords.deliveries.published_files import INDEX, in_index, message_of
from opsrecords.deliveries.published_trail import NEWEST, anchors_in, missing_in, not_held
from records.models import Delivery, DeliveryState
from records.transfer.companion import companion_of
from records.transfer.zipped import path_of

logger = logging.getLogger(__name__)

SEEN = Ref(b"refs/heads/seen")
TRIES = 4
SECONDS = 30
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"


# Once: an attempt ends before its lease does, and the sweep makes the next one.
ONCE = Retry(3, connect=0, read=0, other=0)


class Moved(OSError):
    """Somebody else pushed in between, each time: it is tried again later."""


class Unreached(OSError):
    """No repository answered, or it let nobody in: it is tried again later, and no other record meanwhile."""


@contextmanager
def speaking() -> Iterator[None]:
    """What goes wrong between here and the repository as one thing, Unreached, with what was said."""
    try:
        yield
    except (GitProtocolError, HTTPUnauthorized, NotGitRepository) as error:
        raise Unreached(f"{type(error).__name__}: {error}".removesuffix(": ")) from error


@contextmanager
def whole() -> Iterator[None]:
    """A history that ends in a commit which isn't there, as that of a shallow copy does, as Diverged."""
    try:
        yield
    except KeyError as error:
        words = _(
            "The repository lacks %(name)s, which its history goes on with: it is a shallow copy, or damaged. Give it "
            "its whole history, then send again."
        )
        name = error.args[0]
        raise Diverged(words % {"name": name.decode() if isinstance(name, bytes) else name}) from error


def publish(delivery: Delivery) -> str:
    """Have the record's final text and its log in the repository; the commit that they came with, or are in already.

    Raises Diverged where the repository has something else in their place or refuses the push, Undeliverable if no
    repository is told, and OSError when it is out of reach.
    """
    if not settings.PUBLISH_URL:
        raise Undeliverable(_("No repository is set (PUBLISH_URL)."))
    operation = delivery.operation
    assert operation is not None and operation.final_text is not None
    path = path_of(operation)
    files = {path: bytes(operation.final_text.text)}
    if operation.started_at:
        files[f"{path.removesuffix('.md')}.log.md"] = companion_of(operation, signed_off_alone=True)
    last = published_last(delivery)
    client, address = client_of(settings.PUBLISH_URL)
    with repository() as repo, whole():
        for _try in range(TRIES):
            head = fetched(client, address, repo)
            if head and (fault := not_held(anchors_in(repo, head, newest=NEWEST))):
                logger.error("The published repository names entry %s, which the audit trail lacks", fault.number)
            if head and (own := commit_of(repo, head, delivery)):
                return own.decode()
            if head and already_in(repo, head, files, last):
                return head.decode()
            commit = built(repo, head, files, delivery)
            if pushed(client, address, repo, head, commit):
                repo.refs[SEEN] = commit
                return commit.decode()
    raise Moved(_("Others pushed at the same time, again and again."))


def client_of(url: str) -> tuple[GitClient, str]:
    """What speaks to the repository at ``url``, and the path there. Name and password stay out of every message."""
    config = ConfigFile()  # not that of whoever runs the worker
    if url.startswith("/"):
        return LocalGitClient(config=config), url
    parts = urlsplit(url)
    if parts.scheme == "ssh":
        return get_transport_and_path(url, config=config, ssh_command=SSH)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    name, password = (unquote(one) if one else None for one in (parts.username, parts.password))
    pool = default_urllib3_manager(config, base_url=bare, timeout=SECONDS)
    pool.connection_pool_kw["retries"] = ONCE
    return get_transport_and_path(bare, config=config, username=name, password=password, pool_manager=pool)  # type: ignore[arg-type]


@contextmanager
def repository() -> Iterator[Repo]:
    """The bare repository beside the site's data, for one worker at a time."""
    folder = Path(settings.DATA_DIR) / "publication.git"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        has_one = (folder / "HEAD").exists()
        with closing(Repo(str(folder)) if has_one else Repo.init_bare(str(folder))) as repo:
            yield repo


def branch() -> Ref:
    """The branch that is published to."""
    return Ref(b"refs/heads/" + settings.PUBLISH_BRANCH.encode())


def fetched(client: GitClient, address: str, repo: Repo) -> ObjectID | None:
    """The head of the branch, with all that it needs here; None for a repository that is empty."""
    with speaking():
        refs = client.get_refs(address.encode()).refs
    head = refs.get(branch())
    if head is None:
        if any(name.startswith(b"refs/heads/") for name in refs):
            words = _(
                "The repository has no branch “%(branch)s”. Make one there, or set PUBLISH_BRANCH; then send again."
            )
            raise Diverged(words % {"branch": settings.PUBLISH_BRANCH})
        return None
    if head not in repo.object_store:
        with speaking():
            client.fetch(address.encode(), repo, determine_wants=lambda *_refs, **_more: [head])
    if not isinstance(repo[head], Commit):
        words = _("The branch “%(branch)s” names no commit. Set it to its last one, then send again.")
        raise Diverged(words % {"branch": settings.PUBLISH_BRANCH})
    if SEEN in repo.refs and (lost := missing_in(repo, head, [repo.refs[SEEN]])):
        gone = lost.pop().decode()
        logger.error("The published repository no longer holds commit %s: its history was written anew", gone)
    repo.refs[SEEN] = head
    return head


def published_last(delivery: Delivery) -> ObjectID | None:
    """The commit that the record was last published with: an addendum changes its log, and nothing else."""
    earlier = Delivery.objects.filter(channel=delivery.channel, operation=delivery.operation, state=DeliveryState.SENT)
    answer = earlier.exclude(pk=delivery.pk).order_by("-sent_at").values_list("answer", flat=True).first()
    return ObjectID(answer.encode()) if answer else None


def commit_of(repo: Repo, head: ObjectID, delivery: Delivery) -> ObjectID | None:
    """The commit of this very delivery, if it is among the branch's newest: its worker was killed after the push."""
    trailer = f"Delivery-ID: {delivery.delivery_id}\n".encode()
    newest = repo.get_walker(include=[head], max_entries=NEWEST)
    return next((entry.commit.id for entry in newest if trailer in entry.commit.message), None)


def already_in(repo: Repo, head: ObjectID, files: Mapping[str, bytes], last: ObjectID | None) -> bool:
    """Whether the record is there, byte for byte. Raises Diverged where something else stands in its place.

    The log names people as they are called now: of what was published before it has to be there, no more; unless
    this site published it, at ``last``, and it tells more by now.
    """
    there = {path: found(repo, head, path) for path in files}
    (record, text), *logs = files.items()
    own = {path: found(repo, last, path) for path in files} if last and last in repo.object_store else {}
    as_told = (there[log] == told if own else there[log] is not None for log, told in logs)
    if there[record] == text and all(as_told):
        return True
    for path, content in files.items():
        if there[path] not in (None, content, own.get(path)):
            words = _(
                "%(path)s is in the repository already, with other content. Look who put it there; move it away, "
                "then send again."
            )
            raise Diverged(words % {"path": path})
    return False


def found(repo: Repo, head: ObjectID, path: str) -> bytes | None:
    """The content of a file in a commit; None if nothing is there. Raises Diverged for what is no file, or where its
    folder is none.
    """
    commit = repo[head]
    assert isinstance(commit, Commit)
    try:
        mode, name = tree_lookup_path(repo.__getitem__, commit.tree, path.encode())
    except KeyError:
        return None
    except (NotTreeError, SubmoduleEncountered):
        mode, name = stat.S_IFDIR, commit.tree
    if S_ISGITLINK(mode) or stat.S_ISLNK(mode):
        words = _("%(path)s is a link or another repository there, not a file. Move it away, then send again.")
        raise Diverged(words % {"path": path})
    blob = repo[name]
    if not isinstance(blob, Blob):
        words = _(
            "%(path)s can't be written: a file stands where its folder should be, or a folder in its place. "
            "Move it away, then send again."
        )
        raise Diverged(words % {"path": path})
    return blob.data


def built(repo: Repo, head: ObjectID | None, files: Mapping[str, bytes], delivery: Delivery) -> ObjectID:
    """A commit upon ``head`` that adds the files and their line in the folder's index; nothing else is touched."""
    operation = delivery.operation
    assert operation is not None
    [record, *_logs] = files
    index = f"{record.rpartition('/')[0]}/{INDEX}".lstrip("/")
    indexed = in_index(found(repo, head, index) if head else None, record, operation)
    before = repo[head] if head else None
    tree = before.tree if isinstance(before, Commit) else Tree()
    changes: list[tuple[bytes, int | None, ObjectID | None]] = []
    for path, content in {**files, index: indexed}.items():
        blob = Blob.from_string(content)
        repo.object_store.add_object(blob)
        changes.append((path.encode(), 0o100644, blob.id))
    commit = Commit()
    commit.tree = commit_tree_changes(repo.object_store, tree, changes)
    commit.parents = [head] if head else []
    commit.author = commit.committer = author()
    commit.author_time = commit.commit_time = int(timezone.now().timestamp())
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = message_of(operation, delivery, record).encode()
    repo.object_store.add_object(commit)
    return commit.id


def author() -> bytes:
    """Who commits: the site, with the address that its mails come from."""
    address = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2]
    return (
        f"Operation records <{''.join(sign for sign in address if sign.isprintable() and sign not in '<> ')}>".encode()
    )


def pushed(client: GitClient, address: str, repo: Repo, head: ObjectID | None, commit: ObjectID) -> bool:
    """Move the branch from ``head`` to ``commit``; false if it is elsewhere by now. Raises Diverged if refused."""
    name, expected = branch(), head or ZERO_SHA

    def moving(refs: dict[Ref, ObjectID]) -> dict[Ref, ObjectID]:
        if refs.get(name, ZERO_SHA) != expected:
            raise Moved
        return {name: commit}

    try:
        with speaking():
            result = client.send_pack(address.encode(), moving, repo.generate_pack_data)  # type: ignore[arg-type]
    except Moved:
        return False
    refused = (result.ref_status or {}).get(name)
    if refused is None:
        return True
    with speaking():
        now = client.get_refs(address.encode()).refs.get(name, ZERO_SHA)
    if now != expected:
        return False
    words = _("The repository refused the push: %(reason)s. Let this site push to “%(branch)s”, then send again.")
    raise Diverged(words % {"reason": refused, "branch": settings.PUBLISH_BRANCH})
