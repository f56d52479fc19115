"""Every act of deciding, in one place to import from: who submits, decides, signs, publishes, hands that on."""

from approvals.afterwards import record_afterwards
from approvals.amending import amend, sign_off_addendum, turn_down_addendum
from approvals.closing import sign_as_operator, sign_off
from approvals.commenting import answer, change_comment, comment, delete_comment, reopen, send_comments, settle
from approvals.confirming import confirm_window
from approvals.deciding import approve, ask_for_changes, reject, take_back_approval
from approvals.delegating import delegate, end_delegation
from approvals.emergency import complete_plan, emergency_start, start_from_nothing
from approvals.publishing import publish_template, return_template
from approvals.rescheduling import reschedule
from approvals.submitting import cancel, change_plan, submit, withdraw
from approvals.viewing import mark_viewed

__all__ = [
    "amend",
    "answer",
    "approve",
    "ask_for_changes",
    "cancel",
    "change_comment",
    "change_plan",
    "comment",
    "complete_plan",
    "confirm_window",
    "delegate",
    "delete_comment",
    "emergency_start",
    "end_delegation",
    "mark_viewed",
    "publish_template",
    "record_afterwards",
    "reject",
    "reopen",
    "reschedule",
    "return_template",
    "send_comments",
    "settle",
    "sign_as_operator",
    "sign_off",
    "sign_off_addendum",
    "start_from_nothing",
    "submit",
    "take_back_approval",
    "turn_down_addendum",
    "withdraw",
]
