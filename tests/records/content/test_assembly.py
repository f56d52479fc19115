"""A record comes back from its rows as it was stored: all of it at once, and each section by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.content.assembly import document_of, load, load_all
from records.document.write import write
from records.models import OperationTemplate
from records.writing.drafting import store_document
from tests.make import PLANNED
from tests.people import Cast

TEMPLATES = {path.stem: path.read_text() for path in (Path(__file__).parents[2] / "data" / "templates").glob("*.md")}
CHECKS_IN_A_PHASE = """# Swap: [Brief Description]

**Day**: YYYY-MM-DD

## Work

### Phase 1: Swap (HH:MM-HH:MM)

1. **Pull**

- [ ] [The light is green]

Load: [before]% → [after]%

---

**Result**: [OPEN / DONE / UNDONE]
"""


@pytest.mark.django_db
@pytest.mark.parametrize("text", [*TEMPLATES.values(), CHECKS_IN_A_PHASE], ids=[*TEMPLATES, "checks-in-a-phase"])
def test_a_section_by_itself_holds_what_it_holds_among_all(text: str, cast: Cast) -> None:
    template = OperationTemplate.objects.create(name="Another", version="1", text=text, toml="")
    document = template.outline.document
    record = store_document(author=cast.mara, template=template, document=document, at=PLANNED)
    assert write(document_of(record)) == text
    alone = [load([section])[0].document for section in record.sections.all()]
    assert alone == [loaded.document for loaded in load_all(record)] == list(document.sections)
