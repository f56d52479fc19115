"""A record on another version of its template: nothing that somebody wrote is lost, nothing that nobody wrote stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from records.document.fields import fields_of, table_of
from records.document.honest import is_said_by, lines_of
from records.document.moving import moved
from records.document.moving_keys import key_in
from records.document.outline import Document, Loose, Rows
from records.document.plan import plan_of
from records.document.read import read_record, read_template
from records.document.template_guesses import completed
from records.document.template_settings import TemplateSettings
from records.document.with_fields import with_fields
from records.document.write import write
from tests.records.document.judges import JUDGES
from tests.records.document.next_versions import COUNTED, COUNTED_TEXT, OLD, TEXT, filled, new_version, record, tables
from tests.records.document.strategies import TEMPLATE_FILES, TEMPLATES, Case, any_record, places, records, text_in

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def on(new: Document, **texts: str) -> tuple[str, list[tuple[str, str]]]:
    found = moved(record(**texts), OLD, new)
    return write(found.document), list(found.kept)


COMPLIANCE = "- **Compliance**: [Regulatory or policy requirements]\n"


def test_where_nobody_wrote_anything_it_is_the_new_template_byte_for_byte() -> None:
    new = new_version((COMPLIANCE, "- **Law**: [Which]\n"), ("## Operational Procedures", "## After It"))
    assert on(new) == (write(new), [])


def test_an_answer_is_carried_and_stands_under_its_new_wording() -> None:
    new = new_version((COMPLIANCE, "- **Compliance**: [Law, policy]\n"))
    text, kept = on(new, compliance="PCI 3.2")
    assert text == write(new).replace("[Law, policy]", "PCI 3.2")
    assert kept == []


def test_an_answer_without_a_place_that_ends_its_group_leaves_a_blank_line_when_it_is_moved_again() -> None:
    old = TEMPLATES["quick-change"]
    new = read_template(re.sub(r"- \*\*(?:Services|Noticed by)\*\*: .*\n", "", write(old)))
    own = read_record(write(old).replace("- **Services**: [Names]", "- **Services**: DNS"), old)
    there = moved(own, old, new).document
    assert "- **Services**: DNS\n\n## " in write(there)
    assert write(moved(there, new, new).document) == write(there)


def test_an_answer_without_a_place_is_the_first_of_the_list_that_it_stood_in_behind_a_table() -> None:
    old = TEMPLATES["firewall-cutover"]
    line = "- **Bleibt**: [Was unverändert bleibt]\n"
    two = line.replace("Bleibt", "Erstens") + line.replace("Bleibt", "Zweitens")  # neither is the one it was, for sure
    new = read_template(write(old).replace(line, two))
    own = read_record(write(old).replace(line, "- **Bleibt**: DNS\n"), old)
    there = moved(own, old, new).document
    assert write(there) == write(new).replace(two, f"- **Bleibt**: DNS\n{two}")
    assert write(moved(there, new, new).document) == write(there)


def test_an_answer_without_a_place_leaves_the_blank_line_between_two_lists_when_it_is_moved_again() -> None:
    old = TEMPLATES["firewall-cutover"]
    line = "- **Geht**: [Was wegfällt]\n"
    new = read_template(write(old).replace(line, ""))
    own = read_record(write(old).replace(line, "- **Geht**: DNS\n"), old)
    there = moved(own, old, new).document
    assert write(there) == write(own)
    assert write(moved(there, new, new).document) == write(there)


@pytest.mark.parametrize("sample", ["[Wer es angefordert hat]", "[Was sonst noch galt]", "[Was davon gilt]"])
def test_a_text_comes_back_to_its_place_in_a_section_that_was_called_otherwise_meanwhile(sample: str) -> None:
    old = TEMPLATES["firewall-cutover"]
    there = re.sub(r"### Grundlage\n(?:.*\n)*?(?=## )", "", write(old)).replace("## Umfeld", "## Ringsum")
    own = read_record(write(old).replace(sample, "Die Leitung"), old)
    assert own != old
    new = read_template(there)
    back = moved(moved(own, old, new).document, new, old)
    assert (write(back.document), back.kept) == (write(own), ())


@pytest.mark.parametrize(
    ("before", "after", "unsure"),
    [
        ("- **Owner**: [app]\n- **Owner**: [db]\n", "- **Owner**: [db]\n", ["owner"]),
        ("- **Owner**: [app]\n- **Owner**: [db]\n", "- **Owner**: [app]\n", []),
        ("- **Owner**: [app]\n- **Owner**: [db]\n", "- **Owner**: [of it]\n- **Owner**: [of the data]\n", []),
        ("- **Owner**: [db]\n", "- **Owner**: [app]\n- **Owner**: [db]\n", []),  # goes along
        # Where all ask for the same, not even that tells which of them is called otherwise.
        (
            "- **Owner**: [who]\n- **Owner**: [who]\n- **Host**: [who]\n- **Owner**: [who]\n",
            "- **Lead**: [who]\n- **Host**: [who]\n- **Owner**: [who]\n- **Owner**: [who]\n",
            ["owner"],
        ),
        # One of them alone is the same, in whatever shape it is asked for.
        ("- **Owner**: [who]\n- **Host**: [name]\n", "**Owner**: [whoever]\n\n- **Host**: [name]\n", []),
        ("[why]\n\n- **X**: [x]\n\n[how]\n", "- **X**: [x]\n\n[how]\n", ["text"]),
    ],
)
def test_of_several_of_one_name_it_is_told_where_another_one_may_have_the_place(
    before: str, after: str, unsure: list[str]
) -> None:
    start, end = "# Change: [What]\n\n## Basics\n\n### Who\n\n", "\n## End\n\n- **Result**: [How]\n"
    old, new = (read_template(f"{start}{text}{end}") for text in (before, after))
    written = filled(old, **{"basics/who/owner": "Ann", "basics/who/text": "Since"})
    assert list(moved(written, old, new).unsure) == [f"basics/who/{name}" for name in unsure]
    assert moved(old, old, new).unsure == ()


def test_an_answer_without_a_place_stays_where_it_stood() -> None:
    new = new_version((COMPLIANCE, ""))
    text, kept = on(new, compliance="PCI 3.2")
    assert text == TEXT.replace("[Regulatory or policy requirements]", "PCI 3.2")
    assert kept == [("Compliance", "PCI 3.2")]


def test_a_header_line_without_a_place_stays_a_line() -> None:
    new = new_version(("**DevOps Team**: [Team members involved]\n", ""))
    text, kept = on(new, header__devops_team="Platform")
    assert text == TEXT.replace("[Team members involved]", "Platform")
    assert kept == [("DevOps Team", "Platform")]


def test_a_group_without_a_place_stays_with_its_heading_and_what_was_written_in_it() -> None:
    start, end = TEXT.index("### Business Impact"), TEXT.index("## Pre-Operation")
    new = read_template(TEXT[:start] + TEXT[end:])
    text, kept = on(new, business_impact__user_experience="None at night")
    assert text == TEXT[:start] + "### Business Impact\n\n- **User Experience**: None at night\n\n" + TEXT[end:]
    assert kept == [("Business Impact", "- **User Experience**: None at night")]


def test_a_section_without_a_place_stays_with_what_was_written_in_it() -> None:
    start, end = TEXT.index("## Operational Procedures"), TEXT.index("## Infrastructure Communication")
    new = read_template(TEXT[:start] + TEXT[end:])
    text, _kept = on(new, documentation_updates__runbooks="Wiki page 12")
    section = "## Operational Procedures\n\n### Documentation Updates\n\n- **Runbooks**: Wiki page 12\n\n"
    assert text == TEXT[:start] + section + TEXT[end:]


def test_a_new_line_is_asked_where_the_new_template_has_it() -> None:
    new = new_version((COMPLIANCE, COMPLIANCE + "- **Audit**: [Who audits]\n"))
    text, _kept = on(new, compliance="PCI 3.2")
    assert "- **Compliance**: PCI 3.2\n- **Audit**: [Who audits]\n" in text


def test_steps_that_somebody_wrote_stay_and_those_left_as_they_were_follow_the_template() -> None:
    new = new_version(
        ("1. **Infrastructure Preparation**", "1. **Preparation**"),
        ("2. **Testing Environment**", "2. **Rehearsal**"),
        ("   - **CDN Configuration**: [Content delivery changes]\n", "   - **Caches**: [Which]\n"),
    )
    text, kept = on(new, traffic_routing__dns_updates="TTL to 60 s")
    assert "1. **Preparation**" in text and "Infrastructure Preparation" not in text
    assert "2. **Rehearsal**" in text and "Testing Environment" not in text
    assert "   - **DNS Updates**: TTL to 60 s\n" in text
    assert "   - **Caches**: [Which]\n" in text and "CDN Configuration" not in text
    assert kept == []


def test_a_row_that_the_new_template_does_without_stays_only_if_it_carries_facts_of_its_own() -> None:
    start, end = TEXT.index("2. **Testing Environment**"), TEXT.index("### Phase 2")
    new = read_template(TEXT[:start] + TEXT[end:])
    [step] = [f.key for s in OLD.sections for f in fields_of(s) if f.key.endswith("testing-environment.title")]
    assert "Testing Environment" not in write(moved(OLD, OLD, new).document)
    assert "2. **Testing Environment**" in write(moved(OLD, OLD, new, {step.removesuffix(".title")}).document)


def test_a_fence_that_becomes_a_list_keeps_what_was_written_in_it() -> None:
    start, end = TEXT.index("### Current Architecture"), TEXT.index("### Performance Baseline")
    new = read_template(TEXT[:start] + "### Current Architecture\n\n- **Hosts**: [Which]\n\n" + TEXT[end:])
    text, kept = on(new, current_architecture__text="Primary: db-1\nReplica: db-2")
    assert "\n\n```\nPrimary: db-1\nReplica: db-2\n```\n\n- **Hosts**: [Which]\n\n### Performance" in text
    assert len(kept) == 1


def test_what_was_kept_is_recognised_by_a_version_that_has_a_place_for_it() -> None:
    start, end = TEXT.index("### Business Impact"), TEXT.index("## Pre-Operation")
    lesser = read_template(TEXT[:start] + TEXT[end:])
    own = record(business_impact__user_experience="None at night", business_impact__availability="99.9 %")
    there = moved(own, OLD, lesser).document
    back = moved(there, lesser, OLD)
    assert back.kept == ()
    assert tables(back.document) == tables(own)


def test_a_footer_that_the_new_version_does_without_is_one_still() -> None:
    old = read_template(
        "# A: [B]\n\n## Work\n\n[Words]\n\n---\n\n**Status**: [what]\n\n---\n\n## How to\n\n[More words]\n"
    )
    new = read_template(write(old).replace("---\n\n**Status**: [what]\n\n", ""))
    own = read_record(write(old).replace("[what]", "Done"), old)
    text = write(moved(own, old, new).document)
    assert text == f"{write(new)}\n---\n\n**Status**: Done\n\n"
    again = read_record(text, new)
    assert tables(again) == tables(new)
    assert [section.kind for section in again.sections][-1] == "footer"


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("[Words]", "Told.\n\n```\nopen\n"),
        ("[Words]", "<!-- open\n"),
        ("1. **Go**: [how]", "1. **Go**: now\n\n```\nopen\n"),
        ("1. **Go**: [how]", "1. **Go**: now\n\n<!-- open\n"),
        ("1. **Go**: [how]", "1. **Go**: now\n   ```\n   open\n"),
        ("1. **Go**: [how]", "1. **Go**: now\n   ```\n   open\n\n"),
        ("1. **Go**: [how]", "1. **Go**: now\n   <!-- open\n"),
    ],
)
def test_what_nobody_closed_takes_along_nothing_that_a_new_version_asks_behind_it(asked: str, written: str) -> None:
    old = read_template(f"# A: [B]\n\n## Work\n\n{asked}\n")
    new = read_template(f"{write(old)}\n## Way back\n\n[How]\n")
    own = read_record(f"# A: B\n\n## Work\n\n{written}", old)
    there = moved(own, old, new).document
    again = read_record(write(there), new)
    assert list(map(table_of, again.sections)) == list(map(table_of, there.sections))
    assert lines_of(there, new), "it can be frozen"
    assert write(moved(again, new, new).document) == write(there)


# ---------------------------------------------------------------- laws over any record and any new version


def edits(text: str) -> st.SearchStrategy[str]:
    """Templates a few edits away: bullets, groups and sections taken out, renamed, added, moved."""
    return st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(sorted(EDITS))), min_size=1, max_size=5).map(
        lambda drawn: _edited(text, drawn)
    )


def _edited(text: str, drawn: list[tuple[int, str]]) -> str:
    for number, name in drawn:
        pattern, edit = EDITS[name]
        found = list(re.finditer(pattern, text, re.MULTILINE))
        if found:
            m = found[number % len(found)]
            text = text[: m.start()] + edit(m) + text[m.end() :]
    return text


Edit = Callable[[re.Match[str]], str]
BULLET, LINE = r"(- \*\*[^\n]*\n)", r"(\*\*[^*\n]+\*\*: [^\n]*\n)"
GROUP = r"(### (?!.*\()[^\n]*\n(?:(?!#|---)[^\n]*\n)*)"
SECTION = r"(## [^\n]*\n(?:(?!## |---)[^\n]*\n)*)"
EDITS: dict[str, tuple[str, Edit]] = {
    "without a bullet": (r"^ *- \*\*[^*\n]+\*\*: \[[^\n]*\]\n(?! +- )", lambda m: ""),
    "a bullet more": (r"^(- \*\*)[^*\n]+(\*\*: \[[^\n]*\]\n)(?! +- )", lambda m: f"{m[0]}{m[1]}Added{m[2]}"),
    "a bullet renamed": (r"^( *- \*\*)[^*\n]+(\*\*: \[)", lambda m: f"{m[1]}Renamed{m[2]}"),
    "another hint": (r"\[[A-Z][a-z][^\]\n/]*\]", lambda m: "[Something else]"),
    "a group renamed": (r"^### [A-Z][^\n(]*\n", lambda m: "### Renamed\n"),
    "without a group": (r"^### (?!.*\()[^\n]*\n(?:(?!#)[^\n]*\n)+", lambda m: ""),
    "a section renamed": (r"^## [^\n]*\n", lambda m: "## Renamed\n"),
    "a line less": (r"^\*\*[^*\n]+\*\*: \[[^\n]*\n", lambda m: ""),
    "a check less": (r"^- \[ \] [^\n]*\n(?=- \[ \])", lambda m: ""),
    "a section more": (r"^## ", lambda m: f"## Added\n\n### More\n\n- **Who**: [Name]\n\n{m[0]}"),
    "a group more": (r"^### (?!.*\()", lambda m: f"### More Yet\n\n- **Which**: [Name]\n\n{m[0]}"),
    "a phase more": (
        r"^### (\S+) \d+: .*\(HH:MM-HH:MM\)\n",
        lambda m: f"### {m[1]} 1: Added (HH:MM-HH:MM)\n\n1. **A**: [B]\n\n{m[0]}",
    ),
    "a phase counted before the first": (
        r"^### (\S+) 1: [^\n]*\n",
        lambda m: f"### {m[1]} 0: Added\n\n1. **A**: [B]\n\n{m[0]}",
    ),
    "a phase no longer counted": (r"^### \S+ \d+: (?=[^\n]*\n)", lambda m: "### "),
    "a group or phase that becomes a section": (r"^###(?= [^\n]*\n)", lambda m: "##"),
    "bullets in another order": (rf"^{BULLET}{BULLET}(?! )", lambda m: m[2] + m[1]),
    "lines in another order": (rf"^{LINE}{LINE}", lambda m: m[2] + m[1]),
    "groups in another order": (rf"^{GROUP}{GROUP}", lambda m: m[2] + m[1]),
    "sections in another order": (rf"^{SECTION}{SECTION}", lambda m: m[2] + m[1]),
    "another sign before bullets": (r"(?:^- \*\*[^\n]*\n)+", lambda m: re.sub("^-", "*", m[0], flags=re.MULTILINE)),
    "another sign behind numbers": (r"(?s)\A.*\Z", lambda m: re.sub(r"^(\d+)\. ", r"\1) ", m[0], flags=re.MULTILINE)),
}


def written_by_people(case: Case) -> set[str]:
    """The texts of the record that its template doesn't have."""
    old = {key: text for section in case.template.sections for key, text in table_of(section).items()}
    fields = [field for section in case.record.sections for field in fields_of(section) if section.kind != "guidance"]
    return {field.text for field in fields if field.shape != "structure" and field.text != old.get(field.key)}


def texts_in(document: Document) -> str:
    return "\n".join(field.text for section in document.sections for field in fields_of(section))


def law_nothing_written_is_lost(case: Case, new: Document) -> None:
    """Nothing that somebody wrote is lost, and the text reads as the record."""
    document = moved(case.record, case.template, new).document
    text, told = write(document), texts_in(document)
    plain = squeezed(told + text)
    for own in written_by_people(case):
        assert squeezed(own) in plain, own
    # What is written is read along the new template as what it is: nothing else takes its place, nothing is hidden.
    again = read_record(text, new)
    assert write(again) == text
    for section in again.sections:
        for answer in section.answers():
            assert answer.key not in tables(document) or tables(document)[answer.key] == answer.text, answer.key


def law_what_moved_stays_and_comes_back(case: Case, new: Document) -> None:
    """Moved once more it is the same; moved back, each answer is in its place again, and rows keep their keys, under
    the names that what they stand in has there.
    """
    there = moved(case.record, case.template, new)
    assert write(moved(there.document, new, new).document) == write(there.document)
    rows = row_keys(there.document)
    untouched = {row.key: row for _path, block in places(case.template, Rows) for row in block.rows}
    own = [row for _path, block in places(case.record, Rows) for row in block.rows if not isinstance(row, Loose)]
    written = {key_in(there.names, row.key) for row in own if row != untouched.get(row.key)}
    assert there.kept or written <= rows
    back = moved(there.document, new, case.template).document
    before, after, given = tables(case.record), tables(back), tables(case.template)
    assert {key for key, text in before.items() if text not in (given.get(key), after.get(key))} == set()


def law_on_the_version_where_it_stands_nothing_changes(case: Case, _new: Document) -> None:
    found = moved(case.record, case.template, case.template)
    assert write(found.document) == write(case.record)


def law_no_honest_record_is_taken_for_one_whose_lines_say_something_else(case: Case, new: Document) -> None:
    """Also where its text is cut otherwise there; then it keeps no lines."""
    there = moved(case.record, case.template, new).document
    for document in (there, plan_of(there, new, completed(TemplateSettings(), new))):
        kept = lines_of(document, new)
        assert kept is not None
        assert kept is document or is_said_by(write(kept), kept, new)


LAWS = [
    law_no_honest_record_is_taken_for_one_whose_lines_say_something_else,
    law_nothing_written_is_lost,
    law_what_moved_stays_and_comes_back,
    law_on_the_version_where_it_stands_nothing_changes,
]


def row_keys(document: Document) -> set[str]:
    return {row.key for _path, block in places(document, Rows) for row in block.rows}


def put_to_the_laws(case: Case, data: Any) -> None:
    """Put a record, on a version of its template that is drawn, to every law."""
    new = read_template(data.draw(edits(write(case.template))))
    assume(read_record(write(new), new) == new)  # an edit inside a fence may leave what is no template
    for law in LAWS:
        law(case, new)


@FEW
@given(case=any_record() | records(COUNTED), data=st.data())
def test_nothing_is_lost_and_what_moved_stays_and_comes_back(case: Case, data: Any) -> None:
    put_to_the_laws(case, data)


@pytest.mark.long
@settings(FEW, max_examples=10_000)
@given(case=any_record() | records(COUNTED), data=st.data())
def test_nothing_is_lost_in_ten_thousand_moves(case: Case, data: Any) -> None:
    put_to_the_laws(case, data)


def squeezed(text: str) -> str:
    """Without what stands around lines in bullets, fences and escapes."""
    return re.sub(r"[\s\\>]+", "", text)


@FEW
@given(data=st.data())
def test_an_untouched_record_becomes_any_other_version(data: Any) -> None:
    own = data.draw(st.sampled_from([COUNTED_TEXT, *map(text_in, TEMPLATE_FILES)]))
    other = data.draw(edits(own))
    for old, new in ((own, other), (other, own)):
        record = read_template(old)
        assert write(moved(record, record, read_template(new)).document) == new


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: path.stem)
def test_between_two_quite_different_templates_nothing_is_lost_either(path: Any) -> None:
    old = TEMPLATES[path.stem]
    texts = {key: "Own words" for s in old.sections for key in table_of(s) if key.count("/") >= 1 and "." not in key}
    own = Document(tuple(with_fields(s, texts, table_of(s)) for s in old.sections), old.front)
    wanted = write(own).count("Own words")
    for other in TEMPLATES.values():
        assert write(moved(own, old, other).document).count("Own words") == wanted


def test_the_judges_see_the_headings_that_were_kept() -> None:
    start, end = TEXT.index("### Business Impact"), TEXT.index("## Pre-Operation")
    text, _kept = on(read_template(TEXT[:start] + TEXT[end:]), business_impact__user_experience="None at night")
    for judge in JUDGES.values():
        assert "Business Impact" in str(judge(text))
