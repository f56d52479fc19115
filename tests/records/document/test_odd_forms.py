"""Odd but legal forms of templates that once were read otherwise: each by what is seen in it, and by law 1."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from records.document.fields import fields_of, table_of
from records.document.outline import Answer, Document, Item, Metric, Rows
from records.document.phases import phase_names
from records.document.read import read_record, read_template
from records.document.template_guesses import completed
from records.document.template_settings import TemplateSettings
from records.document.unusable import Unusable
from records.document.with_fields import with_fields
from records.document.write import write
from tests.records.document.readers import reader_sees
from tests.records.document.strategies import LEAVES, content, places, put


def read(text: str) -> Document:
    """A template, of which law 1 holds."""
    template = read_template(text)
    assert write(template) == text
    assert read_record(text, template) == template
    return template


def keys(document: Document) -> list[str]:
    return [answer.key for _path, answer in places(document, Answer)]


def test_a_rule_under_the_title_is_none_before_the_footer() -> None:
    """Whatever its labels are: sections stand before a footer, and none in it."""
    text = "# T: [x]\n\n---\n\n**A**: [a]\n\n---\n\n**B**: [b]\n\n## S\n\n[s]\n\n---\n\n**A**: [c]\n\n---\n\n## Help\n"
    document = read(text)
    assert [section.key for section in document.sections] == ["header", "s", "footer", "guidance"]
    assert keys(document) == ["title", "header/a", "header/b", "s/intro/text", "footer/a"]


def test_a_rule_and_a_label_between_two_sections_are_no_footer() -> None:
    document = read("# T: [x]\n\n## One\n\n[a]\n\n---\n\n**A**: [b]\n\n## Two\n\n[c]\n\n---\n\n**A**: [d]\n")
    assert [section.title or section.kind for section in document.sections] == ["header", "One", "Two", "footer"]


@pytest.mark.parametrize("other", ["Fill this in.", "[free]"])
def test_a_line_without_a_label_takes_none_from_its_neighbours(other: str) -> None:
    lines = f"**A**: [a]\n{other}\n**B**: [b]\n"
    document = read(f"# T: [x]\n\n{lines}\n## S\n\n[s]\n\n---\n\n{lines}")
    assert keys(document) == ["title", "header/a", "header/b", "s/intro/text", "footer/a", "footer/b"]
    assert reader_sees(document).count(("markdown", other)) == 2


def test_what_a_title_is_called_is_no_header_line() -> None:
    text = "# Change: [x]\n\nWords.\n\n## S\n\n[s]\n"
    record = read_record(text.replace("Words.", "**Change**: of mind"), read(text))
    assert keys(record) == ["title", "s/intro/text"]


def test_fields_nested_under_labels_that_stand_twice_are_fields() -> None:
    document = read("# T: [x]\n\n## S\n\n- **A**: [a]\n- **A**: [b]\n  - **B**: [c]\n  - **B**: [d]\n")
    assert keys(document)[1:] == ["s/intro/a", "s/intro/a~2", "s/intro/a~2/b", "s/intro/a~2/b~2"]


ROWS = ["1. **B**\n", "* [ ] A\n", "```\nX:\nA: [before] → [after]\n```\n", "> A\n"]


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("label", ["A", "Markdown"])
def test_no_row_and_no_markdown_takes_the_key_of_a_field(rows: str, label: str) -> None:
    """Else the field would be another one as soon as somebody called the row otherwise, or took it out."""
    text = f"# T: [x]\n\n## S\n\n### G\n\n{rows}\n- **{label}**: [a]\n"
    document = read(text)
    own = f"s/g/{label.lower()}"
    assert keys(document)[1:] == [own]
    everything = [leaf.key for _path, leaf in places(document, Rows, *LEAVES) if hasattr(leaf, "key")]
    assert len(set(everything)) == len(everything)
    fewer = read_record(text.replace(rows, ""), document)
    assert keys(fewer)[1:] == [own]


def test_no_note_and_no_commands_take_the_key_of_a_detail() -> None:
    step = "1. **A**\n   ```\n   x\n   ```\n   - **Commands**: [a]\n   - plain\n   - **Note**: [b]\n"
    document = read(f"# T: [x]\n\n## S\n\n### G\n\n{step}")
    assert keys(document)[1:] == ["s/g/a/commands", "s/g/a/note"]


@pytest.mark.parametrize("name", ["Header", "Footer", "Guidance", "Title"])
def test_a_section_may_be_called_like_a_part_of_the_record(name: str) -> None:
    document = read(f"# T: [x]\n\n**A**: [a]\n\n## {name}\n\n[s]\n\n---\n\n**A**: [b]\n\n---\n\nHelp\n")
    assert len({section.key for section in document.sections}) == 4
    assert keys(document) == ["title", "header/a", f"{name.lower()}~2/intro/text", "footer/a"]


def test_a_list_of_fields_waits_for_the_place_of_its_labels() -> None:
    """Two lists side by side, and a third one after something else: the second takes no other's place."""
    text = "# T: [x]\n\n## S\n\n### G\n\n- **A**: [a]\n* **B**: [b]\n\n#### H\n\n- **C**: [c]\n"
    assert keys(read(text))[1:] == ["s/g/a", "s/g/b", "s/g/c"]


def test_a_name_that_is_measured_twice_keeps_the_unit_of_each() -> None:
    lines = "X:\nA: [before] GB → [after] GB\nA: [before]% → [after]%\n"
    document = read(f"# T: [x]\n\n## S\n\n### G\n\n```\n{lines}```\n")
    assert [metric.unit for _path, metric in places(document, Metric)] == [" GB", "%"]


def test_a_step_that_is_renamed_leaves_the_fields_beside_it_their_keys() -> None:
    document = read("# T: [x]\n\n## S\n\n### G\n\n1. **A**\n\n- **A**: [a]\n")
    [(path, item)] = places(document, Item)
    renamed = put(document, path, replace(item, title="B"))
    assert keys(read_record(write(renamed), document)) == keys(document)


@pytest.mark.parametrize(
    ("heading", "body", "kind"),
    [
        ("Way Back (manual)", "1. **A**\n2. **B**\n", "steps"),
        ("Way Back (manual)", "1. **A**: a\n\n   ```\n   b\n   ```\n", "steps"),
        ("Way Back (22:00-23:30)", "1. **A**: a\n", "steps"),
        ("Way Back (HH:MM-HH:MM)", "1. **A**: a\n", "steps"),
        ("High (Mitigated)", "1. **A**: a\n", "risks"),
        ("High (Mitigated)", "1. **A**\n   - **B**: [b]\n", "risks"),
        ("High (Mitigated)", "- **A**\n- **B**\n", "risks"),
    ],
)
def test_parentheses_make_a_risk_of_what_says_something(heading: str, body: str, kind: str) -> None:
    """Nobody is asked for the likelihood of a bare step, or of commands; and a time is no treatment."""
    document = read(f"# T: [x]\n\n## S\n\n### {heading}\n\n{body}")
    assert [rows.kind for _path, rows in places(document, Rows)] == [kind]


@pytest.mark.parametrize("between", ["> a\n", "#### H\n", "1. **S**\n"])
@pytest.mark.parametrize("lists", ["- [ ] A\n", "* **A**: a\n", " - **A**: a\n"])
def test_two_lists_stay_two_when_what_stood_between_them_is_gone(lists: str, between: str) -> None:
    text = f"# T: [x]\n\n## S\n\n### High (Mitigated)\n\n{lists}\n{between}\n{lists.replace('A', 'B')}"
    document = read(text)
    section = document.sections[1]
    gone = next(block for block in section.groups[0].blocks[1:])
    emptied = {f"{gone.key}.rows": "[]"} if isinstance(gone, Rows) else {gone.key: ""}
    record = replace(document, sections=(document.sections[0], with_fields(section, emptied)))
    again = read_record(write(record), document)
    assert content(again) == content(record)
    assert write(again) == write(record)


def test_a_sign_that_only_looks_blank_keeps_two_lists_apart() -> None:
    """Markdown knows no blank line but of spaces and tabs: U+2029 is a text as any other."""
    document = read("# T: [x]\n\n## S\n\n### G\n\n1. **A**\n\n[text]\n\n1. **B**\n")
    [(path, text)] = places(document.sections[1], Answer)
    section = put(document.sections[1], path, replace(text, text="\u2029"))
    record = replace(document, sections=(document.sections[0], section))
    assert content(read_record(write(record), document)) == content(record)


def test_what_keeps_two_lists_apart_is_no_markdown() -> None:
    lists = "1. **A**\n\n<!-- -->\n\n1. **B**\n\n- **C**: [c]\n  - **D**: [d]\n<!-- -->\n- [ ] E\n"
    document = read(f"# T: [x]\n\n## S\n\n### G\n\n{lists}")
    assert [what[:2] for what in reader_sees(document)[3:]] == [
        *[("steps", "A"), ("steps", "B"), ("bullet", "C"), ("bullet", "D"), ("check", "E")]
    ]


@pytest.mark.parametrize(
    ("shape", "numerals"),
    [
        ("Stage {} – {} (HH:MM-HH:MM)", "A B C"),
        ("Étape {} : {} (HH:MM-HH:MM)", "1 2 3"),
        ("Part {}. {} (HH:MM-HH:MM)", "I II III"),
        ("Day {} - {} (HH:MM-HH:MM)", "1 2 3"),
    ],
)
def test_phases_are_counted_as_the_template_counts_them(shape: str, numerals: str) -> None:
    one, two, _three = numerals.split()
    heads = [shape.format(one, "X"), shape.format(two, "Y")]
    document = read("# T: [x]\n\n## S\n\n" + "".join(f"### {head}\n\n1. **A**\n\n" for head in heads))
    section = document.sections[1]
    first, second = section.groups
    assert [group.phase.title for group in section.groups if group.phase] == ["X", "Y"]
    new = json.dumps([second.key, first.key, "s/new"])
    emptied = with_fields(section, {f"{section.key}.phases": new, "s/new.title": "Z", f"{first.key}.title": "W"})
    record = replace(document, sections=(document.sections[0], emptied))
    word = shape.split()[0]
    assert list(phase_names(section).values()) == [f"{word} {one}", f"{word} {two}"]
    assert list(phase_names(emptied).values()) == [f"{word} {numeral}" for numeral in numerals.split()]
    labels = [field.label for field in fields_of(emptied) if field.key.endswith(".window")]
    assert labels == [f"{word} {numeral}, window" for numeral in numerals.split()]
    written = [line.removeprefix("### ") for line in write(record).split("\n") if line.startswith("###")]
    assert written == [shape.format(n, name) for n, name in zip(numerals.split(), "YWZ", strict=True)]
    assert content(read_record(write(record), document)) == content(record)


def test_a_placeholder_that_no_template_has_there_stays_where_its_field_is_sent_empty() -> None:
    """As it is when nobody touched it, for forms show a placeholder beside the field."""
    document = read("# T: [x]\n\n## S\n\n1. **A**: [how]\n\n> a\n")
    section = document.sections[1]
    [rows, markdown] = section.groups[0].blocks
    assert isinstance(rows, Rows)
    assert with_fields(section, {f"{rows.rows[0].key}.text": ""}) == section
    blank = with_fields(section, {f"{rows.rows[0].key}.text": "\x1c"})
    assert with_fields(blank, {f"{rows.rows[0].key}.text": ""}, table_of(section)) == blank
    [kept] = with_fields(section, {markdown.key: ""}).groups[0].blocks
    assert kept == rows


@pytest.mark.parametrize("after", ["Then tell [whom].\n", "    code\n", "> quoted\n\n[Notes]\n"])
@pytest.mark.parametrize(
    "below",
    [
        *("1. **Stop**: [how]\n2. **Start**: [how]\n", "- [ ] [a]\n- [ ] [b]\n", "- **A**: [a]\n- **B**: [b]\n"),
        *("```\nLast week:\n- CPU: [p]\n```\n", "~~~\n[what]\n~~~\n", "> a\n> b\n", "<!-- fill in -->\n", "***\n"),
        *("#### Sub\n", "- [plain]\n", "1. bare\n"),
    ],
)
def test_a_sentence_takes_nothing_along_that_stands_directly_below_it(below: str, after: str) -> None:
    text = f"# T: [x]\n\n## S\n\n### Phase 1: Go (HH:MM-HH:MM)\n\nDo these in order:\n{below}\n{after}"
    document = read(text)
    apart = read(text.replace("order:\n", "order:\n\n"))
    assert content(document) == content(apart)
    assert read_record(write(document), apart) == document


@pytest.mark.parametrize("rule", ["- - -", "* * *", "-\t-\t-"])
def test_a_rule_of_list_signs_is_no_list(rule: str) -> None:
    text = f"# T: [x]\n\n## S\n\n### High (Mitigated)\n\n{rule[0]} **A**: a\n\n{rule}\n\n## U\n\n[u]\n"
    read(text)
    read(text.replace("\n", "\r\n"))


@pytest.mark.parametrize("colon", ["**:", ":**", "** :", "**\u00a0:", "**\u202f:", "**\uff1a"])
def test_a_label_ends_in_the_colon_of_its_language(colon: str) -> None:
    step = f"1. **E{colon} [e]\n   - **F{colon} [f]\n"
    body = f"## S\n\n- **B{colon} [b]\n\n### Phase 1: G (HH:MM-HH:MM)\n\n{step}"
    document = read(f"# T: [x]\n\n**A{colon} [a]\n\n{body}\n---\n\n**C{colon} [c]\n")
    assert [what[1:] for what in reader_sees(document) if what[0] in ("line", "bullet", "steps", "detail")] == [
        *[("A", "[a]"), ("B", "[b]"), ("E", "[e]"), ("F", "[f]"), ("C", "[c]")]
    ]
    record = document
    for path, leaf in places(document, Answer, Item):
        record = put(record, path, replace(leaf, text=": x"))
    text = write(record)
    assert text.count(colon) == 5
    assert content(read_record(text, document)) == content(record)


@pytest.mark.parametrize("colon", ["__:", ":__", "__ :", "__\uff1a"])
def test_a_label_may_be_bold_in_the_other_way(colon: str) -> None:
    """Some editors write it so, and bring a record back in which each "**" is "__"."""
    step = f"1. __E{colon} [e]\n   - __F{colon} [f]\n2. __G__\n"
    body = f"## S\n\n- __B_b{colon} [b]\n  - __D{colon} [d]\n\n### Phase 1: G (HH:MM-HH:MM)\n\n{step}"
    text = f"# T: [x]\n\n__A{colon} [a]\n\n{body}\n---\n\n__C{colon} [c]\n"
    document = read(text)
    assert [what[1:] for what in reader_sees(document) if what[0] in ("line", "bullet", "steps", "detail")] == [
        *[("A", "[a]"), ("B_b", "[b]"), ("D", "[d]"), ("E", "[e]"), ("F", "[f]"), ("G", ""), ("C", "[c]")]
    ]
    assert read_record(text, read(text.replace("__", "**"))) == document
    record = document
    for path, leaf in places(document, Answer, Item)[:-2] + places(document, Answer)[-1:]:
        record = put(record, path, replace(leaf, text="x __y__"))
    assert write(record).count(f"{colon} x __y__\n") == 6
    assert content(read_record(write(record), document)) == content(record)


@pytest.mark.parametrize("title", ["B", "B_b", "__B__", "*B*", "/B", "B:", "B\\", "_"])
def test_a_step_that_is_bold_in_the_other_way_is_called_otherwise(title: str) -> None:
    document = read("# T: [x]\n\n## S\n\n### G\n\n1. __A__: a\n2. __C__\n")
    for at, end in enumerate([": a", ""]):
        path, item = places(document, Item)[at]
        record = put(document, path, replace(item, title=title))
        assert content(read_record(write(record), document)) == content(record)
        assert title != "B" or f"__B__{end}\n" in write(record)


@pytest.mark.parametrize(
    "line", ["_____: x", "__/__/__: x", "__ a __: x", "__a__b: x", "__a__ b __c__: x", "___a___: x"]
)
def test_lines_to_write_on_are_no_label(line: str) -> None:
    assert keys(read(f"# T: [x]\n\n{line}\n\n## S\n\n- {line}\n")) == ["title"]


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_what_is_added_ends_its_lines_as_the_file_does(end: str) -> None:
    text = "# T: [x]\n\n## S\n\n### Phase 1: A (HH:MM-HH:MM)\n\n1. **B**\n\n   ```\n   c\n   ```\n"
    document = read(text.replace("\n", end))
    section = document.sections[1]
    [rows] = section.groups[0].blocks
    assert isinstance(rows, Rows)
    more = with_fields(section, {f"{rows.key}.rows": json.dumps([*rows.order, "s/new"]), "s/new.title": "D"})
    record = replace(document, sections=(document.sections[0], more))
    assert write(record) == f"{text}\n2. **D**\n".replace("\n", end)
    assert content(read_record(write(record), document)) == content(record)


@pytest.mark.parametrize("between", ["\n", ""], ids=["apart", "close"])
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_new_row_stands_apart_from_its_neighbours_as_they_do_from_each_other(at: int, between: str) -> None:
    fenced = "   ```\n   a\n   ```\n"
    steps = [f"1. **A**: [a]\n{fenced}", "2. **B**: [b]\n", "3. **C**: [c]\n"]
    document = read("# T: [x]\n\n## S\n\n" + between.join(steps) + "\nText\n")
    section = document.sections[1]
    (rows,) = (block for block in section.blocks() if isinstance(block, Rows))
    wanted = [row.key for row in rows.rows]
    wanted.insert(at, "s/new")
    longer = with_fields(section, {f"{rows.key}.rows": json.dumps(wanted), "s/new.title": "N", "s/new.text": "n"})
    written = write(replace(document, sections=(document.sections[0], longer)))
    names = ["A**: [a]\n" + fenced, "B**: [b]\n", "C**: [c]\n"]
    names.insert(at, "N**: n\n")
    expected = between.join(f"{number}. **{name}" for number, name in enumerate(names, 1))
    assert written.endswith(f"## S\n\n{expected}\nText\n")


def test_a_blank_line_stays_one_where_a_file_mixes_its_line_ends() -> None:
    step = "1. **B**\r\r   ```\r   c\r   ```\r"
    document = read(f"# T: [x]\n\n## S\n\n### Phase 1: A (HH:MM-HH:MM)\n\n{step}")
    section = document.sections[1]
    [rows] = section.groups[0].blocks
    assert isinstance(rows, Rows)
    more = with_fields(section, {f"{rows.key}.rows": json.dumps([*rows.order, "s/new"]), "s/new.title": "D"})
    written = write(replace(document, sections=(document.sections[0], more)))
    assert written.endswith("   ```\r\n\n2. **D**\n"), "a line end, a blank line, the new step"


@pytest.mark.parametrize("told", ["fields", "steps", "risks", "checks", "triggers", "validations", "text"])
@pytest.mark.parametrize(
    "body", ["- **A**: a\n", "1. **A**\n2. B\n", "- [ ] A\n", "1. a\n", "> a\n\n- **B**: b\n\nc\n"]
)
def test_a_kind_that_is_told_is_that_of_what_can_be_it(told: str, body: str) -> None:
    """What can't is read by its shape, in a record as in the template; a text is all of its group."""
    text = f"# T: [x]\n\n## S\n\n### G\n\n{body}"
    template = read_template(text, {"s/g": told})
    assert read_record(text, template) == template
    assert write(template) == text
    if told == "text":
        assert [answer.key for _path, answer in places(template, Answer)] == ["title", "s/g/text"]


@pytest.mark.parametrize("end", ["  ", "\t"])
def test_blanks_behind_a_choice_make_it_no_other(end: str) -> None:
    """As two of them do that break the line."""
    document = read(f"# T: [x]\n\n## S\n\n- **A**: [One/Two/Three]{end}\n- **B**: [b]\n")
    assert completed(TemplateSettings(), document).choices == {"s/intro/a": ("One", "Two", "Three")}


def test_a_label_that_is_longer_than_its_key_is_known_in_a_second_list() -> None:
    document = read(f"# T: [x]\n\n## S\n\n- **A**: [a]\n* **{'b' * 120}**: [b]\n")
    assert len(keys(document)) == 3


@pytest.mark.parametrize(
    ("template", "title"),
    [
        ("Change: [What]", "Change: Orders"),
        ("Fiche d'intervention : [Objet]", "Fiche d'intervention : Orders"),
        ("Change Request — [Summary]", "Change Request — Orders"),
        ("手順書：[名]", "手順書：Orders"),
        ("Runbook [Name]", "Runbook Orders"),
        ("[Name] Runbook", "Orders"),
        ("Change ([name])", "Orders"),
    ],
)
def test_a_title_keeps_the_words_before_its_placeholder(template: str, title: str) -> None:
    document = read_template(f"# {template}\n\n**A**: [a]\n")
    header = with_fields(document.sections[0], {"title": "Orders"})
    record = replace(document, sections=(header,))
    assert write(record) == f"# {title}\n\n**A**: [a]\n"
    assert read_record(write(record), document).title == "Orders"


@pytest.mark.parametrize("title", ["Runbooks of all", "Runbook", "Runbook: x", "Other"])
def test_a_title_that_begins_otherwise_is_kept_whole(title: str) -> None:
    document = read_template("# Runbook [Name]\n\n**A**: [a]\n")
    record = read_record(f"# {title}\n\n**A**: a\n", document)
    assert record.title == ("" if title == "Runbook" else title)
    for text in ("Runbook", "Runbooks", "x"):
        changed = replace(record, sections=(with_fields(record.sections[0], {"title": text}),))
        assert read_record(write(changed), document).title == text


def test_no_part_takes_the_key_of_a_line_that_the_record_lacks() -> None:
    """Nor does a row: what the template has there, a text would be for whoever asks what it belongs to."""
    document = read(
        "# T: [x]\n\n## S\n\n### G\n\n- **A**: [a]\n- **B**: [b]\n\n### Phase 1: P (HH:MM-HH:MM)\n\n1. **C**\n"
    )
    text = write(document).replace("### G\n\n- **A**: [a]\n- **B**: [b]\n\n", "")
    section, own = read_record(text, document).sections[1], table_of(document.sections[1])
    [rows] = (block for block in section.blocks() if isinstance(block, Rows))
    for key in ("s/g/a", "s/g"):
        added = json.dumps([*rows.order, key])
        with pytest.raises(Unusable, match="no key"):
            changed = with_fields(section, {f"{rows.key}.rows": added, f"{key}.title": "T"}, own)
            with_fields(changed, {f"{key}.parts": json.dumps([["commands", "s/g/a", ""]])}, own)
    kept = with_fields(section, {f"{rows.key}.rows": "[]"}, own)
    again = with_fields(kept, {f"{rows.key}.rows": json.dumps(rows.order), f"{rows.rows[0].key}.title": "C"}, own)
    assert [row.key for block in again.blocks() if isinstance(block, Rows) for row in block.rows] == list(rows.order)
