"""The administrator's page for webhooks. A secret is shown while it is made, and never again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opsrecords.deliveries.failures import Undeliverable
from opsrecords.deliveries.guarded import refuse_address
from records.admin import ForAdministrators
from records.models import Person, WebhookTarget
from records.outbox import Event
from records.refusals import Unusable
from records.webhooks import key_in, new_secret, try_target

if TYPE_CHECKING:
    TargetBase = admin.ModelAdmin[WebhookTarget]
    TargetFormBase = forms.ModelForm[WebhookTarget]
else:
    TargetBase, TargetFormBase = admin.ModelAdmin, forms.ModelForm


class TargetForm(TargetFormBase):
    """Name, address, secret, what is sent and for which events."""

    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=Event.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: every one of them."),
    )
    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        required=False,
        help_text=gettext_lazy("Give it to the receiving side now: it isn't shown again. Left empty, it stays."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 60}),
    )

    class Meta:
        model = WebhookTarget
        fields = ("name", "url", "secret", "body", "events", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = self.instance.secret
        self.initial["secret"] = "" if self.kept else new_secret()

    def clean_url(self) -> str:
        """An address that may be written to, as far as it can be told beforehand."""
        url = str(self.cleaned_data["url"])
        try:
            refuse_address(url)
        except (Unusable, Undeliverable) as error:
            raise forms.ValidationError(str(error)) from error
        return url

    def clean_secret(self) -> str:
        """The new secret, or the one it has."""
        secret = str(self.cleaned_data["secret"]) or self.kept
        try:
            key_in(secret)
        except Unusable as error:
            raise forms.ValidationError(str(error)) from error
        return secret


@admin.register(WebhookTarget)
class WebhookTargetAdmin(ForAdministrators, TargetBase):
    """Programs that are told what happens. One that isn't needed any more is switched off."""

    form = TargetForm
    list_display = ("name", "url", "body", "is_active")
    actions = ("send_test",)

    @admin.action(description=gettext_lazy("Send a test message"))
    def send_test(self, request: HttpRequest, targets: models.QuerySet[WebhookTarget]) -> None:
        """A message to each of the chosen, which says that it is a test."""
        assert isinstance(request.user, Person)
        for target in targets:
            try_target(target, by=request.user)
        messages.success(request, _("Queued. What became of it stands under Deliveries."))
