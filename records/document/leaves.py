"""One block of a text to its leaves: lines, metrics, fences, free text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from records.document.blocks import from_free
from records.document.fingerprints import read_fingerprint
from records.document.inline import from_heading, from_line
from records.document.outline import (
    Answer,
    Block,
    Heading,
    Loose,
    Metric,
    Phase,
    Rows,
    Shape,
)
from records.document.phase_headings import phase_heading
from records.document.shapes import (
    COLONS,
    LINE,
    NUMBERISH,
    Keys,
    is_behind_number,
    is_measured,
    metric_in,
    title_opening,
    with_unit,
    without_unit,
)
from records.document.spans import Span


def heading(span: Span) -> Heading:
    """A heading or rule, kept as it is."""
    return Heading(span.source, span.content if span.kind == "heading" else "", span.gap)


def title_of(span: Span, label: str) -> Answer:
    """The first heading of all: its text after the template's own words."""
    text, opening = span.content.replace("\n", " "), title_opening(label)
    words = opening.rstrip()
    is_own = text == words or text.startswith(words if words.endswith(COLONS) else opening)
    value = text.removeprefix(words).removeprefix(opening[len(words) :]) if opening and is_own else text
    return read_fingerprint(Answer("title", label, from_heading(value), "title", span.source, span.gap))


def phase_of(span: Span, words: Sequence[str] | None) -> Phase | None:
    """The phase a heading names, if any: by shape where ``words`` is None, else by one of the template's words."""
    found = phase_heading(from_heading(span.content), words)
    return read_fingerprint(Phase(*found)) if found else None


def loose(parent: str, keys: Keys, span: Span) -> Loose:
    """A block that fits no shape."""
    text = "\n".join(span.texts())
    return read_fingerprint(Loose(keys.beside.give("markdown") if parent else "markdown", text, span.source, span.gap))


def labelled_lines(span: Span, keys: Keys) -> list[Block]:
    """A paragraph of ``**Label**: value`` lines; lines without a label are loose. The last has the gap."""
    found: list[Answer | Loose] = []
    for source in span.lines:
        line = source.rstrip("\r\n")
        m = LINE.fullmatch(line)
        if m:
            value = m["value"].rstrip(" \t")
            label = from_line(m["label"])
            found.append(read_fingerprint(Answer(keys.give(label), label, from_line(value), "line", source)))
        else:
            found.append(read_fingerprint(Loose(keys.beside.give("markdown"), line, source)))
    return [*found[:-1], replace(found[-1], gap=span.gap)]


def answer_text(key: str, span: Span, shape: Shape) -> Answer:
    """Free text: one or more blocks under a heading."""
    text = from_free("\n".join(span.texts()), shape)
    return read_fingerprint(Answer(key, "", text, shape, span.source, span.gap))


def answer_fence(key: str, span: Span) -> Answer:
    """A plain fence that is filled as text; its info string stays with its source."""
    return read_fingerprint(Answer(key, "", span.content.removesuffix("\n"), "fence", span.source, span.gap))


def metrics_in_fence(span: Span, keys: Keys, *, template: bool = False) -> Rows | None:
    """A fence whose first line is a caption ending in a colon and whose other lines are all metrics.

    In a template a name in brackets means text to be written freely ("- [Component 1]: …").
    """
    lines = list(span.lines)
    body = lines[1:-1]
    if len(lines) < 3 or span.kind != "fence" or not body or not body[0].rstrip().endswith(":"):
        return None
    if not re.fullmatch(r"[ ]{0,3}(`{3,}|~{3,})[ \t]*", lines[-1].rstrip("\r\n")):
        return None  # nobody closed it
    rows: list[Metric] = []
    for source in body[1:]:
        found = metric_in(source.rstrip("\r\n"))
        if found is None or (template and "[" in found[0]):
            return None
        rows.append(read_fingerprint(Metric(keys.beside.give(found[0]), *found, source=source)))
    if (template and not rows) or len({row.after is None for row in rows}) > 1:
        return None
    order = tuple(row.key for row in rows)
    return Rows(f"{keys.parent}/metrics", "metrics", tuple(rows), order, span.gap, "".join(lines[:2]), lines[-1])


def compared(rows: Rows, planned: Rows | None = None) -> Rows:
    """``rows`` of measured values as comparisons though all their lines have a dash, where those of the template
    (``planned``) are that; in a template itself, where each has a placeholder on either side of its arrow.
    """
    if planned and not any(isinstance(row, Metric) and row.is_dashed for row in planned.rows):
        return rows
    changed: list[Metric] = []
    for row in rows.rows:
        once = isinstance(row, Metric) and row.after is None
        found = metric_in(row.source.rstrip("\r\n"), dashed=True) if once else None
        if not isinstance(row, Metric) or found is None or not (planned or all("[" in str(one) for one in found[1:3])):
            return rows
        name, before, after, unit = found
        changed.append(read_fingerprint(replace(row, name=name, before=before, after=after, unit=unit)))
    return replace(rows, rows=tuple(changed))


def units_of(planned: Rows | None) -> dict[str, str]:
    """The unit of each comparison in ``planned``, by its name; none for a name with several."""
    found: dict[str, set[str]] = {}
    for row in planned.rows if planned else ():
        if isinstance(row, Metric) and row.after is not None:
            found.setdefault(row.name, set()).add(row.unit)
    return {name: units.pop() for name, units in found.items() if len(units) == 1}


def in_unit(metric: Metric, unit: str) -> Metric:
    """``metric`` with its values told apart from ``unit``, the template's, where its line allows it and shows no other
    one."""
    if metric.after is None or not unit or metric.unit == unit or _has_its_own(metric, unit):
        return metric
    sides = [with_unit(value, metric.unit) for value in (metric.before, metric.after)]
    before, after = (without_unit(side, unit) for side in sides)
    if [with_unit(value, unit) for value in (before, after)] != sides:
        return metric
    return read_fingerprint(replace(metric, before=before, after=after, unit=unit))


def _has_its_own(metric: Metric, unit: str) -> bool:
    """Whether the line of ``metric`` shows another unit than ``unit``: behind both values, or as one word behind the
    only one.

    "5 of 8 GB" on both sides are values in GB all the same.
    """
    if not metric.unit or is_behind_number(metric.unit, unit):
        return False
    values = [value for value in (metric.before, metric.after or "") if NUMBERISH.fullmatch(value)]
    return len(values) == 2 or any(is_measured(value + metric.unit) for value in values)
