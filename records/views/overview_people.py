"""Who works on a record beside the people that stand in its head."""

from __future__ import annotations

from django.utils.translation import gettext as _

from records.models import Operation


def named_people(operation: Operation) -> list[tuple[str, str]]:
    """What people are to the record, and their names: its author, co-authors, deputies, team."""
    named = operation.named
    lists = {_("Co-authors"): named.co_authors, _("Deputies"): named.deputies, _("Team"): named.team}
    told = {words: ", ".join(sorted(named.names[pk] for pk in ids)) for words, ids in lists.items()}
    return [(_("Author"), str(operation.author)), *((words, names) for words, names in told.items() if names)]
