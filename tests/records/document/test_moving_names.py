"""A record on a version of its template that calls parts of it otherwise: the words go along, into the right places."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.document.moving import Moved, moved
from records.document.moving_keys import is_under, keys_of
from records.document.moving_names import renamed_parts
from records.document.outline import Answer, Document, Item
from records.document.read import read_record, read_template
from records.document.write import write
from tests import proofs
from tests.records.document.drawn_templates import drawn_templates
from tests.records.document.drawn_versions import ACTS, Version, versions
from tests.records.document.next_versions import OLD, new_version, record, tables
from tests.records.document.strategies import places, put

# What leaves no doubt which part is which: the order stays.
ORDERED = [act for act in ACTS if "order" not in act]


def words_in(document: Document) -> dict[str, str]:
    """Where people's words stand, by the words: the keys of the answers, in rows and outside."""
    return {
        answer.text: answer.key for _path, answer in places(document, Answer) if answer.text.startswith("Own words")
    }


def answered(draw: st.DrawFn, document: Document) -> Document:
    """``document`` with words of their own in some of its answers."""
    found = [(path, one) for path, one in places(document, Answer) if one.shape != "title"]
    for number, (path, answer) in enumerate(found):
        if draw(st.booleans()):
            document = put(document, path, replace(answer, text=f"Own words {number}."))
    return document


@st.composite
def moves(draw: st.DrawFn, acts: list[str]) -> tuple[Version, Document]:
    """A template, a new version of it, and a record of it in which somebody wrote."""
    version = versions(draw, read_template(draw(drawn_templates()).text), acts)
    return version, read_record(write(answered(draw, version.old)), version.old)


def law_words_are_in_the_right_place_or_kept(version: Version, own: Document) -> Moved:
    found = moved(own, version.old, version.new)
    asked = set(keys_of(version.new))
    after = words_in(found.document)
    for words, key in words_in(own).items():
        if words in after and after[words] in asked:
            # Where nothing in the two versions says which of several of one name it is, that is told.
            assert after[words] == version.became[key] or after[words] in found.unsure, (words, key, after[words])
        else:
            assert is_kept(words, found) or stands_in_a_row_of_its_own(after.get(words), found, asked), (words, key)
        assert write(found.document).count(words) == 1
    return found


def is_kept(words: str, found: Moved) -> bool:
    return any(words in text for _label, text in found.kept)


def stands_in_a_row_of_its_own(key: str | None, found: Moved, asked: set[str]) -> bool:
    """Whether the words at ``key`` are in a row that the new template does without: those are rows of the record's."""
    rows = [row.key for _path, row in places(found.document, Item) if row.key not in asked]
    return key is not None and any(is_under(key, row) for row in rows)


def law_what_goes_by_another_name_is_named(version: Version, own: Document, found: Moved) -> None:
    after = words_in(found.document)
    for words, key in words_in(own).items():
        if words in after and after[words] != key and after[words] in set(keys_of(version.new)):
            assert any(is_under(after[words], one.after) for one in found.renamed), words


def law_there_and_back_is_the_record(version: Version, own: Document, found: Moved) -> None:
    back = moved(found.document, version.new, version.old)
    before, after = words_in(own), words_in(back.document)
    for words, key in before.items():
        assert after.get(words) == key or (is_kept(words, found) and words in write(back.document)), words
    if not any("~" in key for key in keys_of(version.old)):
        assert after == before
    if not found.kept:
        assert write(back.document) == write(own)


def law_what_nobody_wrote_is_the_new_version(version: Version) -> None:
    assert write(moved(version.old, version.old, version.new).document) == write(version.new)


def law_asked_the_other_way_round_the_answer_is_the_inverse(version: Version) -> None:
    there = {(one.before, one.after) for one in renamed_parts(version.old, version.new)}
    assert there == {(one.after, one.before) for one in renamed_parts(version.new, version.old)}


def put_to_the_laws(version: Version, own: Document) -> None:
    found = law_words_are_in_the_right_place_or_kept(version, own)
    law_what_goes_by_another_name_is_named(version, own, found)
    law_there_and_back_is_the_record(version, own, found)
    law_what_nobody_wrote_is_the_new_version(version)
    law_asked_the_other_way_round_the_answer_is_the_inverse(version)


# ---------------------------------------------------------------- stories


def names_told(found: Moved) -> list[tuple[str, str]]:
    return [(one.was, one.now) for one in found.renamed]


COMPLIANCE = "- **Compliance**: [Regulatory or policy requirements]"


def test_a_heading_in_other_words_keeps_what_stands_under_it() -> None:
    new = new_version(
        ("## Infrastructure Risk Assessment", "## Risks and Mitigations"),
        ("### Business Impact", "### What It Means"),
        (COMPLIANCE, COMPLIANCE.replace("Compliance", "Rules")),
    )
    words = {"service_outage__mitigation": "A second node", "user_experience": "None at night", "compliance": "PCI"}
    found = moved(record(**words), OLD, new)
    text = write(found.document)
    assert "- **Rules**: PCI\n" in text and "- **User Experience**: None at night\n" in text
    assert "   - **Mitigation**: A second node\n" in text
    assert names_told(found) == [
        ("Compliance", "Rules"),
        ("Business Impact", "What It Means"),
        ("Infrastructure Risk Assessment", "Risks and Mitigations"),
    ]
    assert found.kept == ()


def test_another_question_in_the_same_place_gets_no_answer() -> None:
    new = new_version((COMPLIANCE, "- **Audit**: [Who looks at it afterwards]"))
    found = moved(record(compliance="PCI"), OLD, new)
    assert "- **Audit**: [Who looks at it afterwards]\n" in write(found.document)
    assert (names_told(found), found.kept) == ([], (("Compliance", "PCI"),))


def test_where_two_are_equally_alike_nobody_guesses() -> None:
    old = read_template("# T: [x]\n\n## Work\n\n- **Host**: [name]\n- **Owner**: [name]\n- **When**: [time]\n")
    new = read_template("# T: [x]\n\n## Work\n\n- **Who**: [name]\n- **When**: [time]\n")
    own = read_record(write(old).replace("[name]", "Ada", 1), old)
    found = moved(own, old, new)
    assert "- **Who**: [name]\n" in write(found.document)
    assert (names_told(found), found.kept) == ([], (("Host", "Ada"),))


def test_a_group_goes_along_to_the_section_that_its_own_was_split_into() -> None:
    new = new_version(("### Rollback Triggers", "## Way Back\n\n### Rollback Triggers"))
    found = moved(record(data_restoration__database_rollback="From the last dump"), OLD, new)
    assert write(found.document) == write(new).replace("[How to restore database state]", "From the last dump")
    assert names_told(found) == [("Rollback Procedures", "Rollback Procedures")]


def test_an_answer_that_goes_along_with_its_group_leaves_no_doubt_where_it_belongs() -> None:
    found = moved(
        record(user_experience="None"), OLD, new_version(("### Business Impact", "## Ours\n\n### Business Impact"))
    )
    assert (names_told(found), found.unsure) == ([("Business Impact", "Business Impact")], ())


def test_what_its_author_keeps_apart_stays_under_its_old_name() -> None:
    new = new_version((COMPLIANCE, COMPLIANCE.replace("Compliance", "Rules")))
    [key] = [key for key in tables(OLD) if key.endswith("/compliance")]
    found = moved(record(compliance="PCI"), OLD, new, apart=[key])
    assert "- **Compliance**: PCI\n" in write(found.document) and "- **Rules**: [" in write(found.document)
    back = moved(found.document, new, OLD).document
    assert write(back) == write(record(compliance="PCI"))


def test_a_name_that_people_use_in_the_record_stays_theirs() -> None:
    new = new_version(("## Operational Procedures", "## Lessons"))
    text = write(record(documentation_updates__runbooks="Page 12"))
    own = read_record(text.replace("\n---\n", "\n## Lessons\n\nRehearse twice.\n\n---\n"), OLD)
    found = moved(own, OLD, new)
    assert names_told(found) == []
    assert "Rehearse twice." in write(found.document) and "Page 12" in write(found.document)


def versions_of(before: str, after: str) -> tuple[Document, Document]:
    """A template and another version of it that differ in what stands under their title."""
    old, new = (
        read_template(f"# Change: [What]\n\n{text}\n## End\n\n- **Result**: [How]\n") for text in (before, after)
    )
    return old, new


ROWS = "### 🔴 High (Mitigated)\n\n1. **Owner**\n2. **Owner**\n\n   - **Contact**: [who]\n"


@pytest.mark.parametrize("section", ["Risks", "Dangers"])
def test_two_rows_never_come_to_one_name_whatever_their_section_is_called(section: str) -> None:
    old, new = versions_of(f"## Risks\n\n{ROWS}", f"## {section}\n\n{ROWS}".replace("1. **Owner**", "1. **Disk**"))
    assert write(moved(old, old, new).document) == write(new)
    own = read_record(write(old).replace("[who]", "Ada"), old)
    there = moved(own, old, new).document
    rows = [row.key for _path, row in places(there, Item)]
    assert len(rows) == len(set(rows)) and "Ada" in write(there)
    assert write(moved(there, new, old).document) == write(own)


TEXTS = "## Basics\n\n- **Text**: [what]\n\n[Why it is done]\n\n- **Host**: [name]\n\n[Who asked for it]\n"


@pytest.mark.parametrize("sample", ["[what]", "[Why it is done]", "[name]", "[Who asked for it]"])
def test_a_text_keeps_its_place_when_a_label_among_the_texts_is_called_otherwise(sample: str) -> None:
    old, new = versions_of(TEXTS, TEXTS.replace("**Text**", "**Scope**"))
    own = read_record(write(old).replace(sample, "Ada"), old)
    found = moved(own, old, new)
    assert (write(found.document), found.kept) == (write(new).replace(sample, "Ada"), ())
    assert found.unsure == ()
    assert write(moved(found.document, new, old).document) == write(own)


# ---------------------------------------------------------------- laws


FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(moves(ORDERED))
def test_words_go_along_under_a_new_name(drawn: tuple[Version, Document]) -> None:
    put_to_the_laws(*drawn)


@FEW
@given(moves(list(ACTS)))
def test_words_are_nowhere_else_whatever_order_the_parts_are_in(drawn: tuple[Version, Document]) -> None:
    put_to_the_laws(*drawn)


PARTS, MOVES = 10, 1_000


@pytest.mark.long
@pytest.mark.parametrize("number", range(PARTS), ids="moves-{}".format)
def test_the_laws_hold_for_many_moves(request: pytest.FixtureRequest, number: int) -> None:
    counted = proofs.part(request, ("records/document", "tests/records/document"), lambda: proof(number, MOVES))
    assert counted["moves"] >= MOVES
    # That much goes along of what is called otherwise: it isn't all kept as text.
    assert counted["carried"] > 0.9 * counted["renamed"] > 100


def proof(number: int, most: int) -> Counter[str]:
    """Put the laws to ``most`` moves drawn after ``number``; how many words stood under what is called otherwise."""
    counted: Counter[str] = Counter()

    @proofs.drawn_after(number, most)
    @given(moves(list(ACTS)))
    def holds(drawn: tuple[Version, Document]) -> None:
        version, own = drawn
        put_to_the_laws(version, own)
        after = words_in(moved(own, version.old, version.new).document)
        renamed = {words: version.became[key] for words, key in words_in(own).items() if version.became[key] != key}
        counted.update(moves=1, renamed=len(renamed), carried=sum(after.get(w) == key for w, key in renamed.items()))

    holds()
    return counted
