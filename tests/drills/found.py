"""What a drill ends with: each record's text as the database has it, and what was to leave. Prints it as JSON."""

from __future__ import annotations

import json
import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "opsrecords.settings"
django.setup()

from records.content.assembly import document_of  # noqa: E402
from records.document.fields import table_of  # noqa: E402
from records.models import Delivery, Operation  # noqa: E402
from records.overtaken import OPEN_IN  # noqa: E402
from tests.drills.writers import FIELD, SECTION  # noqa: E402

texts = {}
for operation in Operation.objects.filter(author__username__startswith="writer-"):
    texts[operation.pk] = table_of(document_of(operation).section(SECTION))[FIELD]
# What its record has overtaken stays in the inbox alone: a review that was withdrawn is asked for by no mail.
overtaken = Delivery.objects.filter(event__in=OPEN_IN, state="kept").values_list("delivery_id", flat=True)
rows = list(Delivery.objects.values_list("delivery_id", "state", "answer"))
deliveries = {str(pk): state for pk, state, _answer in rows}
# In whose mail the others went.
sent_with = {str(pk): answer.removeprefix("with ") for pk, _state, answer in rows if answer.startswith("with ")}
kept = {str(pk): "kept" for pk in overtaken}
print(json.dumps({"texts": texts, "deliveries": deliveries, "with": sent_with, "overtaken": kept}))
