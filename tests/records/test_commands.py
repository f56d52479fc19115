"""The commands for scripts: exact bytes in and out, one reference on the last line, every refusal in words."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from records.document.answers import Empty
from records.library.templates_in import take_shipped
from records.models import AuditEntry, Operation, OperationTemplate, Person, State
from records.writing.readiness import judged
from records.writing.section_writing import write_fields
from tests.records.command_files import KAFKA, KAFKA_ID, ROOT, TEMPLATE, TOML

NAME = "Infrastructure Operations Template"
SHORT = ROOT / "tests/data/templates/quick-change.md"
MISREAD = ROOT / "tests/data/infrastructure-operation.as-received.md"

pytestmark = pytest.mark.django_db


class Out(io.StringIO):
    """A stream as a script has it: takes bytes, exactly."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = io.BytesIO()


def told(name: str, /, *args: object, **options: object) -> tuple[str, str]:
    """Standard output and standard error of a command that worked."""
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *map(str, args), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def given_out(name: str, /, *args: object, **options: object) -> bytes:
    """The bytes that a command wrote to standard output."""
    out = Out()
    call_command(name, *map(str, args), stdout=out, **options)
    assert out.getvalue() == ""
    return out.buffer.getvalue()


def taken_in(path: Path, **options: object) -> str:
    """The reference of the record in ``path``, which was imported."""
    return told("import_record", path, **options)[0].splitlines()[-1]


def why_not(name: str, /, *args: object, **options: object) -> str:
    """The words with which a command is refused."""
    with pytest.raises(CommandError) as refusal:
        told(name, *args, **options)
    return str(refusal.value)


@pytest.fixture
def template() -> OperationTemplate:
    return take_shipped()[0]


@pytest.fixture
def mara() -> Person:
    return Person.objects.create_user("mara", name="Mara Lindqvist")


# ---------------------------------------------------------------- templates


def test_a_template_comes_in_under_its_own_name_and_goes_out_byte_for_byte() -> None:
    out, err = told("import_template", TEMPLATE, toml=TOML)
    assert out == f"{NAME} v1.0.0\n"
    assert re.findall(r"(\w+) = ", err) == ["improvements", "review"], "what its settings leave to its text"
    assert given_out("export_template", NAME) == TEMPLATE.read_bytes()
    assert given_out("export_template", f"{NAME} v1.0.0") == TEMPLATE.read_bytes()


def test_without_settings_it_says_what_it_guessed_and_what_it_does_not_know() -> None:
    out, err = told("import_template", SHORT)
    assert out == "Quick Change Template v0.4.1\n"
    assert "Found in its text: " in err
    assert "standard = footer/documentation-standard" in err
    assert "No line is known for: " in err


def test_what_is_odd_in_a_template_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    path.write_text("# T: [x]\n\n## Work\n\n- plain [where]\n\n1. **Do it**\n")
    _out, err = told("import_template", path, name="Odd")
    assert "Line 5: A field needs a label" in err
    assert "Line 3: The steps under “Work” are read as the way back" in err


def test_settings_that_lie_beside_a_template_are_named_not_taken() -> None:
    assert f"--toml {TOML}" in told("import_template", TEMPLATE)[1]
    assert OperationTemplate.objects.get().toml == ""


def test_the_same_template_twice_is_one(template: OperationTemplate) -> None:
    _out, err = told("import_template", TEMPLATE, toml=TOML)
    assert "It was here already." in err
    assert "It was here already." in told("import_template", TEMPLATE)[1]
    assert OperationTemplate.objects.get() == template


def test_another_text_needs_another_version(template: OperationTemplate, tmp_path: Path) -> None:
    changed = tmp_path / "changed.md"
    changed.write_bytes(TEMPLATE.read_bytes().replace(b"[Cost", b"[Costs"))
    assert why_not("import_template", changed) == (
        f"There is {NAME} v1.0.0 already, and it says something else. Give the new one another version."
    )
    changed.write_bytes(changed.read_bytes().replace(b"v1.0.0", b"v1.1.0"))
    told("import_template", changed)
    assert given_out("export_template", NAME) == changed.read_bytes()
    assert given_out("export_template", f"{NAME} v1.0.0") == TEMPLATE.read_bytes()


def test_a_template_may_be_called_otherwise() -> None:
    assert told("import_template", SHORT, name="Small things")[0] == "Small things v0.4.1\n"
    assert given_out("export_template", "Small things") == SHORT.read_bytes()


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("folder = \n", "The settings are no TOML: Invalid value (at line 1, column 10)"),
        ('[bnid]\nid = "x"', "“bnid”, which means nothing"),
        ('[bind]\nid = "header/nowhere"', "[bind] names “header/nowhere”, and the template has no such line."),
        ('[kind]\n"nowhere" = "steps"', "[kind] names “nowhere”, and the template has no such group."),
        ('[rule]\nLow = ["boss"]', "“Low” asks for the role “boss”; known are operator, "),
        ('[due]\n"header/date" = { part = "plan", from = "Dire" }', "begins at “Dire”, which is no risk level"),
        ('[due]\n"header/date" = "later"', '[due] header/date: say "plan", "open", "close"'),
    ],
)
def test_settings_in_error_are_refused_with_the_place(toml: str, words: str, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(toml)
    assert words in why_not("import_template", TEMPLATE, toml=settings)
    assert not OperationTemplate.objects.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "This is no operations template: nothing in it asks for an answer."),
        ("Only notes, and no heading.\n", "This is no operations template"),
        ("# Kind: [What]\n\n## Why\n\n- **Reason**: [text]\n", "The template doesn't say its name."),
        ("\ufeff# Kind: [What]\n", "begins with a byte order mark"),
    ],
)
def test_what_is_no_template_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "template.md"
    path.write_bytes(text.encode())
    assert words in why_not("import_template", path)


def test_an_unknown_template_is_refused_with_the_known_ones(template: OperationTemplate) -> None:
    assert why_not("export_template", "Nothing") == f"There is no template “Nothing”. Known: {template}."
    assert f"{NAME} v9" in why_not("export_template", f"{NAME} v9")


# ---------------------------------------------------------------- records


def test_the_blank_template_is_an_all_unanswered_draft_and_gives_the_template_back(
    template: OperationTemplate, mara: Person
) -> None:
    reference = taken_in(TEMPLATE, operator="mara")
    draft = Operation.objects.get()
    assert reference == str(draft.pk)
    assert (draft.operation_id, draft.title, draft.author, draft.operator) == (None, "", mara, None)
    asked = [one for section in template.outline.document.sections for one in judged(section, template.outline, "")]
    assert asked and all(one.state is Empty for one in asked)
    due = [counts for s in draft.sections.all() for counts in s.progress.values() if isinstance(counts, dict)]
    assert sum(count["due"] for count in due) == len(asked)
    assert sum(count["answered"] for count in due) == 0
    assert given_out("export_record", reference) == TEMPLATE.read_bytes()


@pytest.mark.parametrize("path", sorted(ROOT.glob("tests/data/messy/*.md")), ids=lambda path: path.stem)
def test_a_messy_record_goes_through_byte_for_byte(path: Path, template: OperationTemplate) -> None:
    assert given_out("export_record", taken_in(path)) == path.read_bytes()


def test_a_record_is_called_by_its_id_which_is_taken_once(template: OperationTemplate) -> None:
    assert taken_in(KAFKA) == KAFKA_ID
    assert why_not("import_record", KAFKA) == f"There is a record {KAFKA_ID} already."
    assert Operation.objects.count() == 1
    assert given_out("export_record", KAFKA_ID) == given_out("export_record", Operation.objects.get().pk)


def test_case_40_a_finished_record_comes_in_as_a_draft_that_nobody_decided_on(template: OperationTemplate) -> None:
    """Case 40, for Markdown: the footer says approved and completed, and it stays what was written."""
    taken_in(ROOT / "records/demo/postgresql-16-orders.finalized.md")
    record = Operation.objects.get()
    assert (record.state, record.outcome, record.final_text) == (State.DRAFT, "", None)
    assert not record.revisions.exists()
    assert [entry.act for entry in AuditEntry.objects.all()] == ["import"]
    checks = [row for section in record.sections.all() for row in section.check_set.all()]
    assert any(check.ticked for check in checks)
    assert not any(check.ticked_by or check.ticked_at for check in checks)


@pytest.mark.parametrize("wrong", ["../../etc/passwd", "-rf", "2026-11-15-A", "2026-11-15-" + "x" * 90, ".gitmodules"])
def test_an_id_of_another_form_stays_in_the_text_and_names_nothing(
    wrong: str, template: OperationTemplate, tmp_path: Path
) -> None:
    path = tmp_path / "odd.md"
    path.write_bytes(KAFKA.read_bytes().replace(KAFKA_ID.encode(), wrong.encode()))
    reference = taken_in(path)
    assert reference == str(Operation.objects.get().pk)
    assert given_out("export_record", reference) == path.read_bytes()


# ---------------------------------------------------------------- whose template


def quick(tmp_path: Path, line: bytes) -> Path:
    """A record of the short template whose last line is ``line``."""
    path = tmp_path / "quick.md"
    path.write_bytes(SHORT.read_bytes().replace(b"**Documentation Standard**: Quick Change Template v0.4.1", line))
    return path


@pytest.fixture
def both(template: OperationTemplate) -> dict[str, OperationTemplate]:
    """The shipped template and two versions of the short one, the newer called otherwise here."""
    told("import_template", SHORT)
    newer = SHORT.read_bytes().replace(b"v0.4.1", b"v0.5.0").decode()
    OperationTemplate.objects.create(name="Small things", version="0.5.0", text=newer)
    return {str(one): one for one in OperationTemplate.objects.all()}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"**Documentation Standard**: Quick Change Template v0.4.1", "Quick Change Template v0.4.1"),
        (b"**Documentation Standard**: Quick Change Template v0.5.0", "Small things v0.5.0"),
        (b"**Documentation Standard**: quick change  template", "Small things v0.5.0"),
        (b"**Documentation Standard**: Quick Change Template v7", "Small things v0.5.0"),
        (b"**Documentation Standard:** `Quick Change Template v0.4.1`", "Quick Change Template v0.4.1"),
        (b"**Documentation Standard**: Small things v0.5.0", "Small things v0.5.0"),
        (b"**Documentation Standard**: Another Template v0.4.1", None),
        (b"**Something Else**: Quick Change Template v0.4.1", None),
        (b"```\n**Documentation Standard**: Quick Change Template v0.4.1\n```", None),
        (b"", None),
    ],
)
def test_a_records_own_line_says_which_template(
    line: bytes, found: str | None, both: dict[str, OperationTemplate], tmp_path: Path
) -> None:
    path = quick(tmp_path, line)
    reference = taken_in(path)
    assert Operation.objects.get().template == (both[found] if found else None)
    assert given_out("export_record", reference) == path.read_bytes()


def test_a_record_without_that_line_takes_the_named_template(
    both: dict[str, OperationTemplate], tmp_path: Path
) -> None:
    taken_in(quick(tmp_path, b""), template="Quick Change Template v0.4.1")
    assert Operation.objects.get().template == both["Quick Change Template v0.4.1"]


def test_its_own_line_goes_before_the_named_template(both: dict[str, OperationTemplate]) -> None:
    taken_in(SHORT, template=NAME)
    assert Operation.objects.get().template == both["Quick Change Template v0.4.1"]


def test_a_record_of_no_known_template_is_kept_as_markdown_and_says_so() -> None:
    _reference, hints = told("import_record", KAFKA)
    assert "it was kept as Markdown, whole" in hints
    assert Operation.objects.get().template is None
    assert given_out("export_record", Operation.objects.get().pk) == KAFKA.read_bytes()


# ---------------------------------------------------------------- whose record


def test_the_named_operator_is_the_author_and_fills_no_line(template: OperationTemplate, mara: Person) -> None:
    reference = taken_in(KAFKA, operator="mara")
    assert Operation.objects.get().author == mara
    assert given_out("export_record", reference) == KAFKA.read_bytes()


def test_the_only_superuser_is_the_author_where_nobody_is_named(template: OperationTemplate) -> None:
    leo = Person.objects.create_superuser("leo", name="Leo Marchetti")
    assert told("import_record", KAFKA)[1] == ""
    assert Operation.objects.get().author == leo


def test_on_an_empty_site_the_author_is_the_systems_own_with_whom_nobody_signs_in(template: OperationTemplate) -> None:
    assert "--operator names a person" in told("import_record", KAFKA)[1]
    author = Operation.objects.get().author
    assert (author.username, author.is_active, author.has_usable_password()) == ("import", False, False)
    taken_in(TEMPLATE)
    assert Person.objects.count() == 1


def test_somebody_who_goes_by_that_name_is_not_mistaken_for_it(template: OperationTemplate) -> None:
    Person.objects.create_user("import", name="Ines Port")
    assert "Say whose record this is" in why_not("import_record", KAFKA)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("nobody", "There is nobody with the user name “nobody”."),
        ("gone", "The account “gone” is no longer in use."),
    ],
)
def test_an_unknown_or_former_operator_is_refused(user: str, words: str, template: OperationTemplate) -> None:
    Person.objects.create_user("gone", name="Left Longago", is_active=False)
    assert words in why_not("import_record", KAFKA, operator=user)
    assert not Operation.objects.exists()


# ---------------------------------------------------------------- odd files


def test_misread_characters_come_in_as_they_are_with_a_hint_or_repaired(template: OperationTemplate) -> None:
    out, hints = told("import_record", MISREAD)
    assert "--repair imports it as it was meant" in hints
    assert given_out("export_record", out.strip()) == MISREAD.read_bytes()
    out, hints = told("import_record", MISREAD, repair=True)
    assert "were repaired; the file was left alone" in hints
    assert given_out("export_record", out.strip()) == TEMPLATE.read_bytes()
    assert "nothing to repair" in told("import_record", TEMPLATE, repair=True)[1]


def test_a_byte_order_mark_is_kept_before_everything(template: OperationTemplate, tmp_path: Path) -> None:
    path = tmp_path / "marked.md"
    path.write_bytes(b"\xef\xbb\xbf" + KAFKA.read_bytes())
    assert taken_in(path) == KAFKA_ID
    assert Operation.objects.get().template == template
    assert given_out("export_record", KAFKA_ID) == path.read_bytes()


BAD_FILES = [
    ("latin.md", "Malmö".encode("latin-1"), "is not UTF-8: byte 0xf6 in line 1."),
    ("wide.md", "Malmö".encode("utf-16"), "is UTF-16, not UTF-8."),
    ("nul.md", b"# A\n\nrm -rf \x00/\n", "holds a NUL character"),
    ("half.md", b"\xed\xa0\x80", "is not UTF-8"),
    ("large.md", b"x" * (2 * 1024 * 1024 + 1), "is larger than 2 MiB."),
    ("long.md", b"a\n" * 20_001, "has more than 20000 lines."),
    ("returns.md", b"a\r" * 20_001, "has more than 20000 lines."),
    (
        "sections.md",
        b"## A\n\nb\n\n" * 301,
        "This text has 301 sections with 301 parts; a record has at most 300 and 5000.",
    ),
    ("parts.md", b"# A\n\n" * 5001, "sections with 5001 parts"),
    ("broken.json", b'{"schema": 1,\n  "template" null}', "This is no JSON: line 2, column 14: "),
    ("empty.json", b"", "This is no JSON: line 1, column 1: "),
    ("list.json", b"[]", "This is no record: "),
    ("nan.json", b'{"schema": NaN}', "NaN is not a number"),
    ("deep.json", b"[" * 200_000, "nested too deeply"),
    ("newer.json", b'{"schema": 2}', "written by a newer release"),
    ("nul.json", b'{"schema": 1, "x": "\\u0000"}', "holds a NUL character"),
    ("half.json", b'{"schema": 1, "\\ud800": 1}', "holds half a character"),
    ("large.json", b" " * (16 * 1024 * 1024 + 1), "is larger than 16 MiB."),
]


@pytest.mark.parametrize(("name", "data", "words"), BAD_FILES, ids=[name for name, *_ in BAD_FILES])
def test_cases_17_and_19_a_bad_file_is_refused_in_words(name: str, data: bytes, words: str, tmp_path: Path) -> None:
    """Cases 17 and 19, where files come in."""
    path = tmp_path / name
    path.write_bytes(data)
    assert words in why_not("import_record", path)
    assert not Operation.objects.exists() and not Person.objects.exists()


NESTED = {"quotes": "> " * 50_000 + "x", "lists": "- " * 50_000 + "x", "brackets": "[" * 100_000, "ticks": "`" * 99_999}
LONG = {"title": f"# {'a' * 50_000}\n", "section": f"## {'b' * 5000}\n\nx\n", "label": f"# A\n\n**{'c' * 5000}**: d\n"}
PHASE = f"# A\n\n## Infrastructure Operation Steps\n\n### Phase 1: a (01:00{'0' * 500})\n\n1. **b**\n\n"
TWICE = "# A\n\n## Infrastructure Operation Steps\n\n" + "### Phase 1: a (01:00-02:00)\n\n1. **b**\n\n" * 3
RISKS = f"# A\n\n## Infrastructure Risk Assessment\n\n### High ({'d' * 500})\n\n1. **b**: c\n\n"
ODD = {**NESTED, **LONG, "phase": PHASE, "twice": TWICE, "risks": RISKS}


@pytest.mark.parametrize("name", ODD)
def test_case_19_odd_shapes_come_in_and_go_out_byte_equal(
    name: str, template: OperationTemplate, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.md"
    path.write_text(ODD[name])
    assert given_out("export_record", taken_in(path, template=NAME)) == path.read_bytes()


def test_no_file_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    assert why_not("import_record", tmp_path / "none.md") == f"There is no file {tmp_path / 'none.md'}."
    assert why_not("import_template", tmp_path) == f"{tmp_path} is a folder, not a file."
    assert why_not("import_template", TEMPLATE, toml=tmp_path / "none.toml").startswith("There is no file")


@pytest.mark.parametrize("reference", ["", "0", "99999999999999999999", "no-such", "١"])
def test_an_unknown_reference_is_refused(reference: str) -> None:
    assert why_not("export_record", reference) == f"There is no record “{reference}”."


def test_an_argument_whose_bytes_are_no_utf_8_is_refused_in_words() -> None:
    lost = os.fsdecode(b"\xff")
    for name, argument in (("export_record", lost), ("export_template", lost)):
        assert why_not(name, argument) == "An argument is not UTF-8."


ENDS_A_BLOCK = "x\n```\n## Heading\n\n---\n\n- **Owner**: me\n\n<!-- open\n"


def test_case_18_an_answer_that_tries_to_end_its_place_keeps_the_structure(
    template: OperationTemplate, mara: Person, tmp_path: Path
) -> None:
    """Case 18, through file, database and JSON."""
    taken_in(KAFKA, operator="mara")
    draft = Operation.objects.get()
    headings = [section.title for section in draft.sections.all()]
    for section in draft.sections.all():
        values = dict.fromkeys(section.answers, ENDS_A_BLOCK)
        write_fields(draft, section.key, values, by=mara, at=timezone.now())
    written = tmp_path / "again.md"
    written.write_bytes(given_out("export_record", draft.pk))
    again = Operation.objects.get(pk=taken_in(written, template=NAME))
    assert [section.title for section in again.sections.all()] == headings
    assert given_out("export_record", again.pk) == written.read_bytes()
    for ours, theirs in zip(draft.sections.all(), again.sections.all(), strict=True):
        assert ours.answers == theirs.answers


def test_bytes_are_the_same_on_this_database(template: OperationTemplate) -> None:
    """Law 6, where the database is PostgreSQL when the tests are run on it."""
    assert connection.vendor in ("sqlite", "postgresql")
    assert given_out("export_record", taken_in(KAFKA)) == KAFKA.read_bytes()
