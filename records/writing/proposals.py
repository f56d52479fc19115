"""What is known already and asked for again: offered beside an empty field, and never written by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.content.assembly import Loaded
from records.document.answers import Empty, Filled, answer_in
from records.document.outline import Metric as MetricRow
from records.document.outline import Rows
from records.document.shapes import with_unit, without_unit
from records.models import Metric, Outline
from records.units import other_unit, unit_behind, units_asked
from records.writing.readiness import state_of

_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Offered:
    """A text for a field, and where it is known from."""

    text: str
    source: str


def proposals_for(loaded: Loaded) -> dict[str, Offered]:
    """What can be offered for the empty fields of a section, by key.

    A quantity that the record names elsewhere was measured there; who runs it is known. What the run knows besides is
    offered while closing (``records.run.proposals``). One query where the section has quantities without a value.
    """
    outline = loaded.section.operation.outline
    if outline is None:
        return {}
    return dict([*_measured(loaded, outline), *_named(loaded, outline)])


def _measured(loaded: Loaded, outline: Outline) -> Iterator[tuple[str, Offered]]:
    blocks = [block for block in loaded.document.blocks() if isinstance(block, Rows) and block.kind == "metrics"]
    rows = [row for block in blocks for row in block.rows if isinstance(row, MetricRow)]
    empty = [row for row in rows if _is_empty(f"{row.key}.before", row.before, outline)]
    if not empty:
        return
    known = Metric.objects.filter(section__operation=loaded.section.operation_id, loose=False)
    found: dict[tuple[str, bool], tuple[str, str]] = {}
    unclear: set[tuple[str, bool]] = set()
    for one in known.select_related("section").only("key", "name", "before", "after", "unit", "section__title"):
        asked = outline.texts.get(f"{one.key}.before", "")
        if isinstance(answer_in(one.before, asked), Filled) and not _lacks_unit(one, asked):
            called, told = (_called(one.name), one.after is None), (with_unit(one.before, one.unit), one.section.title)
            if found.setdefault(called, told) != told:
                unclear.add(called)  # two quantities of one name: nobody knows which is meant
    for row in empty:
        # The one measured once is proposed for the one that is compared, and the other way round.
        called = (_called(row.name), row.after is not None)
        text, section = found.get(called, ("", ""))
        if text and called not in unclear and not other_unit(text, row.unit):
            own = without_unit(text, row.unit) if row.after is not None else text
            bare = without_unit(text, f" {row.unit.strip()}") if own == text else own
            yield f"{row.key}.before", Offered(bare, section)


def _lacks_unit(one: Metric, asked: str) -> bool:
    """Whether the value is a mere number where the template asks for one of several units: "[GB/percentage]"."""
    return len(units_asked(asked)) > 1 and not unit_behind(with_unit(one.before, one.unit))


def _called(name: str) -> str:
    """A quantity's name as it is compared: "Error Rates" is "error rate"."""
    return " ".join(word.removesuffix("s") for word in _WORDS.findall(name.lower()))


def _named(loaded: Loaded, outline: Outline) -> Iterator[tuple[str, Offered]]:
    """The lines that the template's settings say are told by who runs it."""
    operation, line = loaded.section.operation, outline.bound("operator")
    told = {key for key, facts in outline.settings.propose.items() if "operator" in facts}
    for answer in loaded.document.answers():
        if answer.key in told and operation.operator and _is_empty(answer.key, answer.text, outline):
            yield answer.key, Offered(str(operation.operator), line.label if line else _("the people of the record"))


def _is_empty(key: str, text: str, outline: Outline) -> bool:
    return isinstance(state_of(text, "line", outline.texts.get(key, "")), Empty)
