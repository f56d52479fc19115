"""What makes a section pleasant to write: folds stay folded, what is saved says so, names say whose they are."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import unquote

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from records.library.templates_in import take_template
from records.models import Operation, OperationTemplate, Person, Phase, State
from records.writing.saving import save_section
from records.writing.section_status import statuses
from tests.make import PLANNED, make_draft, start_record
from tests.people import Cast

BASELINE = "pre-operation-infrastructure-state"


def page_of(person: Person, operation: Operation, key: str, **cookies: str) -> str:
    client = Client()
    client.force_login(person)
    for name, value in cookies.items():
        client.cookies[name] = value
    return client.get(reverse("section", args=[operation.pk, key])).content.decode()


def fold(page: str) -> str:
    found = re.search(r'<details class="card-x fold-card preview"[^>]*>', page)
    assert found
    return found[0]


def test_a_preview_that_was_folded_stays_folded(cast: Cast, template: OperationTemplate) -> None:
    operation = make_draft(cast, template)
    assert " open" in fold(page_of(cast.mara, operation, "operation-summary"))
    assert " open" not in fold(page_of(cast.mara, operation, "operation-summary", preview="closed"))
    assert " open" in fold(page_of(cast.mara, operation, "operation-summary", preview="<nonsense>"))


def test_what_came_in_with_the_record_is_saved(cast: Cast, template: OperationTemplate) -> None:
    operation = make_draft(cast, template)
    assert "Nothing saved yet" not in page_of(cast.mara, operation, "operation-summary")
    operation.sections.filter(key="operation-summary").update(saved_at=None)
    assert "Nothing saved yet" not in page_of(cast.mara, operation, "operation-summary")
    operation.sections.filter(key="operation-summary").update(progress={})
    assert "Nothing saved yet" in page_of(cast.mara, operation, "operation-summary")


def test_a_save_of_an_earlier_day_says_which(cast: Cast, template: OperationTemplate) -> None:
    draft = make_draft(cast, template)
    for days, shown in ((0, r"\d\d:\d\d:\d\d UTC"), (2, r"\d+ \w+ \d{4}, \d\d:\d\d UTC")):
        at = timezone.now() - dt.timedelta(days=days)
        draft.sections.filter(key="header").update(saved_at=at)
        page = page_of(cast.mara, draft, "header")
        assert re.search(rf"<b>Saved</b> <time[^>]*>{shown}</time>", page)


def test_all_of_a_step_opens_with_everything_and_says_what_is_not_in_the_text(
    cast: Cast, template: OperationTemplate
) -> None:
    client, draft = Client(), make_draft(cast, template)
    client.force_login(cast.mara)
    url = reverse("section", args=[draft.pk, "infrastructure-operation-steps"])
    page, opened = (client.get(url + query).content.decode() for query in ("", "?open=all"))
    more = r'<details class="unasked"><summary>More about this step'
    assert (len(re.findall(more, page)) > 0, re.findall(more, opened)) == (True, [])
    assert "aren’t in the Markdown: they are approved beside it" in page


def test_a_limit_says_what_it_is_for_where_values_are_compared(cast: Cast, template: OperationTemplate) -> None:
    draft = make_draft(cast, template)
    told = "Limit is the value that must not be passed"
    pages = (page_of(cast.mara, draft, key) for key in ("post-operation-infrastructure-verification", BASELINE))
    assert [told in page for page in pages] == [True, False]


def test_the_name_in_the_text_and_the_account_have_a_label_each(cast: Cast, template: OperationTemplate) -> None:
    page = page_of(cast.mara, make_draft(cast, template), "header")
    labels = dict(re.findall(r'<label for="(f-header/operator[^"]*)">(.*?)</label>', page))
    told = {at: re.sub(r"<[^>]+>", "", words) for at, words in labels.items()}
    assert told == {
        "f-header/operator": "Name, as it stands in the record: Operator",
        "f-header/operator-who": "Account that acts: Operator",
    }


def test_a_time_that_can_t_be_understood_is_no_complete_header(cast: Cast, template: OperationTemplate) -> None:
    operation = make_draft(cast, template)

    def pill() -> str:
        fresh = Operation.objects.get(pk=operation.pk)
        header = next(one for one in statuses(fresh, fresh.sections.all(), fresh.outline) if one.key == "header")
        return header.pill[2]

    assert pill() == "Complete"
    version = operation.sections.get(key="header").version
    save_section(
        operation=operation,
        key="header",
        version=version,
        values={"header/time": "02:00 CET"},
        by=cast.mara,
        at=PLANNED,
    )
    assert pill() == "Time not understood"


def test_what_says_nothing_yet_can_be_marked_to_confirm(cast: Cast, template: OperationTemplate) -> None:
    operation = make_draft(cast, template)
    key = "operation-summary/business-impact/user-experience"
    button = f'value="confirm:{key}"'
    assert button not in page_of(cast.mara, operation, "operation-summary")
    own = operation.sections.get(key="operation-summary")
    save_section(operation=operation, key=own.key, version=own.version, values={key: "TBD"}, by=cast.mara, at=PLANNED)
    page = page_of(cast.mara, operation, "operation-summary")
    assert "Reviewers often reject “TBD”" in page
    assert button in page
    assert f'value="na:{key}"' not in page, "what is not known yet is not what does not apply"


def test_a_phase_says_how_long_it_is_also_past_midnight(cast: Cast, template: OperationTemplate) -> None:
    operation = make_draft(cast, template)
    own = operation.sections.get(key="infrastructure-operation-steps")
    window = f"{own.key}/phase-2-migration-execution-hh-mm-hh-mm.window"
    save_section(
        operation=operation, key=own.key, version=own.version, values={window: "23:30-01:15"}, by=cast.mara, at=PLANNED
    )
    assert "23:30 to 01:15, 1 h 45 min, 3 steps" in page_of(cast.mara, operation, own.key)


def test_a_window_without_an_end_leads_to_the_field_that_sets_it(cast: Cast, template: OperationTemplate) -> None:
    operation = make_draft(cast, template)
    Operation.objects.filter(pk=operation.pk).update(window_end=None)
    last = Phase.objects.filter(section__operation=operation).order_by("position").last()
    assert last

    def link() -> str:
        client = Client()
        client.force_login(cast.mara)
        told = client.get(reverse("record", args=[operation.pk])).content.decode()
        found = re.search(r'\((?:<a href="([^"]*)">)?end not set', told)
        assert found
        return found[1] or ""

    place = unquote(link())
    assert place.endswith(f"/sections/{last.block}/?at={last.key}.window#f-{last.key}.window")
    assert f'id="f-{last.key}.window"' in page_of(cast.mara, operation, last.block)
    Operation.objects.filter(pk=operation.pk).update(state=State.APPROVED)
    assert link() == "", "the plan can't be written now"


def test_a_preview_that_shows_tags_says_that_they_are_none(cast: Cast, template: OperationTemplate) -> None:
    operation = make_draft(cast, template)
    key, words = "operation-summary/business-impact/user-experience", "are no formatting here"
    client = Client()
    client.force_login(cast.mara)

    def previews(text: str) -> list[bool]:
        section = operation.sections.get(key="operation-summary")
        save_section(
            operation=operation, key=section.key, version=section.version, values={key: text}, by=cast.mara, at=PLANNED
        )
        preview = reverse("section_preview", args=[operation.pk, section.key])
        asked = [client.post(preview, {key: text}).content.decode(), page_of(cast.mara, operation, section.key)]
        return [words in one for one in asked]

    assert previews("It is <b>down</b>.") == [True, True]
    assert previews("It is **down**, ![see](down.png).") == [False, False]


def test_a_table_that_stands_in_its_form_can_be_not_applicable(cast: Cast) -> None:
    table = "| Role | Phone |\n|---|---|\n| Carrier | |\n"
    template = OperationTemplate.objects.create(name="T", text=f"# T: [x]\n\n## Contacts\n\n{table}")
    operation = start_record(author=cast.mara, template=template, at=PLANNED, values={"title": "x"})
    page = page_of(cast.mara, operation, "contacts")
    [button] = re.findall(r'<button[^>]*value="na:contacts/intro/text"[^>]*>', page)
    assert "data-while-empty" not in button, "a table is shown as it is, and nobody answered it yet"


def test_a_sample_of_commands_says_that_it_does_not_count_and_what_to_do(
    cast: Cast, template: OperationTemplate
) -> None:
    """Whoever typed just what the template has there sees an empty field again."""
    operation = start_record(author=cast.mara, template=template, at=PLANNED, values={"title": "x"})
    client = Client()
    client.force_login(cast.mara)
    page = client.get(f"{reverse('section', args=[operation.pk, 'disaster-recovery-plan'])}?still=1").content.decode()
    said = re.findall(r'<p class="err-msg"[^>]*>(?:<svg.*?</svg>)?(.*?)</p>', page, re.DOTALL)
    own = [words for words in said if "Immediate Rollback, commands" in words]
    assert own and all("add a # comment" in words for words in own)
    assert not any("add a # comment" in words for words in said if "commands" not in words)


def test_what_a_template_asks_of_a_step_in_its_own_line_is_not_folded_away(cast: Cast) -> None:
    text = "# T: [x]\n\n## S\n\n### Phase 1: P (HH:MM-HH:MM)\n\n1. **Tell them**: [where]\n2. **Wait**\n"
    asking = take_template(text, name="Asking").template
    page = page_of(cast.mara, start_record(author=cast.mara, template=asking, at=PLANNED, values={"title": "x"}), "s")
    folded = "".join(re.findall(r'<details class="unasked".*?</details>', page, re.DOTALL))
    said = re.findall(r'name="(s/[^"]*\.text)"', page)
    assert len(said) == 2
    assert re.findall(r'name="(s/[^"]*\.text)"', folded) == said[1:]
