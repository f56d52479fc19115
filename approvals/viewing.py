"""A reader's own marks of what they have read, by section of a revision."""

from __future__ import annotations

from django.utils.translation import gettext as _

from approvals.between import PEOPLE
from approvals.models import Viewed
from approvals.standing import newest_revision
from records.content.frozen import frozen
from records.document.differences import ABOVE
from records.life_cycle import acting
from records.models import Operation, Person
from records.refusals import Changed, Refused, WrongOrder
from records.rights import may_see


def mark_viewed(operation: Operation, *, revision: int, section: str, viewed: bool, by: Person) -> None:
    """Note that ``by`` has read ``section`` of revision number ``revision``, or has not.

    Raises Changed if that is no longer the newest one, Refused for a section that it doesn't have.
    """
    with acting(operation) as locked:
        may_see(by, locked).insist()
        newest = newest_revision(locked)
        if newest is None:
            raise WrongOrder(_("There is nothing to read yet: this record was never sent for review."))
        if newest.number != revision:
            raise Changed(_("Revision %s was sent for review meanwhile. Look at what changed.") % newest.number, newest)
        if section not in {PEOPLE, *ABOVE, *(own.key for own in frozen(newest).document.sections)}:
            raise Refused(_("There is no such section in revision %s.") % revision)
        own, _made = Viewed.objects.get_or_create(revision=newest, person=by)
        others = [key for key in own.sections if key != section]
        own.sections = [*others, section] if viewed else others
        own.save(update_fields=["sections"])
