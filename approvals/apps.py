"""The app of decisions."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Who decides, and how."""

    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand in what was decided, and who decides, which records show and verify without knowing the rule."""
        from approvals import deciders
        from approvals.decisions import given_on
        from approvals.eligibility import signing_off
        from approvals.places import follow
        from approvals.sending import open_in, unsettled, unsettled_in
        from approvals.threads import said_on
        from approvals.trail import first_untrue
        from records.audit import also_verify
        from records.decided import Deciding, told_by

        words = deciders.deciders_of, deciders.deciders_at, deciders.signed_words
        said = unsettled, unsettled_in, open_in
        who = deciders.is_approved, deciders.confirming, signing_off
        told_by(Deciding(given_on, *words, *who, *said, said_on, follow))
        also_verify(first_untrue)
