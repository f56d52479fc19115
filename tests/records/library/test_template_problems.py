"""What is said of a template that is being written names its line, and only what stops it stops it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from records.document.answers import Empty, Filled
from records.document.fields import table_of
from records.document.lines import split_lines
from records.document.places import lines_by_key
from records.document.plan import plan_of
from records.document.read import read_template
from records.document.template_settings import FACTS, FOLDER_LENGTH
from records.document.with_fields import with_fields
from records.document.write import write
from records.library.problem import Problem
from records.library.template_drafts import stops
from records.library.template_problems import problems_of
from records.library.templates_in import take_template
from records.models import Delivery, OperationTemplate, TemplateDraft, outline_of
from records.models.operation import ID_LENGTH
from records.refusals import Unusable
from records.writing.naming import makes_ids
from records.writing.readiness import judged, shown, state_of
from records.writing.section_writing import is_plan

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted(
    [*(ROOT / "records/operation_templates").glob("*.md"), *(ROOT / "tests/data/templates").glob("*.md")]
)
SMALL = """# Change: [What]

**Day**: YYYY-MM-DD

## Work

- **Why**: [Reason]

---

**Result**: [Open/Done/Failed/Undone]
"""
FENCE = "```"
FIXED = SMALL.replace(
    "---\n", "### Phase 1: Steps (HH:MM-HH:MM)\n\n1. **Reload**\n   ```\n   systemctl reload nginx\n   ```\n\n---\n", 1
)
NOBODY = "name = 'Change'\n[bind]\n" + "".join(f'{fact} = ""\n' for fact in FACTS if fact != "status")


@pytest.mark.parametrize("part", ["open", "close"])
@pytest.mark.parametrize("fact", ["date", "time", "operator", "supervisor", "risk", "impact"])
def test_what_an_approval_rests_on_is_due_before_it(template: OperationTemplate, fact: str, part: str) -> None:
    """Else its author moved an approved plan to another night, or to another risk level, with every approval on it."""
    line = template.outline.settings.bind[fact]
    toml = template.toml.replace("[due]\n", f'[due]\n"{line}" = "{part}"\n')
    [problem] = [one for one in problems_of(template.text, toml) if one.stops]
    assert "who approves a plan approves that too" in problem.words and problem.field == f"due:{line}"
    with pytest.raises(Unusable, match="approves that too"):
        take_template(template.text, toml, name="Another")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_part_stands_on_the_line_that_is_told(path: Path) -> None:
    text = path.read_bytes().decode()
    document, lines = read_template(text), split_lines(text)
    told = lines_by_key(document)
    blocks = [block for section in document.sections for block in section.blocks()]
    leaves = [*blocks, *(row for block in blocks for row in getattr(block, "rows", ()))]
    leaves += [part for leaf in leaves for part in getattr(leaf, "parts", ())]
    sources = {leaf.key: leaf.source for leaf in leaves if hasattr(leaf, "source")}
    assert len(sources) > 10
    for key, source in sources.items():
        assert "".join(lines[told[key] - 1 :]).startswith(source), key
    for section in document.sections:
        for group in section.groups:
            if group.heading:
                assert lines[told[group.key] - 1] == group.heading.source


@pytest.mark.parametrize("part", ["open", "close"])
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_what_is_due_after_the_review_can_be_written_then(path: Path, part: str) -> None:
    text = path.read_bytes().decode()
    everything = "".join(f'"{section.key}" = "{part}"\n' for section in read_template(text).sections)
    outline = outline_of(text, f"[due]\n{everything}")
    found = [one for section in outline.document.sections for one in judged(section, outline, "")]
    assert {one.part for one in found} >= {"plan", part}, "rows are plan whatever is said"
    assert [one.field.key for one in found if (one.part == "plan") != is_plan(one.field.key, outline)] == []
    bound = plan_of(outline.document, outline.document, outline.settings)
    later = {one.field.key: "later" for one in found if one.part != "plan"}
    document = outline.document
    answered = replace(document, sections=tuple(with_fields(one, later, table_of(one)) for one in document.sections))
    assert write(plan_of(answered, outline.document, outline.settings)) == write(bound)


def test_the_shipped_template_has_nothing_to_mend(infrastructure_template: str) -> None:
    toml = (ROOT / "records/operation_templates/infrastructure-operation.toml").read_text()
    assert problems_of(infrastructure_template, toml) == []


def words(text: str, toml: str = NOBODY) -> list[tuple[str, int, str, bool]]:
    return [(p.words, p.line, p.where, p.stops) for p in problems_of(text, toml)]


def test_a_fact_without_a_line_is_asked_about_until_somebody_says_there_is_none() -> None:
    asked = [p for p in problems_of(SMALL, 'name = "Change"\n') if p.words.startswith("Which line holds")]
    assert len(asked) == len(FACTS) - 2 and all(p.stops for p in asked)
    assert words(SMALL) == []


def test_a_word_for_the_outcome_that_nobody_knows_is_asked_about() -> None:
    german = SMALL.replace("[Open/Done/Failed/Undone]", "[Erfolgreich/Teilweise/Zurückgerollt]")
    assert [p.words for p in problems_of(german, NOBODY) if p.stops] == [
        "Which outcome is “Teilweise”? Say it in the settings."
    ]
    told = NOBODY + '[outcomes]\nTeilweise = "completed"\nGescheitert = "failed"\n'
    toml, own = "settings", "text"
    assert words(german, told) == [
        ("[outcomes] names “Gescheitert”, which the line of the outcome doesn't offer.", 0, toml, False),
        ("No word of the line of the outcome says “Failed”: closing offers and writes that itself.", 11, own, False),
    ]


@pytest.mark.parametrize(
    ("pattern", "works"),
    [
        ("YYYY-MM-DD-[what]", True),
        ("ZT-YYYY-MM-DD-[what]", True),
        ("net-Core2-YYYY-MM-DD-router-[what]", True),
        ("YYYY-MM-DD-ZT-[what]", False),
        ("YYYY-MM-DD", False),
        ("[what]", False),
        ("zt/YYYY-MM-DD-[what]", False),
    ],
)
def test_a_pattern_is_refused_where_sending_would_refuse_what_it_makes(pattern: str, works: bool) -> None:
    text = SMALL.replace("**Day**", f"**Number**: `{pattern}`\n**Day**")
    toml = f'id_pattern = "{pattern}"\n' + NOBODY.replace('id = ""', 'id = "header/number"')
    assert [(one[1:]) for one in words(text, toml) if "No operation ID" in one[0]] == [(1, "settings", True)] * (
        not works
    )
    assert makes_ids(pattern) is works


def test_commands_of_a_template_are_samples_unless_it_says_that_they_stay() -> None:
    key = "work/phase-1-steps-hh-mm-hh-mm/reload/commands"
    for toml, states in (("", {Empty}), (f'[commands]\n"{key}" = "fixed"\n', {Filled})):
        outline = outline_of(FIXED, toml)
        found = [one for section in outline.document.sections for one in judged(section, outline, "")]
        assert {one.state for one in found if one.field.key == key} == states
    held = NOBODY + f'[commands]\n"{key}" = "fixed"\n'
    assert words(FIXED, held) == []
    [(said, _line, _where, stops)] = words(FIXED.replace("nginx", "[what]"), held)
    assert "they hold [what]" in said and not stops


def test_a_line_that_every_record_carries_names_the_version_that_it_is() -> None:
    text = SMALL + "**Standard**: Change v1.0.0\n"
    told = NOBODY.replace('standard = ""', 'standard = "footer/standard"')
    assert words(text, told) == []
    [(said, line, where, stops)] = words(text, "version = '1.1.0'\n" + told)
    assert "every record would name another version" in said
    assert (line, where, stops) == (12, "text", True)
    assert words(text.replace("v1.0.0", "v1.1.0"), "version = '1.1.0'\n" + told) == []


def test_an_empty_list_says_that_a_line_offers_nothing_whatever_it_looks_like() -> None:
    assert outline_of(SMALL, "").settings.choices == {"footer/result": ("Open", "Done", "Failed", "Undone")}
    assert outline_of(SMALL, '[choices]\n"footer/result" = []').settings.choices == {}


def test_a_bullet_with_three_words_is_a_choice_like_a_line() -> None:
    outline = outline_of(SMALL.replace("[Reason]", "[Expiry/Leak/Policy]"), "")
    assert outline.settings.choices["work/intro/why"] == ("Expiry", "Leak", "Policy")


def test_a_day_without_a_time_is_pointed_out_since_no_record_gets_a_window() -> None:
    dated = NOBODY.replace('date = ""\n', "")
    assert [one[1:] for one in words(SMALL, dated) if "no record has a window" in one[0]] == [(3, "text", False)]
    assert words(SMALL, NOBODY) == [], "where nobody says a day either, both are kept beside the text"


def test_a_line_that_is_said_to_hold_two_things_stops_it() -> None:
    """A day and a time that were written into one line would each take the place of the other."""
    toml = NOBODY.replace('time = ""', 'time = "header/day"').replace('date = ""', 'date = "header/day"')
    [found] = [one for one in words(SMALL, toml) if "a line of its own" in one[0]]
    assert found[0] == "“Day” is said to hold the date and the time: each needs a line of its own, or none."
    assert (found[2], found[3]) == ("settings", True)


def test_a_line_of_the_plan_that_closing_would_write_stops_it() -> None:
    text = SMALL.replace("[Reason]", "[Open/Done/Failed/Undone]")
    bound = NOBODY + 'status = "work/intro/why"\n'
    (found,) = [one for one in problems_of(text, bound) if one.field == "due:work/intro/why"]
    assert found.stops and "“Why” is written while closing" in found.words
    assert not problems_of(text, f'{bound}[due]\n"work/intro/why" = "close"\n')


@pytest.mark.parametrize("more", ["\n- [Else]", "\n  - **More**: [Else]\n    - **Deep**: [Down]", "\n  - plain"])
def test_a_list_of_which_not_all_is_fields_holds_some_once_the_settings_say_so(more: str) -> None:
    """As the words say that name what keeps it from being fields."""
    text = SMALL.replace("[Reason]", f"[Reason]{more}")
    key = "work/intro/why"
    assert key not in outline_of(text, NOBODY).answers
    assert any("say in the settings that the group holds fields" in one[0] for one in words(text))
    told = NOBODY + '[kind]\n"work/intro" = "fields"\n'
    assert key in outline_of(text, told).answers
    assert not any("say in the settings that the group holds fields" in one[0] for one in words(text, told))
    assert write(outline_of(text, told).document) == text


def test_a_level_that_needs_fewer_approvals_than_a_lower_one_is_pointed_out() -> None:
    text = SMALL.replace("**Day**", "**Risiko**: [Niedrig/Hoch/Kritisch]\n**Day**")
    toml = NOBODY.replace('risk = ""', 'risk = "header/risiko"')
    rule = '[rule]\nHoch = ["supervisor", "devops_supervisor"]\n'
    found = [one for one in words(text, toml + rule) if "fewer approvals" in one[0]]
    assert [one[0] for one in found] == ["Kritisch needs fewer approvals (1) than Hoch (2)."]
    assert found[0][1] == len(split_lines(toml)) + 1 and not found[0][3]


def test_rows_that_are_put_later_than_the_review_are_pointed_out() -> None:
    text = SMALL.replace("---\n", "### Seen\n\n- [ ] [It runs]\n\n---\n", 1)
    [(_words, line, where, stops)] = [
        one for one in words(text, NOBODY + '[due]\n"work/seen" = "open"\n') if "part of the plan" in one[0]
    ]
    assert (where, stops, line) == ("settings", False, len(split_lines(NOBODY)) + 2)


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        (SMALL.replace("- **Why**", "    code\n\n- **Why**"), "fits no shape", 7),
        (SMALL.replace("- **Why**: [Reason]", "<!-- Say why -->"), "A comment or a tag asks for nothing", 7),
        ("---\nowner: ops\n---\n\n" + SMALL, "Front matter", 1),
        (SMALL.replace("- **Why**", "> quoted\n\n- **Why**"), "A quotation is no field", 7),
        (SMALL.replace("## Work", "Überblick\n=====\n\n## Work"), "write “## Überblick”", 5),
        (SMALL.replace("## Work", "---\n\n## Work"), "Only the last --- means something", 5),
        (SMALL.replace("\n**Result**", "\n\nResult"), "What follows the last --- is the footer if", 9),
        (SMALL.replace("## Work", "- **Why**: [x]\n\n## Work"), "A list is no header or footer line", 5),
        (SMALL.replace("## Work", "| a | b |\n|---|---|\n| Who | |\n\n## Work"), "A table is no header or footer", 5),
        (SMALL.replace("**Day**", "Day"), "A header or footer line has a bold label", 3),
        (SMALL.replace("- **Why**: [Reason]", "1. Stop it\n\n   ```\n   stop\n   ```"), "begins with a bold title", 7),
        (SMALL.replace("- **Why**", "Result: OK / Not OK\n\n- **Why**"), "These lines are one piece of text", 7),
        (SMALL.replace("- **Why**", "**Owner**: [who]\n\n- **Why**"), "These lines are one piece of text", 7),
        (
            SMALL.replace("- **Why**", "**Motif** : [a]\n**But** : [b]\n\n- **Why**"),
            "These lines are one piece of text",
            7,
        ),
        (SMALL.replace("- **Why**", "Rows before:\nRows after:\n\n- **Why**"), "These lines are one piece of text", 7),
        (
            SMALL.replace("[Reason]", "<reason> by ____-__-__, TT.MM.JJJJ"),
            "asked for: <reason>, ____-__-__, TT.MM.JJJJ.",
            7,
        ),
        (
            SMALL.replace("- **Why**: [Reason]", "### Back\n\n1. **Undo**\n   ```\n   undo\n   ```").replace(
                "---\n", "## Dangers\n\n### Hoch\n\n1. **[Danger]**\n   - **Measure**: [What]\n\n---\n"
            ),
            "“Hoch” is read as steps of a way back, as those under “Work”",
            16,
        ),
        (SMALL.replace("- **Why**: [Reason]", "- why"), "A field needs a label", 7),
        (SMALL.replace("- **Why**: [Reason]", f"```\nSeen:\n- CPU: 5% → [after]%\n{FENCE}"), "as one value", 9),
        (SMALL.replace("- **Why**", "- [ ] It runs\n- **Why**"), "Checks and fields stand in one list", 7),
        (SMALL.replace("[Reason]", "[Reason]\n  - **More**: [Else]"), "“More” stands under another point", 8),
        (SMALL.replace("[Reason]", "[Reason]\n- [Else]"), "“- [Else]” has no label", 8),
        (SMALL.replace("[Reason]", "[Reason]\n- **Who**: [Name]\n  - [Else]"), "“- [Else]” has no label", 9),
        (SMALL.replace("[Reason]", "[Reason]\n\n  More [words]."), "“More [words].” has no label", 9),
        (
            SMALL.replace("[Reason]", "[Reason]\n  - **More**: [Else]\n    - **Deep**: [Down]"),
            "“- **Deep**: [Down]” stands under a point that is itself under one",
            9,
        ),
        (
            SMALL.replace("- **Why**: [Reason]", "1. **Do**\n   - **How**: [x]\n     - **With**: [y]"),
            "“- **With**: [y]” is no field: it is part of what is asked for under “How”",
            8,
        ),
        (SMALL.replace("[Reason]", "[Reason]\n\n1. **Step**"), "it would be a trigger", 7),
        (SMALL.replace("## Work", "## Work\n\n### Phase 1: Begin\n\n1. **One**: [x]\n"), "No phase has a window", 7),
        (
            SMALL.replace("## Work", "## W\n\n### Stage 1: A (HH:MM-HH:MM)\n\n1. **B**\n\n## Work\n\n### Stage 2: C\n"),
            "looks like a phase but has no window",
            13,
        ),
        (
            SMALL.replace("## Work", "## W\n\n### 阶段1：A（HH:MM-HH:MM）\n\n1. **B**\n\n## Work\n\n### 阶段2：C\n"),
            "looks like a phase but has no window",
            13,
        ),
        (
            SMALL.replace("## Work", "## Work\n\n### 第1段階：準備（HH:MM-HH:MM）\n\n1. **One**: [x]\n"),
            "isn't counted as a phase is",
            7,
        ),
        (SMALL.replace("- **Why**: [Reason]", "```\n[never closed]"), "never closed", 7),
        (SMALL.replace("[Reason]", "[Rea\u202eson]"), "nobody sees", 7),
        (
            SMALL.replace("YYYY-MM-DD", "YYYY-MM-DD\n**Danger**: Small/Big/A lot"),
            "As a choice it is [Small/Big/A lot]",
            4,
        ),
    ],
)
def test_what_looks_odd_is_said_with_its_line_and_stops_nothing(text: str, said: str, line: int) -> None:
    found = [one for one in words(text) if said in one[0]]
    assert [(where, at, stops) for _words, at, where, stops in found] == [("text", line, False)]


@pytest.mark.parametrize(
    "text",
    [
        "Note: see https://example.org/a/b",
        "We go back if:",
        "Press <kbd>Ctrl</kbd><br>and <https://example.org>, or <me@example.org>",
        "Is __init__ bold, or `a__b`? Write [<name>] here",
        "```\nssh <host> ____\n```",
    ],
)
def test_what_only_looks_like_a_blank_is_let_be(text: str) -> None:
    assert words(SMALL.replace("- **Why**", f"{text}\n\n- **Why**")) == []


@pytest.mark.parametrize(
    ("more", "said", "stops"),
    [
        ('[kind]\n"work/nothing" = "steps"\n', "no such group", True),
        ('[propose]\n"work/intro/why" = ["steps"]\n', "belongs to the plan", True),
        ('[propose]\n"footer/status" = ["plan work/nowhere"]\n', "which has no such line", True),
        ('[commands]\n"work/intro/why" = "fixed"\n', "no commands there", True),
        ('[rule]\ndefault = ["boss"]\n', "the role “boss”", True),
        ('[due]\n"nowhere" = "open"\n', "nothing in the template is called so", False),
        ('[due]\n"work" = { part = "plan", from = "Huge" }\n', "no risk level", True),
    ],
)
def test_what_is_wrong_in_the_settings_is_said_with_its_line(more: str, said: str, stops: bool) -> None:
    toml = NOBODY + more
    [(_words, line, where, does)] = [one for one in words(SMALL, toml) if said in one[0]]
    assert (where, does) == ("settings", stops)
    assert split_lines(toml)[line - 1] == more.splitlines(keepends=True)[1]


def test_settings_that_are_no_toml_are_said_with_their_line() -> None:
    [problem] = problems_of(SMALL, 'name = "x"\nversion = \n')
    assert (problem.line, problem.where, problem.stops) == (2, "settings", True)


def test_a_template_that_says_no_name_is_asked_for_one() -> None:
    words = "The template doesn't say its name. Give it one in the settings."
    asked = problems_of(SMALL, NOBODY.replace("name = 'Change'\n", ""))
    assert Problem(words, 0, "settings", field="name") in asked


@pytest.mark.parametrize("sign", ["\0", "\n", "\x1b", "\x85", "\u2028"])
def test_a_name_stands_on_one_line_since_lists_and_scripts_show_it_so(sign: str, db: None) -> None:
    escaped = f"\\u{ord(sign):04x}"
    for told in (f'name = "a{escaped}b"', f'name = "a"\nversion = "1{escaped}0"'):
        toml = NOBODY.replace("name = 'Change'", told)
        found = [problem.words for problem in problems_of(SMALL, toml) if problem.stops]
        assert any(words.startswith("This has to be on one line") and sign not in words for words in found)
        with pytest.raises(Unusable, match="This has to be on one line"):
            take_template(SMALL, toml)
    with pytest.raises(Unusable, match="This has to be on one line"):
        take_template(SMALL, NOBODY, name=f"a{sign}b")


def test_a_table_is_named_and_stands_in_the_form_as_it_is() -> None:
    table = "| Host | Role |\n|---|---|\n| [host] | [role] |"
    text = SMALL.replace("- **Why**: [Reason]\n", f"- **Why**: [Reason]\n\n{table}\n")
    [problem] = [one for one in problems_of(text, NOBODY) if "table" in one.words]
    assert (problem.line, problem.stops) == (9, False)
    assert shown(table, "paragraph", table) == table
    assert isinstance(state_of(table, "paragraph", table), Empty)
    assert shown("[Words | more]", "paragraph", "[Words | more]") == ""


def test_a_check_under_a_check_is_named() -> None:
    text = SMALL.replace("- **Why**: [Reason]\n", "- [ ] One\n- [ ] All\n  - [ ] Two\n")
    [problem] = [one for one in problems_of(text, NOBODY) if "one check" in one.words]
    assert (problem.line, problem.stops) == (8, False)
    assert "“All”" in problem.words


def test_a_template_that_puts_nothing_after_the_run_is_asked_about_it() -> None:
    two = SMALL.replace("---\n", "## What we learned\n\n[In a sentence]\n\n---\n", 1)
    [(said, _line, where, stops)] = words(two)
    assert said.startswith("Every section is due before review") and (where, stops) == ("settings", False)
    assert words(two, NOBODY + '[due]\nwhat-we-learned = "close"\n') == []


def test_work_without_a_phase_is_no_work_and_two_sections_of_it_stop_the_template() -> None:
    step = "1. **%s**\n   ```\n   %s\n   ```\n\n"
    one = SMALL.replace("---\n", f"## Steps\n\n{step % ('Stop', 'stop')}---\n", 1)
    two = one.replace("---\n", f"## If it fails\n\n{step % ('Start', 'start')}---\n", 1)
    for text, does_stop in ((one, False), (two, True)):
        [(said, line, _where, stops)] = [one for one in words(text) if "read as the way back" in one[0]]
        assert said.startswith("The steps under “Steps”") and (line, stops) == (9, does_stop)
    phased = two.replace("## Steps\n", "## Steps\n\n### Phase 1: Stop (HH:MM-HH:MM)\n")
    assert not [one for one in words(phased) if "read as the way back" in one[0]]


@pytest.mark.parametrize(
    "name",
    [
        "\u0406nfrastructure Operations Template",
        "infrastructure operations template",
        "Infrastructure-Operations Template",
        "Infrastructure\u200b Operations Template",
        "\u202eInfrastructure Operations Template",
        "Infrastructure\u00a0Operations Template",
        "Infrastructure  Operations Template",
        " Infrastructure Operations Template",
    ],
)
def test_no_template_goes_by_a_name_that_only_looks_like_another_s(template: OperationTemplate, name: str) -> None:
    """It has no share in the rule that an administrator set for the other one, and nobody can tell them apart."""
    assert template.name == "Infrastructure Operations Template"
    toml = f'name = "{name}"\nversion = "9"\n{template.toml}'
    with pytest.raises(Unusable, match=r"looks the same|nobody sees"):
        take_template(template.text, toml)
    draft = TemplateDraft(text=template.text, toml=toml)
    assert any("looks the same" in words or "nobody sees" in words for words in stops(draft))


@pytest.mark.parametrize("version", ["1.0.0 ", " 1.0.0", "1.0.0\u200b", "1.0.0\u2800"])
def test_no_version_goes_by_a_number_that_only_looks_like_another_s(template: OperationTemplate, version: str) -> None:
    with pytest.raises(Unusable, match="nobody sees"):
        take_template(template.text, f'version = "{version}"\n{template.toml}')


@pytest.mark.parametrize("role", ["administrator", "operator", "auditor", "template_keeper"])
def test_a_rule_asks_for_roles_that_sign(template: OperationTemplate, role: str) -> None:
    """Else nobody could ever approve a record, and its author heard of it when sending it."""
    toml = template.toml.replace("[rule]\n", f'[rule]\ndefault = ["{role}"]\n')
    assert toml != template.toml
    with pytest.raises(Unusable, match=f"the role “{role}”, which signs nothing"):
        take_template(template.text, toml, name="Another")


def test_a_folder_fits_where_publications_are_queued(template: OperationTemplate) -> None:
    for length, fits in ((FOLDER_LENGTH, True), (FOLDER_LENGTH + 1, False)):
        toml = template.toml.replace('folder = "infrastructure"', f'folder = "{"a" * length}"')
        assert (problems_of(template.text, toml)[:1] == [] or not problems_of(template.text, toml)[0].stops) == fits
    assert FOLDER_LENGTH + len("/") + ID_LENGTH + len(".md") <= Delivery._meta.get_field("subject").max_length
