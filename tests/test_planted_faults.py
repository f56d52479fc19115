"""The faults of `planted_faults.py` still fit the code; and, in the long run, each of them is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planted_faults import FAULTS, Fault, copied, fits, is_found

faults = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


@faults
def test_a_fault_fits_the_code(fault: Fault) -> None:
    assert fits(fault), "what it changes is not there, or twice: plant it anew"


@pytest.mark.long
@faults
def test_planted_faults_are_found(fault: Fault, tmp_path: Path) -> None:
    assert is_found(fault, copied(tmp_path))
