"""Steps from a pasted text: however it is written, each is found, its commands exact, and nothing is dropped."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.document.pasted import Pasted, PastedPart, steps_in


def commands(text: str, language: str = "bash") -> PastedPart:
    return PastedPart("commands", language, text)


def test_a_list_as_a_record_has_it() -> None:
    text = """1. **Drain** the node: no new pods

   ```bash
   kubectl drain  node-1

   ```

   - **Expected**: evicted
   - ask Jun first
2. **Reboot**
"""
    assert steps_in(text) == [
        Pasted(
            "Drain",
            "the node: no new pods",
            [commands("kubectl drain  node-1\n"), PastedPart("detail", "Expected", "evicted"),
             PastedPart("note", "", "- ask Jun first")],
        ),
        Pasted("Reboot"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "1. Stop the service\n\n   ```bash\n   systemctl stop app\n   ```\n2. Start it\n",
        "1. Stop the service\n```bash\nsystemctl stop app\n```\n2. Start it\n",
        "## Stop the service\n\n```bash\nsystemctl stop app\n```\n\n## Start it\n",
        "### Step 1: Stop the service\n```bash\nsystemctl stop app\n```\n### 2. Start it\n",
        "- [ ] Stop the service\n  ```bash\n  systemctl stop app\n  ```\n- [ ] Start it\n",
        "1. **Stop the service**\r\n\r\n   ```bash\r\n   systemctl stop app\r\n   ```\r\n2. **Start it**\r\n",
    ],
)
def test_the_same_two_steps_however_they_are_written(text: str) -> None:
    assert steps_in(text) == [Pasted("Stop the service", "", [commands("systemctl stop app")]), Pasted("Start it")]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1. **Drain** (5 min)\n", [Pasted("Drain", estimate="5 min")]),
        ("1. **Drain (1 h 30 min)**\n", [Pasted("Drain", estimate="1 h 30 min")]),
        ("1. **Drain** (5 min): the node\n", [Pasted("Drain", "the node", estimate="5 min")]),
        ("1. Drain the node (10m)\n", [Pasted("Drain the node", estimate="10m")]),
        ("## 2. Drain (2 hours)\n", [Pasted("Drain", estimate="2 hours")]),
        ("1. Wait (5 min) for it\n", [Pasted("Wait (5 min) for it")]),
        ("1. **Drain** (node 5)\n", [Pasted("Drain", "(node 5)")]),
        ("1. **Drain** (2)\n", [Pasted("Drain", "(2)")]),
        ("## Upgrade to 16 nodes\n", [Pasted("Upgrade to 16 nodes")]),
    ],
)
def test_a_time_in_brackets_behind_the_title_is_the_estimate(text: str, steps: list[Pasted]) -> None:
    assert steps_in(text) == steps


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("1. Count the rows\n\n   Expected: 12 rows\n", Pasted("Count the rows", expected="12 rows")),
        ("1. Count the rows\n   - Expected result: 12 rows\n", Pasted("Count the rows", expected="12 rows")),
        ("## Count\n```\nwc -l\n```\nexpected output: 12\n",
         Pasted("Count", "", [commands("wc -l", "")], expected="12")),
        # Only the first one has a place; the next one is a note, and two lines are text.
        ("1. Count\n   - Expected: 12\n   - Expected: no error\n",
         Pasted("Count", "", [PastedPart("note", "", "- Expected: no error")], expected="12")),
        ("1. **Count**: all\n\n   Expected: 12\n   or 13\n", Pasted("Count", "all\n\nExpected: 12\nor 13")),
        ("1. Expected: 12\n", Pasted("Expected: 12")),
    ],
)  # fmt: skip
def test_what_is_expected_stands_beside_its_step(text: str, step: Pasted) -> None:
    assert steps_in(text) == [step]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("1. Delete `logs/**/old/**` on db1\n", ["Delete `logs/**/old/**` on db1"]),
        ("1. Delete logs/**/old/** on db1\n", ["Delete logs/**/old/** on db1"]),
        ("1. Run `echo \"a   b\"`\n2. Run echo \"a   b\"\n", ['Run `echo "a   b"`', 'Run echo "a   b"']),
        ("## Stop **both `a  **b**`** at once\n", ["Stop both `a  **b**` at once"]),
        ("Stop\n  `a  b`\n---\n", ["Stop `a  b`"]),
        ("## 10.0.0.5 failover\n", ["10.0.0.5 failover"]),
        ("## 10.0.0.5: failover\n## 10.0.0.6: failover\n", ["10.0.0.5: failover", "10.0.0.6: failover"]),
        ("## 3 replicas must be up\n## 4 nodes drained\n", ["3 replicas must be up", "4 nodes drained"]),
        ("### 2024 archive: delete\n", ["2024 archive: delete"]),
        ("## 1 replica is left\n", ["1 replica is left"]),
        ("## 1 Stop\n## 3 replicas must be up\n", ["1 Stop", "3 replicas must be up"]),
        ("# Runbook\n## 1 Stop\n### 1.1 Drain\n### 1.2: Go\n## 2 Start\n", ["Runbook", "Stop", "Drain", "Go", "Start"]),
        ("## 3. Stop\n## Step 7 Go\n## 9) End\n", ["Stop", "Go", "End"]),
        ("## 1: Stop\n## Step 2: Go\n## 3 End\n", ["Stop", "Go", "End"]),
    ],
)  # fmt: skip
def test_a_title_loses_nothing_but_its_bold_and_the_number_that_counts_it(text: str, titles: list[str]) -> None:
    assert [step.title for step in steps_in(text)] == titles


def test_a_heading_over_a_list_is_kept_beside_its_first_step() -> None:
    assert steps_in("## Before\n\n1. One\n2. Two\n") == [
        Pasted("One", "Before"),
        Pasted("Two"),
    ]


def test_a_line_too_long_for_a_title_stays_whole_as_text() -> None:
    line = "Wait until replication lag is below one second on " + ", ".join(f"node-{n}" for n in range(20))
    [step] = steps_in(f"1. {line}\n")
    assert step.text == line
    assert len(step.title) <= 100 and line.startswith(step.title.removesuffix("…"))


def test_words_before_everything_are_a_step_too_and_no_text_is_none() -> None:
    assert steps_in("Call the bridge\nand say who you are\n") == [Pasted("Call the bridge", "and say who you are")]
    assert steps_in("") == steps_in("\n---\n\n") == []


PIECES = [
    "3. **Two** (5 min): more\n", "Expected: 7 rows\n", "   - expected result: 8 rows\n",
    "1. One thing\n", "2. **Two**: more\n", "- bullet\n", "   - **Label**: value\n", "# Heading\n", "plain words\n",
    "```bash\nrm -rf x\n```\n", "   ```sql title\n   select 1\n   ```\n", "> quoted\n", "<b>html</b>\n", "\n", "---\n",
    "    indented\n", "[a]: https://example.com\n", "| table | row |\n", "* [x] ticked\n", "**bold** words:\n",
    "\t- deep\n", "## 10.0.0.5 up\n", "1. Empty `a/**/b/**`  `c   d`\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(deadline=None)
def test_every_letter_is_in_a_step(text: str) -> None:
    told = "".join(
        # The words before what is expected are the name of its field.
        f"{s.title}{s.text}{s.estimate}{s.expected and 'Eexpected result' + s.expected}"
        + "".join(p.label + p.text for p in s.parts)
        for s in steps_in(text)
    )
    assert told.count("`a/**/b/**`  `c   d`") == text.count("`a/**/b/**`  `c   d`"), "commands are as they were pasted"
    have = Counter(told)
    for char, count in Counter(text.replace("[x]", "").replace("title", "")).items():
        assert not char.isalpha() or have[char] >= count, (char, steps_in(text))
