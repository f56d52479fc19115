"""Standing in: somebody who signs lets another decide for them, until a day. Shown as "A for B" wherever A decides.

Both have to be eligible for each plan, and B's right counts once, whoever uses it. It ends with B's role.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from approvals.models import Delegation, delegated_on
from approvals.signing import sign_again
from records import audit, outbox
from records.models import Person
from records.models.person import SIGNING
from records.refusals import Incomplete, Refused
from records.rights import YES, Right

LONGEST = dt.timedelta(days=90)
DELEGATE, END_DELEGATION = "delegate", "end_delegation"


def delegate(*, to: Person, until: dt.date, password: str, by: Person, at: dt.datetime | None = None) -> Delegation:
    """Let ``to`` decide for ``by`` from today until ``until`` (included); signed again.

    Raises Incomplete for a day that is past or too far, Refused where there is nothing to hand on, NotSigned.
    """
    at = at or timezone.now()
    today, meant = at.date(), f"{to.pk}:{until.isoformat()}"
    signed = sign_again(by, password, act=DELEGATE, digest=meant, at=at)
    with transaction.atomic():
        own = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        may_delegate(own, today).insist()
        if to.pk == own.pk or not Person.objects.filter(pk=to.pk, is_active=True).exists():
            raise Incomplete([_("somebody else, who is here")])
        if not today <= until <= today + LONGEST:
            raise Incomplete([_("a day in the next %s days") % LONGEST.days])
        if Delegation.objects.filter(delegated_on(today), person=own).exists():
            raise Refused(_("Somebody stands in for you already. End that first."))
        signed.redeem(by, DELEGATE, meant)
        given = Delegation.objects.create(person=own, to=to, since=today, until=until)
        audit.record(DELEGATE, operation=None, person=own, at=at, to=to.pk, until=until.isoformat(), called=str(to))
        day = formats.date_format(until, "j M Y")
        todo = _(
            "Until %(day)s you may review and approve as “%(called)s”. What waits for you stands on your home page."
        )
        subject = _("Decisions handed to you until %(day)s") % {"day": day}
        _tell(to, subject, todo % {"day": day, "called": given}, by=own, at=at)
        return given


def may_delegate(person: Person, day: dt.date) -> Right:
    """Whether the person holds anything to hand on; what somebody handed to them isn't theirs to give."""
    if {role.value for role in SIGNING} & person.roles_on(day):
        return YES
    return Right(_("You hold no role that signs, so there is nothing to hand on."))


def end_delegation(given: Delegation, *, by: Person, at: dt.datetime | None = None) -> None:
    """Take it back, or hand it back: by who gave it, or who has it. What was decided meanwhile stays."""
    at = at or timezone.now()
    with transaction.atomic():
        own = Delegation.objects.select_for_update(no_key=True).get(pk=given.pk)
        if by.pk not in (own.person_id, own.to_id):
            raise Refused(_("Only the two whom it concerns can end it."))
        if own.ended_at:
            return
        own.ended_at = at
        own.save(update_fields=["ended_at"])
        facts = {"to": own.to_id, "for": own.person_id, "called": str(own)}
        audit.record(END_DELEGATION, operation=None, person=by, at=at, **facts)
        todo = _("%(to)s no longer decides for %(person)s. What was decided meanwhile stays.")
        told = todo % {"to": own.to, "person": own.person}
        _tell(own.to if by == own.person else own.person, _("Standing in ended"), told, by=by, at=at)


def _tell(to: Person, subject: str, todo: str, *, by: Person, at: dt.datetime) -> None:
    outbox.put_about_account(subject, todo, event=outbox.Event.STANDS_IN, to=to, by=by, at=at, page="delegations")
