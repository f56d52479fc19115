"""The audit trail held against the commits of what was published: they stand where no backup of the site leads back,
and where nobody who only reaches its database can write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dulwich.objects import ObjectID
from dulwich.repo import Repo

from records.audit import Anchor, Fault
from records.models import AuditEntry

NEWEST = 500  # commits that are looked through before each publication
_AT_ONCE = 1000  # anchors in one query
_TRAILER = re.compile(rb"^Audit-(?:Entry|Checkpoint): (\d{1,18}):([0-9a-f]{64})$", re.MULTILINE)


def anchors_in(repo: Repo, head: ObjectID, *, newest: int | None = None) -> list[Anchor]:
    """Where the trail ended, as the branch's commits tell it, one after the other: all of them, or the ``newest``."""
    commits = (entry.commit for entry in repo.get_walker(include=[head], max_entries=newest))
    told = {(int(number), end.decode()) for commit in commits for number, end in _TRAILER.findall(commit.message)}
    return sorted((Anchor(number, end) for number, end in told), key=lambda one: one.number)


def missing_in(repo: Repo, head: ObjectID, commits: Iterable[ObjectID]) -> set[ObjectID]:
    """Those of ``commits`` that the history of ``head`` doesn't hold."""
    wanted = set(commits)
    for entry in repo.get_walker(include=[head]) if wanted else ():
        wanted.discard(entry.commit.id)
        if not wanted:
            break
    return wanted


def not_held(anchors: Sequence[Anchor]) -> Fault | None:
    """The first of ``anchors`` that the trail lacks: it was cut, written anew, or is that of an older backup.

    Whoever may push to the repository can say such a thing too: it is looked into, and stops nothing.
    """
    for start in range(0, len(anchors), _AT_ONCE):
        some = anchors[start : start + _AT_ONCE]
        entries = AuditEntry.objects.filter(number__in={one.number for one in some})
        held = dict(entries.values_list("number", "hash"))
        if strange := next((one.number for one in some if held.get(one.number) != one.hash), None):
            return Fault(strange, "missing, or not the one that the published repository names")
    return None
