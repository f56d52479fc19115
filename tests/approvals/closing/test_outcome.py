"""The outcome: in the template's own words, with the end of the work and the day of the next review."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from records.models import Check, Operation, State
from records.writing.saving import save_section
from tests import make
from tests.approvals.closing.asking import WHEN, get, to_sign
from tests.browserless import look
from tests.make import NIGHT, fresh, make_in
from tests.people import Cast, signed_in

pytestmark = pytest.mark.django_db


def test_the_template_s_own_words_are_offered_and_nothing_is_chosen(cast: Cast, closing: Operation) -> None:
    page = get(cast.jun, closing, "close").content.decode()
    assert "COMPLETED SUCCESSFULLY" in page and "FAILED" in page
    assert "ROLLED BACK" not in page and "IN PROGRESS" not in page
    assert " checked" not in page
    assert 'value="2026-12-06 02:00:00"' in page


def test_no_section_waits_for_what_the_outcome_s_form_asks(cast: Cast, closing: Operation) -> None:
    own = closing.sections.get(key="footer")
    told = {"key": "footer", "version": own.version, "values": {"footer/next-infrastructure-review": ""}}
    save_section(operation=closing, **told, by=cast.mara, at=timezone.now())
    answer = get(cast.jun, closing, "close")
    assert answer.context["left"] == 0
    assert "Next Infrastructure Review is asked with the outcome" in answer.content.decode()
    (one,) = (task for task in answer.context["tasks"] if task.hint.endswith("is asked with the outcome"))
    done, due = re.findall(r"\d+", one.count)
    assert done == due, "what is done lacks no field that is asked elsewhere"
    key = "infrastructure-impact-assessment"
    page = look(signed_in(cast.jun), f"/records/{closing.pk}/sections/{key}/").send(act="continue")
    assert page.address == reverse("close", args=[closing.pk])


def test_what_was_rolled_back_cannot_be_called_completed(cast: Cast, template) -> None:
    rolled = make.work(cast, make_in(State.ROLLING_BACK, cast, template))
    page = get(cast.jun, rolled, "close").content.decode()
    assert "ROLLED BACK" in page and "COMPLETED SUCCESSFULLY" not in page
    answer = get(cast.jun, rolled, "sign", outcome="completed", completed=WHEN)
    assert answer.status_code == 400


@pytest.mark.parametrize("completed", ["", "soon", "2026-12-05 01:00", "2031-01-01 00:00", "\0"])
def test_a_completion_time_that_cannot_be_is_told(cast: Cast, closing: Operation, completed: str) -> None:
    assert get(cast.jun, closing, "sign", outcome="completed", completed=completed).status_code == 400


def test_the_day_of_the_next_review_is_chosen_with_the_outcome(cast: Cast, closing: Operation) -> None:
    page = get(cast.jun, closing, "close").content.decode()
    assert "Left empty, what is written stays: “2026-12-08: drop the reverse" in page
    assert get(cast.jun, closing, "sign", outcome="completed", completed=WHEN, review="2026-12-01").status_code == 400
    answer, posted = to_sign(cast.jun, closing, review="2027-02-01")
    assert "**Next Infrastructure Review**: 2027-02-01\n" in answer.context["source"]
    assert 'name="review" value="2027-02-01"' in answer.content.decode()
    done = signed_in(cast.jun).post(reverse("sign", args=[closing.pk]), {**posted, "review": "2027-02-01"})
    assert done.status_code == 303
    assert fresh(closing).review_on == dt.date(2027, 2, 1)


def test_what_was_chosen_of_the_outcome_is_there_when_one_comes_back(cast: Cast, closing: Operation) -> None:
    """What is still missing is filled in on another page."""
    client, url = signed_in(cast.jun), reverse("close", args=[closing.pk])
    client.get(reverse("sign", args=[closing.pk]), {"outcome": "failed", "completed": "soon", "review": "2027-03-31"})
    form = client.get(url).context["form"]
    assert [form[name].value() for name in ("outcome", "completed", "review")] == ["failed", "soon", "2027-03-31"]
    assert '" value="failed" checked' in client.get(url).content.decode()
    assert signed_in(cast.jun).get(url).context["form"]["outcome"].value() is None, "in another session"


@pytest.mark.parametrize("do", ["choose", "tick_check", "take_over"])
def test_what_was_chosen_of_the_outcome_stays_whatever_is_pressed_beside_it(
    do: str, cast: Cast, closing: Operation
) -> None:
    check = Check.objects.filter(section__operation=closing)[0]
    Check.objects.filter(pk=check.pk).update(ticked=False, ticked_by=None, observe_until=NIGHT)
    client, url = signed_in(cast.jun), reverse("close", args=[closing.pk])
    answer = client.post(url, {"do": do, "key": check.key, "outcome": "failed", "review": "2027-03-31"})
    assert answer.status_code == {"choose": 204, "tick_check": 303, "take_over": 400}[do]
    form = client.get(url).context["form"]
    assert [form[name].value() for name in ("outcome", "review")] == ["failed", "2027-03-31"]
    assert Check.objects.get(pk=check.pk).ticked == (do == "tick_check")


@pytest.mark.parametrize(("level", "is_needed"), [("Low", False), ("High", True)])
def test_that_a_next_review_has_to_be_named_is_said_at_its_field(
    level: str, is_needed: bool, cast: Cast, closing: Operation
) -> None:
    url, words = reverse("close", args=[closing.pk]), "Needed before it can be signed."
    Operation.objects.filter(pk=closing.pk).update(risk_level=level)
    assert words not in signed_in(cast.jun).get(url).content.decode(), "a day stands there"
    section = closing.sections.get(key="footer")
    values = {"footer/next-infrastructure-review": ""}
    save_section(operation=closing, key="footer", version=section.version, values=values, by=cast.jun, at=NIGHT)
    assert (words in signed_in(cast.jun).get(url).content.decode()) == is_needed
