"""A template is written by anybody and published by a keeper who wrote none of it, on exactly the bytes shown."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from approvals import publishing
from approvals.eligibility import roles_at
from approvals.models import ApprovalRule, Decision
from approvals.publishing import publish_template, return_template
from approvals.signing import NotSigned
from records import audit
from records.library.template_drafts import begin_template, change_template, discard_template, offer_template
from records.models import AuditEntry, Delivery, OperationTemplate, Person, Role, RoleHolding, TemplateDraft
from records.outbox import Event
from records.refusals import Changed, Incomplete, Refused, Unusable, WrongOrder
from tests.people import PASSWORD, SINCE, Cast

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)


def keeper(person: Person) -> Person:
    RoleHolding.objects.create(person=person, role=Role.TEMPLATE_KEEPER, since=SINCE)
    return person


@pytest.fixture
def sam(cast: Cast) -> Person:
    return keeper(cast.sam)


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> TemplateDraft:
    """Mara's next version of the shipped template, offered."""
    text = template.text.replace("Template v1.0.0", "Template v1.1.0")
    own = begin_template(text=text, toml=template.toml, base=template, by=cast.mara, at=AT)
    return offer_template(own, by=cast.mara, at=AT)


def publish(draft: TemplateDraft, by: Person, **other: str) -> OperationTemplate:
    return publish_template(draft, **{"digest": draft.digest, "password": PASSWORD, "by": by, "at": AT, **other})


def test_a_keeper_publishes_the_bytes_that_were_shown(draft: TemplateDraft, sam: Person, cast: Cast) -> None:
    template = publish(draft, sam, note="Reads well")
    assert (template.text, template.toml, template.version) == (draft.text, draft.toml, "1.1.0")
    decision = Decision.objects.get()
    assert (decision.kind, decision.template, decision.digest) == ("publish", template, draft.digest)
    assert (decision.person, decision.role, decision.reason) == (sam, "template_keeper", "Reads well")
    assert audit.facts_in(AuditEntry.objects.first())["digest"] == template.digest
    assert audit.verify() is None


def test_nobody_publishes_what_they_wrote_any_of(draft: TemplateDraft, sam: Person, cast: Cast) -> None:
    carl = keeper(cast.carl)
    own = change_template(draft, seen=draft.digest, text=draft.text + "\n", by=carl, at=AT)
    own = offer_template(own, by=carl, at=AT)
    for editor in (carl, keeper(cast.mara)):
        with pytest.raises(Refused, match="you wrote part of this version"):
            publish(own, editor)
    assert AuditEntry.objects.filter(act="publish_template_refused").count() == 2
    publish(own, sam)


def test_it_asks_for_the_role_whoever_asks_and_for_the_password(draft: TemplateDraft, sam: Person, cast: Cast) -> None:
    for person in (cast.tomas, cast.leo, cast.root, cast.vera):
        with pytest.raises(Refused, match="asks for a template keeper"):
            publish(draft, person)
    RoleHolding.objects.filter(person=cast.jun).delete()
    past = RoleHolding(person=cast.jun, role=Role.TEMPLATE_KEEPER, since=SINCE, until=SINCE)
    past.save()
    with pytest.raises(Refused, match="asks for a template keeper"):
        publish(draft, cast.jun)
    with pytest.raises(NotSigned):
        publish(draft, sam, password="wrong")
    assert not Decision.objects.exists()


def test_what_changed_since_it_was_opened_is_not_published(draft: TemplateDraft, sam: Person, cast: Cast) -> None:
    seen = draft.digest
    own = change_template(draft, seen=seen, toml=draft.toml + "\n# more\n", by=cast.mara, at=AT)
    with pytest.raises(Changed):
        publish(own, sam, digest=seen)
    with pytest.raises(WrongOrder, match="still writing"):
        publish(own, sam)


def test_it_is_published_once(draft: TemplateDraft, sam: Person, cast: Cast) -> None:
    publish(draft, sam)
    with pytest.raises(WrongOrder, match="is published"):
        publish(draft, sam)
    with pytest.raises(WrongOrder):
        change_template(draft, seen=draft.digest, text="# Other: [x]\n", by=cast.mara)
    with pytest.raises(WrongOrder):
        discard_template(draft, by=cast.mara)


def test_what_a_published_version_says_is_kept_and_so_is_the_decision(draft: TemplateDraft, sam: Person) -> None:
    publish(draft, sam)
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.update(reason="other")


def test_a_version_that_is_there_already_is_refused_by_name(template: OperationTemplate, cast: Cast) -> None:
    own = begin_template(text=template.text, toml=template.toml, base=template, by=cast.mara)
    with pytest.raises(Incomplete, match=r"There is Infrastructure Operations Template v1\.0\.0 already"):
        offer_template(own, by=cast.mara)


def test_it_is_given_back_with_what_has_to_change(draft: TemplateDraft, sam: Person, cast: Cast) -> None:
    with pytest.raises(Incomplete):
        return_template(draft, digest=draft.digest, reason=" ", by=sam, at=AT)
    return_template(draft, digest=draft.digest, reason="Name the units", by=sam, at=AT)
    draft.refresh_from_db()
    assert (draft.offered_at, draft.returned, draft.returned_by) == (None, "Name the units", sam)
    again = offer_template(draft, by=cast.mara)
    assert (again.returned, again.returned_by) == ("", None)


def test_a_draft_is_changed_by_its_author_and_by_keepers(draft: TemplateDraft, sam: Person, cast: Cast) -> None:
    with pytest.raises(Refused):
        change_template(draft, seen=draft.digest, text="# Other: [x]\n", by=cast.olga)
    with pytest.raises(Changed):
        change_template(draft, seen="0" * 64, text="# Other: [x]\n", by=cast.mara)
    with pytest.raises(Unusable, match="no text"):
        change_template(draft, seen=draft.digest, text=" ", by=cast.mara)
    own = change_template(draft, seen=draft.digest, text="# Other: [x]\n", by=sam)
    assert own.offered_at is None


@pytest.mark.parametrize("is_next", [True, False], ids=["the next version", "brought in under its name"])
def test_the_administrators_rule_goes_on_to_hold(
    is_next: bool, draft: TemplateDraft, sam: Person, cast: Cast, template: OperationTemplate
) -> None:
    ApprovalRule.objects.create(template=template, risk_level="Low", roles=["infrastructure_approver"])
    if not is_next:
        brought = begin_template(text=draft.text, toml=draft.toml, by=cast.mara, at=AT)
        draft = offer_template(brought, by=cast.mara, at=AT)
    new = publish(draft, sam)
    assert roles_at(new, ["Low", "Medium"]) == {"Low": ("infrastructure_approver",), "Medium": ("supervisor",)}


def test_it_waits_on_the_home_of_keepers_who_wrote_none_of_it(draft: TemplateDraft, sam: Person, cast: Cast) -> None:
    carl = keeper(cast.carl)
    url = reverse("publish", args=[draft.pk])

    def sees(person: Person) -> bool:
        client = Client()
        client.force_login(person)
        return url in client.get(reverse("home")).content.decode()

    assert [sees(person) for person in (sam, carl, cast.tomas, cast.mara)] == [True, True, False, False]
    own = change_template(draft, seen=draft.digest, text=draft.text + "\n", by=carl, at=AT)
    assert not sees(sam)
    offer_template(own, by=cast.mara, at=AT)
    assert (sees(sam), sees(carl)) == (True, False)
    publish(own, sam)
    assert not sees(sam)


@pytest.mark.parametrize("more", ["", "\n"])
def test_of_two_with_one_name_and_number_the_faster_is_published(
    draft: TemplateDraft, sam: Person, cast: Cast, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    twin = begin_template(text=draft.text + more, toml=draft.toml, by=cast.mara, at=AT)
    offer_template(twin, by=cast.mara, at=AT)
    first = publish(draft, sam)
    monkeypatch.setattr(publishing, "stops", lambda _draft: [])  # both looked before either was there
    with pytest.raises(Incomplete, match="another version"):
        publish(twin, sam)
    assert list(OperationTemplate.objects.filter(version="1.1.0")) == [first]
    assert Decision.objects.count() == 1


def mails(event: Event) -> dict[str, str]:
    """Subject by who got it."""
    return {row.person.username: row.subject for row in Delivery.objects.filter(event=event) if row.person}


def test_keepers_who_wrote_none_of_it_are_told_and_its_writers_of_what_came_of_it(
    draft: TemplateDraft, sam: Person, cast: Cast
) -> None:
    keeper(cast.mara)
    own = change_template(draft, seen=draft.digest, text=draft.text + "\n", by=keeper(cast.carl), at=AT)
    RoleHolding.objects.create(person=cast.jun, role=Role.TEMPLATE_KEEPER, since=SINCE, until=SINCE)
    own = offer_template(own, by=cast.mara, at=AT)
    offer_template(own, by=cast.mara, at=AT)
    named = "Infrastructure Operations Template v1.1.0"
    assert mails(Event.TEMPLATE_OFFERED) == {"sam": f"Template to publish: {named}"}
    assert Delivery.objects.count() == 1
    assert f"http://127.0.0.1:8000/templates/drafts/{own.pk}/publish/\n" in Delivery.objects.get().body
    return_template(own, digest=own.digest, reason="Name the owner", by=sam, at=AT)
    assert mails(Event.TEMPLATE_RETURNED) == {
        "mara": f"Template given back: {named}",
        "carl": f"Template given back: {named}",
    }
    assert "\n\nName the owner\n\n" in Delivery.objects.filter(event=Event.TEMPLATE_RETURNED)[0].body
    own = offer_template(own, by=cast.carl, at=AT)
    publish(own, sam)
    assert set(mails(Event.TEMPLATE_PUBLISHED)) == {"mara", "carl"}
    client = Client()
    client.force_login(cast.mara)
    for row in Delivery.objects.filter(person=cast.mara):
        assert client.get(row.body.strip().rpartition("8000")[2], follow=True).status_code == 200
