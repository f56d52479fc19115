"""Every act of deciding, in one place to import from: who submits, who decides, who signs."""

from approvals.afterwards import record_afterwards
from approvals.amending import amend, sign_off_addendum, turn_down_addendum
from approvals.closing import sign_as_operator, sign_off
from approvals.commenting import answer, change_comment, comment, delete_comment, reopen, send_comments, settle
from approvals.deciding import approve, ask_for_changes, reject, take_back_approval
from approvals.emergency import complete_plan, emergency_start
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
    "delete_comment",
    "emergency_start",
    "mark_viewed",
    "record_afterwards",
    "reject",
    "reopen",
    "reschedule",
    "send_comments",
    "settle",
    "sign_as_operator",
    "sign_off",
    "sign_off_addendum",
    "submit",
    "take_back_approval",
    "turn_down_addendum",
    "withdraw",
]
