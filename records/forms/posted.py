"""What a section's form sent: texts by key, and which button was pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from records.document.escape import refuse_unstorable
from records.forms.buttons import ADD_DETAIL
from records.numbers import number_in
from records.refusals import Unusable
from records.writing.people import PEOPLE
from records.writing.saving import SECTION_BYTES

# Names of the form's own, which no field's key looks like: keys hold a slash or a dot, or are "title".
CHOICE, THEIRS, EDITED, SINCE = "choice:", "theirs:", "edited:", "since:"
OWN = (CHOICE, THEIRS, EDITED, SINCE, "label:")
PAGE_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Posted:
    """The posted form. ``values`` are the texts by key; ``choices`` what of others was seen where both changed it.

    ``mark`` ("na:KEY", "confirm:KEY") is what ``reason`` and ``by`` are about, whichever button was pressed.
    ``people`` are the accounts picked for the header's lines, by fact; ``were`` those that the form showed. ``since``
    are the versions that some texts started from, if another than ``version``; ``page`` names the opened page and
    ``writer`` whose it is.
    """

    values: dict[str, str]
    version: int
    do: str = ""
    act: str = ""
    seen: bool = False
    mark: str = ""
    reason: str = ""
    by: str = ""
    people: dict[str, str] = field(default_factory=dict)
    were: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    page: str = ""
    writer: str = ""


def read_posted(data: QueryDict) -> Posted:
    """The form in ``data``. Never raises: what is wrong with a text is found by ``problems_in``."""
    sent = {name: str(text) for name, text in data.items()}
    values = {name: text for name, text in sent.items() if _is_key(name)}
    choices: dict[str, str] = {}
    for name, choice in sent.items():
        if not name.startswith(CHOICE):
            continue
        key = name.removeprefix(CHOICE)
        choices[key] = sent.get(THEIRS + key, "").replace("\r\n", "\n")
        if choice == "theirs":
            values[key] = choices[key]
        elif choice == "edited":
            values[key] = sent.get(EDITED + key, "")
    labels = {name.removeprefix("label:"): text for name, text in sent.items() if name.startswith("label:")}
    # Enter in the name of a new detail presses the form's first button, and means the one beside it.
    named = next((f"{ADD_DETAIL}:{key}" for key, text in labels.items() if text.strip()), "")
    return Posted(
        values=values,
        version=number_in(sent.get("version", ""), digits=9) or 0,
        do=sent.get("do", "") or named,
        act=sent.get("act", ""),
        seen=sent.get("seen", "") == "1",
        mark=sent.get("mark", ""),
        reason=sent.get("reason", ""),
        by=sent.get("by", ""),
        people={name: sent[f"who-{name}"] for name in PEOPLE if f"who-{name}" in sent},
        were={name: sent[f"was-{name}"] for name in PEOPLE if f"was-{name}" in sent},
        labels=labels,
        choices=choices,
        since={
            name.removeprefix(SINCE): number_in(text, digits=9) or 0
            for name, text in sent.items()
            if name.startswith(SINCE)
        },
        page=sent.get("page", "")[:PAGE_LENGTH],
        writer=sent.get("writer", ""),
    )


def _is_key(name: str) -> bool:
    return not name.startswith(OWN) and (name == "title" or "/" in name or "." in name)


def problems_in(values: Mapping[str, str]) -> dict[str, str]:
    """What can't be stored, in words by field; the key "" is the section as a whole."""
    problems: dict[str, str] = {}
    for key, text in values.items():
        try:
            refuse_unstorable(text)
        except Unusable as error:
            problems[key] = str(error)
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in values.values())
    if size > SECTION_BYTES:
        words = _("This section is larger than 256 KiB (%d KiB). Put long output into a file and link to it.")
        problems[""] = words % (size // 1024)
    return problems
