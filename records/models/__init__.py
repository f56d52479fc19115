"""What a record is, as rows."""

from records.models.addendum import Addendum
from records.models.audit import AuditEntry, AuditHead
from records.models.delivery import Delivery, DeliveryState
from records.models.evidence import Evidence
from records.models.freeze_window import FreezeWindow
from records.models.log import LogEntry
from records.models.operation import Operation
from records.models.person import SUPERVISING, Person, Role, RoleHolding, Theme, holding_on
from records.models.press import Press
from records.models.revision import FinalText, Revision
from records.models.risk import Risk
from records.models.rollback import RecoveryValidation, RollbackPlan, RollbackTrigger
from records.models.section import FieldChange, Section, SectionPresence
from records.models.states import Outcome, State, StepStatus
from records.models.template import OperationTemplate, Outline, TemplateDraft, digest_of, outline_of
from records.models.token import ApiToken
from records.models.verification import Check, Metric
from records.models.webhook import WebhookBody, WebhookTarget
from records.models.work import Phase, Step

__all__ = [
    "SUPERVISING",
    "Addendum",
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Check",
    "Delivery",
    "DeliveryState",
    "Evidence",
    "FieldChange",
    "FinalText",
    "FreezeWindow",
    "LogEntry",
    "Metric",
    "Operation",
    "OperationTemplate",
    "Outcome",
    "Outline",
    "Person",
    "Phase",
    "Press",
    "RecoveryValidation",
    "Revision",
    "Risk",
    "Role",
    "RoleHolding",
    "RollbackPlan",
    "RollbackTrigger",
    "Section",
    "SectionPresence",
    "State",
    "Step",
    "StepStatus",
    "TemplateDraft",
    "Theme",
    "WebhookBody",
    "WebhookTarget",
    "digest_of",
    "holding_on",
    "outline_of",
]
