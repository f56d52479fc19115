"""The trail against what it tells of: whatever was signed and is not what it was is found, and its entry named."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable

import pytest
from django.db import transaction
from django.urls import reverse

from approvals import actions
from approvals.delegating import delegate
from approvals.models import ApprovalRule, Decision
from approvals.rules import need_in
from approvals.trail import _states
from records import audit, triggers
from records.audit import Fault, verify
from records.models import (
    AuditEntry,
    AuditHead,
    FinalText,
    Operation,
    OperationTemplate,
    Outcome,
    Person,
    Revision,
    RoleHolding,
    State,
)
from tests import make
from tests.approvals.staff import client_of
from tests.people import PASSWORD, Cast


@pytest.fixture
def finalized(cast: Cast, template: OperationTemplate) -> Operation:
    """A record that went the whole way; somebody with all rights on the database took the triggers away."""
    operation = make.make_in(State.FINALIZED, cast, template)
    triggers.remove()
    return operation


def entry(act: str, nth: int = 0) -> int:
    return AuditEntry.objects.filter(act=act).order_by("number")[nth].number


def test_what_was_signed_is_what_it_says(finalized: Operation) -> None:
    assert verify() is None


def other_content(model: type[Revision | FinalText] = Revision) -> bytes:
    """The same text, one row under another key: a fact of the annex would belong to another step."""
    told = bytes(model.objects.get().content).decode()
    key = json.loads(told)["sections"][3]["groups"][1]["key"]
    return told.replace(json.dumps(key), json.dumps(f"{key}-x")).encode()


def rekeyed(model: type[FinalText]) -> None:
    model.objects.update(content=other_content(model))


def somebody_else() -> Person:
    return Person.objects.get(username="sam")


def revision(**columns: object) -> None:
    Revision.objects.update(**columns)


def decided(which: str, **columns: object) -> None:
    Decision.objects.filter(kind=which).update(**columns)


TAMPERED: list[tuple[str, Callable[[], object], str, str]] = [
    (
        "plan text",
        lambda: revision(plan_text=bytes(Revision.objects.get().plan_text) + b"\n"),
        "submit",
        "stored bytes",
    ),
    ("annex", lambda: revision(annex=b"{}"), "submit", "stored bytes"),
    ("rule", lambda: revision(rule=b"{}"), "submit", "stored bytes"),
    ("content under other keys", lambda: revision(content=other_content()), "submit", "stored bytes"),
    ("content unreadable", lambda: revision(content=b"{}"), "submit", "can't be read"),
    ("digest", lambda: revision(digest="0" * 64), "submit", "stored bytes"),
    ("template", lambda: revision(template_digest=""), "submit", "stored bytes"),
    ("number", lambda: revision(number=2), "submit", "missing"),
    ("reference", lambda: Operation.objects.update(operation_id="2026-12-06-other"), "submit", "stored bytes"),
    ("final text", lambda: FinalText.objects.update(text=b"# Other\n"), "sign_as_operator", "stored bytes"),
    ("final content", lambda: FinalText.objects.update(content=b"{}"), "sign_as_operator", "can't be read"),
    (
        "who",
        lambda: decided("approve", person_name="Ada Brandt"),
        "approve",
        "something else",
    ),
    (
        "roles",
        lambda: decided("approve", roles=["supervisor"]),
        "approve",
        "something else",
    ),
    ("role", lambda: decided("sign_off", role="auditor"), "sign_off", "something else"),
    ("kind", lambda: Decision.objects.filter(kind="sign").update(kind="reject"), "sign_as_operator", "something else"),
    ("reason", lambda: decided("sign", reason="x"), "sign_as_operator", "something else"),
    ("note to the approvers", lambda: revision(note="Nothing has changed."), "submit", "stands otherwise"),
    ("who sent it", lambda: revision(submitted_by=somebody_else()), "submit", "stands otherwise"),
    ("when it was sent", lambda: revision(submitted_at=make.NIGHT), "submit", "stands otherwise"),
    ("who froze the end", lambda: FinalText.objects.update(frozen_by=somebody_else()), "sign_as_operator", "otherwise"),
    ("when it was frozen", lambda: FinalText.objects.update(frozen_at=make.PLANNED), "sign_as_operator", "otherwise"),
    ("end under other keys", lambda: rekeyed(FinalText), "sign_as_operator", "stands otherwise"),
    ("rule that is no text", lambda: revision(rule=b"\xff"), "submit", "can't be read"),
    ("removed", lambda: Decision.objects.filter(kind="sign_off").delete(), "sign_off", "its decision is missing"),
    ("state", lambda: Operation.objects.update(state=State.APPROVED), "sign_off", "which no act made it"),
]


@pytest.mark.parametrize(("tamper", "act", "words"), [one[1:] for one in TAMPERED], ids=[one[0] for one in TAMPERED])
def test_what_was_changed_behind_the_acts_is_named(
    finalized: Operation, tamper: Callable[[], object], act: str, words: str
) -> None:
    tamper()
    fault = verify()
    assert fault is not None
    assert (fault.number, words in fault.reason) == (entry(act), True), fault


def test_what_a_decision_leaves_out_of_what_was_said_is_found(cast: Cast, template: OperationTemplate) -> None:
    """A reason wiped off, and the name of whose right it was: the row says less than its entry."""
    operation = make.submit(cast, make.make_draft(cast, template))
    delegate(to=cast.olga, until=make.PLANNED.date(), password=PASSWORD, by=cast.tomas, at=make.PLANNED)
    make.approve_by(cast, operation, "olga")
    digest = operation.revisions.get().digest
    actions.ask_for_changes(operation, digest=digest, reason="No way back", by=cast.ada, at=make.PLANNED)
    assert verify() is None
    triggers.remove()
    decided("ask_for_changes", reason="")
    assert verify() == Fault(entry("ask_for_changes"), "its decision says something else")
    decided("ask_for_changes", reason="No way back")
    decided("approve", acts_for=None)
    assert verify() == Fault(entry("approve"), "its decision says something else")


@pytest.mark.parametrize(
    ("act", "facts"),
    [
        ("approve", {"revision": [], "digest": 1}),
        ("delegate", {"to": []}),
        ("approvalrule_changed", {}),
    ],
)
def test_an_entry_that_makes_no_sense_is_named_however_well_it_is_chained(
    act: str, facts: dict[str, object], cast: Cast, finalized: Operation
) -> None:
    with transaction.atomic():
        audit.record(act, operation=finalized, person=cast.sam, at=make.NIGHT, **facts)
    fault = verify()
    assert fault is not None
    assert fault.number == AuditHead.objects.get().number


def rewritten_whole() -> None:
    """The careful forger of a plan: text and digest fit each other, the approvals and the trail don't fit them."""
    from records.content.freezing import digest_again

    own = Revision.objects.select_related("operation").get()
    own.annex = b"{}"
    Revision.objects.update(annex=b"{}", digest=digest_again(own))


def test_a_plan_and_its_digest_changed_together_do_not_fit_the_trail(finalized: Operation) -> None:
    rewritten_whole()
    fault = verify()
    assert fault is not None
    assert (fault.number, fault.reason) == (entry("submit"), "its digest is not that of what stands in the database")


def test_a_revision_of_the_first_release_verifies_as_it_did_case_37(finalized: Operation) -> None:
    """Its digest left the keyed content out, and its entries told less of the decisions. Neither is ever rewritten."""
    from records.content.freezing import digest_again

    own = Revision.objects.select_related("operation").get()
    own.schema = 1
    first = digest_again(own)
    assert first != own.digest
    told = {
        "schema": 1,
        "record": own.operation.reference,
        "revision": own.number,
        "template": own.template_digest,
        "rule": bytes(own.rule).decode(),
        "plan_text": hashlib.sha256(bytes(own.plan_text)).hexdigest(),
        "annex": hashlib.sha256(bytes(own.annex)).hexdigest(),
    }
    stored = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert first == hashlib.sha256(stored).hexdigest()


def test_a_decision_that_no_act_made_is_found(cast: Cast, finalized: Operation) -> None:
    forged = Decision.objects.filter(kind="approve")[0]
    forged.pk, forged.person = None, cast.sam
    forged.save(force_insert=True)
    fault = verify()
    assert fault is not None
    assert (fault.number, str(fault)) == (0, f"Decision {forged.pk} stands in the database, and no entry tells of it")


def test_a_record_that_was_never_sent_has_the_state_that_it_began_with(cast: Cast, template: OperationTemplate) -> None:
    make.make_in(State.IMPORTED, cast, template)
    assert verify() is None
    Operation.objects.update(state=State.CANCELLED)
    fault = verify()
    assert fault is not None
    assert "which no act made it" in fault.reason


def test_the_final_text_of_another_record_is_no_end_that_anybody_signed(cast: Cast, finalized: Operation) -> None:
    other = Operation.objects.get(pk=finalized.pk)
    other.pk, other.operation_id = None, "2026-12-06-infrastructure-other"
    other.state, other.final_text, other.outcome = State.DRAFT, None, ""
    other.save(force_insert=True)
    text = FinalText.objects.get()
    FinalText.objects.filter(pk=text.pk).update(operation=other)
    Operation.objects.filter(pk=finalized.pk).update(final_text=text)
    faults = [fault for fault in _states() if fault.number == entry("sign_as_operator")]
    assert [fault.reason for fault in faults] == [
        f"record {finalized.pk} has another outcome or final text now than its operator signed"
    ]


def test_a_role_that_a_script_gave_and_took_away_again_is_found(cast: Cast, template: OperationTemplate) -> None:
    own = RoleHolding.objects.get(person=cast.ada)
    given = RoleHolding.objects.create(person=cast.ada, role="devops_supervisor", since=own.since)
    make.approve_by(cast, make.make_in(State.IN_REVIEW, cast, template), "ada")
    assert verify() is None
    given.delete()
    assert verify() == Fault(entry("approve"), "Ada Brandt decided in a role that nobody held then: devops_supervisor")
    given.since = make.PLANNED.date() + dt.timedelta(days=1)
    given.save(force_insert=True)
    assert verify() == Fault(entry("approve"), "Ada Brandt decided in a role that nobody held then: devops_supervisor")


# ---------------------------------------------------------------- the rule that was copied


def ruled(cast: Cast, template: OperationTemplate, role: str, page: str = "add", *of: int) -> ApprovalRule:
    """A rule for high risks, as an administrator sets it."""
    told = {"template": template.pk, "risk_level": "High", "first": role}
    assert client_of(cast.leo).post(reverse(f"admin:approvals_approvalrule_{page}", args=of), told).status_code == 302
    return ApprovalRule.objects.get()


def test_a_plan_under_a_rule_that_only_a_script_set_is_found(cast: Cast, template: OperationTemplate) -> None:
    """One approval instead of two, and the rule gone again: everything else fits."""
    milder = ApprovalRule.objects.create(template=template, risk_level="High", roles=["infrastructure_approver"])
    operation = make.make_in(State.IN_REVIEW, cast, template)
    milder.delete()
    assert make.approve_by(cast, operation, "ada").state == State.APPROVED
    fault = verify()
    assert fault is not None
    assert (fault.number, fault.reason) == (
        entry("submit"),
        "revision 1 asks for “infrastructure approver”, by a rule that no entry tells of: "
        "“DevOps supervisor, infrastructure approver” was in force",
    )


def test_a_rule_that_a_script_changed_is_found(cast: Cast, template: OperationTemplate) -> None:
    own = ruled(cast, template, "devops_supervisor")
    ApprovalRule.objects.filter(pk=own.pk).update(roles=["infrastructure_approver"])
    make.make_in(State.IN_REVIEW, cast, template)
    fault = verify()
    assert fault is not None
    assert "“DevOps supervisor” was in force" in fault.reason


def test_rules_that_administrators_set_changed_and_took_away_hold_for_what_was_sent_then(
    cast: Cast, template: OperationTemplate
) -> None:
    newer = OperationTemplate.objects.create(
        name=template.name, version="1.1.0", text=template.text, toml=template.toml
    )
    record, asked = make.make_draft(cast, template), []

    def sent() -> None:
        make.submit(cast, record)
        asked.append(need_in(bytes(record.revisions.latest("number").rule)).roles)
        actions.withdraw(record, by=cast.mara, at=make.PLANNED)

    sent()
    own = ruled(cast, newer, "infrastructure_approver")
    sent()
    ruled(cast, newer, "devops_supervisor", "change", own.pk)
    sent()
    page = reverse("admin:approvals_approvalrule_delete", args=[own.pk])
    assert client_of(cast.leo).post(page, {"post": "yes"}).status_code == 302
    sent()
    both = ("devops_supervisor", "infrastructure_approver")
    assert asked == [both, ("infrastructure_approver",), ("devops_supervisor",), both]
    assert verify() is None


def test_case_32_a_clock_that_was_set_back_makes_no_rule_one_that_nobody_set(
    cast: Cast, template: OperationTemplate
) -> None:
    """The newest version is known by its number, not by its time."""
    milder = template.toml.replace('"devops_supervisor", "infrastructure_approver"]', '"devops_supervisor"]')
    newer = OperationTemplate.objects.create(name=template.name, version="1.1.0", text=template.text, toml=milder)
    earlier = newer.added_at - dt.timedelta(hours=1)
    record = make.submit(cast, make.make_draft(cast, template), at=earlier)
    assert need_in(bytes(record.revisions.get().rule)).roles == ("devops_supervisor",)
    assert verify() is None


def test_a_template_that_is_not_what_plans_were_written_along_is_found(cast: Cast, finalized: Operation) -> None:
    toml = finalized.template.toml if finalized.template else ""
    OperationTemplate.objects.update(toml=f"{toml}\n# milder\n")
    fault = verify()
    assert fault is not None
    assert (fault.number, fault.reason) == (entry("submit"), "the template of revision 1 isn't here as it was then")


@pytest.mark.parametrize("columns", [{"outcome": Outcome.FAILED}, {"final_text": None}])
def test_an_end_that_nobody_signed_is_found(columns: dict[str, object], finalized: Operation) -> None:
    """As a script might set it, with the triggers in place: these columns are only read off what was signed."""
    Operation.objects.filter(pk=finalized.pk).update(**columns)
    fault = verify()
    assert fault is not None
    assert (fault.number, "than its operator signed" in fault.reason) == (entry("sign_as_operator"), True)
