"""An archive of Markdown files from elsewhere: looked through, then brought in as records of the past."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from records.forms.new_record import ArchiveBackForm, ArchiveForm
from records.signed_in import person_of
from records.transfer.past_records import Past, bring_in_past, look_through
from records.views.new_record import new_context


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def past_records(request: HttpRequest) -> HttpResponse:
    """Choose an archive; what is in it is shown, and nothing is stored yet."""
    if request.method != "POST":
        return _page(request, ArchiveForm())
    form = ArchiveForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=400)
    found = look_through(form.cleaned_data["files"], form.cleaned_data["template"])
    back = ArchiveBackForm(initial={"content": form.cleaned_data["content"], "template": form.cleaned_data["template"]})
    return _page(request, form, found, back)


@login_required
@require_POST
def past_bring_in(request: HttpRequest) -> HttpResponse:
    """Bring in what was shown."""
    person = person_of(request)
    back = ArchiveBackForm(request.POST)
    if not back.is_valid():
        form = ArchiveForm()
        problem = str(next(iter(back.errors.values()))[0])
        return _page(request, form, problems=[("#id_archive", problem)], status=400)
    files, template = back.cleaned_data["files"], back.cleaned_data["template"]
    found = bring_in_past(files, template, author=person, at=timezone.now())
    return _page(request, ArchiveForm(), found, done=True)


def _page(
    request: HttpRequest,
    form: ArchiveForm,
    found: list[Past] | None = None,
    back: ArchiveBackForm | None = None,
    *,
    done: bool = False,
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = new_context(
        crumb=_("Records of the past"),
        form=form,
        found=found or [],
        back=back,
        done=done,
        fine=sum(not one.problem for one in found or []),
        misread=sum(one.is_misread for one in found or []),
        problems=problems or [],
    )
    return render(request, "records/past_records.html", context, status=status)
