"""Records from files: Markdown or JSON, whole, as drafts. Nothing that was decided elsewhere comes in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from records.document.mojibake import repaired
from records.library.templates_in import template_named, template_said_in
from records.models import Operation, OperationTemplate, Person
from records.refusals import Unusable
from records.transfer.bringing_in import Arrival, bring_in, json_arrival, markdown_arrival
from records.transfer.exchange import parsed, read_json
from records.transfer.text_files import BYTE_ORDER_MARK, JSON_BYTES, read_text

SYSTEM_AUTHOR = "import"


@dataclass(frozen=True, slots=True)
class Imported:
    """A record that came in, and what its owner should know about how."""

    operation: Operation
    hints: tuple[str, ...] = ()


def import_file(
    path: Path, *, at: dt.datetime, operator: str = "", template: str = "", repair: bool = False
) -> Imported:
    """The record in a ``.md`` or ``.json`` file, as a draft.

    ``operator`` is the user name of its author, ``template`` the name of the template for a record that names
    none itself. Raises Unusable or Refused, in words; then nothing was stored.
    """
    named = template_named(template) if template else None
    if path.suffix.lower() == ".json":
        author, arrival, hints = from_json(read_text(path, at_most=JSON_BYTES), named)
        with transaction.atomic():
            return _brought_in(arrival, operator or author, hints, at)
    came = read_text(path)
    text, hints = _as_meant(came, repair)
    arrival, more = _from_markdown(text, named, came)
    with transaction.atomic():
        return _brought_in(arrival, operator, (*more, *hints), at)


def _brought_in(arrival: Arrival, operator: str, hints: tuple[str, ...], at: dt.datetime) -> Imported:
    author, said = author_named(operator)
    operation, more = bring_in(arrival, author=author, at=at)
    return Imported(operation, (*said, *hints, *more))


def _from_markdown(text: str, named: OperationTemplate | None, came: str) -> tuple[Arrival, tuple[str, ...]]:
    """``text`` read along the template that it names, else ``named``, else none: Markdown kept as it is."""
    template = template_said_in(text) or named
    hints: tuple[str, ...] = ()
    if template is None:
        hints = (_("No stored template is named in it: it was kept as Markdown, whole. --template names one."),)
    return markdown_arrival(text, template, came=came), hints


def arrival_in(came: str) -> Arrival:
    """What ``came``, Markdown or JSON, is read as, along the template that it names. Raises Unusable, in words."""
    return from_json(came, None)[1] if looks_like_json(came) else _from_markdown(came, None, came)[0]


def from_json(came: str, named: OperationTemplate | None) -> tuple[str, Arrival, tuple[str, ...]]:
    """The user name of its author, if that is somebody here, what arrived, and hints.

    ``named`` stands in for a template that is not stored here. Raises Unusable, in words, for what is no record.
    """
    record = read_json(parsed(came))
    hints: tuple[str, ...] = ()
    template = None
    if record.template is not None:
        template, hints = _template_of_json(*record.template, named)
        if template is None:
            arrival, more = _from_markdown(record.markdown(), None, came)
            return "", arrival, (*hints, *more)
    arrival = json_arrival(record, template, came=came)
    return record.known_author(), arrival, (*hints, *arrival.hints)


def looks_like_json(came: str) -> bool:
    """Whether a text is meant as JSON: no Markdown record begins with a brace."""
    return came.removeprefix(BYTE_ORDER_MARK).lstrip().startswith("{")


def _template_of_json(
    name: str, version: str, digest: str, named: OperationTemplate | None
) -> tuple[OperationTemplate | None, tuple[str, ...]]:
    template = OperationTemplate.objects.filter(name=name, version=version).first() or named
    if template is None:
        return None, (_("There is no template “%(name)s” v%(version)s here.") % {"name": name, "version": version},)
    if template.digest != digest:
        words = _("The template %(template)s is not the same here as where this was written.")
        return template, (words % {"template": template},)
    return template, ()


def _as_meant(text: str, repair: bool) -> tuple[str, tuple[str, ...]]:
    """The text to take in, and what to say about characters that were misread on the way here."""
    meant = repaired(text)
    if meant is None:
        return text, (_("There was nothing to repair."),) if repair else ()
    if repair:
        return meant, (_("Characters that were read in the wrong encoding were repaired; the file was left alone."),)
    return text, (
        _("Its characters look as if they had been read in the wrong encoding. It was imported as it is;")
        + " "
        + _("--repair imports it as it was meant."),
    )


# ---------------------------------------------------------------- people


def author_named(username: str) -> tuple[Person, tuple[str, ...]]:
    """The person with this user name; with none the only superuser, else the system's own "import".

    Raises Unusable, in words, for a name that nobody has or that is no longer in use.
    """
    if username:
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise Unusable(_("There is nobody with the user name “%(name)s”.") % {"name": username})
        if not person.is_active:
            raise Unusable(_("The account “%(name)s” is no longer in use.") % {"name": username})
        return person, ()
    superusers = list(Person.objects.filter(is_superuser=True, is_active=True)[:2])
    if len(superusers) == 1:
        return superusers[0], ()
    words = _("Its author is “%(name)s”, with whom nobody can sign in; --operator names a person.")
    return _system_author(), (words % {"name": SYSTEM_AUTHOR},)


def system_account() -> Person:
    """The account that stands for what comes in by the shell, when nobody is named; made when it is first needed."""
    person = Person.objects.filter(username=SYSTEM_AUTHOR).first()
    if person is None:
        person = Person(username=SYSTEM_AUTHOR, name=_("Import"), is_active=False)
        person.set_unusable_password()
        person.save()
    return person


def _system_author() -> Person:
    person = system_account()
    if person.is_active:
        raise Unusable(_("Say whose record this is, with --operator and a user name."))
    return person
