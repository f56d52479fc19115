"""Where to go after a section was saved: back to the row that was worked on, on to the next section, or out."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.http import HttpResponse, HttpResponseRedirect

from records.forms.buttons import PASTE, PREVIEW
from records.forms.controls import anchor_of, row_anchor
from records.forms.marks import CONFIRM
from records.models import Operation, Section, State
from records.views.addresses import address
from records.writing.section_saves import Done, SectionSave
from records.writing.section_status import next_open, next_to_close, statuses


class SeeOther(HttpResponseRedirect):
    """303: the answer to a post is another page, asked for with GET."""

    status_code = 303


def answer_for(sent: SectionSave, done: Done) -> HttpResponse:
    """The redirect after a save."""
    here = address("section", sent.operation.pk, sent.key)
    what, _colon, key = sent.posted.do.partition(":")
    if what == PASTE:
        return SeeOther(f"{address('section_paste', sent.operation.pk, sent.key)}?{urlencode({'to': key})}")
    if sent.posted.do:
        return SeeOther(here + _target(sent, done))
    if sent.posted.act == "exit":
        return SeeOther(address(_back(sent.operation), sent.operation.pk))
    if sent.posted.act == "continue":
        return SeeOther(_onward(sent, here))
    return SeeOther(here + _target(sent, done))


def _back(operation: Operation) -> str:
    """The page that waits for what a section was opened for: between approval and start, go or no-go."""
    if operation.owes_plan:
        return "complete_plan"
    return {State.APPROVED.value: "run", State.CLOSING.value: "close"}.get(operation.state, "record")


def _target(sent: SectionSave, done: Done) -> str:
    """The query and anchor that lead back to the row, with what was opened or can be undone."""
    if done.opened.what:
        first = "mark-by" if done.opened.what == CONFIRM else "mark-reason"
        return f"?{urlencode({done.opened.what: done.opened.key})}#{first}"
    asked = {"at": done.button.at} if done.button.at else {}
    if done.button.removed:
        asked["undo"] = str(done.saved.version)
    what, _colon, key = sent.posted.do.partition(":")
    if what == PREVIEW:
        asked["preview"] = key
    query = f"?{urlencode(asked)}" if asked else ""
    anchor = done.button.anchor
    if not anchor and (at := done.button.at):
        anchor = "h1" if at == sent.key else row_anchor(at) if _is_group(sent, at) else anchor_of(at)
    return query + (f"#{quote(anchor)}" if anchor else "")


def _is_group(sent: SectionSave, key: str) -> bool:
    return key == sent.key or any(key == group.key for group in sent.loaded.document.groups)


def _onward(sent: SectionSave, here: str) -> str:
    """The next open section, once nothing is missing here or it was seen; then the check of all answers.

    After the run the next one with something due until it is closed; then the page of closing. Before that whatever
    an emergency's plan still lacks.
    """
    operation, key = sent.operation, sent.key
    operation.refresh_from_db(fields=["risk_level"])
    sections = Section.objects.filter(operation=operation).defer("layout", "answers")
    found = statuses(operation, sections, operation.outline)
    if operation.owes_plan:
        lacking = next_open(found, after=key)
        return address("section", operation.pk, lacking.key) if lacking else address("complete_plan", operation.pk)
    if operation.state == State.CLOSING:
        # The page of closing asks for the day of the next review.
        review = operation.outline.bound("review") if operation.outline else None
        onward = next_to_close(found, after=key, asked=review.key if review else "")
        return address("section", operation.pk, onward.key) if onward else address("close", operation.pk)
    own = next(one for one in found if one.key == key)
    if not sent.posted.seen and any(part == "plan" for _key, _label, part in own.missing) and _is_plan_time(sent):
        return f"{here}?still=1#problems"
    if onward := next_open(found, after=key):
        return address("section", operation.pk, onward.key)
    return address("check", operation.pk)


def _is_plan_time(sent: SectionSave) -> bool:
    return sent.operation.submitted_at is None or sent.operation.state in ("draft", "changes_requested")
