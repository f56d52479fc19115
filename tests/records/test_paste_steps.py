"""Steps come in from a runbook's Markdown: seen first, then added with their commands exact."""

from __future__ import annotations

import pytest
from django.urls import reverse

from records.content.assembly import document_of
from records.document.write import write
from records.models import Operation, OperationTemplate, Step
from records.refusals import Refused
from records.writing.pasting import paste_steps
from tests import make
from tests.people import Cast, signed_in

STEPS = "infrastructure-operation-steps"
BLOCK = f"{STEPS}/phase-2-migration-execution-hh-mm-hh-mm/steps"
TEXT = """1. **Drain** node-1

   ```sql
   select  pg_sleep(1);
   ```

   - **Expected**: no sessions

2. Reboot it (5 min)

   Expected: back within a minute
"""


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_draft(cast, template)


def where(operation: Operation) -> str:
    return reverse("section_paste", args=[operation.pk, STEPS])


def test_what_is_pasted_is_seen_and_then_added_behind_the_steps_of_its_phase(draft: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    own = draft.sections.get(key=STEPS)
    button = {"version": own.version, "do": f"paste:{BLOCK}"}
    answer = client.post(reverse("section", args=[draft.pk, STEPS]), button)
    assert answer["Location"].startswith(where(draft) + "?to=")
    assert f'value="{BLOCK}" selected' in client.get(answer["Location"]).content.decode()
    before = list(Step.objects.filter(section=own).values_list("title", flat=True))
    looked = client.post(where(draft), {"text": TEXT, "to": BLOCK, "do": "look"}).content.decode()
    assert "Add these 2 steps" in looked and "select  pg_sleep(1);" in looked
    assert "Expected result</span> back within a minute" in looked
    assert list(Step.objects.filter(section=own).values_list("title", flat=True)) == before
    added = client.post(where(draft), {"text": TEXT, "to": BLOCK, "do": "add"})
    assert added.status_code == 302 and f"#r-{BLOCK}/" in added["Location"]
    added_step = Step.objects.get(section=own, title="Reboot it")
    assert (added_step.minutes, added_step.expected) == (5, "back within a minute")
    text = write(document_of(draft))
    assert "**Drain**: node-1\n\n   ```sql\n   select  pg_sleep(1);\n   ```\n\n   - **Expected**: no sessions\n" in text
    assert list(Step.objects.filter(section=own, phase__number=2).values_list("title", flat=True))[-2:] == [
        "Drain",
        "Reboot it",
    ]


@pytest.mark.parametrize(
    ("text", "to", "words"),
    [
        ("", BLOCK, "There is no step in this text yet"),
        ("1. a\n" * 101, BLOCK, "at most 100 come in at once"),
        ("1. a\0b\n", BLOCK, "NUL"),
        ("1. a\n", f"{STEPS}/gone/steps", "Somebody removed the phase"),
        ("1. " + "long " * 60_000, BLOCK, "larger than 256 KiB"),
    ],
    ids=["nothing", "too many", "NUL", "gone", "too long"],
)
def test_what_can_t_be_added_is_said_and_still_on_the_page(
    text: str, to: str, words: str, draft: Operation, cast: Cast
) -> None:
    answer = signed_in(cast.mara).post(where(draft), {"text": text, "to": to, "do": "add"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    assert text[:20].replace("\0", "") in page.replace("\0", "")


def test_nobody_pastes_into_a_plan_that_is_not_theirs_or_was_sent(draft: Operation, cast: Cast) -> None:
    with pytest.raises(Refused):
        paste_steps(draft, section=STEPS, block=BLOCK, text=TEXT, by=cast.tomas)
    sent = make.submit(cast, draft)
    answer = signed_in(cast.mara).post(where(sent), {"text": TEXT, "to": BLOCK, "do": "add"})
    assert answer.status_code == 409
    assert "Drain" not in write(document_of(sent))
