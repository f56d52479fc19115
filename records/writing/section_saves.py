"""From a section's form to the act that saves it: buttons, marks, people, and texts that could not be stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from records.content.assembly import Loaded, load
from records.document.fields import fields_of, table_of
from records.forms.bringing_back import Change, restored, taken_back
from records.forms.buttons import CHECKED, PREVIEW, PUT_BACK, STRUCTURE, TAKE, Pressed, pressed
from records.forms.controls import Opened, anchor_of
from records.forms.marks import CONFIRM, NA, SET, keys_under, words_for
from records.forms.posted import Posted, problems_in
from records.models import FieldChange, Operation, Outline, Person
from records.numbers import number_in
from records.reading.previewing import as_posted, in_ticks
from records.refusals import Refused, Unusable, WrongOrder
from records.rights import may_edit_close, may_edit_plan
from records.writing.people import Pick
from records.writing.proposals import proposals_for
from records.writing.putting_back import put_back
from records.writing.readiness import shown
from records.writing.saving import Clash, Clashed, NoPlace, Sealed, save_section
from records.writing.section_writing import Saved, changed_in, fields_in, is_plan


class NotSaved(Exception):
    """The form's text is not stored, and still in the person's hands.

    ``problems`` are words by field ("" is the section); ``clashes`` what somebody else changed too; ``is_over``
    says that this person can't write it any more at all. ``values`` are what would have been stored, if nothing had
    clashed: the form's texts and what the pressed button made of them.
    """

    def __init__(
        self,
        problems: Mapping[str, str] | None = None,
        *,
        clashes: Sequence[Clash] = (),
        reason: str = "",
        is_over: bool = False,
        status: int = 400,
        opened: Opened | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.values = dict(values or {})
        self.problems, self.clashes = dict(problems or {}), list(clashes)
        self.reason, self.is_over, self.status = reason, is_over, status
        self.opened = opened or Opened()


@dataclass
class SectionSave:
    """A form that was sent: by whom, for which section. Its stored texts are read only if they are needed."""

    operation: Operation
    key: str
    posted: Posted
    by: Person

    @cached_property
    def loaded(self) -> Loaded:
        """The section as it is stored, without a lock."""
        section = self.operation.sections.get(key=self.key)
        return load([section])[0]

    @cached_property
    def opened(self) -> Opened:
        """The mark that stood open with something typed in it; none if the person left it open on purpose."""
        posted = self.posted
        what, _colon, key = posted.mark.partition(":")
        typed = posted.reason.strip() or posted.by.strip()
        if what not in (NA, CONFIRM) or not key or not typed or posted.do == f"leave:{key}":
            return Opened()
        return Opened(what, key, posted.reason, posted.by)

    def carried(self, problem: NotSaved) -> list[tuple[str, str]]:
        """What a page of clashes carries along unseen: all that would have been stored but what it asks about."""
        asked = {clash.key for clash in problem.clashes}
        own = self.posted
        people = [(f"who-{fact}", pick) for fact, pick in own.people.items()]
        people += [(f"was-{fact}", pick) for fact, pick in own.were.items()]
        page = [
            ("page", own.page),
            ("writer", own.writer),
            *((f"since:{key}", str(at)) for key, at in own.since.items()),
        ]
        mark = [("mark", own.mark), ("reason", own.reason), ("by", own.by)] if self.opened.what else []
        return [*people, *page, *mark, *((key, text) for key, text in problem.values.items() if key not in asked)]

    def written(self) -> list[tuple[str, str]]:
        """The texts that the person wrote, with their labels: what is not as it is stored."""
        document, outline = self.loaded.document, self.operation.outline
        labels = {one.key: one.label for one in fields_of(document) if one.shape != "structure"}
        changed = changed_in(self.posted.values, fields_in(self.loaded), document, outline)
        texts = [
            (labels.get(key, key), text)
            for key, text in changed.items()
            if text.strip() and not key.endswith(STRUCTURE)
        ]
        opened = self.opened
        return [*texts, (labels.get(opened.key, opened.key), opened.reason)] if opened.reason.strip() else texts

    def left_over(self, table: Mapping[str, str]) -> list[tuple[str, str]]:
        """Posted texts whose field is not on the page any more: somebody removed the row."""
        known = set(table) | set(self.loaded.annex())
        return [(key, text) for key, text in self.texts() if key not in known]

    def texts(self) -> list[tuple[str, str]]:
        """All texts that were sent, by key; last the reason of a mark that stood open."""
        texts = [*self.posted.values.items(), (self.opened.key, self.opened.reason)]
        return [(key, text) for key, text in texts if text.strip() and not key.endswith(STRUCTURE)]


@dataclass(frozen=True, slots=True)
class Done:
    """What a save did, and where to look next. ``named`` are the names that it wrote for accounts that were picked."""

    saved: Saved
    button: Pressed
    opened: Opened = field(default_factory=Opened)
    named: Mapping[str, str] = field(default_factory=dict)


def save(sent: SectionSave) -> Done:
    """Save what was sent, with the effect of the button that was pressed. Raises NotSaved."""
    if sent.posted.writer not in ("", str(sent.by.pk)):
        words = _("You are signed in as %(name)s now; this page was opened by somebody else, whose text it holds.")
        raise NotSaved(reason=words % {"name": sent.by}, is_over=True, status=403)
    if problems := problems_in(sent.posted.values):
        raise NotSaved(problems)
    values = in_ticks(sent.posted.values, sent.operation.outline)
    button, opened = _button(sent, values)
    values |= button.values
    named = _named_lines(sent, values)
    values |= named
    try:
        saved = save_section(
            operation=sent.operation,
            key=sent.key,
            version=sent.posted.version,
            values=values,
            by=sent.by,
            at=timezone.now(),
            choices=sent.posted.choices,
            checked=_checked(sent),
            picks=_picks(sent),
            since=sent.posted.since,
            page=sent.posted.page,
            back=button.back,
        )
        if sent.posted.do.startswith(f"{PUT_BACK}:"):
            put_back(sent.operation, key=sent.key, by=sent.by)
    except Refused as refused:
        raise NotSaved(reason=str(refused), is_over=True, status=403) from refused
    except Clashed as clash:
        raise NotSaved(clashes=clash.clashes, reason=str(clash), status=409, values=values) from clash
    except WrongOrder as order:
        raise NotSaved(reason=str(order), is_over=True, status=409) from order
    except NoPlace as gone:
        raise NotSaved(dict.fromkeys(gone.keys, str(gone)), status=409) from gone
    except Sealed as sealed:
        raise NotSaved(dict.fromkeys(sealed.keys, str(sealed))) from sealed
    except Unusable as error:
        raise NotSaved({"": str(error)}) from error
    return Done(saved, button, opened, named)


def _checked(sent: SectionSave) -> frozenset[str]:
    """What came over from elsewhere and the person says still holds: one field by its button, all by going on."""
    what, _colon, key = sent.posted.do.partition(":")
    operation = sent.operation
    if not (operation.cloned_from_id or operation.renamings) or not (
        what == CHECKED or (sent.posted.act == "continue" and not what)
    ):
        return frozenset()
    sections = operation.sections.filter(key=sent.key).values_list("carried", flat=True)
    own = _writable(sent, [one for carried in sections for one in carried])
    return own & {key} if what else own


def _writable(sent: SectionSave, keys: Iterable[str]) -> frozenset[str]:
    """Those of ``keys`` that the person may write now."""
    plan, rest = may_edit_plan(sent.by, sent.operation), may_edit_close(sent.by, sent.operation)
    return frozenset(key for key in keys if (plan if is_plan(key, sent.operation.outline) else rest))


def _button(sent: SectionSave, values: Mapping[str, str]) -> tuple[Pressed, Opened]:
    """What the button makes of the form. A mark with a reason in it is set whichever button was pressed."""
    what, _colon, key = sent.posted.do.partition(":")
    mark = Opened(SET[what], key, sent.posted.reason, sent.posted.by) if what in SET else sent.opened
    try:
        marked = _marked(sent, values, mark) if mark.what else Pressed({})
        if what in SET or what == "leave" or not sent.posted.do:
            return replace(marked, at=marked.at or key), Opened()
        own, opened = _pressed(sent, values, what, key)
        return replace(own, values=marked.values | own.values), opened
    except Unusable as error:
        raise NotSaved({"": str(error)}) from error


def _pressed(sent: SectionSave, values: Mapping[str, str], what: str, key: str) -> tuple[Pressed, Opened]:
    if what in (NA, CONFIRM):
        return Pressed({}), Opened(what, key)
    if what in (TAKE, PREVIEW):
        offered = proposals_for(sent.loaded).get(key) if what == TAKE else None
        # What was typed meanwhile counts more.
        taken = {key: offered.text} if offered and not values.get(key, "").strip() else {}
        return Pressed(taken, anchor_of(key), key), Opened()
    table = table_of(as_posted(sent.loaded, values, sent.operation.outline))
    if what == "undo":
        return restored(changes_in(sent.operation, sent.key, key), table), Opened()
    if what == "take-back":
        # With the plan facts, which have no line in the text: as the form has them.
        facts = sent.loaded.annex()
        table |= {one: values.get(one, text) for one, text in facts.items()}
        return taken_back(changes_in(sent.operation, sent.key, key), table), Opened()
    return pressed(sent.posted.do, table, sent.posted.labels.get(key, "")), Opened()


def _template(outline: Outline | None) -> Callable[[str], str]:
    texts = outline.texts if outline else {}
    return lambda key: texts.get(key, "")


def _marked(sent: SectionSave, values: Mapping[str, str], mark: Opened) -> Pressed:
    try:
        words = words_for(mark.what, mark.reason, mark.by)
    except Unusable as error:
        raise NotSaved({"": str(error)}, opened=replace(mark, error=str(error))) from error
    outline = sent.operation.outline
    document = as_posted(sent.loaded, values, outline)
    by_acts = outline.written_by_acts if outline else frozenset()
    under = keys_under(document, mark.key, _template(outline), sent.operation.state)
    writable = _writable(sent, [key for key in under if key not in by_acts])
    keys = [key for key in under if key == mark.key or key in writable]
    return Pressed(dict.fromkeys(keys, words), at=mark.key)


def changes_in(operation: Operation, section: str, version: str) -> list[Change]:
    """What the save that made ``version`` of a section changed; nothing for what is no version."""
    number = number_in(version, digits=9) or 0
    changes = FieldChange.objects.filter(operation=operation, section_key=section, version=number)
    return list(changes.order_by("pk").values_list("key", "before", "after"))


def _named_lines(sent: SectionSave, values: Mapping[str, str]) -> dict[str, str]:
    """The lines of people whose account was picked, by key, with its name: where none stands, or the one before's."""
    picked = {fact: pick for fact, pick in _picks(sent).items() if pick.now is not None and pick.now != pick.was}
    if not picked:
        return {}
    people = Person.objects.in_bulk({pk for pick in picked.values() for pk in (pick.was, pick.now) if pk is not None})
    table, outline = fields_in(sent.loaded), sent.operation.outline
    found = {}
    for fact, pick in picked.items():
        line = outline.bound(fact) if outline else None
        if line is None or pick.now not in people:
            continue
        written = values.get(line.key, shown(table.get(line.key, ""), line.shape, line.text)).strip()
        if not written or (pick.was in people and written == str(people[pick.was])):
            found[line.key] = str(people[pick.now])
    return found


def _picks(sent: SectionSave) -> dict[str, Pick]:
    """The accounts that the form names, by fact: as it showed them, and as they were sent."""
    posted, now = sent.posted, sent.operation
    return {
        fact: Pick(
            was=number_in(posted.were[fact]) if fact in posted.were else getattr(now, f"{fact}_id"), now=number_in(text)
        )
        for fact, text in posted.people.items()
    }
