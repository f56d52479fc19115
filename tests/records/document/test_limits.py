"""What the core costs: filled records at once, and no text, however made, that takes forever or fells the reader."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import FrameType

import pytest

from records.document.escape import from_free, from_line, in_bold, in_bullet, in_free, in_heading, in_line
from records.document.outline import Document
from records.document.phase_headings import phase_heading, phase_words
from records.document.read import read_record, read_template
from records.document.shapes import choices_of, metric_in, metric_line, slug
from records.document.write import write
from tests.records.document.strategies import DATA, LEAVES, TEMPLATES, places, put, text_in

GIVEN = TEMPLATES["infrastructure-operation"]
FILLED = text_in(DATA / "records" / "postgresql-16-orders.finalized.md")
READING, WRITING = 30, 3
# How much longer than alone a hostile text may take on a busy machine.
BUSY = 3
# Processor seconds of a bare loop on the machine that the limits of this file are told for.
LOOP = 0.01
SIZE = 256 * 1024
PIECE = SIZE // 4
# The daily run takes a quarter of the piece in a quarter of the time: what grows faster than its length fails there.
DAILY = pytest.param(4, id="daily")
WHOLE = pytest.param(1, id="whole", marks=pytest.mark.long)


def milliseconds(act: Callable[[], object], *, within: float) -> float:
    """How long ``act`` takes, by the processor's own clock: the best of many, for a neighbour only makes it longer.

    The first that is ``within`` is proof enough; only who is too slow is asked again and again.
    """
    best = float("inf")
    for _ in range(200):
        start = time.process_time()
        act()
        best = min(best, (time.process_time() - start) * 1000)
        if best < within:
            break
    return best


def takes_at_most(seconds: float, since: float) -> bool:
    """Whether no more than so many processor seconds have passed ``since``, on a machine as quick as the limits are
    told for; on a slower one as many more as a bare loop takes there, measured now.
    """
    took = time.process_time() - since
    if took < seconds:
        return True
    start, total = time.process_time(), 0
    for number in range(200_000):
        total += number
    return took < seconds * (time.process_time() - start) / LOOP


def unread(document: Document) -> Document:
    """``document`` with nothing as it was read: every leaf has to be written anew."""
    for path, leaf in places(document, *LEAVES):
        document = put(document, path, replace(leaf, read_as=""))
    return document


def test_a_filled_record_is_read_and_written_at_once() -> None:
    record = read_record(FILLED, GIVEN)
    fresh = unread(record)
    assert milliseconds(lambda: read_record(FILLED, GIVEN), within=READING) < READING
    assert milliseconds(lambda: write(record), within=WRITING) < WRITING
    assert milliseconds(lambda: write(fresh), within=WRITING) < WRITING


HOSTILE = [
    "> ", "- ", "[", "[\n", "[a\n", "[a]: /b\n", "[a]: /b 'x\n", "`", "`a\n", " ", "\t", "<", "<a ", "*", "=", "# ",
    "\\", "x\n", "- x\n", "- **a**: b\n", "> x\n", "<div>\n", "```\n", "1. x\n", "\n", "(", "<!--", "**a",
    "### x\n", "a\n-\n", "* * *\n",
]  # fmt: skip
DEEP = {
    "quotes": "> " * 10_000 + "x",
    "lists": "".join("  " * depth + "- x\n" for depth in range(500)),
    "numbered lists": "".join("   " * depth + "1. x\n" for depth in range(400)),
    "growing quotes": "".join("> " * depth + "x\n" for depth in range(500)),
    "brackets": "[" * 10_000,
}


def assert_read(text: str, share: int = 1) -> None:
    start = time.process_time()
    record = read_record(text, GIVEN)
    assert takes_at_most(2 * BUSY / share, start)
    assert write(record) == text


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("head", ["", "- **User Experience**: x\n  "], ids=["free", "in a bullet"])
@pytest.mark.parametrize("share", [DAILY, WHOLE])
def test_no_text_takes_forever_to_read(share: int, head: str, unit: str) -> None:
    body = (unit * PIECE)[: PIECE // share]
    indented = body.replace("\n", "\n  ") if head else body
    assert_read(
        f"# Infrastructure Operation: x\n\n## Operation Summary\n\n### Business Impact\n\n{head}{indented}\n", share
    )


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_no_depth_fells_the_reader(text: str) -> None:
    assert_read(f"# Infrastructure Operation: x\n\n## Operation Summary\n\n{text}\n")


@pytest.mark.long
@pytest.mark.parametrize("unit", HOSTILE)
def test_no_section_as_large_as_they_may_be_takes_forever_documents(unit: str) -> None:
    assert_read(f"# Infrastructure Operation: x\n\n## Operation Summary\n\n{(unit * SIZE)[:SIZE]}\n")


def test_a_hundred_thousand_lines_and_ten_megabytes_are_read() -> None:
    assert_read("# Infrastructure Operation: x\n\n## Operation Summary\n\n" + f"{'x' * 100}\n" * 100_000)


INLINE = {
    "in_line": lambda text: from_line(in_line(text)),
    "in_bold": in_bold,
    "in_heading": in_heading,
    "phase": lambda text: (phase_heading(f"Phase 1: {text}", ["Phase"]), phase_heading(text, None)),
    "phase_words": lambda text: phase_words(text, ""),
    "metric_in": lambda text: (metric_in(text), metric_in(f"- {text}")),
    "metric_line": lambda text: metric_line(text, text, text, ""),
    "slug": slug,
    "choices": choices_of,
}
SIGNS = [
    "a", "*", "**", "\\", "`", "a`", "[", "](", "_", "~", "<a ", "# ", " ", "\t", "1: ", "(", " (1", ")", " → ", "**:",
    "\\*", "[a](", "(22:00-", "&", "\\:", "*a* ", "HH:MM", "1 1:",
]  # fmt: skip


@pytest.mark.parametrize("function", INLINE.values(), ids=INLINE)
@pytest.mark.parametrize("share", [DAILY, WHOLE])
def test_no_line_takes_forever(share: int, function: Callable[[str], object]) -> None:
    for sign in SIGNS:
        text = (sign * PIECE)[: PIECE // share]
        for line in (text, f"{text}x", f"x{text}\x00"):
            start = time.process_time()
            function(line)
            assert takes_at_most(0.25 * BUSY / share, start), sign


@pytest.mark.parametrize(
    "unit", ["- x\n", "- # x\n", "===\n", "a\n---\n", "<!--\n", "```\n", "\\# x\n", "[a]: b\n", "> # x\n"]
)
@pytest.mark.parametrize("share", [DAILY, WHOLE])
def test_no_answer_takes_forever_to_embed(share: int, unit: str) -> None:
    text = (unit * PIECE)[: PIECE // 2 // share]
    start = time.process_time()
    from_free(in_free(text, "text"), "text")
    in_bullet(f"x\n{text}", "- ", "**L**: ")
    assert takes_at_most(4 * BUSY / share, start)


# ---------------------------------------------------------------- many of one kind


def calls_of(act: Callable[[], object]) -> int:
    """How many functions ``act`` calls: no clock, so the same on any machine."""
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    # A tracer, where the tests are measured, has its place back.
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls


def _steps(numbers: Iterable[int], title: str = "Step") -> str:
    rows = "".join(f"1. **{title} {n}**: [x]\n" for n in numbers)
    return f"# A: [B]\n\n## S\n\n### Phase 1: T (22:00-23:00)\n\n{rows}"


def _phases(count: int, title: str = "Old", body: str = "") -> str:
    phases = (f"### Phase {n}: {title} {n} (22:00-23:00)\n\n1. **A**: [x]\n\n{body.format(n)}" for n in range(1, count))
    return f"# A: [B]\n\n## S\n\n{''.join(phases)}"


MANY: dict[str, Callable[[int], tuple[str, str]]] = {  # how many: a template and a record of it
    "steps": lambda n: (_steps(range(n)), _steps(range(n))),
    "steps in another order": lambda n: (_steps(range(n)), _steps(reversed(range(n)))),
    "steps under other titles": lambda n: (_steps(range(n)), _steps(range(n), "Other")),
    "more steps under other titles": lambda n: (_steps(range(n)), _steps(range(2 * n), "Other")),
    "paragraphs": lambda n: ("# A: [B]\n\n## S\n\n### G\n\n" + "[X]\n\n" * n, "# A\n\n## S\n\n### G\n\n" + "x\n\n" * n),
    "fences where bullets were": lambda n: (
        "# A: [B]\n\n## S\n\n### G\n\n" + "> x\n\n```\n[x]\n```\n\n" * n,
        "# A: b\n\n## S\n\n### G\n\n" + "- x\n\n<b>\n\n" * n,
    ),
    "fields in lists of their own": lambda n: (
        "# A: [B]\n\n## S\n\n### G\n\n" + "".join(f"- **L{at}**: [x]\n\n<b>\n\n" for at in range(n)),
        "# A: b\n\n## S\n\n### G\n\n" + "".join(f"- **L{at}**: x\n\n* * *\n\n" for at in range(n)),
    ),
    "phases": lambda n: (_phases(n), _phases(n)),
    "phases under other titles": lambda n: (_phases(n), _phases(n, "New")),
    "more phases under other titles": lambda n: (_phases(n), _phases(2 * n, "New")),
    "phases of as many makes": lambda n: (_phases(n, body="> q{}\n\n"), _phases(n, "New", "> p{}\n\n")),
    "more phases of as many makes": lambda n: (_phases(n, body="> q{}\n\n"), _phases(2 * n, "New", "> p{}\n\n")),
}


@pytest.mark.parametrize("many", MANY.values(), ids=MANY)
def test_twice_as_many_of_one_kind_take_twice_as_long(many: Callable[[int], tuple[str, str]]) -> None:
    counts = []
    for number in (60, 120):
        text, record = many(number)
        template = read_template(text)
        counts.append(calls_of(lambda record=record, template=template: read_record(record, template)))  # type: ignore[misc]
    assert counts[1] < 2.2 * counts[0], counts
