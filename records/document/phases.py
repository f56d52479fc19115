"""How the phases of a section are counted: as its text writes them, "Stage B", or would once they are moved."""

from __future__ import annotations

from records.document.outline import Section
from records.document.phase_headings import phase_name


def is_reordered(section: Section) -> bool:
    """Whether phases came, went or moved; where their order is not known, whether they count wrongly."""
    phases = [group for group in section.groups if group.phase]
    if section.order:
        return section.order != tuple(group.key for group in phases)
    numbers = [group.phase.number for group in phases if group.phase]
    return numbers != [numbers[0] + n for n in range(len(numbers))] or not all(
        group.phase.read_as for group in phases if group.phase
    )


def first_heading(section: Section) -> str:
    """The heading of the first phase that has one: a new phase is written like it; empty where there is none."""
    return next((g.heading.text for g in section.groups if g.phase and g.heading and g.heading.source), "")


def phase_names(section: Section) -> dict[str, str]:
    """What each phase is called before its title ("Stage B"), by its key; in a section without phases, nothing."""
    phases = [(group, group.phase) for group in section.groups if group.phase]
    if not phases:
        return {}
    renumber, like = is_reordered(section), first_heading(section)
    names = {}
    for at, (group, phase) in enumerate(phases, 1):
        own = group.heading.text if group.heading and group.heading.source else like
        names[group.key] = phase_name(phase.word, at if renumber else phase.number, own)
    return names
