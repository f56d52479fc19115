"""Tokens for scripts: made by their person with the password, shown once, ended by them or by an administrator.

What one may do is read records as that person sees them, and bring records in as drafts; it never decides or signs.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.document.digest import sha256
from records.life_cycle import said
from records.models import ApiToken, Operation, Person
from records.passwords import WrongPassword, confirm
from records.refusals import Incomplete, Refused
from records.rights import administers
from records.transfer.bringing_in import bring_in
from records.transfer.records_in import arrival_in

NAME_LENGTH, MOST = 80, 20
# A script that asks every second doesn't write every second.
SELDOM = dt.timedelta(minutes=1)
PREFIX = "opr_"


def make_token(person: Person, *, name: str, password: str, at: dt.datetime | None = None) -> str:
    """The secret of a new token of ``person``; it is kept nowhere. Raises WrongPassword, Incomplete in words.

    Refused while an administrator knows the password: the token would outlive it.
    """
    confirmed = confirm(person, password)
    called = said(name, _("a name for the token"))
    if len(called) > NAME_LENGTH:
        raise Incomplete([_("a name of at most %s characters") % NAME_LENGTH])
    at = at or timezone.now()
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        owner = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if owner.password != confirmed.password:
            raise WrongPassword(_("Your password was changed meanwhile."))
        if owner.password_set_by_id:
            raise Refused(_("Somebody else set your password. Choose one of your own before you make a token."))
        end_what_another_password_opened(owner, by=owner, at=at)
        if len(in_use(person=owner)) >= MOST:
            raise Refused(_("You have %s tokens already. End one that is no longer used.") % MOST)
        token = ApiToken.objects.create(person=owner, name=called, digest=sha256(secret.encode()), made_at=at)
        audit.record("token_made", operation=None, person=owner, at=at, token=token.pk, called=called)
    return secret


@transaction.atomic
def end_token(token: ApiToken, *, by: Person, at: dt.datetime | None = None) -> None:
    """It opens nothing from now on. Its person ends it, or an administrator. Raises Refused for others."""
    if by.pk != token.person_id and not administers(by):
        raise Refused(_("A token is ended by its person, or by an administrator."))
    at = at or timezone.now()
    if ApiToken.objects.filter(pk=token.pk, ended_at=None).update(ended_at=at):
        audit.record("token_ended", operation=None, person=by, at=at, token=token.pk, called=token.name)


@transaction.atomic
def end_what_another_password_opened(person: Person, *, by: Person, at: dt.datetime) -> None:
    """Once there is a new password, the person's tokens end, each told in the trail, as does their calendar's address.

    They open nothing anyway; whoever sets a password calls this, and for those who don't the next sign-in does.
    """
    own = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if own.opens_still:
        return
    number = F("calendar_number") + 1
    Person.objects.filter(pk=own.pk).update(calendar_number=number, opened_under=own.password_digest)
    for token in ApiToken.objects.filter(person=person, ended_at=None).order_by("pk"):
        end_token(token, by=by, at=at)


def in_use(**which: Any) -> list[ApiToken]:
    """The tokens, of those ``which``, that were not ended, neither by somebody nor with the password they were made
    under. With their persons, in one query.
    """
    # A digest is computed here: not every database has SHA-256 without an extension.
    found = ApiToken.objects.filter(ended_at=None, **which).select_related("person")
    return [token for token in found if token.person.opens_still]


def token_of(secret: str, *, at: dt.datetime | None = None) -> ApiToken | None:
    """The token with this secret, while it and its person's account are in use; that it was used is noted."""
    at = at or timezone.now()
    digest = sha256(secret.encode("utf-8", "surrogatepass"))
    token = next(iter(in_use(digest=digest)), None)
    if token is None or not token.person.is_active:
        return None
    if token.used_at is None or at - token.used_at >= SELDOM:
        ApiToken.objects.filter(pk=token.pk).update(used_at=at)
    return token


@transaction.atomic
def bring_in_by(token: ApiToken, came: str, *, at: dt.datetime | None = None) -> Operation:
    """The record in ``came``, Markdown or JSON, as a draft of the token's person. Raises Unusable or Refused."""
    at = at or timezone.now()
    operation, _hints = bring_in(arrival_in(came), author=token.person, at=at)
    audit.record("token_used", operation=operation, person=token.person, at=at, token=token.pk, called=token.name)
    return operation
