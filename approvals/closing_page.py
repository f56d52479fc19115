"""What the pages of closing show: what is still due, the text to sign, and plan against actual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.eligibility import candidate_of, signing_off
from approvals.involvement import involved_in
from approvals.plan_against_actual import beyond, beyond_limits
from approvals.rules import may_sign_off
from records.content.assembly import Loaded, load_all
from records.content.freezing import unasked_in
from records.decided import one_of
from records.document.fields import fields_of
from records.document.template_settings import Due
from records.life_cycle import Act
from records.models import Operation, Person, Section, State
from records.models.states import UNDER_WAY
from records.reading.folding import folded
from records.reading.headings import below_a_heading
from records.reading.unseen import visible
from records.rights import is_team, may, may_edit_close
from records.run.left_undone import observed_checks
from records.run.loaded import load_run
from records.run.proposals import alike, proposed
from records.views.addresses import address
from records.views.run_rows import CheckShown, check_shown
from records.writing.counts import Count, counted
from records.writing.section_status import title_of


@dataclass(frozen=True, slots=True)
class Task:
    """A section of which something is due when closing; drawn by components/task_list.html."""

    title: str
    url: str
    icon: str
    tint: str
    status: str
    count: str
    hint: str = ""
    next: bool = False

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is lacking."""
        return self.icon == "check"


def close_context(operation: Operation, person: Person) -> dict[str, Any]:
    """The context of approvals/close.html beside the head and the form of the outcome."""
    final = operation.final_text
    sections = load_all(operation) if operation.state == State.CLOSING and not final else []
    tasks = tasks_of(operation, "open", "close", sections=[own.section for own in sections])
    waiting = operation.state == State.CLOSING and final is not None
    today = timezone.now().date()
    run = load_run(operation) if operation.state == State.CLOSING and not final else None
    offered = proposed(run) if run else []
    asked = signing_off(operation, today) if operation.state == State.CLOSING else []
    unasked = unasked_lines(operation, sections)
    return {
        "tasks": tasks,
        "unasked": unasked,
        "unasked_count": sum(len(labels) for _title, labels in unasked),
        "stands": _stands(operation, tasks, asked),
        "beyond": beyond_limits(run.plan, run.metrics) if run else beyond(operation),
        "left": sum(not task.is_done for task in tasks),
        "final": final,
        "waiting": waiting,
        "may_write": bool(may_edit_close(person, operation)),
        "may_sign": operation.state == State.CLOSING
        and not final
        and bool(may(person, operation, Act.SIGN_AS_OPERATOR)),
        "may_sign_off": waiting
        and bool(may_sign_off(candidate_of(person, today), involved_in(operation, with_run=True))),
        "asked": asked,
        "signed_by": list(final.decisions.all()) if final else [],
        "may_reopen": operation.state == State.CLOSING and bool(may(person, operation, Act.REOPEN_RUN)),
        "can_add": not final and operation.state in (*UNDER_WAY, State.CLOSING) and bool(is_team(person, operation)),
        "observed": observed_shown(operation) if operation.state == State.CLOSING else [],
        "may_tick": operation.state == State.CLOSING and not final and bool(is_team(person, operation)),
        "proposed": offered,
        "groups": alike(offered),
        "outdated": list(dict.fromkeys(one.line.label for one in offered if one.outdated)),
        "taken": [one for one in offered if one.is_taken],
        "may_take_over": any(not one.is_taken for one in offered) and bool(may_edit_close(person, operation)),
        "may_complete": operation.owes_plan and bool(may(person, operation, Act.COMPLETE_PLAN)),
        "metrics_url": address("run", operation.pk) + "#metrics-1",
    }


def _stands(operation: Operation, tasks: list[Task], asked: list[Person]) -> list[tuple[str, str]]:
    """What state the closing is in, and who acts next."""
    operator, left = str(operation.runs_it or _("the operator")), sum(not task.is_done for task in tasks)
    if operation.state == State.FINALIZED:
        return [(_("State"), _("Finalized. Nothing in it changes any more; what is to be added is an addendum."))]
    if operation.state != State.CLOSING:
        return [(_("State"), _("The work isn’t finished. What is written here early stays."))]
    others = one_of(asked) or _("nobody at present: it takes a supervisor who neither ran nor wrote it")
    if operation.final_text:
        signed = {"name": operation.final_text.frozen_by}
        told = _("Signed by %(name)s. The text is frozen: nothing is added any more.") % signed
        return [(_("State"), told), (_("Next"), _("Sign-off by: %(names)s") % {"names": others})]
    if operation.owes_plan:
        told = _("The work is finished. Fill in the rest of the plan, then what came of it, then sign.")
        return [(_("State"), told), (_("Next"), _("%(name)s completes the plan") % {"name": operator})]
    lacks = ngettext("%(n)s section still lacks something", "%(n)s sections still lack something", left) % {"n": left}
    told = _("The work is finished; nobody has signed yet.")
    return [
        (_("State"), f"{told} {lacks}." if left else told),
        (_("Next"), _("%(name)s says how it went, and signs") % {"name": operator}),
        (_("Then"), _("Sign-off by: %(names)s") % {"names": others}),
    ]


def unasked_lines(operation: Operation, sections: Iterable[Loaded]) -> list[tuple[str, list[str]]]:
    """What signing will write "Not applicable" into, since it wasn't asked: by section, how each line is called.

    ``sections`` are all those of the record.
    """
    outline = operation.outline
    if outline is None:
        return []
    found = []
    for own in sections:
        section = own.document
        unasked = unasked_in(section, outline, operation.risk_level, ("open", "close"))
        if labels := [visible(field.label) for field in fields_of(section) if field.key in unasked]:
            found.append((visible(section.title) or _("Details"), labels))
    return found


def observed_shown(operation: Operation) -> list[CheckShown]:
    """The checks that are looked at for longer than the work took."""
    rows = enumerate(observed_checks(operation), 1)
    return [check_shown(f"observed-{at}", row.key, visible(str(row)), row) for at, row in rows]


def tasks_of(operation: Operation, *parts: Due, sections: Sequence[Section] = ()) -> list[Task]:
    """The sections with fields of these ``parts``, as counted at their last save; the first that lacks some is next.

    ``sections`` are the record's, where they have been read already.
    """
    found: list[Task] = []
    # The outcome's form asks for it.
    review = operation.outline.bound("review") if operation.outline else None
    for section in sections or operation.sections.only("key", "title", "kind", "progress", "operation_id"):
        count = counted([section.progress], *parts)
        if not count.due:
            continue
        missing = [(key, label) for key, label, part in section.progress.get("missing", ()) if part in parts]
        lacking = [label for key, label in missing if not (review and key == review.key)]
        own = Count(count.answered, count.due - (len(missing) - len(lacking)))
        done = own.answered == own.due or (bool(missing) and not lacking)
        found.append(
            Task(
                title=title_of(section),
                url=address("section", operation.pk, section.key),
                icon="check" if done else "half" if count.answered else "empty",
                tint="ok" if done else "info" if count.answered else "",
                status=_("Done") if done else _("In progress") if count.answered else _("Not started"),
                count=own.words if own.due else "",
                hint=_("%(line)s is asked with the outcome") % {"line": missing[0][1]}
                if done and missing
                else ", ".join(lacking[:4]) + ("…" if len(lacking) > 4 else ""),
            )
        )
    first = next((at for at, task in enumerate(found) if not task.is_done), None)
    if first is not None:
        one = found[first]
        found[first] = Task(one.title, one.url, one.icon, one.tint, one.status, one.count, one.hint, next=True)
    return found


# ---------------------------------------------------------------- the text


def text_shown(operation: Operation, text: bytes, digest: str) -> dict[str, Any]:
    """A final text as the pages show it: rendered, and its source."""
    source = text.decode()
    return {
        "rendered": below_a_heading(folded(source, operation.outline, operation.risk_level)),
        "source": visible(source),
        "digest": digest,
    }
