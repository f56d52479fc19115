"""The acts of whoever writes a version of a template: begin it, change it, offer it, throw it away.

Anybody may write one, since it does nothing before somebody else publishes it (``approvals.publishing``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.document.escape import refuse_unstorable
from records.document.lines import split_lines
from records.document.outline import Rows
from records.document.read import read_template
from records.library.problem import Problem
from records.library.template_mail import tell_keepers
from records.library.template_problems import problems_of
from records.library.templates_in import like_another
from records.models import OperationTemplate, Person, Role, TemplateDraft
from records.refusals import Changed, Incomplete, Unusable, WrongOrder
from records.rights import YES, Right
from records.transfer.text_files import BYTE_ORDER_MARK, MOST_LINES
from records.writing.drafting import refuse_countless

TEXT_BYTES, TOML_BYTES = 256 * 1024, 32 * 1024
MOST_DRAFTS, MOST_PARTS, MOST_PATTERNS, LONGEST_LINE = 50, 800, 200, 1000


def begin_template(
    *, text: str, toml: str, by: Person, base: OperationTemplate | None = None, at: dt.datetime | None = None
) -> TemplateDraft:
    """A new draft of a template: from a text that was brought in, or from ``base``, whose next version it is to be.

    Raises Unusable, in words, for what can't be stored; WrongOrder for somebody who has too many drafts open.
    """
    at = at or timezone.now()
    refuse_unusable(text, toml)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once would both be within the limit
        if TemplateDraft.objects.filter(author=by, published=None).count() >= MOST_DRAFTS:
            raise WrongOrder(_("You have %s drafts of templates. Publish or throw away some first.") % MOST_DRAFTS)
        draft = TemplateDraft.objects.create(base=base, text=text, toml=toml, author=by, created_at=at, updated_at=at)
        draft.editors.add(by)
        audit.record("begin_template", operation=None, person=by, at=at, draft=draft.pk, template=str(base or ""))
    return draft


def change_template(
    draft: TemplateDraft,
    *,
    seen: str,
    by: Person,
    text: str | None = None,
    toml: str | None = None,
    at: dt.datetime | None = None,
) -> TemplateDraft:
    """Store a new text or new settings; ``seen`` is the digest of what was opened. What was offered is a draft again.

    Raises Changed if somebody else was faster, Unusable in words for what can't be stored.
    """
    at = at or timezone.now()
    with _writing(draft, by) as own:
        new_text, new_toml = own.text if text is None else text, own.toml if toml is None else toml
        refuse_unusable(new_text, new_toml)
        if (new_text, new_toml) == (own.text, own.toml):
            return own
        if seen != own.digest:
            raise Changed(_("Somebody else changed this template since you opened it."))
        own.text, own.toml, own.offered_at, own.updated_at = new_text, new_toml, None, at
        own.save(update_fields=["text", "toml", "offered_at", "updated_at"])
        own.editors.add(by)
        audit.record("change_template", operation=None, person=by, at=at, draft=own.pk, digest=own.digest)
        return own


def offer_template(draft: TemplateDraft, *, by: Person, at: dt.datetime | None = None) -> TemplateDraft:
    """Say that it is ready. Raises Incomplete, naming what still stops it."""
    at = at or timezone.now()
    with _writing(draft, by) as own:
        if open_ones := stops(own):
            raise Incomplete(open_ones)
        if own.offered_at is None:
            own.offered_at, own.returned, own.returned_by = at, "", None
            own.save(update_fields=["offered_at", "returned", "returned_by"])
            audit.record(
                "offer_template", operation=None, person=by, at=at, draft=own.pk, template=str(own), digest=own.digest
            )
            tell_keepers(own, by=by, at=at)
        return own


def discard_template(draft: TemplateDraft, *, by: Person, at: dt.datetime | None = None) -> None:
    """Throw a draft away. The trail keeps that it was there."""
    at = at or timezone.now()
    with _writing(draft, by) as own:
        facts = {"draft": own.pk, "template": str(own), "digest": own.digest}
        own.delete()
        audit.record("discard_template", operation=None, person=by, at=at, **facts)


# ---------------------------------------------------------------- rights, guards


def keeps_templates(person: Person) -> bool:
    """Whether the person holds the role of a template keeper."""
    return Role.TEMPLATE_KEEPER in person.roles_on(timezone.now().date())


def may_write(person: Person, draft: TemplateDraft) -> Right:
    """A draft is written by its author and by template keepers."""
    if draft.author_id == person.pk or keeps_templates(person):
        return YES
    return Right(_("This draft is written by its author and by template keepers."))


def problems_in(draft: TemplateDraft) -> list[Problem]:
    """All that is to be said of the draft, what stops it first."""
    outline = draft.outline
    named = {"name": outline.settings.name, "version": outline.settings.version} if outline else {}
    found = problems_of(draft.text, draft.toml)
    # PostgreSQL can't even be asked for a name with NUL; that it holds one is among what was found.
    if named and "\0" not in "".join(named.values()) and OperationTemplate.objects.filter(**named).exists():
        words = _("There is %(template)s already. Give this one another version.") % {"template": draft}
        found.insert(0, Problem(words, 0, "settings"))
    if named and (words := like_another(named["name"])):
        found.insert(0, Problem(words, 0, "settings", field="name"))
    return found


def stops(draft: TemplateDraft) -> list[str]:
    """What still keeps the draft from being published, in words."""
    return [problem.words for problem in problems_in(draft) if problem.stops]


def refuse_unusable(text: str, toml: str) -> None:
    """Raises Unusable, in words, for a text or settings that can't be stored or read in reasonable time."""
    for what, limit in ((text, TEXT_BYTES), (toml, TOML_BYTES)):
        refuse_unstorable(what)
        if len(what.encode()) > limit:
            raise Unusable(_("This is larger than %s KiB.") % (limit // 1024))
    if max(text.count("\n"), text.count("\r")) > MOST_LINES:
        raise Unusable(_("This has more than %s lines.") % MOST_LINES)
    if text.startswith(BYTE_ORDER_MARK):
        raise Unusable(_("The template begins with a byte order mark. Save it as UTF-8 without one."))
    if not text.strip():
        raise Unusable(_("There is no text."))
    document = read_template(text)
    refuse_countless(document)
    blocks = [block for section in document.sections for block in section.blocks()]
    if len(blocks) + sum(len(block.rows) for block in blocks if isinstance(block, Rows)) > MOST_PARTS:
        raise Unusable(_("A template has at most %s parts.") % MOST_PARTS)
    if max(map(len, split_lines(toml)), default=0) > LONGEST_LINE:
        raise Unusable(_("A line of the settings has more than %s characters.") % LONGEST_LINE)
    if toml.count("*") > MOST_PATTERNS:
        raise Unusable(_("These settings hold more than %s patterns with *.") % MOST_PATTERNS)


def lock_draft(draft: TemplateDraft) -> TemplateDraft:
    """The draft as it is now, its row locked. Raises WrongOrder if it is published or gone."""
    own = TemplateDraft.objects.select_for_update(of=("self",), no_key=True).filter(pk=draft.pk).first()
    if own is None:
        raise WrongOrder(_("This draft was thrown away meanwhile."))
    if own.published_id:
        raise WrongOrder(_("This draft is published. What changes now is a new version."))
    return own


@contextmanager
def _writing(draft: TemplateDraft, by: Person) -> Iterator[TemplateDraft]:
    with transaction.atomic():
        own = lock_draft(draft)
        may_write(by, own).insist()
        yield own
