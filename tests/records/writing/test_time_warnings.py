"""What is said of windows in the night in which the clock of their zone is changed."""

from __future__ import annotations

import pytest

from records.document.read import read_record
from records.models import outline_of
from records.writing.time_warnings import timing_of, window_warnings

TEMPLATE = """# Change: [What]

**Day**: YYYY-MM-DD
**Begin**: HH:MM TZ

## Work

### Phase 1: First (HH:MM-HH:MM)

1. **[Step]**

### Phase 2: Second (HH:MM-HH:MM)

1. **[Step]**
"""
LESS, MORE, QUIET = "2027-03-28", "2027-10-31", "2027-11-07"


@pytest.mark.parametrize(
    ("day", "windows", "said"),
    [
        (LESS, ("01:00-01:30", "01:30-03:30"), "takes 1 h and not 2 h: the clock in Europe/Berlin is changed"),
        (LESS, ("01:00-01:30", "01:30-02:30"), "names 02:30, which is left out that night"),
        (MORE, ("01:00-01:30", "01:30-03:30"), "takes 3 h and not 2 h: the clock in Europe/Berlin is changed"),
        (MORE, ("01:00-01:30", "01:30-02:30"), "names 02:30, which comes twice that night"),
        (MORE, ("03:00-03:30", "03:30-04:30"), ""),
        (QUIET, ("01:00-01:30", "01:30-03:30"), ""),
    ],
)
def test_a_window_over_the_change_of_the_clock_says_what_it_takes(
    day: str, windows: tuple[str, str], said: str
) -> None:
    outline = outline_of(TEMPLATE, '[bind]\ndate = "header/day"\ntime = "header/begin"\n')
    text = TEMPLATE.replace("YYYY-MM-DD", day).replace("HH:MM TZ", f"{windows[0][:5]} Europe/Berlin")
    for window in windows:
        text = text.replace("HH:MM-HH:MM", window, 1)
    document = read_record(text, outline.document)
    found = list(window_warnings(document.section("work"), timing_of(document, outline)))
    assert [(one.label, one.weight) for one in found] == [("Phase 2", 0)] * bool(said)
    assert all(one.words.startswith(said) for one in found)
