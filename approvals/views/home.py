"""Home: what waits for the person, by what they may do. One page for operators and supervisors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from approvals.comments_waiting import waiting_comments
from approvals.models import Decision
from approvals.publishing import offered_to
from approvals.views.home_lines import Awaited, Line, Lines, asked_of, asked_words
from approvals.views.home_next import next_of
from approvals.waiting import (
    Own,
    ToDecide,
    addenda_to_sign_off,
    asked_for,
    now_and_soon,
    own_records,
    to_decide,
    to_sign_off,
)
from records.models import Operation, Section
from records.signed_in import person_of
from records.views.addresses import address
from records.who import is_supervisor
from records.writing.counts import Count, counted

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Block:
    """A list on the page; ``more`` counts what doesn't fit, ``more_url`` shows it."""

    title: str
    lines: Sequence[Line]
    kind: str = ""
    more: int = 0
    more_url: str = ""


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The single most urgent thing, then what waits, by kind."""
    person = person_of(request)
    now = timezone.now()
    own, deciding, signing = own_records(person, at=now), to_decide(person, at=now), to_sign_off(person)
    asked = asked_for(own.asked)
    lines = Lines(_progress([*own.drafts, *own.asked]), now)
    running, coming = now_and_soon(person, at=now)
    waits = asked_of(person, running, now)
    first = next_of(own, deciding, signing, waits, asked, lines, person)
    on_top = [first.line.operation] if first else []
    context = {
        "here": "home",
        "next": first,
        "blocks": _blocks(own, deciding, signing, addenda_to_sign_off(person), waits, asked, lines, on_top),
        "finalized": [lines.line(one) for one in own.finalized[:SHOWN]],
        "finalized_url": f"{address('record_list')}?state=finalized&mine=on",
        "running": [lines.line(one, page="run") for one in running if one not in on_top],
        "only_on_top": bool(running) and all(one in on_top for one in running),
        "coming": [lines.line(one) for one in coming],
        "templates": offered_to(person),
        "comments": waiting_comments(person)[:SHOWN],
        "decides": is_supervisor(person) or bool(deciding),
        "new_url": address("record_new"),
        "list_url": address("record_list"),
        "decisions_url": address("decisions"),
    }
    return render(request, "approvals/home.html", context)


def _progress(drafts: Iterable[Operation]) -> dict[int, Count]:
    """How many fields of each draft its review asks for, and how many are answered. One query."""
    found: dict[int, list[dict[str, object]]] = {one.pk: [] for one in drafts}
    for pk, progress in Section.objects.filter(operation__in=list(found)).values_list("operation_id", "progress"):
        found[pk].append(progress)
    return {pk: counted(sections, "plan") for pk, sections in found.items()}


def _blocks(
    own: Own,
    deciding: Sequence[ToDecide],
    signing: Sequence[Operation],
    amended: Sequence[Operation],
    waits: Sequence[Awaited],
    asked: dict[int, Decision],
    lines: Lines,
    on_top: Sequence[Operation],
) -> list[Block]:
    """The lists, without what is on top."""

    def block(title: str, found: Iterable[Line], url: str, kind: str = "") -> Block:
        own = [line for line in found if line.operation not in on_top]
        return Block(title, own[:SHOWN], kind, max(len(own) - SHOWN, 0), url)

    drafts = [lines.line(one, asked_words(asked.get(one.pk))) for one in (*own.asked, *own.drafts)]
    records = address("record_list")
    found = [
        *(
            block(title, [lines.line(one.operation, one.words, "run") for one in waits if one.title == title], records)
            for title in dict.fromkeys(one.title for one in waits)
        ),
        block(_("To decide"), [lines.to_decide(one) for one in deciding], address("decisions"), "decide"),
        block(_("To sign off"), [lines.line(one, page="sign_off") for one in signing], f"{records}?state=closing"),
        block(_("Addenda to sign off"), [lines.line(one) for one in amended], f"{records}?state=finalized"),
        block(
            _("Closing due"), [lines.line(one, page="close") for one in own.closing], f"{records}?state=closing&mine=on"
        ),
        block(_("My drafts"), drafts, f"{records}?state=draft&mine=on", "draft"),
        block(_("Waiting for review"), [lines.line(one) for one in own.waiting], f"{records}?state=in_review&mine=on"),
        block(
            _("Approved, not started"), [lines.line(one) for one in own.approved], f"{records}?state=approved&mine=on"
        ),
    ]
    return [block for block in found if block.lines]
