"""The pages of finding and deciding in a real browser: light and dark, wide and narrow, readable by everybody."""

from __future__ import annotations

from records.models import Operation, Person
from tests.journeys.eyes import Eyes
from tests.people import Cast

USERS = "operation-summary/business-impact/user-experience"


def test_they_have_no_barrier_and_no_sideways_scroll(eyes: Eyes, again: Operation, cast: Cast) -> None:
    record = f"/records/{again.pk}"
    views = [
        f"{record}/review/?view={view}"
        for view in ("brief", "changes", "whole", "comments", "source", "time", "history")
    ]
    seen = {
        cast.tomas: [
            "/",
            "/records/",
            "/records/?q=nothing",
            "/decisions/",
            "/decisions/?show=decided",
            *views,
            f"{record}/history/?from=1&to=2",
            f"{record}/history/?from=1&to=draft",
        ],
        cast.mara: ["/", f"{record}/review/"],
        cast.vera: ["/audit/?check=1", "/account/", "/account/password/", "/templates/"],
        cast.leo: [f"/templates/{again.template_id}/", f"/templates/{again.template_id}/?view=source", "/deliveries/"],
    }
    # The lines of one of them stand close together.
    Person.objects.filter(pk=cast.mara.pk).update(is_dense=True)
    for person, addresses in seen.items():
        eyes.be(person)
        for address in addresses:
            eyes.see(address)
    assert eyes.wrong == []
