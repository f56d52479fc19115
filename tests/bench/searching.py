"""The statement with which the list finds a rare word, against a bare one that looks into the same columns.

Run in the surroundings of the database that has the records; prints the ratio as JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from tests.bench.setting_up import set_up

set_up()

from django.db import connection  # noqa: E402
from django.http import QueryDict  # noqa: E402

from records.forms.record_filter import RecordFilter  # noqa: E402
from records.models import Person  # noqa: E402
from records.rights import visible_to  # noqa: E402
from tests.bench.measures import compared  # noqa: E402
from tests.bench.seed import RARE  # noqa: E402

BARE = """
SELECT * FROM records_operation
WHERE upper(title::text) LIKE upper(%s) OR upper(operation_id::text) LIKE upper(%s)
ORDER BY updated_at DESC, id DESC LIMIT 26
"""

person = Person.objects.get(username="seeded-0")
asked = RecordFilter(QueryDict(f"q={RARE}"), ["High"])
rows = asked.narrowed(visible_to(person), person).order_by("-updated_at", "-pk")[:26]
statement, parameters = rows.query.sql_with_params()


def found(sql: str, words: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, words)  # type: ignore[arg-type]
        assert cursor.fetchall()


ratio = compared(
    "Search for a rare word among 1,000,000 records, against bare SQL",
    lambda: found(statement, parameters),
    lambda: found(BARE, [f"%{RARE}%"] * 2),
    1.5,
    each=30,
)
print(json.dumps(asdict(ratio)))
