"""Freezing: the plan at submission, the whole record at closing, as bytes that nobody changes afterwards (I1)."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from records.content.assembly import ANNEX, Loaded, document_in_all, load_all
from records.content.frozen import Frozen, with_annex
from records.content.storing import store_lines
from records.document.answers import Empty
from records.document.as_written import as_written
from records.document.digest import canonical_json, sha256
from records.document.exchange import from_json, to_json
from records.document.fields import Field, fields_of
from records.document.honest import differing, is_said_by, lines_of
from records.document.outline import FREE, Document, Section
from records.document.plan import plan_of
from records.document.template_settings import TemplateSettings
from records.document.write import write
from records.models import FinalText, Operation, Outline, Person, Revision
from records.reading.shown_changes import words_for
from records.refusals import Changed, Unusable
from records.writing.readiness import path_of, state_of
from records.writing.section_writing import write_fields

ANNEX_SCHEMA = 1
# How the digest of a revision is made. The first release left the keyed content out.
SCHEMA, WITHOUT_CONTENT = 2, 1
NOTHING = Document(())


# ---------------------------------------------------------------- the plan


def plan_document(operation: Operation, document: Document) -> Document:
    """``document`` of the record with every part that is not plan set back to the template's own text."""
    outline = operation.outline
    template, settings = (outline.document, outline.settings) if outline else (NOTHING, TemplateSettings())
    return plan_of(document, template, settings)


def annex_of(operation: Operation, sections: Iterable[Loaded]) -> bytes:
    """The plan facts without a line in the template, as canonical JSON. ``sections`` are all those of the record.

    {"people": {"operator": 3, …}, "rows": {section: {row: {"estimate": "25 min"}}}}; what was not said is left out.
    """
    rows: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for own in sections:
        for row in own.rows.values():
            names = ANNEX.get(type(row), ())
            facts = {name: value for name in names if (value := getattr(row, name)) not in ("", None, False)}
            if getattr(row, "lower_is_better", None) is False:
                facts["lower_is_better"] = False
            if facts:
                rows[own.section.key][row.key] = facts
    people = {
        "operator": operation.operator_id,
        "supervisor": operation.supervisor_id,
        "deputies": sorted(operation.named.deputies),
    }
    # Whoever reads what was frozen has to see that nobody approved it, and what was said instead.
    said = {"emergency": operation.emergency} if operation.emergency else {}
    return canonical_json({"schema": ANNEX_SCHEMA, "people": people, "rows": rows, **said})


def plan_now(operation: Operation) -> Frozen:
    """The plan as the draft has it now, in the shape of a frozen one. Nothing is written."""
    sections = load_all(operation)
    document = Document(tuple(own.document for own in sections), operation.front)
    return with_annex(plan_document(operation, document), annex_of(operation, sections))


def revision_digest(
    *,
    schema: int,
    record: str,
    number: int,
    template_digest: str,
    rule: bytes,
    plan_text: bytes,
    annex: bytes,
    content: bytes,
) -> str:
    """The digest that approvals bind: over the plan text, the annex, and all that they are to be read with.

    ``content`` is the plan text once more, keyed: pages of review and run read it.
    """
    told = {
        "schema": schema,
        "record": record,
        "revision": number,
        "template": template_digest,
        "rule": rule.decode(),
        "plan_text": sha256(plan_text),
        "annex": sha256(annex),
    }
    if schema != WITHOUT_CONTENT:
        told["content"] = sha256(content)
    return sha256(canonical_json(told))


def digest_again(revision: Revision) -> str:
    """The digest of the bytes that a revision holds; it differs from its own only if somebody tampered."""
    return revision_digest(
        schema=revision.schema,
        record=revision.operation.reference,
        number=revision.number,
        template_digest=revision.template_digest,
        rule=bytes(revision.rule),
        plan_text=bytes(revision.plan_text),
        annex=bytes(revision.annex),
        content=bytes(revision.content),
    )


def freeze_revision(
    operation: Operation, sections: Sequence[Loaded], *, by: Person, at: dt.datetime, rule: bytes, note: str = ""
) -> Revision:
    """A new revision of the plan as it stands in ``sections``, all of the record. ``rule`` is the copied approval rule,
    canonical JSON.

    Draft and revision keep the lines that were written: what was approved doesn't change with how a later release
    would spell it.
    """
    whole = keep_lines(operation, sections)
    plan = as_written(plan_document(operation, whole), _template(operation))
    text, annex = write(plan).encode(), annex_of(operation, sections)
    newest = operation.revisions.order_by("-number").values_list("number", flat=True).first()
    frozen: dict[str, Any] = {
        "schema": SCHEMA,
        "number": (newest or 0) + 1,
        "template_digest": operation.template.digest if operation.template else "",
        "rule": rule,
        "plan_text": text,
        "annex": annex,
        "content": canonical_json(to_json(plan)),
    }
    return Revision.objects.create(
        operation=operation,
        **frozen,
        digest=revision_digest(record=operation.reference, **frozen),
        submitted_by=by,
        submitted_at=at,
        note=note,
    )


def keep_lines(operation: Operation, sections: Sequence[Loaded]) -> Document:
    """The record that ``sections`` hold, all of it, after they have kept the lines that it is written as.

    Raises Unusable where these say something else than the record does: a script may have put them under its fields,
    and brief, differences and run page show the fields.
    """
    document, template = document_in_all(operation, sections), _template(operation)
    kept = lines_of(document, template)
    if kept is None:
        raise Unusable(_says_something_else(document, template))
    store_lines(sections, kept)
    return kept


def _says_something_else(document: Document, template: Document | None) -> str:
    words = _("The Markdown of this record says something else than its fields do: look for it in the preview.")
    if found := differing(document, template):
        section, group = found
        where = " / ".join(group.path_in(section)) or words_for(section.kind)
        words += " " + _("The first place is under “%(where)s”.") % {"where": where}
    return words


def _template(operation: Operation) -> Document | None:
    return operation.outline.document if operation.outline else None


def document_in(frozen: Revision | FinalText) -> Document:
    """The keyed content of what was frozen: what run page, review and differences read."""
    return from_json(json.loads(bytes(frozen.content)), Document)


def holds_its_text(frozen: Revision | FinalText) -> bool:
    """Whether the keyed content of what was frozen says what its bytes say: as it is written today; or read, where an
    earlier release spelled otherwise what it had not read from a text.

    Of the first release's revisions no digest binds the content: it has to be the bytes.
    """
    document = document_in(frozen)
    text = bytes(frozen.plan_text if isinstance(frozen, Revision) else frozen.text).decode()
    if write(document) == text:
        return True
    is_bound = isinstance(frozen, FinalText) or frozen.schema != WITHOUT_CONTENT
    return is_bound and is_said_by(text, document, _template(frozen.operation))


def check_bytes(revision: Revision) -> None:
    """Raises Changed unless the stored bytes of ``revision`` are those that its digest was made over."""
    if digest_again(revision) != revision.digest:
        raise Changed(_("The stored bytes of revision %s no longer fit its digest.") % revision.number, revision)


def check_unchanged(operation: Operation, revision: Revision, document: Document, sections: Iterable[Loaded]) -> None:
    """Raises Changed unless the plan in ``document`` is, byte for byte, the one that ``revision`` froze (I1).

    ``sections`` hold the rows of the record, whose plan facts have to be the same too. Its template has to be the one
    that it was frozen along: another one could call less of it plan.
    """
    check_bytes(revision)
    if revision.template_digest != (operation.template.digest if operation.template else ""):
        words = _("The record is no longer on the template that revision %s was written along.") % revision.number
        raise Changed(words, revision)
    # Both are written now: what is set back to the template's text may be spelled otherwise than when it was frozen.
    then = plan_document(operation, document_in(revision))
    text = bytes(revision.plan_text).decode() if revision.schema == WITHOUT_CONTENT else write(then)
    now = write(plan_document(operation, document))
    if now != text or annex_of(operation, sections) != bytes(revision.annex):
        raise Changed(_("The plan is no longer what was approved as revision %s.") % revision.number, revision)


# ---------------------------------------------------------------- what nobody was asked


def settle_lines(operation: Operation, document: Document, *, by: Person, at: dt.datetime) -> bool:
    """Before the plan is frozen: "Not applicable" where the risk level asks nothing of it and nobody answered.

    And the open and close lines that the record lacks, as the template has them: answering one later, or signing in
    it, must not change the plan text. In the draft itself, which ``document`` is now, so that plan text and final text
    agree. Whether there were such lines.
    """
    outline = operation.outline
    if outline is None:
        return False
    found = {
        own.key: unasked_in(own, outline, operation.risk_level, ("plan",)) | _absent_in(own, outline)
        for own in document.sections
    }
    for key, values in found.items():
        write_fields(operation, key, values, by=by, at=at)
    return any(found.values())


def _absent_in(section: Section, outline: Outline) -> dict[str, str]:
    present = {answer.key for answer in section.answers()}
    own = outline.section_answers.get(section.key, ())
    return {
        one.key: one.text for one in own if one.key not in present and outline.settings.asked(one.key).part != "plan"
    }


def unasked_in(section: Section, outline: Outline, level: str, parts: Sequence[str]) -> dict[str, str]:
    """ "Not applicable" for the fields of ``section`` in ``parts`` that ``level`` doesn't ask for, by key.

    Only where nobody answered. Sample commands become a comment that says so.
    """
    filler = outline.settings.filler
    return {
        field.key: f"# {filler}" if field.shape == "commands" else filler
        for field in fields_of(section)
        if _is_unasked(field, outline, level) and outline.part_of(field.key, field.shape) in parts
    }


_FILLABLE = {"line", "bullet", *FREE, "fence", "value", "commands"}


def is_settled(key: str, text: str, outline: Outline) -> bool:
    """Whether ``text`` is what the site writes into the line ``key`` by itself before it freezes a record.

    What wasn't asked, a line as the template has it, or the ID: all else that an act writes, somebody chose.
    """
    line = outline.bound("id")
    return outline.settings.is_filler(text) or text == outline.texts.get(key) or bool(line and line.key == key)


def _is_unasked(field: Field, outline: Outline, level: str) -> bool:
    if field.shape not in _FILLABLE or field.key.endswith(".unit") or field.key in outline.written_by_acts:
        return False
    if outline.settings.is_asked(path_of(field.key), level):
        return False
    template = outline.texts.get(field.key, "")
    if field.key.endswith(".text") and not template:
        return False
    return isinstance(state_of(field.text, field.shape, template), Empty)
