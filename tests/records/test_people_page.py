"""Who works on a record is named on its own page: by whom, until when, and by two at once."""

from __future__ import annotations

import pytest
from django.test import Client

from approvals.standing import standing
from records.models import AuditEntry, Operation
from records.refusals import Refused
from records.writing.people import name_people
from tests.browserless import follow, look
from tests.make import approve_by, fresh, submit
from tests.people import Cast, signed_in


def people_shown(client: Client, record: Operation) -> dict[str, list[str]]:
    """What the page of people would post, with every value of a name."""
    posted: dict[str, list[str]] = {}
    for name, value in look(client, f"/records/{record.pk}/people/").parsed.forms["form-3"]:
        posted.setdefault(name, []).append(value)
    return posted


def test_a_page_that_grew_old_undoes_nobodys_change(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    old = people_shown(client, full)
    named = {"operator": cast.jun, "supervisor": cast.tomas, "co_authors": [cast.carl]}
    name_people(full, by=cast.carl, deputies=[], team=[cast.noor, cast.sam], **named)
    assert client.post(f"/records/{full.pk}/people/", old | {"co_authors": [cast.olga.pk]}).status_code == 302
    full.refresh_from_db()
    lists = [set(people.all()) for people in (full.co_authors, full.deputies, full.team)]
    assert lists == [{cast.olga}, set(), {cast.noor, cast.sam}]


@pytest.mark.parametrize("pk", ["9" * 30, "9" * 19, "x", "-1", "²"])
def test_what_is_nobodys_key_is_no_valid_choice(pk: str, full: Operation, cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.mara)
    for name in ("co_authors", "deputies", "team"):
        answer = client.post(f"/records/{full.pk}/people/", {name: [pk]})
        assert answer.status_code == 400 and "Select a valid choice" in answer.content.decode()


def test_two_who_name_another_operator_meet(full: Operation, cast: Cast) -> None:
    """Without a template no line names the operator; the page does."""
    Operation.objects.filter(pk=full.pk).update(template=None)
    client = signed_in(cast.mara)
    old = people_shown(client, full)
    lists = {"deputies": [cast.ines], "team": [cast.noor], "co_authors": [cast.carl]}
    name_people(full, by=cast.carl, operator=cast.olga, supervisor=cast.tomas, **lists)
    posted = old | {"operator": [cast.noor.pk], "deputies": [cast.sam.pk]}
    answer = client.post(f"/records/{full.pk}/people/", posted)
    assert answer.status_code == 400
    assert "Somebody else named Olga Petrenko meanwhile. Pick again." in answer.content.decode()
    again = follow(client, answer, f"/records/{full.pk}/people/").parsed.forms["form-3"]
    assert [value for name, value in again if name == "was-operator"] == [str(cast.olga.pk)]
    assert [value for name, value in again if name == "was-deputies"] == [str(cast.ines.pk)]
    assert client.post(f"/records/{full.pk}/people/", posted | {"was-operator": [cast.olga.pk]}).status_code == 302
    assert (fresh(full).operator, list(fresh(full).deputies.all())) == (cast.noor, [cast.sam])


def test_co_authors_deputies_and_team_are_named_and_others_stay(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    posted = people_shown(client, full) | {"co_authors": [cast.carl.pk, cast.olga.pk], "deputies": [cast.noor.pk]}
    assert client.post(f"/records/{full.pk}/people/", posted | {"team": []}).status_code == 302
    full.refresh_from_db()
    assert set(full.co_authors.all()) == {cast.carl, cast.olga}
    assert (list(full.deputies.all()), list(full.team.all())) == ([cast.noor], [])
    assert (full.operator, full.supervisor) == (cast.jun, cast.tomas)


def test_only_writers_name_people_and_only_the_author_co_authors(full: Operation, cast: Cast) -> None:
    assert signed_in(cast.tomas).get(f"/records/{full.pk}/people/").status_code == 403
    assert '"co_authors"' in look(signed_in(cast.mara), f"/records/{full.pk}/people/").text


def test_whoever_names_people_reads_their_roles_and_nobody_twice(full: Operation, cast: Cast) -> None:
    form = signed_in(cast.mara).get(f"/records/{full.pk}/people/").context["form"]
    shown = {name: dict(form.fields[name].choices) for name in ("co_authors", "deputies", "team")}
    names = {name: {str(pk): words for pk, words in one.items()} for name, one in shown.items()}
    tomas = names["team"][str(cast.tomas.pk)]
    assert tomas.startswith("Tomas Okafor (") and "upervisor" in tomas
    assert str(full.author_id) not in names["co_authors"]
    assert str(full.operator_id) not in {*names["deputies"], *names["team"]}
    assert {str(pk) for pk in full.named.deputies} <= set(names["deputies"])
    own = look(signed_in(cast.carl), f"/records/{full.pk}/people/").text
    assert '"deputies"' in own and '"co_authors"' not in own
    posted = people_shown(signed_in(cast.carl), full) | {"co_authors": [cast.carl.pk, cast.olga.pk]}
    assert signed_in(cast.carl).post(f"/records/{full.pk}/people/", posted).status_code == 302
    assert set(full.co_authors.all()) == {cast.carl}
    named = {"operator": cast.jun, "supervisor": cast.tomas, "deputies": [cast.ines], "team": [cast.noor]}
    with pytest.raises(Refused, match="Only the author"):
        name_people(full, by=cast.carl, co_authors=[cast.carl, cast.olga], **named)


def test_the_team_is_kept_up_to_date_until_the_end_and_nothing_else(full: Operation, cast: Cast) -> None:
    approved = approve_by(cast, submit(cast, full), "tomas", "ada")
    page = look(signed_in(cast.jun), f"/records/{full.pk}/people/").text
    assert '"team"' in page and '"deputies"' not in page
    posted = people_shown(signed_in(cast.jun), full) | {"team": [cast.noor.pk, cast.olga.pk]}
    assert signed_in(cast.jun).post(f"/records/{full.pk}/people/", posted).status_code == 302
    assert set(full.team.all()) == {cast.noor, cast.olga}
    assert (set(full.deputies.all()), set(full.co_authors.all())) == ({cast.ines}, {cast.carl})
    newest = AuditEntry.objects.filter(operation=approved).order_by("-number")[0]
    assert (newest.act, newest.person) == ("name_team", cast.jun)
    assert standing(fresh(approved)).is_complete
    with pytest.raises(Refused, match="can't be changed while"):
        name_people(fresh(full), by=cast.mara, operator=cast.jun, supervisor=cast.tomas, co_authors=[cast.carl])
    assert signed_in(cast.ines).get(f"/records/{full.pk}/people/").status_code == 403
