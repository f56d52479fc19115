"""Publishing a template: a keeper who wrote none of this version decides on exactly the bytes that were shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.decisions import as_facts, decide
from approvals.eligibility import candidate_now, candidate_of
from approvals.rules import Candidate, may_publish
from approvals.signing import sign_again
from records import audit
from records.decided import DecisionKind
from records.library.template_drafts import keeps_templates, lock_draft, stops
from records.library.template_mail import tell_writers
from records.library.templates_in import take_template
from records.life_cycle import said
from records.models import OperationTemplate, Person, Role, TemplateDraft
from records.outbox import Event
from records.refusals import Changed, Incomplete, Refused, Unusable, WrongOrder
from records.rights import Right


def publish_template(
    draft: TemplateDraft, *, digest: str, password: str, by: Person, note: str = "", at: dt.datetime | None = None
) -> OperationTemplate:
    """Make the draft whose ``digest`` was seen a version that records can be started from; signed again.

    Raises Changed if it was changed meanwhile, Refused with the reason, Incomplete for what still stops it,
    WrongOrder if it was not offered or is published already, NotSigned for the password.
    """
    at = at or timezone.now()
    signed = sign_again(by, password, act="publish_template", digest=digest, at=at)
    with _deciding("publish_template", draft, digest, by, at) as (own, person):
        signed.redeem(by, "publish_template", own.digest)
        if open_ones := stops(own):
            raise Incomplete(open_ones)
        template = _taken(own)
        decision = decide(DecisionKind.PUBLISH, template, person, Role.TEMPLATE_KEEPER, at=at, reason=note.strip())
        own.published = template
        own.save(update_fields=["published"])
        facts: dict[str, Any] = {"draft": own.pk, "template": str(template), "digest": digest, **as_facts(decision)}
        audit.record("publish_template", operation=None, person=by, at=at, **facts)
        todo = _("Records can be started from it now; those on an earlier version stay there until they are moved.")
        tell_writers(Event.TEMPLATE_PUBLISHED, own, todo, words=note.strip(), by=by, at=at)
        return template


def _taken(draft: TemplateDraft) -> OperationTemplate:
    """The new version. Raises Incomplete if another one took its name and number in this very moment."""
    words = _("There is %(template)s already. Give this one another version.") % {"template": draft}
    try:
        taken = take_template(draft.text, draft.toml)
    except Unusable as error:
        raise Incomplete([words]) from error
    if not taken.fresh:
        raise Incomplete([words])
    return taken.template


def return_template(
    draft: TemplateDraft, *, digest: str, reason: str, by: Person, at: dt.datetime | None = None
) -> None:
    """Give an offered draft back to its author, with what has to change. Raises as ``publish_template`` does."""
    at = at or timezone.now()
    with _deciding("return_template", draft, digest, by, at) as (own, _person):
        own.offered_at, own.returned, own.returned_by = None, said(reason), by
        own.save(update_fields=["offered_at", "returned", "returned_by"])
        facts = {"draft": own.pk, "template": str(own), "digest": digest, "reason": own.returned}
        audit.record("return_template", operation=None, person=by, at=at, **facts)
        todo = _("Change what is asked for, then offer it again.")
        tell_writers(Event.TEMPLATE_RETURNED, own, todo, words=own.returned, by=by, at=at)


def right_to_publish(person: Person, draft: TemplateDraft) -> Right:
    """Whether ``person`` may publish the draft, as pages offer it; the act asks again."""
    return may_publish(candidate_of(person, timezone.now().date()), editors_of(draft))


def offered_to(person: Person) -> list[TemplateDraft]:
    """The drafts that wait for ``person`` to publish them, the longest first: for keepers who wrote none of them."""
    if not keeps_templates(person):
        return []
    offered = TemplateDraft.objects.filter(published=None, offered_at__isnull=False).exclude(author=person)
    return list(offered.exclude(editors=person).select_related("base", "author").order_by("offered_at", "pk"))


def editors_of(draft: TemplateDraft) -> frozenset[int]:
    """The ids of everybody who wrote any of this version."""
    return frozenset(draft.editors.values_list("pk", flat=True)) | {draft.author_id}


@contextmanager
def _deciding(
    act: str, draft: TemplateDraft, digest: str, by: Person, at: dt.datetime
) -> Iterator[tuple[TemplateDraft, Candidate]]:
    """One transaction with the draft locked, right and digest checked. What is refused stands in the trail."""
    try:
        with transaction.atomic():
            own = lock_draft(draft)
            person = candidate_now(by, at.date())
            may_publish(person, editors_of(own)).insist()
            if own.digest != digest:
                raise Changed(_("The template was changed since you opened it. Look at it again."))
            if own.offered_at is None:
                raise WrongOrder(_("This template isn't offered to be published: its author is still writing."))
            yield own, person
    except Refused as refusal:
        with transaction.atomic():
            facts = {"draft": draft.pk, "template": str(draft), "reason": str(refusal)}
            audit.record(f"{act}_refused", operation=None, person=by, at=at, **facts)
        raise
