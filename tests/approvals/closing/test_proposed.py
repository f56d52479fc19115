"""What the record knows of its run, as closing proposes it: one by one, alike ones at once, or all after a look."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from records.models import Metric, Operation, State
from records.run import handing_over, running
from records.writing.saving import save_section
from tests.approvals.closing.asking import get
from tests.make import NIGHT, fresh, make_in, written_now
from tests.people import Cast, signed_in

pytestmark = pytest.mark.django_db
UPDATES = "infrastructure-impact-assessment/monitoring-updates"
ALIKE = ("new-metrics", "log-aggregation")
LABELS = ("New Metrics", "Log Aggregation")


def emptied(operation: Operation, cast: Cast, *keys: str) -> None:
    """Nothing stands in the lines ``keys``, all of one section."""
    own = operation.sections.get(key=keys[0].partition("/")[0])
    told = {"key": own.key, "version": own.version, "values": dict.fromkeys(keys, "")}
    save_section(operation=operation, **told, by=cast.mara, at=timezone.now())


def test_proposals_are_taken_one_by_one_or_all_after_a_look(cast: Cast, closing: Operation) -> None:
    line = "infrastructure-impact-assessment/service-changes/configuration"
    emptied(closing, cast, line)
    url = reverse("close", args=[closing.pk])
    page = get(cast.noor, closing, "close").content.decode()
    assert "<b>Configuration</b>: All 8 planned steps done" in page and "From the steps of the run" in page
    key = next(one.key for one in get(cast.noor, closing, "close").context["proposed"] if "CPU" in one.words)
    assert signed_in(cast.noor).post(url, {"do": "take_over"}).status_code == 400
    assert signed_in(cast.olga).post(url, {"do": "take_over", "value": key}).status_code == 403
    answer = signed_in(cast.noor).post(url, {"do": "take_over", "value": key})
    assert answer["Location"] == f"{url}#proposed"
    one = signed_in(cast.noor).post(url, {"do": "take_over", "value": key, "take": "one"})
    assert one["Location"] == f"{url}?take=one#proposed"
    assert written_now(closing, "improvements").endswith("CPU Utilization: 61% → 48%")
    Metric.objects.filter(section__operation=closing, name="Error Rate").update(lower_is_better=None)
    seen = get(cast.noor, closing, "close", take="all").content.decode()
    assert "Not ticked, because the plan doesn’t say which way is better." in seen
    assert "This is written, each text into its line" in seen and f'value="{line}" checked' in seen
    signed_in(cast.noor).post(url, {"do": "take_over", "value": line})
    answers = closing.sections.get(key=line.partition("/")[0]).answers
    assert answers[line].startswith("All 8 planned steps done")
    assert "Take this" not in get(cast.olga, closing, "close", take="all").content.decode()


def test_many_proposals_are_folded_but_for_whoever_takes_one_after_the_other(cast: Cast, closing: Operation) -> None:
    fold = re.compile(r"<details class=\"more\"( open)?><summary>(One by one: )?(\d+) texts</summary>")
    for query, name, told in (
        ({}, "noor", (None, "One by one: ")),
        ({"take": "one"}, "noor", (" open", "One by one: ")),
    ):
        answer = get(getattr(cast, name), closing, "close", **query)
        found = fold.search(answer.content.decode())
        assert found and found.group(1, 2) == told
        assert int(found[3]) == len(answer.context["groups"]) > 4
    found = fold.search(get(cast.olga, closing, "close").content.decode())
    assert found and found.group(1, 2) == (None, None)


def test_lines_that_would_say_the_same_are_looked_at_at_once_and_taken_one_by_one_while_in_doubt(
    cast: Cast, closing: Operation
) -> None:
    keys = [f"{UPDATES}/{name}" for name in ALIKE]
    emptied(closing, cast, *keys)
    page = html.unescape(get(cast.noor, closing, "close").content.decode())
    words = "Not applicable: no step and no note of the run speaks of it"
    assert f"<b>{', '.join(LABELS)}</b>: {words}" in page
    assert "Take these" not in page, "nobody said so of any: no press says it of several"
    values = [
        key for label in LABELS for key in re.findall(rf'name="value" value="([^"]+)">Take it for {label}<', page)
    ]
    assert values == keys
    [form] = [one for one in re.findall(r"<form.*?</form>", page, re.S) if "Take it for" in one]
    assert 'type="hidden" name="value"' not in form, "each press takes its own line"
    seen = get(cast.noor, closing, "close", take="all").content.decode()
    for key, label in zip(keys, LABELS, strict=True):
        assert f"<b>{label}</b></span></label>" in seen, "each can be left out"
        assert f'value="{key}">' in seen, "nobody said it yet, so it isn't ticked"
    assert "Not ticked, because nobody has said so" in seen
    signed_in(cast.noor).post(reverse("close", args=[closing.pk]), {"do": "take_over", "value": values})
    answers = closing.sections.get(key=UPDATES.partition("/")[0]).answers
    assert [answers[key] for key in keys] == [words] * 2


def test_who_was_handed_the_run_is_who_closes_it(cast: Cast, template) -> None:
    run = make_in(State.RUNNING, cast, template)
    handing_over.hand_over(run, to=cast.ines, words="All done", by=cast.jun, at=NIGHT)
    running.finish_work(fresh(run), by=cast.ines, not_reached="Window was over", at=NIGHT)
    assert "Ines Duarte says how it went, and signs" in get(cast.ines, run, "close").content.decode()


def test_from_the_values_the_way_leads_back_to_the_closing(cast: Cast, closing: Operation) -> None:
    table = get(cast.jun, closing, "run").content.decode().split('id="metrics-1"')[1].split("</section>")[0]
    assert 'value="measure:close">Save and go on to closing<' in table
    running.reopen_run(closing, evidence="The graph of the queue", by=cast.tomas, at=timezone.now())
    table = get(cast.jun, fresh(closing), "run").content.decode().split('id="metrics-1"')[1].split("</section>")[0]
    assert "Save the values" in table and "go on to closing" not in table


def test_what_is_proposed_costs_no_query_for_each_line(cast: Cast, closing: Operation) -> None:
    client, url = signed_in(cast.jun), reverse("close", args=[closing.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).context["proposed"]
    assert len(queries) <= 26
