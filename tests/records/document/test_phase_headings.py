"""How the headings of phases are set in other hands and other scripts, and that they go out as they came in."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from records.document.escape import normal
from records.document.phase_headings import phase_heading, phase_text
from records.document.phases import phase_names
from records.document.read import read_record, read_template
from records.document.with_fields import with_fields
from records.document.write import write
from tests.records.document.strategies import content


@pytest.mark.parametrize(
    ("heading", "answered", "another"),
    [
        ("フェーズ1：A（HH:MM-HH:MM）", "フェーズ1：B（22:00-23:00）", "フェーズ2：C（23:00-24:00）"),
        ("阶段 1：A（HH:MM-HH:MM）", "阶段 1：B（22:00-23:00）", "阶段 2：C（23:00-24:00）"),
        ("フェーズ1：A", "フェーズ1：B（22:00-23:00）", "フェーズ2：C（23:00-24:00）"),
        ("단계1: A (HH:MM-HH:MM)", "단계1: B (22:00-23:00)", "단계2: C (23:00-24:00)"),
        ("Phase 1: A (hh:mm-hh:mm)", "Phase 1: B (22:00-23:00)", "Phase 2: C (23:00-24:00)"),
        ("**Phase 1: A (HH:MM-HH:MM)**", "**Phase 1: B (22:00-23:00)**", "**Phase 2: C (23:00-24:00)**"),
        ("__Stage A – A (HH:MM-HH:MM)__", "__Stage A – B (22:00-23:00)__", "__Stage B – C (23:00-24:00)__"),
    ],
)
def test_the_heading_of_a_phase_is_written_as_the_template_sets_it(heading: str, answered: str, another: str) -> None:
    document = read_template(f"# T: [x]\n\n## S\n\n### {heading}\n\n1. **Do**\n\n### G\n\n[g]\n")
    assert write(document) == f"# T: [x]\n\n## S\n\n### {heading}\n\n1. **Do**\n\n### G\n\n[g]\n"
    section = document.sections[1]
    phase, _other = section.groups
    assert phase.phase and phase.phase.title == "A" and phase.phase.window.upper() in ("HH:MM-HH:MM", "")
    words = {f"{phase.key}.title": "B", f"{phase.key}.window": "22:00-23:00"}
    words |= {f"{section.key}.phases": json.dumps([phase.key, "s/new"]), "s/new.title": "C"}
    filled = with_fields(section, {**words, "s/new.window": "23:00-24:00"})
    record = replace(document, sections=(document.sections[0], filled))
    written = [line.removeprefix("### ") for line in write(record).split("\n") if line.startswith("### ")]
    assert written == [answered, another, "G"]
    assert content(read_record(write(record), document)) == content(record)
    for name, heading in zip(phase_names(filled).values(), written, strict=False):
        assert re.match(rf"{name}(?: –|[：:])", heading.strip("*_"))


HEADINGS = ["Phase 1: A (HH:MM-HH:MM)", "フェーズ1：A（HH:MM-HH:MM）", "フェーズ1：A", "**Phase 1: A (22:00-23:00)**"]
SIGNS = st.text(st.sampled_from("（）()\\ 2:ax*_：-"), max_size=12)


@pytest.mark.parametrize("like", HEADINGS)
@given(title=SIGNS, window=SIGNS)
@example(title="DNS（22:00）", window="")
@example(title="DNS (22:00)", window="")
@example(title="DNS\\（22:00）", window="")
@example(title="A", window="22:00（翌日）")
@example(title="**A", window="22:00")
@example(title="A** b **c", window="")
def test_what_the_heading_of_a_phase_says_is_read_back(like: str, title: str, window: str) -> None:
    title, window = normal(title, "line"), normal(window, "window")
    found = phase_heading(like, None) or ("フェーズ", 1, "A", "")
    written = phase_text(found[0], 2, title, window, like)
    assert phase_heading(written, [found[0]]) == (found[0], 2, title, window)


@pytest.mark.parametrize("heading", ["**Phase 1: Go (22:00-23:00)**", "Phase 1：Go（22:00-23:00）"])
def test_a_record_sets_the_heading_of_a_phase_otherwise(heading: str) -> None:
    document = read_template("# T: [x]\n\n## S\n\n### Phase 1: Go (HH:MM-HH:MM)\n\n1. **A**\n")
    text = f"# T: x\n\n## S\n\n### {heading}\n\n1. **A**\n"
    record = read_record(text, document)
    assert [(g.phase.title, g.phase.window) for g in record.sections[1].groups if g.phase] == [("Go", "22:00-23:00")]
    assert write(record) == text
