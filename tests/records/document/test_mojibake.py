"""Misread text is offered repaired; clean text is left alone."""

from pathlib import Path

import pytest

from records.document.mojibake import repaired

DATA = Path(__file__).parents[2] / "data"


def test_the_template_as_it_first_arrived_is_repaired_to_the_byte(infrastructure_template: str) -> None:
    as_received = (DATA / "infrastructure-operation.as-received.md").read_bytes().decode()
    assert repaired(as_received) == infrastructure_template


@pytest.mark.parametrize("encoding", ["mac_roman", "cp1252"])
def test_both_misreadings_are_found(encoding: str) -> None:
    assert repaired("größer → 5 €".encode().decode(encoding, "strict")) == "größer → 5 €"


@pytest.mark.parametrize("text", ["", "plain", "größer → 5 €", "√ alone", "✅ done"])
def test_clean_text_is_left_alone(text: str) -> None:
    assert repaired(text) is None


def test_the_clean_template_is_left_alone(infrastructure_template: str) -> None:
    assert repaired(infrastructure_template) is None
