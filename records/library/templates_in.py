"""Operations templates: taking them in, and finding the one that is named or that a record names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from records import audit
from records.document.lines import split_lines
from records.document.shapes import LINE, slug
from records.document.tree import read_tree
from records.library.standard_lines import NAMED, name_and_version
from records.library.template_problems import guessed, open_questions, stopping, unfit, unsaid_words
from records.models import OperationTemplate, Person, outline_of
from records.models.names import alike
from records.refusals import Unusable
from records.transfer.text_files import BYTE_ORDER_MARK, read_text

SHIPPED = Path(__file__).parent.parent / "operation_templates"


@dataclass(frozen=True, slots=True)
class Taken:
    """A template that was taken in. ``fresh`` is false where this very one was stored already.

    ``guessed`` are the bindings found in its text (fact to path), ``unknown`` the facts that no line is known for,
    ``unsaid`` the words for how it ended that say no known outcome.
    """

    template: OperationTemplate
    fresh: bool
    guessed: dict[str, str]
    unknown: tuple[str, ...]
    unsaid: tuple[str, ...]


def take_template(text: str, toml: str | None = None, *, name: str = "") -> Taken:
    """Store one version of an operations template; ``toml`` None: no settings were given.

    Raises Unusable, in words, for settings in error, a text that asks for nothing or has no name, and for a
    name and version that are stored already with another content.
    """
    if text.startswith(BYTE_ORDER_MARK):
        raise Unusable(_("The template begins with a byte order mark. Save it as UTF-8 without one."))
    outline = outline_of(text, toml or "")
    if problem := next(stopping(outline), None):
        raise Unusable(problem.words)
    name, version = name.strip() or outline.settings.name, outline.settings.version
    if not name:
        raise Unusable(_("The template doesn't say its name. Give it one, with --name or in its settings."))
    if why := next(unfit(name, version), "") or like_another(name):
        raise Unusable(why)
    template, fresh = _stored(name, version, text, toml)
    return Taken(template, fresh, guessed(outline, toml or ""), open_questions(outline), unsaid_words(outline))


def like_another(name: str) -> str:
    """Why a template can't be called ``name``, in words: another one's name looks the same, and an administrator's rule
    is found by the name. Empty if nothing speaks against it. One query.
    """
    names = set(OperationTemplate.objects.values_list("name", flat=True))
    other = "" if name in names else next((one for one in sorted(names) if alike(one) == alike(name)), "")
    words = _("There is a template “%(other)s”, whose name looks the same. Write it as there, or choose another.")
    return words % {"other": other} if other else ""


@transaction.atomic
def import_template(text: str, toml: str | None = None, *, by: Person, at: dt.datetime, name: str = "") -> Taken:
    """Take a template in by the shell, whose owner answers for it: it is published at once, and in the trail."""
    taken = take_template(text, toml, name=name)
    if taken.fresh:
        facts = {"template": str(taken.template), "digest": taken.template.digest}
        audit.record("import_template", operation=None, person=by, at=at, **facts)
    return taken


@transaction.atomic
def _stored(name: str, version: str, text: str, toml: str | None) -> tuple[OperationTemplate, bool]:
    own, fresh = OperationTemplate.objects.get_or_create(
        name=name, version=version, defaults={"text": text, "toml": toml or ""}
    )
    if own.text != text or (toml is not None and own.toml != toml):
        words = _("There is %(template)s already, and it says something else. Give the new one another version.")
        raise Unusable(words % {"template": own})
    return own, fresh


def take_shipped() -> list[OperationTemplate]:
    """The templates that come with the product, stored if they weren't yet."""
    return [
        take_template(read_text(path), read_text(path.with_suffix(".toml"))).template
        for path in sorted(SHIPPED.glob("*.md"))
    ]


# ---------------------------------------------------------------- finding


def template_named(name: str) -> OperationTemplate:
    """The template called "NAME vX", or the newest called NAME. Raises Unusable, in words, if there is none."""
    stored = OperationTemplate.objects.order_by("-pk")
    found = stored.filter(name=name).first()
    if not found and (m := NAMED.fullmatch(name)):
        found = stored.filter(name=m["name"], version=m["version"]).first()
    if found:
        return found
    known = "; ".join(map(str, stored[:10])) or _("none so far")
    raise Unusable(_("There is no template “%(name)s”. Known: %(known)s.") % {"name": name, "known": known})


def template_said_in(text: str) -> OperationTemplate | None:
    """The stored template that a record's own line names: that version, else the newest of that name."""
    said = list(_labelled_lines(text))
    newest = None
    for template in OperationTemplate.objects.order_by("-pk"):
        standard = template.outline.bound("standard")
        if standard is None:
            continue
        own_name, own_version = name_and_version(standard.text)
        for label, value in said:
            name, version = name_and_version(value)
            if label != slug(standard.label) or name not in (own_name, template.name.casefold()):
                continue
            if version and version in (own_version, template.version):
                return template
            newest = newest or template
    return newest


def template_fitting(text: str) -> OperationTemplate | None:
    """The stored template most of whose sections ``text`` has, by their headings, the newest first; None where none
    has half of them, and two.
    """
    blocks = read_tree(text.removeprefix(BYTE_ORDER_MARK)).children
    headings = {slug(block.content) for block in blocks if block.kind == "heading"}
    best, most = None, 0.5
    for template in OperationTemplate.objects.order_by("-pk"):
        own = {slug(section.title) for section in template.outline.document.sections if section.title}
        there = len(own & headings)
        if there > 1 and (there / len(own) > most or (best is None and there / len(own) == most)):
            best, most = template, there / len(own)
    return best


def _labelled_lines(text: str) -> Iterator[tuple[str, str]]:
    """Label and value of every line of that form that stands in a paragraph of its own, not in a list or fence."""
    for block in read_tree(text.removeprefix(BYTE_ORDER_MARK)).children:
        if block.kind == "paragraph":
            for line in split_lines(block.source):
                if m := LINE.fullmatch(line.strip()):
                    yield slug(m["label"]), m["value"].strip(" *_`")
