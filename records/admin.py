"""The administrator's pages: people, the roles they hold, templates to look at.

Nothing here makes or changes a decision, a revision, an audit entry or a record: they are not registered, and no page
writes them. Whoever administers is held to the same acts as everybody; what they change here stands in the trail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from records import audit, outbox, rights
from records.forms.since_shown import SHOWN, SinceShown
from records.models import FreezeWindow, OperationTemplate, Person, RoleHolding
from records.tokens import end_what_another_password_opened

if TYPE_CHECKING:
    FreezeBase = admin.ModelAdmin[FreezeWindow]
    HoldingBase = admin.ModelAdmin[RoleHolding]
    TemplateBase = admin.ModelAdmin[OperationTemplate]
    PersonBase = UserAdmin[Person]
else:
    FreezeBase = HoldingBase = TemplateBase = admin.ModelAdmin
    PersonBase = UserAdmin

admin.site.unregister(Group)  # roles are held from a date to a date, not by groups
admin.site.site_header = admin.site.site_title = _("People and rules")
admin.site.site_url = "/"


# What no trail says.
UNTOLD = frozenset({"secret", "url", "password", "password1", "password2", "usable_password"})


def administers(request: HttpRequest) -> bool:
    """Whether the person may manage people and rules: an administrator, or a superuser who sets a site up."""
    person = request.user
    if not isinstance(person, Person) or not person.is_active:
        return False
    return rights.administers(person)


class ForAdministrators:
    """The rights of a model's pages (administrators alone, nothing is deleted), and the trail of what they change."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administers(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administers(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """The address narrows a list by what the page offers, and asks for nothing else: a secret that is never shown
        could be guessed sign by sign, and a regular expression holds a database up.
        """
        return lookup in {f"{name}__exact" for name in self.list_filter}  # type: ignore[attr-defined]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The address fills in nothing: nobody links to a form that way, and what it says may be no value at all."""
        return {}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Of two who change the same row at once, who saves second is told what the first one wrote."""
        if obj is not None and self.has_change_permission(request, obj):
            own: Any = kwargs.get("form", self.form)  # type: ignore[attr-defined]
            kwargs["form"] = type(own)(own.__name__, (SinceShown, own), {"untold": UNTOLD})
        return super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or not self.has_change_permission(request, obj) or SHOWN in flatten_fieldsets(fieldsets):
            return fieldsets
        (name, first), *more = fieldsets
        return [(name, {**first, "fields": [*first["fields"], SHOWN]}), *more]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; locked while it is changed, so that it is compared with what it says when it is written."""
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if found is None or request.method != "POST" or not connection.in_atomic_block:
            return found
        return self.get_queryset(request).select_for_update(of=("self",), no_key=True).get(pk=found.pk)  # type: ignore[attr-defined]

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record("added", request, obj, message)
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record("changed", request, obj, message)
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """What was changed, for the trail also what it said before: that is told nowhere else once it is gone."""
        told = super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]
        names = () if add else [name for name in form.changed_data if name in form.fields and name not in UNTOLD]
        before = {name: str(form[name].initial or "") for name in names}
        return [*told, {"before": before}] if before else told

    def _record(self, done: str, request: HttpRequest, obj: models.Model, message: Any) -> None:
        assert isinstance(request.user, Person)
        with transaction.atomic():
            audit.record(
                f"{obj._meta.model_name}_{done}",
                operation=None,
                person=request.user,
                at=timezone.now(),
                row=obj.pk,
                called=str(obj),
                changes=message,
            )


@admin.register(Person)
class PersonAdmin(ForAdministrators, PersonBase):
    """Accounts. Who leaves is set inactive: names stay in what they decided."""

    list_display = ("name", "username", "email", "is_active", "away_until")
    list_filter = ("is_active",)
    search_fields = ("name", "username", "email")
    ordering = ("name",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "email", "phone", "time_zone", "away_until")}),
        (_("Account"), {"fields": ("is_active", "is_staff", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "email", "usable_password", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        """Whoever makes an account knows its password: nobody signs with it."""
        if not change:
            assert isinstance(request.user, Person)
            obj.password_set_by = request.user
        super().save_model(request, obj, form, change)
        if not change and obj.has_usable_password():
            _tell_account_made(obj, request.user)
        if change and "email" in form.changed_data and (before := form.initial.get("email")):
            _tell_address_changed(obj, before, request.user)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A password for somebody. They choose another before they sign anything, and see who set it."""
        assert isinstance(request.user, Person)
        with transaction.atomic():
            before = Person.objects.filter(pk=id).values_list("password", flat=True).first()
            response: HttpResponse = super().user_change_password(request, id, form_url)
            for person in Person.objects.filter(pk=id).exclude(password=before):
                Person.objects.filter(pk=person.pk).update(password_set_by=request.user)
                end_what_another_password_opened(person, by=request.user, at=timezone.now())
                _tell_password_set(person, request.user)
        return response


def _tell_account_made(person: Person, by: Any) -> None:
    """The first mail: by which name to sign in, and where the password comes from, which no mail holds."""
    todo = gettext(
        "Sign in as “%(name)s”. Whoever made the account tells you its first password; choose one of your own before "
        "you sign anything."
    )
    subject, at = gettext("An account was made for you"), timezone.now()
    words = todo % {"name": person.get_username()}
    outbox.put_about_account(subject, words, event="password_set", to=person, by=by, at=at)


def _tell_address_changed(person: Person, before: str, by: Any) -> None:
    """To where the person was written to so far: whoever set their password next would have read of it alone."""
    todo = gettext("What this site tells you goes elsewhere from now on. If you didn't ask for this, tell somebody.")
    subject, at = gettext("Your mail address was changed"), timezone.now()
    event = outbox.Event.PASSWORD_SET
    outbox.put_about_account(subject, todo, event=event, to=person, by=by, at=at, address=before)


def _tell_password_set(person: Person, by: Any) -> None:
    """Whoever didn't ask for it should hear of it at once."""
    todo = gettext(
        "Choose a password of your own before you sign anything. Tokens and the calendar address from before have "
        "ended. If you didn't ask for this, tell somebody."
    )
    subject, at = gettext("Your password was set"), timezone.now()
    outbox.put_about_account(subject, todo, event="password_set", to=person, by=by, at=at)


class PersonSelect(AutocompleteSelect):
    """Looks for people while one types. What was posted and can be nobody's number is left to the field to refuse."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        numbers = [one for one in value if str(one).isdecimal() and len(str(one)) < 19]
        return super().optgroups(name, numbers, attr)


@admin.register(RoleHolding)
class RoleHoldingAdmin(ForAdministrators, HoldingBase):
    """Who holds which role, from when until when. A role is ended by its date, so that its past can be told."""

    list_display = ("person", "role", "since", "until", "given_by")
    list_filter = ("role",)
    search_fields = ("person__name", "person__username")
    autocomplete_fields = ("person",)

    def get_readonly_fields(self, request: HttpRequest, obj: RoleHolding | None = None) -> tuple[str, ...]:
        """Of a holding that exists only its end can be changed."""
        return ("person", "role", "since", "given_by") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: RoleHolding | None = None) -> bool:
        """Nobody's own roles are theirs to keep up."""
        return administers(request) and (obj is None or obj.person_id != request.user.pk)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Nobody gives a role to themselves."""
        if db_field.name == "person":
            kwargs["queryset"] = Person.objects.exclude(pk=request.user.pk or 0)
            kwargs["widget"] = PersonSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: RoleHolding, form: Any, change: bool) -> None:
        """Who gave it stands with it."""
        if not change:
            assert isinstance(request.user, Person)
            obj.given_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(FreezeWindow)
class FreezeWindowAdmin(ForAdministrators, FreezeBase):
    """Times in which changes are to be avoided: the calendar shows them, and a plan that touches one is warned of.

    Nothing starts in a hard one.
    """

    list_display = ("name", "starts_at", "ends_at", "is_hard", "is_active")
    list_filter = ("is_active", "is_hard")
    search_fields = ("name",)


@admin.register(OperationTemplate)
class OperationTemplateAdmin(ForAdministrators, TemplateBase):
    """Templates, to look at: text and settings never change, a change is a new version."""

    list_display = ("name", "version", "added_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
