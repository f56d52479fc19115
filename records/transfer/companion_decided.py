"""What a record's log tells of its plan and its texts: comments, facts beside the plan, decisions, addenda."""

from __future__ import annotations

from records.content.addenda import Added, addenda_of
from records.content.frozen import frozen
from records.decided import DecisionKind, Given, given_on, said_on
from records.document.blocks import fenced
from records.models import Person, Role
from records.reading.row_facts import row_facts
from records.run.loaded import Run
from records.transfer.companion_lines import bullet, moment_in_full, section

# What follows its verb in other words than the label.
DECIDED = {
    DecisionKind.ASK_FOR_CHANGES: "asked for changes to %s",
    DecisionKind.TAKE_BACK: "took the approval of %s back",
    DecisionKind.SIGN: "signed %s",
}


def comments(run: Run) -> str:
    """What was said about the plan while it was written and reviewed, each comment before its answers."""
    found = []
    for one in said_on(run.operation):
        where = f"revision {one.revision}" if one.revision else "the draft"
        facts = [one.person, moment_in_full(one.at), f"on {where}"]
        facts += ["must be settled"] if one.must_settle else []
        facts += [f"settled {moment_in_full(one.settled_at)}"] if one.settled_at else []
        label = f"{one.label}, answer" if one.thread else one.label
        found.append(bullet(label, f"{', '.join(facts)}: {one.text}"))
    return section("Comments on the plan", found, gap="")


def annex(run: Run) -> str:
    """The plan facts that were approved beside the text: who was named, and what each row said."""
    plan = frozen(run.revision)
    names = {**run.operation.named.names, **{one.pk: str(one) for one in run.operation.people()}}
    unknown = {pk for people in plan.people.values() for pk in people} - set(names)
    names |= {one.pk: str(one) for one in Person.objects.filter(pk__in=unknown)} if unknown else {}
    people = [
        bullet(role.capitalize(), ", ".join(names.get(pk, f"#{pk}") for pk in own))
        for role, own in sorted(plan.people.items())
        if own
    ]
    rows = [
        bullet(row.label, "; ".join(f"{word}: {text}" for word, text in row.facts))
        for row in row_facts(plan.document.sections, plan.facts)
    ]
    return section("Beside the plan text", [*people, *rows], gap="")


def decided(run: Run) -> str:
    """Every revision with what was decided on it, that it was sent back too; then who signed the final text."""
    revisions = list(run.operation.revisions.order_by("number").select_related("submitted_by"))
    told = given_on(revisions)
    found = []
    for one in revisions:
        what = f"revision {one.number}"
        words = f"made {what}, {moment_in_full(one.submitted_at)}" + (f": {one.note}" if one.note else "")
        found.append(bullet(str(one.submitted_by), words))
        found += [_decision(given, what) for given in told.get(one.pk, ())]
    if final := run.operation.final_text:
        found += [_decision(one, "the final text") for one in given_on([final]).get(final.pk, ())]
    return section("Approved and signed", found, gap="")


def addenda(run: Run, signed_off_alone: bool) -> str:
    """What was added after the sign-off, in full."""
    told = [one for one in addenda_of(run.operation) if not signed_off_alone or _is_signed_off(one)]
    return section("Addenda", [_addendum(one) for one in told])


def _is_signed_off(one: Added) -> bool:
    return one.decision is not None and one.decision.kind == DecisionKind.SIGN_OFF


def _addendum(one: Added) -> str:
    addendum, decided = one.addendum, one.decision
    became = _decision(decided, f"addendum {addendum.number}") if decided else bullet("Signed off", "not yet")
    facts = [
        ("Written", f"{addendum.person_name}, {moment_in_full(addendum.written_at)}"),
        ("Bound to", f"final text, SHA-256 {addendum.final_text.digest}"),
        ("SHA-256", addendum.digest),
    ]
    told = "".join(bullet(*fact) for fact in facts)
    return f"### Addendum {addendum.number}\n\n{told}{became}\n" + fenced(one.text, "markdown")


def _decision(one: Given, what: str) -> str:
    words = f"{DECIDED.get(one.kind, one.kind.label + ' %s') % what}, {moment_in_full(one.at)}, SHA-256 {one.digest}"
    return bullet(named(one), words + (f": {one.words}" if one.words else ""))


def named(one: Given) -> str:
    """Who decided, and in which role."""
    role = Role(one.role).label if one.role in Role.values else one.role
    return f"{one.person}, {role}" if role else one.person
