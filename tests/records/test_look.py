"""How small things look: the tags, and that partials and pages name only what is there."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.utils import timezone

from records.models.states import Outcome, State
from records.templatetags import look, texts

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = (ROOT / "static/img/icons.svg").read_text()
START = datetime(2026, 12, 6, 2, 0, tzinfo=UTC)


@dataclass
class Record:
    state: str
    outcome: str = ""
    afterwards_reason: str = ""
    emergency: dict[str, str] = field(default_factory=dict)


class StepForm(forms.Form):
    estimate = forms.CharField(help_text="Such as 20 min")
    level = forms.ChoiceField(choices=[("low", "Low")])
    ask = forms.BooleanField(label="Ask before")
    commands = forms.CharField(widget=forms.Textarea(attrs={"class": "cmd"}))


def render(text: str, **context: object) -> str:
    return Template("{% load look %}" + text).render(Context(context))


def icons_drawn(markup: str) -> list[str]:
    return re.findall(r'icons\.svg#([a-z]+)"', markup)


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", markup).split())


def test_an_icon_is_decoration_unless_it_is_given_words():
    assert render('{% icon "check" %}') == (
        '<svg class="i" aria-hidden="true"><use href="/static/img/icons.svg#check"></use></svg>'
    )
    assert words(render('{% icon "check" "complete" %}')) == "complete"


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_shape_of_the_sprite_and_its_word(state):
    drawn = render("{% state_pill record %}", record=Record(state))
    assert words(drawn) == state.label
    assert [f'id="{name}"' in SPRITE for name in icons_drawn(drawn)] == [True]


def test_states_differ_in_more_than_colour():
    shapes = [shape for shape, _ in look.STATES.values()]
    assert len(set(shapes)) == len(State)


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.FAILED, Outcome.ROLLED_BACK])
def test_a_finalized_record_shows_its_outcome(outcome):
    assert words(render("{% state_pill r %}", r=Record("finalized", outcome))) == f"Finalized {outcome.label}"


@pytest.mark.parametrize("record", [Record("finalized"), Record("finalized", "in_progress"), Record("imported", "")])
def test_no_outcome_is_made_up(record):
    assert words(render("{% state_pill r %}", r=record)) == State(record.state).label


@pytest.mark.parametrize("state", ["closing", "finalized"])
def test_what_was_recorded_afterwards_says_so_wherever_its_state_stands(state):
    drawn = words(render("{% state_pill r %}", r=Record(state, "", "No time")))
    assert drawn == f"{State(state).label} Recorded afterwards"


@pytest.mark.parametrize("state", ["running", "closing", "finalized"])
def test_what_was_started_as_an_emergency_says_so_wherever_its_state_stands(state):
    drawn = words(render("{% state_pill r %}", r=Record(state, emergency={"why": "Fire"})))
    assert drawn == f"{State(state).label} Emergency, not approved"


def test_an_outcome_written_early_is_not_shown_before_the_end():
    assert words(render("{% state_pill r %}", r=Record("closing", "failed"))) == "Closing"


@pytest.mark.parametrize(
    ("ordinal", "total", "bars", "tint"),
    [(1, 4, 1, "ok"), (2, 4, 2, "warn"), (3, 4, 3, "bad"), (4, 4, 4, "bad"), (1, 3, 1, "ok"), (3, 3, 4, "bad"),
     (6, 6, 4, "bad"), (1, 1, 1, "ok"), (9, 4, 4, "bad")],
)  # fmt: skip
def test_risk_is_bars_and_the_word_of_the_template(ordinal, total, bars, tint):
    drawn = render("{% risk_pill 'Severe' o t %}", o=ordinal, t=total)
    assert f'<span class="pill {tint}"><span class="bars b{bars}"' in drawn
    assert words(drawn) == "Risk: Severe"


def test_a_risk_level_that_the_template_does_not_know_has_no_bars():
    assert render("{% risk_pill 'Odd' %}") == '<span class="pill">Risk: Odd</span>'
    assert words(render("{% risk_pill '' %}")) == "Risk not set"


def test_what_people_wrote_is_shown_inert():
    drawn = render("{% risk_pill x 1 4 %}{% initials x %}{% pill '' '' x %}{% when None x %}", x="<b>&'\"")
    assert "<b>" not in drawn


def test_a_moment_is_utc_and_far_or_near_and_the_readers_own_where_that_differs():
    moment = timezone.now() + timedelta(days=13, minutes=1)
    with timezone.override("UTC"):
        assert (
            words(render("{% when m %}", m=moment)) == f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M} UTC, in 13 days"
        )
    with timezone.override("Asia/Kolkata"):
        here = timezone.localtime(moment)
        assert words(render("{% when m %}", m=moment)).endswith(f"UTC, in 13 days, {here:%H:%M} your time")


def test_an_hour_has_its_day_and_the_readers_own_time_as_a_tooltip():
    drawn = render("{% at m %}", m=START)
    assert (words(drawn), 'title="Sun 6 Dec 2026, 02:00:00 UTC"' in drawn) == ("02:00", True)
    with timezone.override("Asia/Kolkata"):
        assert 'UTC, 07:30 your time"' in render("{% at m %}", m=START)
        assert words(render("{% window s e %}", s=START, e=START + timedelta(hours=1))).endswith(
            "07:30 to 08:30 your time"
        )


BARE = re.compile(r"""[^ ]*\|(?:time|date(?!:["'][DFjlMmNnYy -]+["'])).*?}""")


def test_times_on_pages_are_never_a_bare_hour():
    """A machine's, an address's, a field's, or what the tags of times write: nothing else. Days and months alone say
    no hour.
    """
    bare = []
    for page in PAGES:
        text = re.sub(r"""(datetime|data-counts|value|href)="[^"]*"|{% blocktranslate .*?%}""", "", page.read_text())
        bare += [(page.name, found) for found in BARE.findall(re.sub(r"<time.*?</time>", "", text))]
    assert bare == []


def test_a_size_is_in_the_units_of_the_limits():
    said = [texts.size_words(size) for size in (900, 84_685, 256 * 1024, 8 * 1024 * 1024)]
    assert said == ["900\xa0bytes", "82.7\xa0KiB", "256.0\xa0KiB", "8.0\xa0MiB"]


def test_a_machine_reads_the_same_moment():
    assert 'datetime="2026-12-06T02:00:00Z"' in render("{% when m %}", m=START)
    elsewhere = START.astimezone(timezone.get_fixed_timezone(330))
    assert 'datetime="2026-12-06T02:00:00Z"' in render("{% ago m %}", m=elsewhere)


def test_a_day_has_no_hour():
    assert words(render("{% when d %}", d=date(2026, 11, 27))) == "Fri 27 Nov 2026"
    assert words(render("{% when None %}")) == "not set"


def test_a_window_names_the_day_of_its_end_only_when_it_is_another():
    same = words(render("{% window s e %}", s=START, e=START + timedelta(hours=3, minutes=30)))
    assert same.startswith("Sun 6 Dec 2026, 02:00 to 05:30 UTC, ")
    night = words(render("{% window s e %}", s=START, e=START + timedelta(days=1)))
    assert night.startswith("Sun 6 Dec 2026, 02:00 to Mon 7 Dec 2026, 02:00 UTC, ")
    assert words(render("{% window None None %}")) == "not set"


def test_a_window_without_an_end_says_no_more_how_far_it_is_once_that_is_over():
    told = "from Sun 6 Dec 2026, 02:00 UTC (end not set: it is that of the last phase&#x27;s window)"
    assert words(render("{% window s None aside=False %}", s=START)) == told
    assert words(render("{% window s None %}", s=START)) != told


@pytest.mark.parametrize(
    ("name", "letters"), [("Mara Lindqvist", "ML"), ("Ada B. Brandt", "AB"), ("jun", "JU"), ("", "")]
)
def test_initials(name, letters):
    assert words(render("{% initials n %}", n=name)) == letters


def test_a_control_has_the_class_of_its_kind_and_keeps_its_own():
    form = StepForm()
    assert 'class="form-control"' in look.control(form["estimate"])
    assert 'class="form-select"' in look.control(form["level"])
    assert 'class="form-check-input"' in look.control(form["ask"])
    assert 'class="form-control cmd tall"' in look.control(form["commands"], "tall")


def test_a_field_names_its_hint_and_error_to_those_who_do_not_see_it():
    markup = render_to_string("components/field.html", {"field": StepForm({})["estimate"]})
    [described] = re.findall(r'aria-describedby="([^"]+)"', markup)
    assert [f'id="{name}"' in markup for name in described.split()] == [True, True]
    assert 'aria-invalid="true"' in markup


def test_crispy_forms_draw_the_same_field():
    form = StepForm({})
    own = render_to_string("components/field.html", {"field": form["estimate"]})
    theirs = Template("{% load crispy_forms_tags %}{{ f|as_crispy_field }}").render(Context({"f": form["estimate"]}))
    assert theirs.split() == own.split()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_compiles_and_names_only_icons_and_files_that_exist(page):
    get_template(str(page.relative_to(ROOT / "templates")))
    text = page.read_text()
    icons = re.findall(r'{% icon "([a-z]+)"', text) + re.findall(r'{% pill "[a-z ]*" "([a-z]+)"', text)
    assert [name for name in icons if f'id="{name}"' not in SPRITE] == []
    files = [name for name in re.findall(r"{% static '([^']+)' %}", text) if not name.startswith("js-lib-")]
    assert [name for name in files if not finders.find(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_has_nothing_that_the_content_policy_refuses(page):
    text = page.read_text()
    assert re.findall(r"\sstyle=|\son[a-z]+=|<style|javascript:|<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_that_tells_of_problems_says_so_in_its_title(page):
    text = page.read_text()
    title = re.search(r"{% block title %}(.*)", text)
    if title and "components/error_summary.html" in text:
        assert re.search(r'{% translate "Error:?" %}', title[1])


def test_the_summary_of_problems_takes_the_focus_and_leads_to_each():
    told = render_to_string("components/error_summary.html", {"problems": [("#f-cost", "Fill in: Cost")]})
    assert re.search(r"<section[^>]* autofocus", told)
    assert '<a href="#f-cost">Fill in: Cost</a>' in told


def test_what_is_long_is_folded_behind_its_beginning_and_stands_there_whole():
    assert texts.in_short("Too <b>early", 20) == "Too &lt;b&gt;early"
    long = texts.in_short("<i>" + "word " * 9, 20)
    assert long.startswith('<details class="in-short"><summary>&lt;i&gt;word word word w…</summary>')
    assert long.count("word") == 3 + 9


def test_nothing_is_written_in_capitals_by_a_sheet():
    assert [sheet.name for sheet in (ROOT / "static/css").rglob("*.css") if "uppercase" in sheet.read_text()] == []


def test_the_page_of_a_fault_needs_nothing():
    assert "Something broke" in get_template("500.html").template.render(Context())


def test_time_plans_are_drawn_in_percent_in_every_language():
    plan = {"rows": [{"bars": [{"kind": "plan", "x": 21.4, "width": 50}], "marks": [{"kind": "now", "x": 43.25}]}]}
    drawn = render_to_string("components/gantt.html", {"plan": plan})
    assert 'x="21.4%" width="50.0%"' in drawn
    assert 'x1="43.2%"' in drawn
