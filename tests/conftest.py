"""What every test may ask for."""

from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parent.parent / "records" / "operation_templates"


@pytest.fixture(scope="session")
def infrastructure_template() -> str:
    """The shipped template, as text with its own line ends."""
    return (TEMPLATES / "infrastructure-operation.md").read_bytes().decode()
