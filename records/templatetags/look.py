"""How small things look on every page: icons, pills, times, people, form controls.

Plain functions from values to safe markup, without templates of their own: a list calls them once per row.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Protocol

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from records.from_now import relative, window_from_now
from records.models import Operation
from records.models.states import Outcome, State

register = template.Library()

# of a state or an outcome: the icon and the tint of its pill; the word is its label
STATES = {
    State.DRAFT: ("pencil", ""),
    State.IN_REVIEW: ("eye", "info"),
    State.CHANGES_REQUESTED: ("chat", "warn"),
    State.APPROVED: ("check", "ok"),
    State.RUNNING: ("play", "live"),
    State.ROLLING_BACK: ("back", "back"),
    State.CLOSING: ("flag", "info"),
    State.FINALIZED: ("lock", ""),
    State.REJECTED: ("cross", "bad"),
    State.CANCELLED: ("slash", ""),
    State.IMPORTED: ("file", ""),
}
OUTCOMES = {
    Outcome.COMPLETED: ("done", "ok"),
    Outcome.FAILED: ("cross", "bad"),
    Outcome.ROLLED_BACK: ("back", "back"),
}
WITH_OUTCOME = {State.FINALIZED, State.IMPORTED}
RISK_TINTS = ("ok", "warn", "bad", "bad")
BARS = len(RISK_TINTS)


class HasState(Protocol):
    """What a state pill is drawn of."""

    state: str
    outcome: str
    afterwards_reason: str
    emergency: Mapping[str, Any]


@register.simple_tag
@cache
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of static/img/icons.svg; with a label it is read aloud as well."""
    # Cached with its address: a sprite changes only with a new deployment, never while a process lives.
    drawn = format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#{}"></use></svg>', static("img/icons.svg"), name
    )
    return drawn + format_html('<span class="visually-hidden">{}</span>', label) if label else drawn


@register.simple_tag
def pill(tint: str, icon_name: str, words: str) -> SafeString:
    """Draw any state: a tint ("", info, warn, ok, bad, back, live, plain), an icon or "", and its words."""
    shape = icon(icon_name) if icon_name else ""
    return format_html('<span class="pill{}">{}{}</span>', f" {tint}" if tint else "", shape, words)


@register.simple_tag
def state_pill(operation: HasState) -> SafeString:
    """Draw the state of a record; once it is finalized or imported, its outcome; and that nobody approved it before."""
    state = State(operation.state)
    shape, tint = STATES[state]
    drawn = pill(tint, shape, str(state.label))
    if operation.afterwards_reason:
        drawn += SafeString(" ") + pill("bad", "alert", _("Recorded afterwards"))
    if operation.emergency:
        drawn += SafeString(" ") + pill("bad", "alert", _("Emergency, not approved"))
    if state not in WITH_OUTCOME or operation.outcome not in OUTCOMES:
        return drawn
    outcome = Outcome(operation.outcome)
    shape, tint = OUTCOMES[outcome]
    return drawn + SafeString(" ") + pill(tint, shape, str(outcome.label))


@register.simple_tag
def risk_pill(level: str | None, ordinal: int | None = None, total: int = BARS) -> SafeString:
    """Draw a risk level, the ordinal-th (from 1, the mildest) of total: bars and the template's word."""
    if not level:
        return pill("", "", _("Risk not set"))
    words = _("Risk: %(level)s") % {"level": level}
    if not ordinal or total < 1:
        return pill("", "", words)
    bars = _bars(ordinal, total)
    return format_html(
        '<span class="pill {}"><span class="bars b{}" aria-hidden="true"><i></i><i></i><i></i><i></i></span>{}</span>',
        RISK_TINTS[bars - 1],
        bars,
        words,
    )


@register.simple_tag
def when(moment: datetime | date | None, missing: str = "") -> SafeString:
    """Write a moment in UTC, how far away it is, and the reader's own time where that differs."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', missing or _("not set"))
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), _day(moment))
    moment = _utc(moment)
    return _time(moment, f"{_day(moment)}, {moment:%H:%M} UTC") + _aside(moment)


@register.simple_tag
def window(
    start: datetime | None, end: datetime | None, missing: str = "", *, aside: bool = True, end_url: str = ""
) -> SafeString:
    """Write a span of time in UTC, and (``aside``) how it stands to now; the day of its end only when it is another.

    Where it has no end, ``end_url`` leads to the field that sets it.
    """
    if start is None:
        return when(end, missing)
    if end is None:
        start = _utc(start)
        first = _time(start, f"{_day(start)}, {start:%H:%M} UTC")
        unset: str = _("end not set: it is that of the last phase's window")
        if end_url:
            unset = format_html('<a href="{}">{}</a>', end_url, unset)
        told = format_html(' <span class="rel">({})</span>', unset)
        return format_html("{} {}{}{}", _("from"), first, _window_aside(start) if aside else "", told)
    start, end = _utc(start), _utc(end)
    last = f"{end:%H:%M} UTC" if start.date() == end.date() else f"{_day(end)}, {end:%H:%M} UTC"
    first = _time(start, f"{_day(start)}, {start:%H:%M}")
    return format_html("{} {} {}{}", first, _("to"), _time(end, last), _window_aside(start, end) if aside else "")


@register.simple_tag
def window_of(operation: Operation, missing: str = "") -> SafeString:
    """Write the window of ``operation``, and how it stands to now; once the work is finished nothing counts down.

    What was started before its window says since when it runs: a time until the window would be one until nothing.
    """
    now, started = timezone.now(), operation.started_at
    if started and operation.finished_at is None and operation.window_start and now < operation.window_start:
        told = window(operation.window_start, operation.window_end, missing, aside=False)
        facts = {"time": f"{_utc(started):%H:%M}", "ago": relative(started, now)}
        words = _("but started at %(time)s UTC, %(ago)s") % facts
        return format_html('{}<span class="rel">, {}</span>', told, words)
    return window(operation.window_start, operation.window_end, missing, aside=operation.finished_at is None)


@register.simple_tag
def ago(moment: datetime | None) -> SafeString:
    """Write only how far away a moment is; its UTC time is the tooltip."""
    if moment is None:
        return SafeString("")
    moment = _utc(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', _machine(moment), _exact(moment), relative(moment, timezone.now())
    )


@register.simple_tag
def at(moment: datetime, shape: str = "H:i") -> SafeString:
    """Write the hour of a moment in UTC (or another date format); its day and the reader's own time are the tooltip."""
    moment = _utc(moment)
    words = date_format(moment, shape)
    return format_html('<time class="num" datetime="{}" title="{}">{}</time>', _machine(moment), _exact(moment), words)


@register.simple_tag
def here(moment: datetime) -> SafeString:
    """Write the hour of a moment on the reader's own clock, where the page says so; its day and UTC are the tooltip."""
    moment = _utc(moment)
    words = f"{timezone.localtime(moment):%H:%M}"
    return format_html('<time class="num" datetime="{}" title="{}">{}</time>', _machine(moment), _exact(moment), words)


@register.simple_tag
def initials(name: str) -> SafeString:
    """Draw a person as a disc with two letters; the name stands beside it, so it is not read aloud."""
    words = name.split()
    letters = (words[0][:1] + words[-1][:1] if len(words) > 1 else name.strip()[:2]).upper()
    return format_html('<span class="who" aria-hidden="true">{}</span>', letters)


@register.simple_tag
def control(field: BoundField, extra: str = "") -> SafeString:
    """Draw the control of a form field with the classes of its kind, and any extra ones."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return field.as_widget()
    kind = "form-control"
    if isinstance(widget, Select):
        kind = "form-select"
    elif isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    own = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": " ".join(part for part in (kind, own, extra) if part)})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Say whether a field is one box to tick, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)


def _bars(ordinal: int, total: int) -> int:
    """Spread any number of levels over the bars: the mildest has one, the worst all."""
    if total == 1:
        return 1
    return 1 + round((min(ordinal, total) - 1) * (BARS - 1) / (total - 1))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if timezone.is_naive(moment) else moment.astimezone(UTC)


def _day(moment: date) -> str:
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def _machine(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _time(moment: datetime, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', _machine(moment), words)


def _exact(moment: datetime) -> str:
    """A moment to the second in UTC, and the reader's clock if it isn't UTC's."""
    return f"{_day(moment)}, {moment:%H:%M:%S} UTC{_yours(moment)}"


def _yours(moment: datetime, end: datetime | None = None) -> str:
    """The reader's own clock, where it isn't UTC's."""
    own = timezone.localtime(moment)
    span = f"{own:%H:%M}" + (f" {_('to')} {timezone.localtime(end):%H:%M}" if end else "")
    return ", " + _("%s your time") % span if own.utcoffset() else ""


def _aside(moment: datetime) -> SafeString:
    """How far away it is, and the reader's clock if it isn't UTC's."""
    return format_html('<span class="rel">, {}{}</span>', relative(moment, timezone.now()), _yours(moment))


def _window_aside(start: datetime, end: datetime | None = None) -> SafeString:
    """How the window stands to now, and the reader's clock if it isn't UTC's."""
    words = window_from_now(start, end, timezone.now())
    return format_html('<span class="rel">, {}{}</span>', words, _yours(start, end))
