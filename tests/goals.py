"""The goals that every page is held to, and the tests that hold it to them.

Each goal has a number; a test is named by its file and its function. `pytest $(python -m tests.goals U6)` runs those of
one goal; those of the long run need `-m ""` as well.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What is promised, and the tests that would notice if it were not kept."""

    words: str
    tests: tuple[str, ...]


JOURNEYS, APPROVALS, RECORDS = "tests/journeys/", "tests/approvals/", "tests/records/"
EVERY_LOOK = tuple(
    f"{JOURNEYS}{name}"
    for name in (
        "test_every_state.py::test_no_state_of_a_record_has_a_page_with_a_barrier",
        "test_every_state.py::test_no_page_that_refuses_or_welcomes_has_a_barrier",
        "test_pages_of_starting.py::test_they_have_no_barrier_and_no_sideways_scroll",
        "test_pages_of_starting.py::test_no_page_of_an_emergency_has_a_barrier",
        "test_pages_of_writing.py::test_they_have_no_barrier_and_no_sideways_scroll",
        "test_pages_of_deciding.py::test_they_have_no_barrier_and_no_sideways_scroll",
        "test_writing.py::test_no_page_of_writing_has_a_violation_or_scrolls_sideways",
        "test_every_page.py::test_every_address_is_looked_at_or_no_page",
        "test_every_page.py::test_the_journeys_that_are_named_still_come_by",
        "test_every_page.py::test_no_other_page_has_a_barrier",
    )
)
GOALS = {
    "U1": Goal(
        "A change at the mildest level is written in ten minutes, a clone with ten changed fields in five",
        (
            f"{JOURNEYS}test_low_risk.py::test_a_low_risk_change_is_written_in_ten_minutes",
            f"{JOURNEYS}test_clone_by_keyboard.py::test_a_clone_with_ten_changed_fields_goes_to_review_in_few_keys",
        ),
    ),
    "U2": Goal(
        "A clone goes to review in 45 keys beyond the text, with no mouse",
        (f"{JOURNEYS}test_clone_by_keyboard.py::test_a_clone_with_ten_changed_fields_goes_to_review_in_few_keys",),
    ),
    "U3": Goal(
        "Nothing that was said to be saved is lost, whatever breaks",
        (
            f"{JOURNEYS}test_autosave.py::test_nothing_typed_is_lost",
            f"{JOURNEYS}test_autosave.py::test_nothing_typed_is_lost_ten_times_in_a_row",
        ),
    ),
    "U4": Goal(
        "A section saves itself a second after a pause, every ten while typing, and says so",
        (
            f"{JOURNEYS}test_autosave.py::test_it_saves_a_second_after_a_pause_and_every_ten_while_typing",
            f"{RECORDS}test_section_live.py::test_a_save_is_answered_within_a_fifth_of_a_second",
        ),
    ),
    "U5": Goal("No page has a barrier that axe finds: every state, both themes, wide and narrow", EVERY_LOOK),
    "U6": Goal(
        "Everything is done by keyboard, and the focus is always seen",
        (
            f"{JOURNEYS}test_clone_by_keyboard.py::test_a_clone_with_ten_changed_fields_goes_to_review_in_few_keys",
            f"{JOURNEYS}test_reading.py::test_a_plan_is_read_by_keys_alone",
            f"{JOURNEYS}test_night_by_keyboard.py::test_a_night_is_worked_rolled_back_and_closed_by_keyboard",
            f"{JOURNEYS}test_focus.py::test_the_focus_is_seen_wherever_tab_leads",
        ),
    ),
    "U7": Goal("No page scrolls sideways, on the narrowest phone and at twice the size", EVERY_LOOK),
    "U8": Goal(
        "Create, review, run, roll back and close work without a script",
        (
            f"{JOURNEYS}test_whole_record.py::test_a_record_from_new_to_finalized",
            f"{JOURNEYS}test_whole_record.py::test_a_record_that_is_rolled_back",
            f"{JOURNEYS}test_writing.py::test_rows_come_go_and_come_back",
            f"{JOURNEYS}test_reading.py::test_a_decision_takes_a_minute_on_a_phone",
            f"{JOURNEYS}test_template_library.py::test_it_is_brought_in_asked_about_published_and_used",
        ),
    ),
    "U9": Goal(
        "What is wrong is summed up, leads to each field, takes the focus and stands in the title",
        (
            f"{RECORDS}test_look.py::test_a_page_that_tells_of_problems_says_so_in_its_title",
            f"{RECORDS}test_look.py::test_the_summary_of_problems_takes_the_focus_and_leads_to_each",
            f"{RECORDS}test_look.py::test_a_field_names_its_hint_and_error_to_those_who_do_not_see_it",
        ),
    ),
    "U10": Goal(
        "What was removed, marked, ticked or written is undone without a question; earlier texts come back",
        (
            f"{JOURNEYS}test_autosave.py::test_the_last_change_is_taken_back_without_a_question",
            f"{JOURNEYS}test_writing.py::test_rows_come_go_and_come_back",
            f"{APPROVALS}test_comments.py::test_a_comment_that_was_deleted_comes_back",
            f"{RECORDS}run/test_running.py::test_a_tick_lands_in_the_record_and_can_be_taken_back",
            f"{RECORDS}writing/test_restoring.py::test_a_field_gets_its_earlier_text_back_and_nothing_else",
            f"{RECORDS}writing/test_restoring.py::test_a_restored_plan_is_that_of_the_revision_byte_for_byte",
        ),
    ),
    "U11": Goal(
        "Eight requests, 110 KB and then 25, 20 of HTML, 40 of script; painted within a second on a slow line",
        (
            f"{JOURNEYS}test_speed.py::test_no_page_costs_more_than_its_budget",
            f"{JOURNEYS}test_speed.py::test_on_a_slow_line_it_is_painted_within_a_second_and_answers_at_once",
        ),
    ),
    "U12": Goal(
        "Light, dark, forced colours, paper and quiet motion, with no flash and nothing inline",
        (
            f"{JOURNEYS}test_appearance.py::test_a_theme_is_there_from_the_first_byte",
            f"{JOURNEYS}test_appearance.py::test_forced_colours_leave_lines_where_tints_were",
            f"{JOURNEYS}test_appearance.py::test_nothing_moves_for_whoever_asked_for_that",
            f"{JOURNEYS}test_appearance.py::test_on_paper_a_record_is_black_on_white_with_nothing_to_press",
            f"{RECORDS}test_look.py::test_a_page_has_nothing_that_the_content_policy_refuses",
            "tests/opsrecords/test_guards.py::test_every_page_carries_the_headers",
        ),
    ),
    "U13": Goal(
        "Plain words in sentence case; times in UTC, how far away, and in the reader's zone",
        (
            f"{RECORDS}test_look.py::test_nothing_is_written_in_capitals_by_a_sheet",
            f"{RECORDS}test_look.py::test_a_moment_is_utc_and_far_or_near_and_the_readers_own_where_that_differs",
            f"{RECORDS}test_look.py::test_times_on_pages_are_never_a_bare_hour",
            "tests/opsrecords/test_translation_marks.py::test_what_people_read_is_marked",
        ),
    ),
    "U14": Goal(
        "Every section, field, comment, difference, filter and month has an address that stays",
        (
            f"{APPROVALS}test_comments.py::test_the_author_reads_it_beside_the_field_and_answers",
            f"{APPROVALS}test_draft_comments.py::test_a_draft_is_commented_on_from_its_sections_without_a_script",
            f"{RECORDS}test_record_list.py::test_filters_live_in_the_address",
            f"{RECORDS}test_calendar.py::test_a_month_has_an_address_that_stays",
            f"{RECORDS}test_history_page.py::test_two_revisions_are_compared_in_either_order",
        ),
    ),
    "U15": Goal(
        "What leaves comes in and leaves again byte for byte",
        (f"{RECORDS}document/test_laws.py::test_law_4_whatever_comes_in_goes_out",),
    ),
}

if __name__ == "__main__":
    print(*(test for name in sys.argv[1:] or GOALS for test in GOALS[name].tests), sep="\n")
