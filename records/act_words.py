"""What somebody did, in words that stand behind their name: of every act in the trail."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.life_cycle import Act

WORDS = {
    "create": gettext_lazy("started this record"),
    "import": gettext_lazy("brought this record in from Markdown"),
    "clone": gettext_lazy("cloned this record from an earlier one"),
    "write_plan": gettext_lazy("wrote in the plan"),
    "name_people": gettext_lazy("named the people"),
    "name_team": gettext_lazy("named the team"),
    "restore_revision": gettext_lazy("brought an earlier revision back"),
    "restore_field": gettext_lazy("brought an earlier text of a field back"),
    Act.SUBMIT: gettext_lazy("sent it for review"),
    Act.WITHDRAW: gettext_lazy("withdrew it from review"),
    Act.ASK_FOR_CHANGES: gettext_lazy("asked for changes"),
    Act.REJECT: gettext_lazy("rejected it"),
    Act.APPROVE: gettext_lazy("approved it"),
    "send_comments": gettext_lazy("sent comments"),
    "answer_comment": gettext_lazy("answered a comment"),
    "settle_comment": gettext_lazy("settled a comment"),
    "reopen_comment": gettext_lazy("opened a comment again"),
    Act.TAKE_BACK: gettext_lazy("took the approval back"),
    Act.CHANGE_PLAN: gettext_lazy("opened the plan again"),
    Act.RESCHEDULE: gettext_lazy("moved it to another date"),
    Act.CANCEL: gettext_lazy("cancelled it"),
    "tick_condition": gettext_lazy("ticked a start condition"),
    "ask_for_start": gettext_lazy("asked to start outside the window"),
    "allow_start": gettext_lazy("allowed the start"),
    Act.START: gettext_lazy("started the operation"),
    Act.EMERGENCY_START: gettext_lazy("started it as an emergency, which nobody approved"),
    Act.CALL_OFF: gettext_lazy("called it off"),
    Act.STOP_AT_PHASE_END: gettext_lazy("stopped at the end of a phase"),
    "confirm_window": gettext_lazy("confirmed the next window"),
    "go_on": gettext_lazy("went on after a stop"),
    "hand_over": gettext_lazy("handed the operation over"),
    "add_step": gettext_lazy("added a step that was not planned"),
    "witness_step": gettext_lazy("witnessed a step"),
    Act.ROLL_BACK: gettext_lazy("started to roll back"),
    Act.RECORD_AFTERWARDS: gettext_lazy("recorded it afterwards"),
    Act.FINISH_WORK: gettext_lazy("finished the work"),
    Act.COMPLETE_PLAN: gettext_lazy("completed the plan after the work"),
    Act.REOPEN_RUN: gettext_lazy("reopened the run"),
    Act.SIGN_AS_OPERATOR: gettext_lazy("signed it as operator"),
    "ratify": gettext_lazy("ratified what nobody approved beforehand"),
    Act.SIGN_OFF: gettext_lazy("signed it off"),
    Act.AMEND: gettext_lazy("wrote an addendum"),
    "sign_off_addendum": gettext_lazy("signed an addendum off"),
    "turn_down_addendum": gettext_lazy("turned an addendum down"),
    "start_step": gettext_lazy("began a step"),
    "finish_step": gettext_lazy("finished a step"),
    "skip_step": gettext_lazy("skipped a step"),
    "reopen_step": gettext_lazy("opened a step again"),
    "correct_times": gettext_lazy("corrected the times of a step"),
    "tick_check": gettext_lazy("ticked a check"),
    "untick_check": gettext_lazy("took the tick of a check back"),
    "skip_check": gettext_lazy("skipped a check"),
    "observe_check": gettext_lazy("observes a check for longer"),
    "measure": gettext_lazy("measured a value"),
    # Trails keep the names that acts once had.
    "take_over_values": gettext_lazy("took measured values over into the text"),
    "take_over": gettext_lazy("took over what was proposed for the text"),
    "note": gettext_lazy("noted"),
    "evidence": gettext_lazy("kept evidence"),
    "deviation": gettext_lazy("noted a deviation"),
    "problem": gettext_lazy("noted a problem"),
    "wait": gettext_lazy("noted a problem, and waits"),
    "solved": gettext_lazy("marked a problem as solved"),
    "approvalrule_added": gettext_lazy("set an approval rule"),
    "approvalrule_changed": gettext_lazy("changed an approval rule"),
    "approvalrule_deleted": gettext_lazy("took an approval rule away"),
    "freezewindow_added": gettext_lazy("set a freeze window"),
    "freezewindow_changed": gettext_lazy("changed a freeze window"),
    "delegate": gettext_lazy("let somebody decide for them"),
    "end_delegation": gettext_lazy("ended that somebody decides for another"),
    "name_changed": gettext_lazy("changed their name"),
    "password_changed": gettext_lazy("changed their password"),
    "wrong_password": gettext_lazy("entered a wrong password to sign"),
    "token_made": gettext_lazy("made a token for scripts"),
    "token_ended": gettext_lazy("ended a token for scripts"),
    "token_used": gettext_lazy("brought it in by a token"),
    "import_template": gettext_lazy("took a template in by the shell"),
    "begin_template": gettext_lazy("began a version of a template"),
    "change_template": gettext_lazy("changed a template's draft"),
    "offer_template": gettext_lazy("offered a template to be published"),
    "discard_template": gettext_lazy("threw a template's draft away"),
    "return_template": gettext_lazy("gave a template back to be changed"),
    "publish_template": gettext_lazy("published a template"),
    "move_to_version": gettext_lazy("moved it to another version of its template"),
    "restored": gettext_lazy("brought the site back from a backup: what was done after it is gone"),
    "archive": gettext_lazy("archived this record"),
    "bring_back": gettext_lazy("put this record back into the lists"),
    "mail_sent_again": gettext_lazy("had a mail sent again"),
    "mails_sent_again": gettext_lazy("had all sent again that didn't leave"),
}


def act_words(act: str) -> str:
    """The words for ``act``; a refused one is told as what it was to be, an unknown one by its name."""
    if act in WORDS:
        return str(WORDS[act])
    if act.endswith("_refused"):
        base = act.removesuffix("_refused")
        wanted = str(Act(base).label) if base in Act.values else base.replace("_", " ")
        return _("was refused to %(act)s") % {"act": wanted}
    return act.replace("_", " ")
