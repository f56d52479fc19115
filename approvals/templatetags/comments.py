"""Comments beside the fields of a section's form, offered to the pages of ``records``, which know nothing of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import template

from approvals.models import Comment
from approvals.sending import ASKED
from approvals.threads import Thread, threads_on
from records.models import Operation, Person
from records.models.states import EDITABLE, ENDED

register = template.Library()


@dataclass
class Beside:
    """The threads of a section. What stood at no field of the page when it was drawn is ``left``."""

    threads: Sequence[Thread]
    can_talk: bool
    drawn: set[int] = field(default_factory=set)

    def at(self, key: str) -> list[Thread]:
        """The threads on the field ``key``, which is being drawn."""
        found = [one for one in self.threads if one.first.key == key]
        self.drawn |= {one.first.pk for one in found}
        return found

    @property
    def left(self) -> list[Thread]:
        """The threads whose field is not on the page: it was removed, or isn't one that is written here."""
        return [one for one in self.threads if one.first.pk not in self.drawn]

    @property
    def open(self) -> int:
        """How many are not settled."""
        return sum(not one.is_settled for one in self.threads)


@register.simple_tag
def comments_on(operation: Operation, person: Person, section: str) -> Beside:
    """The comments on a section. One query."""
    return Beside(threads_on(operation, person, section=section), operation.state not in ENDED)


@register.inclusion_tag("approvals/_questions.html")
def open_questions(operation: Operation) -> dict[str, Any]:
    """Draw what must be settled and isn't, while the plan is written. One query."""
    asked: Iterable[Comment] = ()
    if operation.state in EDITABLE:
        asked = list(operation.comments.filter(ASKED).order_by("pk"))
    return {"operation": operation, "questions": asked}


@register.filter
def within(beside: object, key: str) -> bool:
    """Whether an open comment stands in the row or phase ``key``, so that it should not be folded away."""
    inside = (f"{key}/", f"{key}.")
    return isinstance(beside, Beside) and any(
        not one.is_settled and (one.first.key == key or one.first.key.startswith(inside)) for one in beside.threads
    )


@register.filter
def within_one(beside: object, rows: Iterable[Any]) -> bool:
    """Whether an open comment stands in one of ``rows``, groups or fields, so that they should not be folded away."""
    return any(within(beside, one.key) for one in rows)


@register.inclusion_tag("approvals/_beside.html", takes_context=True)
def comments_at(context: dict[str, Any], key: str) -> dict[str, Any]:
    """Draw the comments on the field ``key`` of the section's form, with a link to write one."""
    beside: Beside = context["beside"]
    return {
        "threads": beside.at(key),
        "key": key,
        "operation": context["operation"],
        "user": context["user"],
        "can_talk": beside.can_talk,
    }
