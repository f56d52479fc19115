"""Versions of the given template, and a draft on the first."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate
from tests import make
from tests.people import Cast
from tests.records.library.versions import IMPACT, RENAMED_IMPACT, RENAMED_RISKS, RISKS


@pytest.fixture
def newer(template: OperationTemplate) -> OperationTemplate:
    """The next version: no compliance line, an audit line, no training group, another section, other levels' rule."""
    start, end = (
        template.text.index("### Training Requirements"),
        template.text.index("## Infrastructure Communication"),
    )
    text = template.text[:start] + template.text[end:]
    line = next(line for line in text.splitlines() if line.startswith("- **Compliance**: ["))
    text = text.replace(line, "- **Audit**: [Who looks at it afterwards]").replace("Template v1.0.0", "Template v1.1.0")
    text = text.replace("## Operational Procedures", "## Lessons\n\n- **Learned**: [What]\n\n## Operational Procedures")
    return OperationTemplate.objects.create(name=template.name, version="1.1.0", text=text, toml=template.toml)


@pytest.fixture
def renaming(template: OperationTemplate) -> OperationTemplate:
    """A version that calls a section, a group, a label and a label under risks otherwise, and asks for the same."""
    text = template.text.replace("Template v1.0.0", "Template v1.2.0")
    for before, after in (
        ("## Infrastructure Risk Assessment", "## Risks and Mitigations"),
        ("### Business Impact", "### What It Means For the Business"),
        ("- **Compliance**: [", "- **Rules to Follow**: ["),
        ("   - **Mitigation**: [", "   - **Countermeasure**: ["),
    ):
        assert before in text
        text = text.replace(before, after)
    toml = template.toml.replace(RISKS, RENAMED_RISKS).replace(IMPACT, RENAMED_IMPACT)
    return OperationTemplate.objects.create(name=template.name, version="1.2.0", text=text, toml=toml)


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_draft(cast, template)
