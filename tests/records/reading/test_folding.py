"""What nobody was asked for is folded, named in the line that unfolds it, and none of it is gone."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.document.read import read_record
from records.document.template_settings import TemplateSettings
from records.models import Outline, outline_of
from records.reading.folding import folded, folded_section
from records.reading.rendering import render

NOT_ASKED = TemplateSettings().filler
TEMPLATE = """# T: [t]

**Risk Level**: [Low/Medium/High]

## Impact

### Impact

- **Users**: [who]
- **Uptime**: [how long]
- **Scaling**: [how far]
- **Cost**: [how much]

### Services

- **API**: [which]
- **Clients**: [which]

### Watching

- **Alerts**: [which]

## Next

- **then `rm -rf /srv`**: [what]
- **B**: [b]
"""
TOML = """
bind = { risk = "header/risk-level" }
choices = { "header/risk-level" = ["Low", "Medium", "High"] }
due = { impact = { part = "plan", from = "High" }, next = { part = "plan", from = "High" } }
"""
OUTLINE = outline_of(TEMPLATE, TOML)
HEAD, REST = TEMPLATE.split("## Impact\n")[0], "## Next\n" + TEMPLATE.split("## Next\n")[1]
OTHERS = f"""{HEAD}## Impact

### Impact

- **Users**: Nobody notices
- **Uptime**: {NOT_ASKED}
- **Scaling**: {NOT_ASKED}
- **Cost**: 3 EUR

### Services

- **API**: {NOT_ASKED}
- **Clients**: {NOT_ASKED}

### Watching

- **Alerts**: {NOT_ASKED}

{REST}"""


def folds(page: str) -> list[str]:
    return [html.unescape(words) for words in re.findall(r"<summary>(.*?)</summary>", page)]


def shown(text: str, outline: Outline = OUTLINE, level: str = "Low") -> str:
    return folded(text, outline, level)


def test_lines_and_whole_groups_are_folded_by_name() -> None:
    assert folds(shown(OTHERS)) == [
        "2 fields are not required at this risk level: Uptime, Scaling",
        "3 fields are not required at this risk level: Services: API, Clients; Watching: Alerts",
    ]


def test_a_section_alone_is_folded_as_in_the_whole() -> None:
    section = read_record(OTHERS, OUTLINE.document).section("impact")
    assert folds(folded_section(section, OUTLINE, "Low")) == folds(shown(OTHERS))
    assert folds(folded_section(section, None, "Low")) == []


def test_what_was_answered_and_one_line_alone_stay_as_they_are() -> None:
    text = OTHERS.replace(f"**Uptime**: {NOT_ASKED}", "**Uptime**: Not applicable: no database")
    text = text.partition("### Services")[0]
    assert shown(text) == render(text)


@pytest.mark.parametrize("level", ["High", "Whatever"])
def test_what_the_level_asks_for_stays_in_sight(level: str) -> None:
    assert shown(OTHERS, level=level) == render(OTHERS)


@pytest.mark.parametrize(
    "spelled",
    [
        NOT_ASKED.replace(":", "\\:"),
        NOT_ASKED.replace(" ", "&#32;", 1),
        NOT_ASKED.replace("N", "&#78;"),
        f"{NOT_ASKED[:-1]}&#108;",
        f"\uf0f0{NOT_ASKED}",
    ],
)
def test_what_only_looks_like_the_words_stays_in_sight(spelled: str) -> None:
    text = OTHERS.replace(f"**API**: {NOT_ASKED}", f"**API**: {spelled}")
    in_sight = re.sub(r"<details.*?</details>", "", shown(text), flags=re.DOTALL)
    assert f"<strong>API</strong>: {NOT_ASKED}" in in_sight.replace("\uf0f0", "")
    assert "API" not in "".join(folds(shown(text)))


def test_lines_that_no_template_asks_for_stay_in_sight() -> None:
    extra = f"- **Away**: {NOT_ASKED}\n- **with it**: {NOT_ASKED}\n"
    text = OTHERS.replace("## Next\n", f"### Mine\n\n{extra}\n## Next\n")
    assert "Away" not in "".join(folds(shown(text))) and folds(shown(text)), (
        "of what the record has beside its template nothing is left out"
    )


def test_a_template_s_own_words_are_folded_like_ours() -> None:
    own = "Not applicable: hier nicht verlangt (Stufe)"
    outline = outline_of(TEMPLATE, f'unasked = "hier nicht verlangt (Stufe)"\n{TOML}')
    assert folds(shown(OTHERS.replace(NOT_ASKED, own), outline)) == folds(shown(OTHERS)) != []
    assert folds(shown(OTHERS, outline)) == []


def test_lists_stay_lists() -> None:
    page = shown(OTHERS)
    assert re.findall(r"<ul>\s*</ul>|<ul>\s*<details", page) == []
    assert page.count("<ul>") == page.count("</ul>") == 6


def test_a_label_can_t_hide_behind_the_words() -> None:
    text = TEMPLATE.replace("[what]", NOT_ASKED).replace("[b]", NOT_ASKED)
    assert folds(shown(text)) == ["2 fields are not required at this risk level: then rm -rf /srv, B"]


PIECES = [
    f"- **Users**: {NOT_ASKED}\n", f"- **B <b>**: {NOT_ASKED}\n", f"{NOT_ASKED}\n\n", "### Impact\n\n", "## Impact\n\n",
    "- **Cost**: yes\n", f"1. **D**: {NOT_ASKED}\n", f"   - **E**: {NOT_ASKED}\n", "```\ncode\n```\n\n", "\n",
    "---\n\n", f"- **Uptime**: {NOT_ASKED} but\n", f"- **Scaling**: {NOT_ASKED}\n\n", "### Services\n\n",
    f"- **API**: {NOT_ASKED}\n", f"- **Clients**: {NOT_ASKED}\n", f"- **Uptime**: {NOT_ASKED}\n", "# T: x\n\n",
]  # fmt: skip


def unfolded(page: str) -> str:
    """The page without its folds and lists' ends, which a fold may add, and without blanks."""
    return re.sub(r"<details[^>]*><summary>.*?</summary>|</details>|</?ul>|\s", "", page)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(deadline=None)
def test_unfolded_all_of_it_stands_in_its_place(text: str) -> None:
    text = f"{HEAD}## Impact\n\n### Impact\n\n{text}"
    assert unfolded(shown(text)) == unfolded(render(text))
