"""What a drill starts with: writers, each signed in with a draft, and one who sends a plan and takes it back.

Run inside the stack's environment; prints it as JSON.
"""

from __future__ import annotations

import json
import os
import sys

import django
from django.conf import settings

os.environ["DJANGO_SETTINGS_MODULE"] = "opsrecords.settings"
# The cast's passwords are made for quick tests; here nobody types one.
settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.MD5PasswordHasher"]
django.setup()

from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402

from records.models import Operation, Person, Role, RoleHolding  # noqa: E402
from records.writing.drafting import store_document  # noqa: E402
from tests.make import PLANNED, make_draft, make_template  # noqa: E402
from tests.people import SINCE, make_cast  # noqa: E402


def signed_in(person: Person, operation: Operation) -> dict[str, object]:
    client = Client()
    client.force_login(person)
    return {"record": operation.pk, "session": client.cookies["sessionid"].value}


# At once: what is told while a draft is made is taken back with it, and a sweep in between would send it.
with transaction.atomic():
    cast, template = make_cast(), make_template()
    sender = signed_in(cast.mara, make_draft(cast, template))
    writers = []
    for number in range(int(sys.argv[1])):
        person = Person.objects.create(username=f"writer-{number}", name=f"Writer {number}")
        RoleHolding.objects.create(person=person, role=Role.OPERATOR, since=SINCE)
        document = template.outline.document
        writers.append(
            signed_in(person, store_document(author=person, template=template, document=document, at=PLANNED))
        )
print(json.dumps({"sender": sender, "writers": writers}))
