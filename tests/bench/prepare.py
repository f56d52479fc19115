"""What the pages are measured on: the cast, a whole record, plans in review, a list. Prints it as JSON."""

from __future__ import annotations

import json
import sys

from tests.bench.setting_up import set_up

set_up()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from records.models import Person  # noqa: E402
from tests.bench.floor.models import Note  # noqa: E402
from tests.bench.seed import make_people, seed  # noqa: E402
from tests.make import FINAL, PLANNED, import_text, make_draft, make_template, submit  # noqa: E402
from tests.make import name_people as named  # noqa: E402
from tests.people import PASSWORD, Cast, make_cast  # noqa: E402


def session(person: Person) -> str:
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))  # with the password that it has by now
    return client.cookies["sessionid"].value


def in_review(cast: Cast, number: int) -> dict[str, object]:
    """A plan that Tomas may approve, whose ID is its own."""
    text = FINAL.read_bytes().decode().replace("**Operator**: Mara Lindqvist", "**Operator**: Jun Park")
    text = text.replace("-postgresql-16-orders", f"-postgresql-{number}")
    draft = import_text(author=cast.mara, text=text, template=template, at=PLANNED)
    draft = named(draft, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, at=PLANNED)
    operation = submit(cast, draft)
    return {"record": operation.pk, "digest": operation.revisions.get().digest}


with connection.schema_editor() as editor:
    editor.create_model(Note)
cast, template = make_cast(), make_template()
Person.objects.update(password=make_password(PASSWORD))
draft = make_draft(cast, template)
waiting = [in_review(cast, number) for number in range(int(sys.argv[1]))]
seed(60, people=make_people())
told = {
    "mara": session(cast.mara),
    "tomas": session(cast.tomas),
    "draft": draft.pk,
    "waiting": waiting,
    "password": PASSWORD,
}
print(json.dumps(told))
