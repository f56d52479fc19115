"""What a plan is asked about: each thing is said where it is wrong, and not where it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.document.fields import table_of
from records.document.outline import Document
from records.document.read import read_record
from records.document.with_fields import with_fields
from records.models import Outline, outline_of
from records.times import window_in
from records.writing.plan_warnings import plan_warnings, vague_word

ROOT = Path(__file__).parents[3]
STEPS, BACK = "infrastructure-operation-steps", "disaster-recovery-plan"
ONE, TWO, THREE = (
    f"{STEPS}/phase-1-pre-migration-setup-hh-mm-hh-mm",
    f"{STEPS}/phase-2-migration-execution-hh-mm-hh-mm",
    f"{STEPS}/phase-3-validation-monitoring-hh-mm-hh-mm",
)
PROCEDURES = [
    f"{BACK}/rollback-procedures/{name}"
    for name in ("immediate-rollback", "complete-infrastructure-restoration", "data-restoration")
]


@pytest.fixture(scope="module")
def outline() -> Outline:
    folder = ROOT / "records/operation_templates"
    text = (folder / "infrastructure-operation.md").read_bytes().decode()
    return outline_of(text, (folder / "infrastructure-operation.toml").read_text())


@pytest.fixture(scope="module")
def good(outline: Outline) -> Document:
    """A plan that nothing is the matter with, once its ways back have an estimate."""
    text = (ROOT / "tests/data/records/postgresql-16-orders.md").read_bytes().decode()
    return read_record(text, outline.document)


ESTIMATES = {f"{key}.estimate": "10 min" for key in PROCEDURES}


def said(
    outline: Outline, document: Document, values: dict[str, str], annex: dict[str, str] | None = None
) -> list[str]:
    """The warnings of ``document`` with ``values`` in it, as sentences."""
    sections = tuple(with_fields(s, {k: v for k, v in values.items() if _in(s.key, k)}) for s in document.sections)
    changed = Document(sections)
    assert all(any(table_of(s).get(k) == v for s in sections) for k, v in values.items())
    return [f"{one.label} {one.words}" for one in plan_warnings(changed, outline, ESTIMATES | (annex or {}))]


def _in(section: str, key: str) -> bool:
    return key.split("/")[0].split(".")[0] == section


def test_windows_of_which_none_can_be_read_leave_the_end_open(outline: Outline, good: Document) -> None:
    unread = {f"{key}.window": "as long as it takes" for key in (ONE, TWO, THREE)}
    told = [one for one in said(outline, good, unread) if "no end of the window" in one]
    assert told == ["Phase 3 tells no end of the window, so that is taken to be a day after its start"]
    assert not any("no end" in one for one in said(outline, good, {f"{THREE}.window": "as long as it takes"}))


def test_a_procedure_that_is_not_applicable_takes_no_time_and_lacks_no_estimate(
    outline: Outline, good: Document
) -> None:
    """Nor one that the risk level doesn't ask for, while nobody has touched it."""
    annex = {f"{key}.estimate": "" for key in PROCEDURES[1:]}
    assert any("has no time estimate" in one for one in said(outline, good, {}, annex))
    table = {key: text for section in good.sections for key, text in table_of(section).items()}
    texts = {key: text for key, text in table.items() if key.startswith(tuple(f"{one}/" for one in PROCEDURES[1:]))}
    away = {key: ("# " if key.endswith("/commands") else "") + outline.settings.filler for key in texts}
    assert said(outline, good, away, annex) == []
    untouched = {key: outline.texts[key] for key in texts if key in outline.texts}
    assert said(outline, good, untouched | {"header/risk-level": "Low"}, annex) == []


def test_a_good_plan_has_no_warning(outline: Outline, good: Document) -> None:
    assert said(outline, good, {}) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({f"{TWO}.window": "02:30-04:30"}, "Phase 2 overlaps Phase 1 by 15 min"),
        ({f"{TWO}.window": "03:00-04:30"}, "Phase 2 starts 15 min after Phase 1 ends: nothing is planned in between"),
        ({f"{THREE}.window": "05:30-04:30"}, "Phase 3 ends before it starts, or takes 23 h"),
        ({f"{THREE}.window": "04:30-04:30"}, "Phase 3 ends when it starts"),
        (
            {"operation-summary/infrastructure-rationale/compliance": "To confirm by 2030-01-01: the audit answers"},
            "Compliance is to be confirmed by 2030-01-01, and the start before that waits for it",
        ),
        (
            {"header/date": "6 December"},
            "Date can't be understood, so the record has no window, and a supervisor has to allow its start: "
            "Write the date as 2026-12-06 or 6 Dec 2026",
        ),
        (
            {"header/time": "02:00 at night"},
            "Time can't be understood, so the record has no window, and a supervisor has to allow its start: "
            "Write the time as 02:00 UTC, 02:00 +01:00 or 02:00 Europe/Berlin",
        ),
        (
            {"header/time": "To confirm by 2026-12-01: the customer says the hour"},
            "Time tells no start, so the record has no window, and a supervisor has to allow its start",
        ),
        (
            {"header/date": "Not applicable: whenever it fits"},
            "Date tells no start, so the record has no window, and a supervisor has to allow its start",
        ),
        (
            {f"{THREE}.window": "half past four"},
            "Phase 3 has a window that can't be read: Write the window as 02:00-02:45",
        ),
        (
            {"post-operation-infrastructure-verification/performance-comparison/memory-usage.before": "13 %"},
            "Memory Usage written in %; asked for in GB",
        ),
        (
            {f"{BACK}/rollback-triggers/error-rates.text": "Too many errors"},
            "Error Rates is a trigger without a number",
        ),
        (
            {f"{PROCEDURES[0]}/commands": "# by hand\nkubectl rollout undo deployment/service-name"},
            "Immediate Rollback still holds a sample command of the template: "
            "“kubectl rollout undo deployment/service-name”",
        ),
        (
            {f"{PROCEDURES[0]}/commands": "kubectl get pods\nkubectl\u00a0delete pod \u2013\u00a0all"},
            "1 Immediate Rollback, commands line 2 holds ⟨U+00A0⟩, ⟨U+2013⟩, which isn't what it looks like",
        ),
        (
            {f"{PROCEDURES[0]}/commands": "echo ‘as it was; rm -rf /srv’"},
            "1 Immediate Rollback, commands line 1 holds ‘, which quotes nothing: a shell runs what it holds",
        ),
        ({f"{PROCEDURES[0]}/commands": ""}, "Immediate Rollback is a way back without a command"),
        (
            {"infrastructure-risk-assessment/high-infrastructure-risks-mitigated/data-loss/recovery": ""},
            "Data Loss is a high risk without recovery",
        ),
        (
            {"operation-summary/business-impact/availability": "Restart as needed"},
            "Availability says “as needed”",
        ),
    ],
)
def test_each_thing_is_said_and_nothing_else(
    values: dict[str, str], words: str, outline: Outline, good: Document
) -> None:
    assert words in said(outline, good, values)


@pytest.mark.parametrize(
    ("annex", "words"),
    [
        (
            {f"{PROCEDURES[2]}.estimate": ""},
            "Data Restoration has no time estimate: nobody knows by when to decide on the way back",
        ),
        (
            {f"{PROCEDURES[0]}.estimate": "3 h"},
            "The way back takes 3 h 20 min: it has to be decided by 02:10, before the last phase starts",
        ),
        (
            {f"{PROCEDURES[0]}.estimate": "3 h", f"{ONE}/infrastructure-preparation.estimate": "30 min"},
            "The way back and the steps together take 3 h 50 min: this can't start in a window of 3 h 30 min",
        ),
        ({f"{PROCEDURES[0]}.estimate": "4 h"}, "The way back takes 4 h 20 min, longer than the whole window"),
        (
            {f"{ONE}/infrastructure-preparation.estimate": "50 min"},
            "Phase 1 has steps of 50 min in a window of 45 min",
        ),
        (
            {f"{ONE}/infrastructure-preparation.estimate": "a while"},
            "Infrastructure Preparation has a time estimate that can't be understood: "
            "Write the estimate as 20 min or 1 h 30 min",
        ),
        (
            {f"{PROCEDURES[2]}.estimate": "quick"},
            "Data Restoration has a time estimate that can't be understood: Write the estimate as 20 min or 1 h 30 min",
        ),
        ({f"{ONE}/infrastructure-preparation.estimate": "20 min"}, "Phase 1 has 2 steps without a time estimate"),
    ],
)
def test_times_are_added_up(annex: dict[str, str], words: str, outline: Outline, good: Document) -> None:
    assert words in said(outline, good, {}, annex)


@pytest.mark.parametrize("window", ["04:30 to 05:30", "04:30–05:30", "04:30 — 05:30", "4:30 - 05:30", "04:30 05:30"])
def test_a_window_is_understood_as_people_write_it(window: str, outline: Outline, good: Document) -> None:
    assert window_in(window) == (270, 330)
    assert said(outline, good, {f"{THREE}.window": window}) == []


def test_a_low_change_is_not_asked_about_what_its_level_does_not_need(outline: Outline) -> None:
    blank = read_record(
        (ROOT / "records/operation_templates/infrastructure-operation.md").read_bytes().decode(), outline.document
    )
    low = said(outline, blank, {"header/risk-level": "Low"})
    assert not any("high risk" in one or one.startswith("Data Restoration is") for one in low)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("TBD", "TBD"),
        ("ask Jun etc.", "etc"),
        ("what???", "???"),
        ("`/etc/patroni/orders.yml`", ""),
        ("contbdor", ""),
        ("sketch", ""),
    ],
)
def test_words_that_say_nothing(text: str, word: str) -> None:
    assert vague_word(text) == word


def test_what_endangers_the_operation_is_said_before_what_is_only_badly_worded(
    outline: Outline, good: Document
) -> None:
    found = said(outline, good, {f"{TWO}.window": "03:00-04:30", f"{THREE}.window": "04:30-04:30"})
    assert found[0] == "Phase 3 ends when it starts"
    assert found[-1].startswith("Phase 2 starts 15 min after")


def test_what_is_said_not_to_apply_is_not_asked_about(outline: Outline, good: Document) -> None:
    risk, back = "infrastructure-risk-assessment/high-infrastructure-risks-mitigated/data-loss", PROCEDURES[2]
    own = next(section for section in good.sections if section.key == BACK)
    parts = [key for key in table_of(own) if key.startswith(f"{back}/")]
    nothing = dict.fromkeys([f"{risk}.text", f"{risk}/recovery", *parts], "Not applicable: the queue isn't touched.")
    assert said(outline, good, nothing) == []
    spoken = {**nothing, f"{risk}.text": "Mail is lost."}
    assert "Data Loss is a high risk without recovery" in said(outline, good, spoken)


def test_a_limit_says_on_which_side_it_is_well(outline: Outline, good: Document) -> None:
    row = "post-operation-infrastructure-verification/performance-comparison/error-rate"
    words = "Error Rate has a limit, but nothing says which way is better: nobody is told when it is passed"
    assert said(outline, good, {}, {f"{row}.limit": "0.5"}) == [words]
    assert said(outline, good, {}, {f"{row}.limit": "0.5", f"{row}.lower_is_better": "yes"}) == []
    assert said(outline, good, {}, {f"{row}.limit": ""}) == []


@pytest.mark.parametrize("command", ['echo "it’s “done”"', "# don’t stop", "psql -c 'x ‘y’'", "ls  # the old one’s"])
def test_a_mark_that_stands_for_itself_in_a_command_is_left_alone(
    command: str, outline: Outline, good: Document
) -> None:
    assert not any("quotes nothing" in one for one in said(outline, good, {f"{PROCEDURES[0]}/commands": command}))


def test_brackets_of_the_template_in_what_nobody_is_asked_for() -> None:
    matter = "---\ntags: [a, b]\n---\n"
    plain = "- At [where]\n- Ask [whom], see [this](http://a)\n"
    own = outline_of(f"{matter}\n# T: [x]\n\n## Work\n\n{plain}\n---\n\n**R**: [r]\n\n---\n\nRead [all] of it.\n", "")
    assert said(own, own.document, {}) == ["Work still holds [where], [whom], as the template has it"]
    assert said(own, own.document, {"work/intro/markdown": "- At home\n- Ask [whom]"})[0].startswith(
        "Work still holds [whom],"
    )
    assert said(own, own.document, {"work/intro/markdown": "- At [home]"}) == []
