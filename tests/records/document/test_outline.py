"""The given template as an outline: none of its parts may be forgotten, each by its shape alone."""

from collections import Counter

import pytest

from records.document.outline import Checks, Fields, Metrics, Outline, Phase, Risks, Steps, Text
from records.document.read import choices_of, read_outline


@pytest.fixture(scope="module")
def outline(infrastructure_template: str) -> Outline:
    return read_outline(infrastructure_template)


def test_header_and_footer_lines(outline: Outline) -> None:
    assert len(outline.header) == 9
    assert [len(paragraph) for paragraph in outline.footer] == [4, 4]
    assert outline.footer[1][-1].value == "Infrastructure Operations Template v1.0.0"
    assert outline.guidance == ""


def test_choices_are_guessed_from_their_shape(outline: Outline) -> None:
    chosen = {
        field.label: len(field.choices) for field in outline.header + outline.footer[0] if field.choices
    }
    assert chosen == {"Risk Level": 4, "Service Impact": 4, "Operation Status": 4}


@pytest.mark.parametrize(
    "value", ["[Agent/Person Name]", "[a/b/c]", "Low/High/None", "[Low/High]", "[2/3/4]", "[//]"]
)
def test_what_is_no_choice(value: str) -> None:
    assert choices_of(value) == ()


def test_kinds_of_parts(outline: Outline) -> None:
    kinds = Counter(part.kind for _, part in outline.parts())
    assert kinds == {
        "fields": 16,
        "text": 2,  # the free paragraph of the summary, the architecture fence
        "metrics": 2,
        "phase": 3,
        "checks": 1,
        "risks": 3,
        "steps": 1,
    }


def test_labelled_bullets(outline: Outline) -> None:
    parts = [part for _, part in outline.parts()]
    items = [item for part in parts if isinstance(part, Steps | Phase | Risks) for item in part.items]
    top = sum(len(part.fields) for part in parts if isinstance(part, Fields))
    low_risks = sum(
        len(part.items) for part in parts if isinstance(part, Risks) and not part.items[0].details
    )
    nested = sum(len(item.details) for item in items)
    assert (top + low_risks, nested) == (64, 25)
    assert sum(len(item.commands) for item in items) == 5
    assert not any(item.notes for item in items)


def test_phases_have_windows_and_steps(outline: Outline) -> None:
    phases = [part for _, part in outline.parts() if isinstance(part, Phase)]
    assert [(phase.title, phase.start, phase.end, len(phase.items)) for phase in phases] == [
        ("Pre-Migration Setup", "HH:MM", "HH:MM", 2),
        ("Migration Execution", "HH:MM", "HH:MM", 2),
        ("Validation & Monitoring", "HH:MM", "HH:MM", 2),
    ]


def test_risks_by_treatment_with_the_measures_of_their_level(outline: Outline) -> None:
    risks = [part for _, part in outline.parts() if isinstance(part, Risks)]
    assert [(part.treatment, [[d.label for d in item.details] for item in part.items]) for part in risks] == [
        ("Mitigated", [["Mitigation", "Detection", "Recovery"]] * 2),
        ("Monitored", [["Monitoring", "Thresholds", "Response"]]),
        ("Accepted", [[], []]),
    ]


def test_metrics_and_checks(outline: Outline) -> None:
    parts = [part for _, part in outline.parts()]
    baseline, comparison = (part for part in parts if isinstance(part, Metrics))
    assert [m.after for m in baseline.metrics] == [None] * 7
    assert [(m.before, m.after, m.unit) for m in comparison.metrics] == [
        ("[before]", "[after]", unit) for unit in ("%", "GB", "ms", "req/sec", "%")
    ]
    assert [[check.ticked for check in part.checks] for part in parts if isinstance(part, Checks)] == [
        [False] * 5
    ]


def test_keys_are_unique_although_labels_repeat(outline: Outline) -> None:
    keys = [field.key for _, part in outline.parts() if isinstance(part, Fields) for field in part.fields]
    labels = [field.label for _, part in outline.parts() if isinstance(part, Fields) for field in part.fields]
    assert len(set(keys)) == len(keys)
    assert Counter(labels)["Performance"] == 3


def test_names_that_occur_again_among_siblings_get_an_ordinal() -> None:
    group = "### G\n\n- **Same**: a\n- **Same**: b\n"
    outline = read_outline(f"# T\n\n**Same**: a\n**Same**: b\n\n## S\n\n{group}\n{group}")
    keys = [field.key for _, part in outline.parts() if isinstance(part, Fields) for field in part.fields]
    assert keys == ["s/g/same", "s/g/same~2", "s/g~2/same", "s/g~2/same~2"]
    assert [field.key for field in outline.header] == ["header/same", "header/same~2"]


def test_unknown_shapes_are_kept_as_text() -> None:
    outline = read_outline("# T\n\n## S\n\n### G\n\n- plain\n- **Bold**: x\n\n> quote\n")
    parts = [part for _, part in outline.parts()]
    assert all(isinstance(part, Text) for part in parts)
    assert [part.source for part in parts if isinstance(part, Text)] == [
        "- plain\n- **Bold**: x\n\n",
        "> quote\n",
    ]
