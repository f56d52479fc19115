"""What nobody was asked for is folded, named in the line that unfolds it, and none of it is gone."""

import html
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from records.document.template_settings import TemplateSettings
from records.models import outline_of
from records.reading.folding import folded
from records.reading.rendering import render

NOT_ASKED = TemplateSettings().filler
OTHERS = f"""### Impact

- **Users**: Nobody notices
- **Uptime**: {NOT_ASKED}
- **Scaling**: {NOT_ASKED}
- **Cost**: 3 EUR

### Services

- **API**: {NOT_ASKED}
- **Clients**: {NOT_ASKED}

### Watching

- **Alerts**: {NOT_ASKED}

## Next
"""


def folds(page: str) -> list[str]:
    return [html.unescape(words) for words in re.findall(r"<summary>(.*?)</summary>", page)]


def test_lines_and_whole_groups_are_folded_by_name() -> None:
    assert folds(folded(render(OTHERS))) == [
        "2 fields are not required at this risk level: Uptime, Scaling",
        "3 fields are not required at this risk level: Services: API, Clients; Watching: Alerts",
    ]


def test_what_was_answered_and_one_line_alone_stay_as_they_are() -> None:
    plain = render(f"### A\n\n- **X**: Because\n- **Y**: {NOT_ASKED}\n- **Z**: Not applicable: no database\n")
    assert folded(plain) == plain


def test_a_template_s_own_words_are_folded_like_ours() -> None:
    outline = outline_of("# A: [b]\n", 'unasked = "hier nicht verlangt (Stufe)"')
    text = OTHERS.replace(NOT_ASKED, "Not applicable: hier nicht verlangt (Stufe)")
    assert folds(folded(render(text), outline)) == folds(folded(render(OTHERS)))
    assert folds(folded(render(OTHERS), outline)) == []


def test_lists_stay_lists() -> None:
    page = folded(render(OTHERS))
    assert re.findall(r"<ul>\s*</ul>|<ul>\s*<details", page) == []
    assert page.count("<ul>") == page.count("</ul>") == 5


def test_a_label_can_t_hide_behind_the_words() -> None:
    text = f"- **then `rm -rf /srv`**: {NOT_ASKED}\n- **B**: {NOT_ASKED}\n"
    assert folds(folded(render(text))) == ["2 fields are not required at this risk level: then rm -rf /srv, B"]


PIECES = [
    f"- **A**: {NOT_ASKED}\n", f"- **B <b>**: {NOT_ASKED}\n", f"{NOT_ASKED}\n\n", "### Group\n\n", "## Section\n\n",
    "- **C**: yes\n", f"1. **D**: {NOT_ASKED}\n", f"   - **E**: {NOT_ASKED}\n", "```\ncode\n```\n\n", "\n", "---\n\n",
    f"- **F**: {NOT_ASKED} but\n", f"- **G**: {NOT_ASKED}\n\n",
]  # fmt: skip


def unfolded(page: str) -> str:
    """The page without its folds and lists' ends, which a fold may add, and without blanks."""
    return re.sub(r"<details[^>]*><summary>.*?</summary>|</details>|</?ul>|\s", "", page)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(deadline=None)
def test_unfolded_all_of_it_stands_in_its_place(text: str) -> None:
    plain = render(text)
    assert unfolded(folded(plain)) == unfolded(plain)
