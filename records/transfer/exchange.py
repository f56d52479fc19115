"""The record as JSON, and back. The schema is ``record.schema.json``.

What a draft holds (template, people, facts without a line, document, annex) goes out and comes in the same. What
this site knows of the record besides stands under ``account`` (``records.transfer.account``); it never comes in.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from records.content.assembly import Loaded, document_in_all, load_all
from records.content.freezing import document_in
from records.document.as_written import as_written
from records.document.escape import refuse_unstorable
from records.document.exchange import from_json, to_json
from records.document.outline import Document
from records.document.write import write
from records.models import Operation, Outline, Person, State
from records.refusals import Unusable
from records.transfer.account import account_of, moment, named
from records.transfer.text_files import BYTE_ORDER_MARK, MARKDOWN_BYTES
from records.writing.people import LISTS

SCHEMA = 1
SCHEMA_FILE = Path(__file__).parent / "record.schema.json"
FLAGS = ("point_of_no_return", "witness")
# A fact that the template has no line for lives on the record's row; these columns hold it.
COLUMNS = {
    "id": ("operation_id",),
    "risk": ("risk_level",),
    "impact": ("service_impact",),
    "date": ("window_start", "window_end"),
}


# ---------------------------------------------------------------- out


def json_of(operation: Operation) -> bytes:
    """The record as JSON: the bytes that leave."""
    return (json.dumps(record_as_json(operation), ensure_ascii=False, indent=2) + "\n").encode()


def record_as_json(operation: Operation) -> dict[str, Any]:
    """The record as JSON-ready data."""
    template, outline = operation.template, operation.outline
    sections = load_all(operation)
    if operation.state == State.FINALIZED and operation.final_text:
        document = document_in(operation.final_text)  # what was signed, whatever becomes of the rows
    else:
        # The lines that it is written as, which are those that come in: earlier ones of changed parts are nobody's.
        document = as_written(document_in_all(operation, sections), outline.document if outline else None)
    return {
        "schema": SCHEMA,
        "template": template and {"name": template.name, "version": template.version, "digest": template.digest},
        "people": {
            "author": named(operation.author),
            "operator": named(operation.operator),
            "supervisor": named(operation.supervisor),
            **{name: [named(person) for person in getattr(operation, name).order_by("username")] for name in LISTS},
        },
        "facts": {
            column: moment(value) if isinstance(value, dt.datetime) else value
            for column in unbound(outline)
            if (value := getattr(operation, column))
        },
        "document": to_json(document),
        "annex": _annex(sections),
        "account": account_of(operation, sections),
    }


def unbound(outline: Outline | None) -> list[str]:
    """The columns that hold what no line says."""
    return [column for fact, columns in COLUMNS.items() if not (outline and outline.bound(fact)) for column in columns]


def _annex(sections: Iterable[Loaded]) -> dict[str, dict[str, str]]:
    """The plan facts without a line, by row and name; only what somebody said."""
    annex: dict[str, dict[str, str]] = {}
    for own in sections:
        for key, text in own.annex().items():
            row, _dot, name = key.rpartition(".")
            if text and not (text == "no" and name in FLAGS):
                annex.setdefault(row, {})[name] = text
    return annex


# ---------------------------------------------------------------- in


@dataclass(frozen=True, slots=True)
class RecordJson:
    """A record as read from JSON: whole, checked, and stored nowhere yet."""

    template: tuple[str, str, str] | None
    people: Mapping[str, Any]
    facts: Mapping[str, str]
    document: Document
    annex: Mapping[str, Mapping[str, str]]
    has_ended: bool

    def markdown(self) -> str:
        """The record as Markdown."""
        return write(self.document)

    def known_author(self) -> str:
        """The user name of its author, if somebody here goes by it; else nothing."""
        user = self.people["author"]["user"]
        return user if Person.objects.filter(username=user, is_active=True).exists() else ""


def parsed(text: str) -> Any:
    """The data in a JSON text. Raises Unusable, in words, where it is broken."""
    try:
        data = json.loads(text.removeprefix(BYTE_ORDER_MARK), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno, "why": error.msg}
        raise Unusable(_("This is no JSON: line %(line)s, column %(column)s: %(why)s.") % where) from error
    except ValueError as error:  # the one number that Python reads no further
        raise Unusable(_("This is no JSON: a number in it has too many digits.")) from error
    except RecursionError as error:
        raise Unusable(_("This JSON is nested too deeply.")) from error
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            refuse_unstorable(value)
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
    return data


def _no_number(word: str) -> None:
    raise Unusable(_("This is no JSON: %(word)s is not a number.") % {"word": word})


def read_json(data: Any) -> RecordJson:
    """The record in ``data``. Raises Unusable, in words, for anything but a record as this site writes it."""
    if isinstance(data, dict) and isinstance(data.get("schema"), int) and data["schema"] > SCHEMA:
        raise Unusable(_("This record was written by a newer release of this site."))
    # The first fault is told: where everything is wrong, to find all of it would hold the site up.
    if error := best_match(islice(_schema().iter_errors(data), 1)):
        where = "/".join(map(str, error.absolute_path)) or _("the record")
        # What is wrong stands at the end, behind the data that it is said of.
        why = error.message if len(error.message) <= 200 else f"{error.message[:100]} … {error.message[-100:]}"
        raise Unusable(_("This is no record: %(where)s: %(why)s") % {"where": where, "why": why})
    template, account = data["template"], data.get("account", {})
    document = from_json(data["document"], Document)
    if len(write(document).encode()) > MARKDOWN_BYTES:
        raise Unusable(_("This record is larger than 2 MiB."))
    return RecordJson(
        template=(template["name"], template["version"], template["digest"]) if template else None,
        people=data["people"],
        facts=data["facts"],
        document=document,
        annex=data["annex"],
        has_ended=account.get("state") in (State.FINALIZED, State.IMPORTED),
    )


@cache
def _schema() -> Draft202012Validator:
    schema = json.loads(SCHEMA_FILE.read_text())
    # The document is checked by what reads it, whose sentences say more; the schema of it is for others. So is that of
    # the account, of which nothing comes in but whether the record had ended.
    schema["properties"]["document"] = {"type": "object"}
    state = schema["properties"]["account"]["properties"]["state"]
    schema["properties"]["account"] = {"type": "object", "properties": {"state": state}}
    return Draft202012Validator(schema)
