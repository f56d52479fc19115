"""How far away moments and windows are: one way of saying it."""

from datetime import UTC, datetime, timedelta

import pytest

from records.from_now import relative, window_from_now

NOW = datetime(2026, 12, 6, 2, tzinfo=UTC)


def plain(words: str) -> str:
    return words.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=12), "in 12 min"),
        (timedelta(minutes=-89), "89 min ago"),
        (timedelta(minutes=90), "in 1 h 30 min"),
        (timedelta(hours=3), "in 3 h"),
        (timedelta(hours=-3, minutes=-10), "3 h ago"),
        (timedelta(hours=-47, minutes=-59), "47 h ago"),
        (timedelta(hours=48), "in 2 days"),
        (timedelta(days=13), "in 13 days"),
        (timedelta(days=-120), "4 months ago"),
    ],
)
def test_how_far_away_a_moment_is(away: timedelta, said: str) -> None:
    assert plain(relative(NOW + away, NOW)) == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (190, 260, "in 3 h 10 min"),
        (0, 70, "planned start now, 70 min left"),
        (-20, 50, "planned start 20 min ago, 50 min left"),
        (-20, 100, "planned start 20 min ago, 1 h 40 min left"),
        (-20, 0.5, "planned start 20 min ago, 1 min left"),
        (-190, -120, "planned end 2 h ago"),
        (-190, 0, "planned end now"),
        (190, None, "in 3 h 10 min"),
        (-190, None, "planned start 3 h ago"),
    ],
)
def test_how_a_window_stands_to_now(start: float, end: float | None, said: str) -> None:
    until = None if end is None else NOW + timedelta(minutes=end)
    assert plain(window_from_now(NOW + timedelta(minutes=start), until, NOW)) == said
