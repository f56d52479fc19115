"""The sign-off by another person: plan against actual, the final text, and the sealed record."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.plan_against_actual import beyond_limits
from records.models import Operation, State
from records.run import logbook
from records.run.comparison import number_in
from records.run.loaded import load_run
from records.run.told_facts import fact_named
from records.run.verifying import recorded
from records.views.finalized import with_contents
from tests import make
from tests.approvals.closing.asking import get
from tests.make import NIGHT, fresh
from tests.people import PASSWORD, Cast, signed_in

pytestmark = pytest.mark.django_db


def test_before_the_signature_there_is_nothing_to_sign_off(cast: Cast, closing: Operation) -> None:
    assert get(cast.tomas, closing, "sign_off").status_code == 409


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mara", "you wrote part of this record"),
        ("jun", "you wrote part of this record"),
        ("noor", "you took part in the operation"),
        ("olga", "that asks for a supervisor"),
        ("root", "that asks for a supervisor"),
    ],
)
def test_others_see_why_they_cannot_sign_it_off(cast: Cast, signed: Operation, name: str, words: str) -> None:
    person = getattr(cast, name)
    page = get(person, signed, "sign_off").content.decode()
    assert words in page.replace("&#x27;", "'")
    assert "Sign off and finalize" not in page
    assert signed.final_text is not None
    posted = {"digest": signed.final_text.digest, "actual_seen": "on", "password": PASSWORD}
    assert signed_in(person).post(reverse("sign_off", args=[signed.pk]), posted).status_code == 403
    assert fresh(signed).state == State.CLOSING


def test_a_value_beyond_its_limit_is_before_the_eyes_of_who_signs_off(signed: Operation) -> None:
    run = load_run(signed)
    assert run is not None and beyond_limits(run.plan, run.metrics) == []
    measured = next(one for one in run.plan.metrics if number_in(recorded(run.metrics[one.key])))
    tight = replace(measured, limit="0", lower_is_better=True)
    run.plan = replace(run.plan, metrics=(tight,))
    assert [words.split(":")[0] for words in beyond_limits(run.plan, run.metrics)] == [measured.name]
    assert beyond_limits(run.plan, run.metrics)[0].endswith(", limit 0")


def test_the_sign_off_compares_the_values_too_against_their_limits(
    signed: Operation, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, limit, after, the difference and who measured it, for each that was to be measured."""
    run = load_run(signed)
    assert run is not None
    planned = [one if one.name != "CPU Utilization" else replace(one, limit="40") for one in run.plan.metrics]
    changed = replace(run.plan, metrics=tuple(replace(one, lower_is_better=True) for one in planned))
    monkeypatch.setattr("records.run.emergency.run_plan", lambda revision, template: changed)
    page = get(cast.sam, signed, "sign_off").content.decode()
    rows = [row for row in page.partition('class="mtab"')[2].partition("</table>")[0].split("<tr>") if "<td" in row]
    assert len(rows) == len(planned)
    [cpu] = [row for row in rows if "CPU Utilization" in row]
    cells = re.findall(r"<td.*?>(.*?)</td>", cpu, re.S)
    assert [one.strip() for one in cells[:3]] == ["61%", "40%", "48%"]
    assert "▼ 13 points, better" in cells[3] and "beyond the limit" in cells[3] and "Noor Haddad" in cells[3]
    assert 'name="after:' not in page, "it is looked at, not written"


def test_who_signs_off_sees_what_solved_a_problem_and_when_a_stop_ended(cast: Cast, signed: Operation) -> None:
    run = load_run(signed)
    assert run is not None
    step = run.plan.steps[2]
    lines = [
        ("problem", "Lag 40 s", step.key, 1),
        ("solved", "Replica restarted", step.key, 2),
        ("stop_at_phase_end", "Too late (goes on later)", "", 3),
        ("go_on", "", "", 33),
    ]
    for kind, text, key, minutes in lines:
        logbook.log(signed, kind, by=cast.jun, at=NIGHT + minutes * dt.timedelta(minutes=1), text=text, step_key=key)
    answer = get(cast.sam, signed, "sign_off")
    page = answer.content.decode()
    assert page.index("Lag 40 s") < page.index("<b>Solved:</b> “Replica restarted”") < page.index("</table>")
    told = dict(answer.context["run_facts"])
    assert told["Problems and deviations"] == "1", "what solved one is none"
    assert told["Stopped"].endswith("Too late (goes on later); went on 6 Dec 02:33 UTC")
    run = load_run(fresh(signed))
    assert run is not None
    words = f"1 problem or deviation noted: {step.number}: Lag 40 s, {step.number}: solved: Replica restarted"
    assert fact_named("notes").words(run) == words


def test_plan_against_actual_then_the_sign_off_finalizes(cast: Cast, signed: Operation) -> None:
    answer = get(cast.sam, signed, "sign_off")
    assert [one.number for one in answer.context["compared"]] == [
        "1.1",
        "1.2",
        "1.3",
        "2.1",
        "2.2",
        "2.3",
        "3.1",
        "3.2",
    ]
    url = reverse("sign_off", args=[signed.pk])
    posted = {"digest": answer.context["digest"], "password": PASSWORD}
    refused = signed_in(cast.sam).post(url, posted)
    assert refused.status_code == 400
    assert "Confirm that you compared plan and actual" in refused.content.decode()
    assert signed_in(cast.sam).post(url, {**posted, "actual_seen": "on", "digest": "0" * 64}).status_code == 409
    done = signed_in(cast.sam).post(url, {**posted, "actual_seen": "on", "note": "Well prepared"})
    assert done["Location"] == reverse("record", args=[signed.pk])
    assert fresh(signed).state == State.FINALIZED
    seal = get(cast.olga, signed, "record").content.decode().split('class="seal"')[1].split("</section>")[0]
    assert "Sam Whitfield: “Well prepared”" in seal


def test_a_refused_sign_off_keeps_all_but_the_password(cast: Cast, signed: Operation) -> None:
    url = reverse("sign_off", args=[signed.pk])
    posted = {"digest": get(cast.sam, signed, "sign_off").context["digest"], "actual_seen": "on", "note": "As planned"}
    page = signed_in(cast.sam).post(url, {**posted, "password": "wrong"}).content.decode()
    assert "As planned</textarea>" in page and re.search(r'name="actual_seen"[^>]* checked', page)
    assert "Type it again" in page
    assert re.findall(r"<(\w+)[^>]* autofocus", page) == ["input"], "the only thing to be typed again has the focus"
    page = signed_in(cast.sam).post(url, {**posted, "actual_seen": "", "password": PASSWORD}).content.decode()
    assert re.findall(r"<(\w+)[^>]* autofocus", page) == ["section"] and "Type it again" in page


def test_only_who_may_sign_off_is_led_there_and_the_others_read_who_does(cast: Cast, signed: Operation) -> None:
    own = get(cast.jun, signed, "record").content.decode()
    assert "Sign-off by: Tomas Okafor or Sam Whitfield (one of them)" in own
    assert "Go to the sign-off" not in own and "Nothing is missing" not in own
    assert "Go to the sign-off" in get(cast.tomas, signed, "record").content.decode()
    closing = get(cast.jun, signed, "close").content.decode()
    assert "Planned window" in closing and " left<" not in closing and "planned start" not in closing
    assert "choose the outcome with it in mind" not in closing


def test_a_finalized_record_is_read_as_the_document_that_was_signed(cast: Cast, signed: Operation) -> None:
    record = make.sign_off(cast, signed)
    assert record.final_text is not None
    page = get(cast.olga, record, "record").content.decode()
    assert record.final_text.digest in page
    assert "Signed by Jun Park" in page and "signed off by Tomas Okafor" in page
    assert page.count("<h1") == 1
    headings = [line[3:] for line in bytes(record.final_text.text).decode().split("\n") if line.startswith("## ")]
    for number in range(1, len(headings) + 1):
        assert f'href="#part-{number}"' in page and f'id="part-{number}"' in page
    download = get(cast.olga, record, "record_download")
    assert download.content == bytes(record.final_text.text)
    assert download["Content-Disposition"] == f'attachment; filename="{record.operation_id}.md"'


def test_contents_never_become_markup() -> None:
    html, parts = with_contents("<h2>a &lt;script&gt; <code>b</code></h2><p>x</p>")
    assert parts[0].title == "a &lt;script&gt; b"
    assert html == '<h2 id="part-1">a &lt;script&gt; <code>b</code></h2><p>x</p>'


@pytest.mark.parametrize(("name", "most"), [("close", 20), ("sign_off", 24), ("record", 9)])
def test_pages_of_closing_cost_few_queries(cast: Cast, signed: Operation, name: str, most: int) -> None:
    record = make.sign_off(cast, signed) if name == "record" else signed
    client = signed_in(cast.tomas)
    client.get(reverse(name, args=[record.pk]))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse(name, args=[record.pk])).status_code == 200
    assert len(queries) <= most
