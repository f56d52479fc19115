"""Before and after: the difference in words, and dots that never leave the picture."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from records.run.comparison import compared, number_in


def test_numbers_as_people_write_them() -> None:
    written = ["61", "1,240 /s", "0.08%", "about 151 GB", "−3", "none", "", "9" * 40]
    assert [str(number_in(text)) for text in written] == ["61", "1240", "0.08", "151", "-3", "None", "None", "None"]


def test_decimal_commas_and_thousands() -> None:
    written = ["0,31", "12,5", "0,125", "1.240,5", "1 240,5", "1'240", "1,240.5", "1,240,000", "10.0.0.1", "1,2,3"]
    numbers = ["0.31", "12.5", "0.125", "1240.5", "1240.5", "1240", "1240.5", "1240000", "None", "None"]
    assert [str(number_in(text)) for text in written] == numbers


def test_where_no_difference_is_computed_it_says_why() -> None:
    assert compared("0,08", "0,31", "%", "1", True).words == "▲ 0.23 points, worse"
    assert compared("61", "as before", "%").words == "no difference: this is not a number"
    assert compared("quick", "12", "ms").words == "no difference: the value before is not a number"
    assert compared("", "12", "ms").words == "no value before"
    assert compared("900", "1.2 s", "ms").words == "no difference: written in s"
    assert compared("100 MB/s", "800 Mb/s").words == "no difference: written in Mb/s"
    assert compared("100", "90 GiB", "GB").words == "no difference: written in GiB"
    assert compared("900 ms", "850 ms", "").words == "▼ 50"
    assert compared("", "900", "ms", "250", True).in_full == "no value before, beyond the limit"


def test_words_as_drawn() -> None:
    assert compared("61", "48", "%", "75", True).words == "▼ 13 points, better"
    assert compared("182", "141", "ms", "250 ms", True).words == "▼ 41 ms, better"
    assert compared("0.08", "0.31", "%", "1", True).words == "▲ 0.23 points, worse"
    assert compared("1,240", "1,240", " req/sec").words == "no change"
    assert compared("1,240", "").words == ""
    assert compared("61", "48", "%").words == "▼ 13 points"


def test_better_and_beyond_the_limit_are_told_apart() -> None:
    shown = compared("90", "80", "%", "75", True)
    assert (shown.words, shown.better, shown.beyond_limit) == ("▼ 10 points, better", True, True)
    assert shown.in_full == "▼ 10 points, better, beyond the limit"
    assert compared("1,240", "990", "/s", "1,000 /s", False).beyond_limit


def test_what_got_worse_within_its_limit_is_no_alarm() -> None:
    told = [
        ("128", "131", "200"),
        ("128", "201", "200"),
        ("128", "131", ""),
        ("128", "131", "none"),
        ("131", "128", "200"),
    ]
    shown = [compared(before, after, "ms", limit, True) for before, after, limit in told]
    assert [(one.is_alarming, one.within_limit) for one in shown] == [
        (False, True),
        (True, False),
        (True, False),
        (True, False),
        (False, True),
    ]
    assert not compared("128", "131", "ms", "200").within_limit, "nobody said which way is better"


texts = st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str) | st.text(max_size=8)


@given(texts, texts, texts, st.sampled_from([None, True, False]))
def test_no_dot_leaves_the_picture(before: str, after: str, limit: str, lower: bool | None) -> None:
    places = compared(before, after, "%", limit, lower).x
    if places:
        assert all(0 <= x <= 100 for x in (places.before, places.after, places.limit) if x is not None)
