"""The commands of a step as the run page offers them: a block to copy, and its lines where each is a command."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.document.outline import Commands
from records.run.plan import PlannedStep


@dataclass(frozen=True, slots=True)
class CommandBlock:
    """A block of commands to copy: as a whole, and line by line where each line is a command of its own."""

    anchor: str
    code: str
    label: str
    where: str
    lines: tuple[str, ...]


def command_block(step: PlannedStep, commands: Commands, at: int) -> CommandBlock:
    """The commands of a step that stand ``at`` this place among its blocks, with where they run."""
    lines = command_lines(commands.text)
    count = len([line for line in lines if not line.startswith("#")]) or 1
    where = ngettext("%(count)s command", "%(count)s commands", count) % {"count": count}
    if not lines:
        where = _("Commands, to be run together")
    if step.host:
        where += ", " + _("run on %(host)s") % {"host": step.host}
    label = _("Commands for step %(number)s") % {"number": step.number}
    return CommandBlock(f"cmd-{step.number.replace('.', '-')}-{at}", commands.text, label, where, lines)


def is_command(line: str) -> bool:
    """Whether a line of a block does something: it is neither blank nor a comment."""
    return bool(line.strip()) and not line.startswith("#")


def command_lines(code: str) -> tuple[str, ...]:
    """The commands of a block one by one; empty where a command may reach over several lines."""
    lines = [line for line in code.split("\n") if line.strip()]
    told = [line for line in lines if not line.startswith("#")]
    together = any(
        line[0] in " \t}" or line.endswith(("\\", "{", "(", "|", "&&")) or line.count("'") % 2 or line.count('"') % 2
        for line in told
    )
    return () if together or "<<" in code or not told else tuple(lines)
