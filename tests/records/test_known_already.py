"""What is known is offered at the empty field that asks for it again; a long text is seen as the export shows it."""

from __future__ import annotations

import pytest

from records.content.assembly import document_of, load
from records.document.fields import table_of
from records.document.write import write_section
from records.models import Metric, Operation, OperationTemplate, Person
from records.reading.rendering import render
from tests.browserless import Page, look
from tests.make import PLANNED, start_record
from tests.people import Cast, signed_in

STATE, VERIFY, SUMMARY = (
    "pre-operation-infrastructure-state",
    "post-operation-infrastructure-verification",
    "operation-summary",
)
BASELINE, COMPARED = f"{STATE}/performance-baseline", f"{VERIFY}/performance-comparison"
INTRO = f"{SUMMARY}/intro/text"


@pytest.fixture
def blank(cast: Cast, template: OperationTemplate) -> Operation:
    return start_record(author=cast.mara, template=template, at=PLANNED, values={"title": "Kernel update"})


def page(person: Person, operation: Operation, key: str) -> Page:
    return look(signed_in(person), f"/records/{operation.pk}/sections/{key}/")


def text(operation: Operation, key: str) -> str:
    return table_of(document_of(operation).section(key.partition("/")[0]))[key]


def test_a_baseline_is_offered_as_the_value_before_and_the_other_way_round(blank: Operation, cast: Cast) -> None:
    written = {f"{BASELINE}/cpu-utilization.before": "61 %", f"{BASELINE}/memory-usage.before": "13 %"}
    page(cast.mara, blank, STATE).send(written | {f"{BASELINE}/response-times.before": "180 ms"}, act="save")
    compared = page(cast.mara, blank, VERIFY)
    assert text(blank, f"{COMPARED}/cpu-utilization.before") == "[before]"
    cpu, memory, response = (
        f'value="take:{COMPARED}/{name}.before"' for name in ("cpu-utilization", "memory-usage", "response-time")
    )
    # 13 % is no number of GB.
    assert [one in compared.text for one in (cpu, memory, response)] == [True, False, True]
    compared.send({}, do=f"take:{COMPARED}/response-time.before")
    assert text(blank, f"{COMPARED}/response-time.before") == "180"
    kept = page(cast.mara, blank, VERIFY)
    kept.send({f"{COMPARED}/cpu-utilization.before": "59"}, do=f"take:{COMPARED}/cpu-utilization.before")
    assert text(blank, f"{COMPARED}/cpu-utilization.before") == "59"
    page(cast.mara, blank, VERIFY).send({f"{COMPARED}/error-rate.before": "0.1"}, act="save")
    baseline = page(cast.mara, blank, STATE)
    assert "Take “0.1%”" in baseline.text
    baseline.send({}, do=f"take:{BASELINE}/error-rates.before")
    assert text(blank, f"{BASELINE}/error-rates.before") == "0.1%"


def test_a_mere_number_of_which_nobody_knows_the_unit_is_not_offered(blank: Operation, cast: Cast) -> None:
    """The template asks for "[GB/percentage]": 71 may be percent, and is written as such where it was meant so."""
    offer = f'value="take:{COMPARED}/memory-usage.before"'
    page(cast.mara, blank, STATE).send({f"{BASELINE}/memory-usage.before": "71"}, act="save")
    assert offer not in page(cast.mara, blank, VERIFY).text
    page(cast.mara, blank, STATE).send({f"{BASELINE}/memory-usage.before": "71 GB"}, act="save")
    assert offer in page(cast.mara, blank, VERIFY).text


def test_two_quantities_of_one_name_are_not_offered(blank: Operation, cast: Cast) -> None:
    page(cast.mara, blank, STATE).send({f"{BASELINE}/cpu-utilization.before": "61 %"}, act="save")
    offer = f'value="take:{COMPARED}/cpu-utilization.before"'
    assert offer in page(cast.mara, blank, VERIFY).text
    [one] = Metric.objects.filter(section__operation=blank, section__key=STATE, before="61 %")
    Metric.objects.create(
        section=one.section, key=f"{BASELINE}/cpu", position=99, name=one.name, before="59 %", after=None, unit=one.unit
    )
    assert offer not in page(cast.mara, blank, VERIFY).text


def test_only_what_somebody_wrote_is_offered_and_only_where_nothing_stands(blank: Operation, cast: Cast) -> None:
    """Neither the template's own words, nor beside a value, nor what was measured afterwards."""
    assert "take:" not in page(cast.mara, blank, VERIFY).text
    page(cast.mara, blank, STATE).send({f"{BASELINE}/cpu-utilization.before": "61 %"}, act="save")
    page(cast.mara, blank, VERIFY).send({f"{COMPARED}/cpu-utilization.before": "59"}, act="save")
    assert "take:" not in page(cast.mara, blank, VERIFY).text
    assert "take:" not in page(cast.mara, blank, STATE).text
    Metric.objects.filter(key=f"{COMPARED}/response-time").update(after="170")
    assert f"take:{BASELINE}/response-times.before" not in page(cast.mara, blank, STATE).text


def test_a_line_that_asks_for_a_name_is_offered_that_of_the_person(blank: Operation, cast: Cast) -> None:
    Operation.objects.filter(pk=blank.pk).update(operator=cast.jun)
    footer = page(cast.mara, blank, "footer")
    assert "Take “Jun Park”" in footer.text and "Jun Park" not in text(blank, "footer/generated-by")
    footer.send({}, do="take:footer/generated-by")
    assert text(blank, "footer/generated-by") == "Jun Park"
    assert "take:" not in page(cast.mara, blank, "footer").text


def test_nothing_is_taken_that_is_not_offered(blank: Operation, cast: Cast) -> None:
    form = page(cast.mara, blank, "footer").fields()
    for key in ("footer/infrastructure-status", "../../etc"):
        url = f"/records/{blank.pk}/sections/footer/"
        assert signed_in(cast.mara).post(url, form | {"do": f"take:{key}"}).status_code == 303
    assert text(blank, "footer/infrastructure-status").startswith("[")


def test_a_long_text_is_looked_at_as_its_export_and_saved_meanwhile(blank: Operation, cast: Cast) -> None:
    told = "We **move** it\n\n- one\n- two\n\n# not a heading"
    seen = page(cast.mara, blank, SUMMARY).send({INTRO: told}, do=f"preview:{INTRO}")
    assert text(blank, INTRO) == told
    own = load([blank.sections.get(key=SUMMARY)])[0]
    whole = render(write_section(own.document))
    pane = seen.text.partition("data-preview-pane>")[2].partition("</div>")[0].strip()
    assert "<strong>move</strong>" in pane and pane in whole
    url = f"/records/{blank.pk}/sections/{SUMMARY}/preview/"
    answer = signed_in(cast.mara).post(f"{url}?field={INTRO}", {"version": "1", INTRO: told})
    assert answer.content.decode().strip() == pane
    assert signed_in(cast.mara).post(f"{url}?field=unknown", {"version": "1"}).status_code == 404
