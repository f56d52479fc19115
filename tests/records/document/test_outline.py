"""Templates as outlines: none of their parts may be forgotten, each by its shape and place alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from records.document.outline import Answer, Check, Commands, Document, Item, Loose, Metric, Rows
from records.document.read import read_record, read_template
from records.document.shapes import choices_of, metric_in, metric_line
from records.document.write import write
from tests.records.document.strategies import TEMPLATES, places, put

GIVEN, CERTIFICATE, QUICK = (
    TEMPLATES[name] for name in ("infrastructure-operation", "certificate-rotation", "quick-change")
)


def all_of(document: Document, kind: type) -> list:  # type: ignore[type-arg]
    return [leaf for _, leaf in places(document, kind)]


def kinds(document: Document) -> Counter[str]:
    """How many blocks of each kind stand in groups: rows by kind, answers by shape (a group of bullets is one)."""
    found: Counter[str] = Counter()
    for section in document.sections:
        for group in section.groups:
            blocks = [b.kind if isinstance(b, Rows) else getattr(b, "shape", "markdown") for b in group.blocks]
            found += Counter({kind: 1 if kind == "bullet" else n for kind, n in Counter(blocks).items()})
    return found


def outline(document: Document) -> list[tuple[str, list[str]]]:
    return [(s.title or s.kind, [g.title for g in s.groups]) for s in document.sections]


def test_the_given_template_has_the_inventory_of_its_design() -> None:
    sections = [s for s in GIVEN.sections if s.kind == "section"]
    header, footer = GIVEN.sections[0], GIVEN.sections[-1]
    assert len(sections) == 9
    assert sum(len([g for g in s.groups if g.heading]) for s in sections) == 27
    assert (header.kind, len(list(header.answers()))) == ("header", 1 + 9)
    assert (footer.kind, len(list(footer.answers()))) == ("footer", 4 + 4)
    assert [a.gap for a in footer.answers()] == ["", "", "", "\n", "", "", "", ""]
    assert not all_of(GIVEN, Loose)


def test_the_given_template_by_kinds() -> None:
    assert kinds(GIVEN) == {
        "title": 1,
        "line": 17,
        "text": 1,
        "bullet": 14,
        "fence": 1,
        "metrics": 2,
        "steps": 4,
        "checks": 1,
        "risks": 3,
        "triggers": 1,
        "validations": 1,
    }


def test_labelled_bullets_of_the_given_template() -> None:
    bullets = [a for a in all_of(GIVEN, Answer) if a.shape == "bullet"]
    nested = [part for item in all_of(GIVEN, Item) for part in item.parts if isinstance(part, Answer)]
    rows = [row for block in all_of(GIVEN, Rows) for row in block.rows if isinstance(row, Item)]
    numbered = [row for row in rows if row.number is not None]
    assert (len(bullets) - len(nested)) + (len(rows) - len(numbered)) == 64
    assert (len(nested), len(numbered)) == (25, 12)


def test_commands_checks_and_metrics_of_the_given_template() -> None:
    assert [c.language for c in all_of(GIVEN, Commands)] == ["bash"] * 5
    assert [c.ticked for c in all_of(GIVEN, Check)] == [False] * 5
    metrics = all_of(GIVEN, Metric)
    assert [m.after for m in metrics[:7]] == [None] * 7
    assert [(m.before, m.after, m.unit) for m in metrics[7:]] == [
        ("[before]", "[after]", unit) for unit in ("%", "GB", "ms", " req/sec", "%")
    ]


def test_phases_of_the_given_template() -> None:
    phases = [(g.phase, g.blocks) for s in GIVEN.sections for g in s.groups if g.phase]
    assert [(p.word, p.number, p.title, p.window) for p, _ in phases] == [
        ("Phase", 1, "Pre-Migration Setup", "HH:MM-HH:MM"),
        ("Phase", 2, "Migration Execution", "HH:MM-HH:MM"),
        ("Phase", 3, "Validation & Monitoring", "HH:MM-HH:MM"),
    ]
    assert [len(rows.rows) for _, blocks in phases for rows in blocks if isinstance(rows, Rows)] == [2, 2, 2]


def test_measures_of_the_given_template_differ_by_level() -> None:
    risks = [block for block in all_of(GIVEN, Rows) if block.kind == "risks"]
    assert [[[p.label for p in row.parts] for row in block.rows if isinstance(row, Item)] for block in risks] == [
        [["Mitigation", "Detection", "Recovery"]] * 2,
        [["Monitoring", "Thresholds", "Response"]],
        [[], []],
    ]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_keys_are_unique_although_labels_repeat(template: Document) -> None:
    keys = [leaf.key for _, leaf in places(template, Answer, Item, Check, Metric, Commands, Loose)]
    assert [key for key, n in Counter(keys).items() if n > 1] == []


def test_choices_are_guessed_from_their_shape() -> None:
    chosen = {a.label: len(choices_of(a.text)) for a in all_of(GIVEN, Answer) if choices_of(a.text)}
    assert chosen == {"Risk Level": 4, "Service Impact": 4, "Operation Status": 4}


@pytest.mark.parametrize(
    "value",
    [
        "[Agent/Person Name]",
        "[a/b/c]",
        "Low/High/None",
        "[Low/High]",
        "[2/3/4]",
        "[//]",
        "",
        "[]",
        "[JJ/MM/AAAA]",
        "[YYYY/MM/DD]",
    ],
)
def test_what_is_no_choice(value: str) -> None:
    assert choices_of(value) == ()


@pytest.mark.parametrize("value", ["[低/中/高]", "[🟢 低/🟡 中/🔴 高]", "[منخفض/متوسط/مرتفع]", "[Faible/Moyen/Élevé]"])
def test_a_script_without_capitals_has_choices_too(value: str) -> None:
    assert len(choices_of(value)) == 3


def test_another_template_of_the_family_is_read_with_no_code_written() -> None:
    assert kinds(CERTIFICATE) == {
        "title": 1,
        "line": 20,
        "text": 3,
        "paragraph": 2,
        "bullet": 6,
        "fence": 2,
        "metrics": 2,
        "steps": 6,
        "checks": 2,
        "risks": 4,
        "triggers": 1,
        "markdown": 1,
    }
    phases = [g.phase for s in CERTIFICATE.sections for g in s.groups if g.phase]
    assert [(p.word, p.number) for p in phases] == [
        ("Phase", 1),
        ("Phase", 2),
        ("Wave", 3),
        ("Wave", 4),
        ("Phase", 5),
    ]
    assert CERTIFICATE.sections[-1].kind == "guidance"
    chain = [a for a in all_of(CERTIFICATE, Answer) if "/chain-of-trust/" in a.key]
    assert [a.key.removeprefix("inventory/chain-of-trust/") for a in chain] == [
        "root",
        "root/distributed-by",
        "root/pinned-by",
        "intermediate",
        "intermediate/cross-signed-by",
        "revocation",
    ]


def test_plain_bullets_under_a_step_are_one_piece_of_markdown() -> None:
    look = next(item for item in all_of(QUICK, Item) if item.title == "Look")
    assert [part.text for part in look.parts] == ["- [First sign that it worked]\n- [Second sign that it worked]"]


def test_the_short_template_has_risks_beside_its_phase() -> None:
    assert outline(QUICK) == [
        ("header", [""]),
        ("What and Why", ["", "Touches"]),
        ("Doing It", ["Phase 1: The Change (HH:MM-HH:MM)", "🟡 What Could Go Wrong (Watched)"]),
        ("Undoing It", ["Undo If", "Undo Steps"]),
        ("footer", [""]),
    ]
    assert [block.kind for block in all_of(QUICK, Rows)] == ["steps", "risks", "triggers", "steps"]


def test_names_that_occur_again_among_siblings_get_an_ordinal() -> None:
    group = "### G\n\n- **Same**: a\n- **Same**: b\n\n"
    document = read_template(f"# T: [x]\n\n**Same**: a\n**Same**: b\n\n## S\n\n{group}{group}")
    assert [a.key for a in all_of(document, Answer)] == [
        "title",
        "header/same",
        "header/same~2",
        "s/g/same",
        "s/g/same~2",
        "s/g~2/same",
        "s/g~2/same~2",
    ]


def test_unknown_shapes_are_kept_as_markdown() -> None:
    document = read_template("# T\n\n## S\n\n### G\n\n- plain\n- **Bold**: x\n\n> quote\n")
    assert [leaf.source for leaf in all_of(document, Loose)] == ["- plain\n- **Bold**: x\n", "> quote\n"]


# ---------------------------------------------------------------- headings of phases, values of metrics

PHASES = (
    "# T: [x]\n\n## Steps\n\n### Phase 1: One (HH:MM-HH:MM)\n\n1. **A**\n\n### Phase 2: Two (HH:MM-HH:MM)\n\n1. **B**\n"
)


def counted(*sections: str) -> list[tuple[str, int, str]]:
    """The phases of a template whose sections hold groups, each with a step: one of commands where it has a $."""
    heads = [[head.strip() for head in section.split(",")] for section in sections]
    step = "1. **Do it**\n\n   ```\n   [it]\n   ```\n\n"
    groups = [
        [f"### {head.rstrip('$')}\n\n{step if '$' in head else '1. **Look**: [at]'}\n\n" for head in own]
        for own in heads
    ]
    document = read_template("# T: [x]\n\n" + "".join(f"## S{at}\n\n{''.join(own)}" for at, own in enumerate(groups)))
    return [(g.phase.word, g.phase.number, g.phase.title) for s in document.sections for g in s.groups if g.phase]


def test_where_no_phase_has_a_window_they_are_what_is_counted_through() -> None:
    work = [("Step", 1, "A"), ("Step", 2, "B")]
    assert counted("Step 1: A$, Step 2: B$", "Step 1: Back$") == work
    assert counted("Step 1: A$", "Step 2: B", "Way 3: Back$") == work
    assert counted("Risk 1: R", "Step 1: A$, Step 2: B", "Restore$") == work
    assert counted("Teil A – A, Teil B – B") == [("Teil", 1, "A"), ("Teil", 2, "B")]
    assert counted("Step 1: A (HH:MM-HH:MM)$, Step 2: B$", "Step 1: Back$")[:2] == work
    assert counted("Step 2: A$", "Step 7: B$") == []


def test_a_record_gives_such_phases_their_windows() -> None:
    template = read_template("# T: [x]\n\n## S\n\n### Step 1: A\n\n1. **B**\n")
    record = read_record("# T: x\n\n## S\n\n### Step 1: A (02:00-03:00)\n\n1. **B**\n", template)
    (phase,) = (g.phase for s in record.sections for g in s.groups if g.phase)
    assert (phase.title, phase.window) == ("A", "02:00-03:00")


@pytest.mark.parametrize(
    ("heading", "title", "window"),
    [
        ("Phase 5: Restoration (08:28)", "Restoration", "08:28"),
        ("Phase 1: Cut Over (22:00 - open end)", "Cut Over", "22:00 - open end"),
        ("Phase 1: Cut Over (DNS only)", "Cut Over (DNS only)", ""),
        ("Phase 1: Cut Over", "Cut Over", ""),
        ("Phase 1. Cut Over (22:)", "Cut Over", "22:"),
        ("Phase 1: Cut Over (TBD\\)", "Cut Over", "TBD"),
        ("Phase 1: Cut Over (08:28\\)", "Cut Over (08:28)", ""),
        ("Phase 1: (22:00-23:00)", "", "22:00-23:00"),
    ],
)
def test_a_records_phase_may_deviate(heading: str, title: str, window: str) -> None:
    record = read_record(f"# T: x\n\n## Steps\n\n### {heading}\n\n1. **A**\n", read_template(PHASES))
    (phase,) = (g.phase for s in record.sections for g in s.groups if g.phase)
    assert (phase.title, phase.window) == (title, window)


@pytest.mark.parametrize("heading", ["Phase one: x", "Wave 1: x", "Phase 12345678901: x", "The Phase 1: x"])
def test_what_is_no_phase_of_the_template(heading: str) -> None:
    record = read_record(f"# T: x\n\n## Steps\n\n### {heading}\n\n1. **A**\n", read_template(PHASES))
    assert not [g for s in record.sections for g in s.groups if g.phase]


@pytest.mark.parametrize(
    ("line", "before", "after", "unit"),
    [
        ("Load: 38% → 6%", "38", "6", "%"),
        ("Load: 38 % → [after]%", "38 %", "[after]", "%"),
        ("Load: 38% → n/a", "38", "n/a", "%"),
        ("Load: unknown → 6%", "unknown", "6", "%"),
        ("Load: 5s → 900ms", "5s", "900ms", ""),
        ("Load: low → high", "low", "high", ""),
        ("Load: 142 Gbit/s → 1 180 Gbit/s", "142", "1 180", " Gbit/s"),
        ("Load: 9 of 18ms → 90ms", "9 of 18ms", "90ms", ""),
        ("Load:  → ", "", "", ""),
    ],
)
def test_values_of_a_comparison(line: str, before: str, after: str, unit: str) -> None:
    text = f"# T: [x]\n\n## S\n\n### G\n\n```\nBefore → After:\nOther: [before]x → [after]x\n{line}\n```\n"
    metric = all_of(read_template(text), Metric)[1]
    assert (metric.before, metric.after, metric.unit) == (before, after, unit)


@pytest.mark.parametrize("name", ["a", "\\", "a\\", ":", "a: b", "\\:", "- a", "\\- a", "\\\\- a", "→"])
@pytest.mark.parametrize("after", [None, "", "n/a", "5", "→ x"])
def test_a_metric_is_read_back_whatever_it_is_called(name: str, after: str | None) -> None:
    found = metric_in(metric_line(name, "a → 5", after, ""))
    assert found == (name, "a → 5", after, "")


def test_a_comparison_may_be_a_list_where_the_template_says_so() -> None:
    """Each line with a dash and a placeholder on either side of its arrow; the rest is as in those without a dash."""
    text = "# T: [x]\n\n## S\n\n### G\n\n```\nFlow:\n- In: [before] → [after]\n- Late: [before]% → [after]%\n```\n"
    template = read_template(text)
    assert [(m.before, m.after, m.unit) for m in all_of(template, Metric)] == [
        ("[before]", "[after]", ""),
        ("[before]", "[after]", "%"),
    ]
    assert write(template) == text
    filled = text.replace("[before] → [after]", "12 → 14").replace("[before]% → [after]%", "3% → n/a")
    record = read_record(filled, template)
    assert [(m.key, m.before, m.after, m.unit) for m in all_of(record, Metric)] == [
        ("s/g/in", "12", "14", ""),
        ("s/g/late", "3", "n/a", "%"),
    ]
    assert write(record) == filled
    [(path, rows)] = places(record, Rows)
    more = (replace(rows.rows[0], after="→ 9"), Metric("s/g/row~1", "- Out: x", "1", "2", "/h"), rows.rows[1])
    written = write(put(record, path, replace(rows, rows=more)))
    assert "- In: 12 → → 9\n- - Out\\: x: 1/h → 2/h\n- Late: 3% → n/a\n" in written
    assert [(m.name, m.before, m.after, m.unit) for m in all_of(read_record(written, template), Metric)] == [
        ("In", "12", "→ 9", ""),
        ("- Out: x", "1", "2", "/h"),
        ("Late", "3", "n/a", "%"),
    ]
    plain = read_template(text.replace("[before] → [after]", "14 → 16"))
    assert [m.after for m in all_of(plain, Metric)] == [None, None], "one line that says something is no comparison"


def test_the_templates_unit_is_found_only_where_it_stands() -> None:
    line = "CPU Utilization: [before]% → [after]%"
    for other, expected in [
        ("CPU Utilization: 5 → 6", ("5", "6", "")),
        ("CPU Utilization: 5 % → 6%", ("5 %", "6", "%")),
        ("CPU Utilization: 5% → 6ms", ("5", "6ms", "%")),
        ("CPU Utilization: 4TB → [after]TB", ("4", "[after]", "TB")),
        ("CPU Utilization: 5 % → 6 %", ("5", "6", " %")),
        ("CPU Utilization: 5 ms → n/a", ("5", "n/a", " ms")),
        ("CPU Utilization: 5 of them → n/a", ("5 of them", "n/a", "%")),
        ("CPU Utilization: 5 of 8% → 6 of 8%", ("5 of 8%", "6 of 8%", "%")),
    ]:
        record = read_record(write(GIVEN).replace(line, other), GIVEN)
        metric = next(m for m in all_of(record, Metric) if m.after is not None)
        assert (metric.before, metric.after, metric.unit) == expected


def test_plain_bullets_between_labelled_ones_stay_in_their_place() -> None:
    steps = "1. **A**\n   - **B**: b\n   - plain\n   - too\n   - **C**: c\n   - last\n"
    (item,) = all_of(read_template(PHASES.replace("1. **A**\n", steps)), Item)[:1]
    assert [part.text for part in item.parts] == ["b", "- plain\n- too", "c", "- last"]


@pytest.mark.parametrize("text", ["Words", "Infrastructure Operation: x", "Infrastructure Operation:", "a #", ""])
@pytest.mark.parametrize("heading", ["# Infrastructure Operation: [Brief Description]", "# Something else"])
def test_a_title_is_read_back_with_and_without_the_templates_words(heading: str, text: str) -> None:
    record = read_record(f"{heading}\n\nx\n", GIVEN)
    ((path, title),) = places(record, Answer)
    again = read_record(write(put(record, path, replace(title, text=text))), GIVEN)
    assert again.title == text
