"""Faults that the tests have to notice: each is planted alone in a copy of the tree, and some test has to go red.

`python tests/planted_faults.py [name …]` plants all of them, or those named, and tells which were found;
`make test-long PART=faults` does the same. A fault that no longer fits the code fails a daily test: plant it anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIVES = "tests/lives/test_lives.py"
ACTIONS = "tests/approvals/test_actions.py"
EMERGENCY = "tests/approvals/emergencies"
EMERGENCY_ATTACKS = "tests/approvals/test_emergency_attacks.py"
SCRIPTS = "tests/approvals/test_careless_scripts.py"
STARTING = "tests/records/run/test_starting.py"
TOKENS = "tests/records/test_tokens.py"


@dataclass(frozen=True)
class Fault:
    """``old``, which stands in ``file`` once, becomes ``new``; ``noticed_by`` are the tests that should see it."""

    name: str
    file: str
    old: str
    new: str
    noticed_by: tuple[str, ...]


FAULTS = (
    Fault(
        "the digest is compared before the lock, with what the page knew",
        "approvals/deciding.py",
        "        _check_seen(locked, Act.APPROVE, revision, digest)\n",
        "        check_state(locked, Act.APPROVE)\n        digest = signed.digest = revision.digest\n",
        (LIVES,),
    ),
    Fault(
        "one person is counted for every role they hold",
        "approvals/rules.py",
        "            if all(one.pk != person.pk and one.authority != person.authority for one in taken.values()):",
        "            if True:",
        (LIVES,),
    ),
    Fault(
        "one right counts twice, by whoever stands in as well",
        "approvals/rules.py",
        " and one.authority != person.authority",
        "",
        ("tests/approvals/test_rules.py", "tests/approvals/test_delegating.py"),
    ),
    Fault(
        "approvals of an earlier revision count on",
        "approvals/standing.py",
        "    if decision.revision_id != revision.pk or decision.digest != revision.digest:\n        return False\n",
        "",
        (LIVES,),
    ),
    Fault(
        "the annex is left out of the digest",
        "records/content/freezing.py",
        '        "annex": sha256(annex),\n',
        "",
        (LIVES,),
    ),
    Fault(
        "the roles are those that the approver's page knew",
        "approvals/eligibility.py",
        "    own = Candidate(person.pk, str(person), held[person.pk], person.is_active",
        "    own = Candidate(person.pk, str(person), by.roles_on(day), person.is_active",
        (LIVES, ACTIONS),
    ),
    Fault(
        "a save of the plan is accepted in review",
        "records/writing/saving.py",
        "    if operation.state not in EDITABLE and not operation.owes_plan and any(",
        "    if False and any(",
        ("tests/records/writing/test_drafting.py", "tests/records/section_pages"),
    ),
    Fault(
        "an import takes its state along",
        "records/writing/drafting.py",
        "    state = State.IMPORTED if imported else State.DRAFT",
        "    state = State.APPROVED if imported else State.DRAFT",
        ("tests/records/transfer/test_exchange.py", "tests/records/test_commands.py"),
    ),
    Fault(
        "triggers are not put back after a migration",
        "records/triggers.py",
        "    install(using)\n    ensure_head()",
        "    ensure_head()",
        ("tests/records/test_triggers.py",),
    ),
    Fault(
        "who contributed to the plan may approve it",
        "approvals/rules.py",
        "    if pk in involved.co_authors or pk in involved.contributors:\n        return Right(_(\"You can't approve",
        "    if pk in involved.co_authors:\n        return Right(_(\"You can't approve",
        (LIVES,),
    ),
    Fault(
        "who named the people of the plan may approve it",
        "approvals/involvement.py",
        'WRITING = (WROTE, "name_people", "move_to_version")',
        'WRITING = (WROTE, "move_to_version")',
        (ACTIONS,),
    ),
    Fault(
        "who wrote in a plan is known by rows alone that a script may take away",
        "approvals/involvement.py",
        'WRITING = (WROTE, "name_people", "move_to_version")',
        'WRITING = ("name_people", "move_to_version")',
        (SCRIPTS,),
    ),
    Fault(
        "whose words another version of the template calls plan may approve it",
        "records/library/versions.py",
        "        tell_who_wrote(locked, writers, at=at, through=MOVE)\n",
        "",
        ("tests/records/library/test_versions.py",),
    ),
    Fault(
        "whoever wrote what nobody approved may approve its clone",
        "records/writing/cloning.py",
        '        tell_who_wrote(operation, writers_unapproved(locked), at=at, through="clone")\n',
        "",
        ("tests/records/writing/test_cloning.py",),
    ),
    Fault(
        "whoever writes a record chooses its rule by choosing the version of its template",
        "approvals/eligibility.py",
        "    versions = _versions(name=template.name)\n",
        "    versions = [one for one in _versions(name=template.name) if one.pk == template.pk]\n",
        ("tests/approvals/test_rule_book.py",),
    ),
    Fault(
        "an older version of a template keeps its milder rule",
        "approvals/eligibility.py",
        "        return said.get(level) or tuple(asked.roles(level))\n",
        "        return said.get(level) or tuple(of_own)\n",
        ("tests/approvals/test_rule_book.py",),
    ),
    Fault(
        "where a version says no level of the newest one its own rule holds",
        "approvals/eligibility.py",
        "    return strictest([*known, said.get(level) or tuple(of_own)])",
        "    return said.get(level) or tuple(of_own)",
        ("tests/approvals/test_rule_book.py",),
    ),
    Fault(
        "a rule that only a script set is taken for one that was in force",
        "approvals/trail.py",
        "    yield from not_ruled()\n",
        "",
        ("tests/approvals/test_trail.py",),
    ),
    Fault(
        "an entry doesn't say which one of its record it follows",
        "records/audit.py",
        '            "follows": head.follows,\n',
        '            "follows": None,\n',
        ("tests/records/test_audit.py",),
    ),
    Fault(
        "a clone is first read against a plan that nobody approved",
        "approvals/bases.py",
        "    if source is None or revision is None or source.state not in APPROVED or source.was_unapproved:",
        "    if source is None or revision is None:",
        ("tests/approvals/test_bases.py",),
    ),
    Fault(
        "a clone is first read against a plan that fewer had to approve",
        "approvals/bases.py",
        "    if not asks_as_much(earlier, need_in(bytes(newest.rule))):",
        "    if not earlier.roles:",
        ("tests/approvals/test_bases.py",),
    ),
    Fault(
        "the signature of an addendum is not used up",
        "approvals/amending.py",
        "            signed.redeem(by, act, addendum.digest)",
        "            signed.used = True",
        ("tests/approvals/test_back_and_forth.py",),
    ),
    Fault(
        "a name in the line of the supervisor allows a start",
        "records/run/starting.py",
        "on=on) and is_supervisor(person, on=on):",
        "on=on):",
        ("tests/records/run/test_starting.py",),
    ),
    Fault(
        "nobody asks for whom a stand-in decides",
        "approvals/rules.py",
        "    if person.acts_for and not wrote_or_runs(person.acts_for, involved):",
        "    if False:",
        ("tests/approvals/test_delegating.py",),
    ),
    Fault(
        "whoever asks stands in for everybody who handed anything on",
        "approvals/eligibility.py",
        '    given = Delegation.objects.select_for_update(of=("self",), no_key=True).filter(to=by)\n',
        '    given = Delegation.objects.select_for_update(of=("self",), no_key=True).all()\n',
        ("tests/approvals/test_delegating.py",),
    ),
    Fault(
        "the window of a start is what the columns say",
        "records/run/running.py",
        "        apply_facts(locked, facts_of(document, locked.outline), locked.outline, title_only=True)\n",
        "",
        (SCRIPTS,),
    ),
    Fault(
        "a start is allowed by a column alone",
        "records/run/running.py",
        "not (right := in_window(locked, at)) and not allowed_start(locked, at):",
        "not (right := in_window(locked, at)) and not locked.start_allowed_until:",
        (SCRIPTS,),
    ),
    Fault(
        "a hard freeze forbids nothing",
        "records/run/running.py",
        "        if not (right := no_hard_freeze(locked, at)):\n            raise WrongOrder(right.reason)\n",
        "",
        ("tests/records/run/test_hard_freeze.py",),
    ),
    Fault(
        "where no window can be read it starts at any time",
        "records/run/starting.py",
        "    if lacks_window(operation):\n",
        "    if False:\n",
        (STARTING,),
    ),
    Fault(
        "a signature is not asked for",
        "approvals/signing.py",
        "        confirm(account, password)",
        "        account.check_password(password)",
        (LIVES,),
    ),
    Fault(
        "the approval rule is the one that holds today, not the one that was copied",
        "approvals/deciding.py",
        "    need = need_in(bytes(revision.rule)) if revision else need_for(operation, operation.risk_level)",
        "    need = need_for(operation, operation.risk_level)",
        (ACTIONS,),
    ),
    Fault(
        "another supervisor than the named one may approve",
        "approvals/rules.py",
        "    return role != Role.SUPERVISOR or need.supervisor in (None, person.authority)",
        "    return True",
        (ACTIONS, "tests/approvals/test_rules.py"),
    ),
    Fault(
        "an operation starts although its plan is not the approved one",
        "records/content/freezing.py",
        "    if now != text or annex_of(operation, sections) != bytes(revision.annex):",
        "    if False:",
        ("tests/records/run/test_starting.py", "tests/records/content/test_freezing.py"),
    ),
    Fault(
        "an operation starts because its state says so, without approvals",
        "records/run/running.py",
        "        if not deciding().is_approved(locked):",
        "        if False:",
        ("tests/records/run/test_starting.py",),
    ),
    Fault(
        "decisions that no act made let an operation start",
        "approvals/deciders.py",
        "    return now.is_complete and all(decision.pk in told for _role, decision in now.counted)",
        "    return now.is_complete",
        (SCRIPTS,),
    ),
    Fault(
        "the approval rule is that of a level which the text doesn't say",
        "approvals/submitting.py",
        "    operation.save(update_fields=columns)\n",
        "    operation.refresh_from_db(fields=columns)\n",
        (SCRIPTS,),
    ),
    Fault(
        "start conditions that were lost are not asked for",
        "records/writing/readiness.py",
        'return part == "plan" and key not in conditions',
        "return False",
        (SCRIPTS,),
    ),
    Fault(
        "whoever opened a record approves it once somebody else is called its author",
        "approvals/involvement.py",
        "        openers=opened,\n",
        "",
        (SCRIPTS,),
    ),
    Fault(
        "who worked on it may sign it off",
        "approvals/rules.py",
        "    if person.pk in {involved.operator, *involved.deputies, *involved.workers}:",
        "    if person.pk in {involved.operator, *involved.deputies}:",
        (LIVES, ACTIONS, "tests/approvals/test_rules.py"),
    ),
    Fault(
        "of two who write the same field the later one wins",
        "records/writing/saving.py",
        "        if changed and normal(text",
        "        if False and normal(text",
        (LIVES,),
    ),
    Fault(
        "of the audit chain only every other link is checked",
        "records/audit.py",
        "            if not _fits(text, stored, previous):",
        "            if number % 2 and not _fits(text, stored, previous):",
        ("tests/records/test_audit.py",),
    ),
    Fault(
        "a disabled account goes on writing",
        "records/rights.py",
        "    return is_signed_in(person) and (person.pk == operation.author_id",
        "    return True and (person.pk == operation.author_id",
        ("tests/records/test_rights.py",),
    ),
    Fault(
        "an emergency starts without naming who else is awake",
        "approvals/emergency.py",
        "            lacking += one.missing\n",
        '            lacking += one.missing if name != "awake" else []\n            told[name] = ""\n',
        (EMERGENCY,),
    ),
    Fault(
        "anybody who sees a record starts it as an emergency",
        "approvals/emergency.py",
        "        may(by, locked, Act.EMERGENCY_START, on=at.date()).insist()\n",
        "",
        (EMERGENCY,),
    ),
    Fault(
        "an approved record is opened again by an emergency",
        "records/life_cycle.py",
        "    Act.EMERGENCY_START: Rule((State.DRAFT, State.IN_REVIEW),",
        "    Act.EMERGENCY_START: Rule((State.DRAFT, State.IN_REVIEW, State.APPROVED),",
        (EMERGENCY_ATTACKS,),
    ),
    Fault(
        "what was said at an emergency start is left out of the annex",
        "records/content/freezing.py",
        '    said = {"emergency": operation.emergency} if operation.emergency else {}',
        "    said: dict[str, Any] = {}",
        (EMERGENCY,),
    ),
    Fault(
        "approvals of a plan that was started as an emergency make it approved",
        "approvals/standing.py",
        "        return self.need is not None and not self.waiting_for and not self.unapproved",
        "        return self.need is not None and not self.waiting_for",
        (EMERGENCY_ATTACKS,),
    ),
    Fault(
        "an emergency is signed while its plan is owed",
        "approvals/closing.py",
        "    if operation.owes_plan:",
        "    if False:",
        (EMERGENCY,),
    ),
    Fault(
        "who ran an emergency is named anew after the work",
        "records/rights.py",
        '    if operation.owes_plan:\n        return Right(_("Who ran it',
        '    if False:\n        return Right(_("Who ran it',
        (EMERGENCY,),
    ),
    Fault(
        "who began an emergency ratifies it once somebody else is named to run it",
        "approvals/involvement.py",
        "named.team | worked | _starter(operation) if",
        "named.team | worked if",
        (EMERGENCY_ATTACKS,),
    ),
    Fault(
        "a text that was put in the place of the signed one is signed off",
        "approvals/closing.py",
        "        final_text.check_signed(final)\n",
        "",
        ("tests/approvals/test_closing_signatures.py",),
    ),
    Fault(
        "who approved a plan may confirm a window in the place of another",
        "approvals/deciders.py",
        "    free = [one for one in able if one.pk not in roles and one.authority not in used]\n",
        "    free = list(able)\n",
        ("tests/records/run/test_stopped_runs.py",),
    ),
    Fault(
        "one right confirms a window twice, by whoever stands in as well",
        "approvals/deciders.py",
        "if one.pk not in roles and one.authority not in used]",
        "if one.pk not in roles]",
        ("tests/approvals/test_confirming.py",),
    ),
    Fault(
        "who could not approve a plan any more confirms the window of its run",
        "approvals/deciders.py",
        "    found = ([held[pk]] if pk in held else instead(role) for pk, role in roles.items())\n",
        "    found = ([candidate_of(Person.objects.get(pk=pk), day)] for pk in roles)\n",
        ("tests/approvals/test_confirming.py",),
    ),
    Fault(
        "an emergency is signed off without being ratified",
        "approvals/closing.py",
        "        ratify(locked, person, role, note=note, by=by, at=at)\n",
        "",
        (EMERGENCY,),
    ),
    Fault(
        "an emergency is ratified without a reason",
        "approvals/unapproved.py",
        '    if not note.strip():\n        raise Incomplete([_("why it was right',
        '    if False:\n        raise Incomplete([_("why it was right',
        (EMERGENCY,),
    ),
    Fault(
        "what is ratified is the plan as it was at the start, not as it was completed",
        "approvals/unapproved.py",
        "    revision = newest_revision(operation)\n    if not operation.was_unapproved",
        '    revision = operation.revisions.order_by("number").first()\n    if not operation.was_unapproved',
        (EMERGENCY,),
    ),
    Fault(
        "a plan is ratified whose stored bytes are others than its digest says",
        "approvals/unapproved.py",
        "    freezing.check_bytes(revision)\n",
        "",
        (EMERGENCY, EMERGENCY_ATTACKS),
    ),
    Fault(
        "that an emergency was one can be wiped out of the database",
        "approvals/trail.py",
        "    yield from _unapproved()\n",
        "",
        (EMERGENCY_ATTACKS,),
    ),
    Fault(
        "a token approves",
        "opsrecords/by_token.py",
        '    "api_records": (*READS, "POST"),',
        '    "api_records": (*READS, "POST"),\n    "decide": ("POST",),',
        (TOKENS,),
    ),
    Fault(
        "a token signs as operator",
        "opsrecords/by_token.py",
        '    "api_records": (*READS, "POST"),',
        '    "api_records": (*READS, "POST"),\n    "sign": ("POST",),',
        (TOKENS,),
    ),
    Fault(
        "a token outlives the password it was made under",
        "records/tokens.py",
        "if token.person.opens_still]",
        "]",
        (TOKENS,),
    ),
    Fault(
        "a password that is changed while a token is made leaves the token behind",
        "records/tokens.py",
        "        if owner.password != confirmed.password:",
        "        if False:",
        (TOKENS,),
    ),
    Fault(
        "a token outlives its person's account",
        "records/tokens.py",
        "    if token is None or not token.person.is_active:",
        "    if token is None:",
        (TOKENS,),
    ),
    Fault(
        "a token outlives its person's role",
        "records/rights.py",
        "RoleHolding.objects.filter(holding_on(day), person=person, role=Role.AUDITOR)",
        "RoleHolding.objects.filter(person=person, role=Role.AUDITOR)",
        (TOKENS,),
    ),
    Fault(
        "a token lists every record there is",
        "records/views/api.py",
        "visible_to(token.person)",
        "Operation.objects.all()",
        (TOKENS,),
    ),
    Fault(
        "a token opens what the session beside it opens",
        "opsrecords/by_token.py",
        "        request.token, request.user = token, token.person",
        "        request.token = token",
        (TOKENS,),
    ),
    Fault(
        "a record comes in by a token in another's name",
        "records/tokens.py",
        "author=token.person, at=at)",
        'author=Person.objects.filter(is_active=True).order_by("pk")[0], at=at)',
        (TOKENS,),
    ),
    Fault(
        "what a token brings in is not told in the trail",
        "records/tokens.py",
        '    audit.record("token_used", operation=operation,',
        "    _ = dict(operation=operation,",
        (TOKENS,),
    ),
    Fault(
        "a text that has no place any more is answered as saved",
        "records/writing/saving.py",
        "        raise NoPlace(lost)\n",
        "        lost.clear()\n",
        ("tests/records/writing/test_saving.py",),
    ),
    Fault(
        "whose words a button brings into the plan is not asked",
        "records/writing/saving.py",
        "writers_beside_plan(section.operation, planned)",
        "set()",
        ("tests/records/library/test_versions.py",),
    ),
    Fault(
        "a section that was cut is not asked for",
        "records/writing/readiness.py",
        '[*found, *sections_gone(present, outline, level)] if "plan" in wanted else found',
        "found",
        ("tests/records/writing/test_what_is_lacking.py",),
    ),
    Fault(
        "a list of which no row is left is not asked for",
        "records/writing/readiness.py",
        "    lists = lists_to_fill(section, outline, level)\n",
        "    lists = ()\n",
        ("tests/records/writing/test_what_is_lacking.py",),
    ),
    Fault(
        "sections in another order are no difference",
        "records/document/differences.py",
        "if orders := order_of_sections(before, after):",
        "if orders := None:",
        ("tests/records/document/test_differences.py", "tests/approvals/test_bases.py"),
    ),
)


def fits(fault: Fault, tree: Path = ROOT) -> bool:
    """Whether what the fault changes still stands in the code, once."""
    return (tree / fault.file).read_text().count(fault.old) == 1


def copied(to: Path) -> Path:
    """The files of the repository, at ``to``."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    return to


def is_found(fault: Fault, tree: Path) -> bool:
    """Whether a test of those that should notice goes red with ``fault`` in ``tree``, a copy of the repository."""
    file = tree / fault.file
    sound = file.read_text()
    file.write_text(sound.replace(fault.old, fault.new))
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *fault.noticed_by]
        own = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_DATA_DIR", "PYTEST_"))}
        ran = subprocess.run(command, cwd=tree, env=own, capture_output=True, text=True)
    finally:
        file.write_text(sound)
    # 1: tests ran and failed. Anything else, such as a tree that can't be imported, proves nothing.
    return ran.returncode == 1 and " error" not in ran.stdout.splitlines()[-1]


def main(names: list[str]) -> int:
    """How many faults were planted and not found."""
    wanted = [fault for fault in FAULTS if not names or fault.name in names]
    lost = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder))
        for fault in wanted:
            found = is_found(fault, tree)
            lost += not found
            print(f"{'found' if found else 'NOT FOUND'}: {fault.name}", flush=True)
    return lost


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
