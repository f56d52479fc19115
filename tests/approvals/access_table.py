"""Every address, who asks, and what they are answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from records.models import Delivery, Operation, Person, TemplateDraft

WHO = ("anonymous", "stranger", "author", "supervisor", "auditor", "administrator")
# Name (with the act), method: the answers to WHO for a draft, and for a record in review. Where there is no second
# half, the state of a record makes no difference.
TABLE = """
login               get   200 200 200 200 200 200
login               post  200 200 200 200 200 200
logout              post  302 302 302 302 302 302
signed_in           get   200 200 200 200 200 200
home                get   302 200 200 200 200 200
decisions           get   302 200 200 200 200 200
delegations         get   302 200 200 200 200 200
delegations         post  302 400 400 400 400 400
tokens              get   302 200 200 200 200 200
tokens              post  302 400 400 400 400 400
api_records         get   401 401 401 401 401 401
api_records         post  401 401 401 401 401 401
rules               get   302 200 200 200 200 200
verify              get   302 200 200 200 200 200
verify              post  302 400 400 400 400 400
bundle              get   302 404 409 409 409 404  302 200 200 200 200 200
health_live         get   200 200 200 200 200 200
health_ready        get   200 200 200 200 200 200
metrics             get   404 404 404 404 404 404
help                get   302 200 200 200 200 200
account             get   302 200 200 200 200 200
account             post  302 400 400 400 400 400
admin_password      get   302 302 302 302 302 302
account_password    get   302 200 200 200 200 200
account_password    post  302 400 400 400 400 400
calendar            get   302 200 200 200 200 200
calendar_renew      post  302 302 302 302 302 302
calendar_feed       get   404 404 404 404 404 404
inbox               get   302 200 200 200 200 200
inbox               post  302 400 400 400 400 400
deliveries          get   302 200 200 200 200 200
deliveries_again    post  302 403 403 403 403 400
delivery_again      post  302 403 403 403 403 404  302 403 403 403 403 302
audit               get   302 403 403 403 200 200
audit_csv           get   302 403 403 403 200 200
template_list       get   302 200 200 200 200 200
template            get   302 200 200 200 200 200
template_download   get   302 200 200 200 200 200
template_settings   get   302 200 200 200 200 200
template_changes    get   302 302 302 302 302 302
template_new        get   302 200 200 200 200 200
template_new        post  302 400 400 400 400 400
template_draft      get   302 200 200 200 200 200
template_draft      post  302 403 400 403 403 403
template_draft_settings  get   302 200 200 200 200 200
template_draft_settings  post  302 403 400 403 403 403
template_draft_changes   get   302 200 200 200 200 200
publish             get   302 200 200 200 200 200
publish             post  302 400 400 400 400 400
finalized_zip       get   302 200 200 200 200 200
record_list         get   302 200 200 200 200 200
record_new          get   302 200 200 200 200 200
record_new          post  302 200 200 200 200 200
record_read         post  302 400 400 400 400 400
record_bring_in     post  302 400 400 400 400 400
past_records        get   302 200 200 200 200 200
past_records        post  302 400 400 400 400 400
past_bring_in       post  302 400 400 400 400 400
clone_search        get   302 200 200 200 200 200
record_clone        get   302 404 200 200 200 404  302 200 200 200 200 200
record_clone        post  302 404 400 400 400 404  302 400 400 400 400 400
record              get   302 404 200 200 200 404  302 200 200 200 200 200
record_template     get   302 404 200 403 403 404  302 403 403 403 403 403
record_template     post  302 404 404 403 403 404  302 403 403 403 403 403
record_archive      get   302 404 200 200 403 404  302 403 200 200 403 200
record_archive      post  302 404 409 409 403 404  302 403 409 409 403 409
record_people       get   302 404 200 403 403 404  302 403 200 403 403 403
record_people       post  302 404 302 403 403 404  302 403 302 403 403 403
record_markdown     get   302 404 200 200 200 404  302 200 200 200 200 200
record_download     get   302 404 200 200 200 404  302 200 200 200 200 200
record_json         get   302 404 200 200 200 404  302 200 200 200 200 200
record_log          get   302 404 409 409 409 404  302 409 409 409 409 409
record_print        get   302 404 200 200 200 404  302 200 200 200 200 200
by_reference        get   302 404 302 302 302 404  302 302 302 302 302 302
section             get   302 404 200 200 200 404  302 200 200 200 200 200
section             post  302 404 303 403 403 404  302 403 303 403 403 403
section_paste       get   302 404 200 403 403 404  302 403 200 403 403 403
section_paste       post  302 404 400 403 403 404  302 403 400 403 403 403
section_presence    post  302 404 200 403 403 404  302 403 200 403 403 403
section_preview     post  302 404 200 200 200 404  302 200 200 200 200 200
check               get   302 404 200 403 403 404  302 403 302 403 403 403
check               post  302 404 302 403 403 404  302 403 302 403 403 403
history             get   302 404 200 200 200 404  302 200 200 200 200 200
restore             post  302 404 403 403 403 404  302 403 403 403 403 403
review              get   302 404 409 409 409 404  302 200 200 200 200 200
comments            get   302 404 200 200 200 404  302 200 200 200 200 200
comments            post  302 404 403 403 403 404  302 403 403 403 403 403
comment             post  302 404 409 409 409 404  302 409 409 409 409 409
viewed              post  302 404 409 409 409 404  302 409 409 409 409 409
revision_text       get   302 404 404 404 404 404  302 200 200 200 200 200
decide              post  302 404 409 409 409 404  302 400 400 400 400 400
act:withdraw        post  302 404 409 403 403 404  302 403 302 403 403 403
act:take-back       post  302 404 403 403 403 404  302 403 403 403 403 403
amend               get   302 404 409 403 403 404  302 403 409 403 403 403
amend               post  302 404 409 403 403 404  302 403 409 403 403 403
addendum            get   302 404 404 404 404 404  302 404 404 404 404 404
addendum            post  302 404 404 404 404 404  302 404 404 404 404 404
change_plan         get   302 404 409 403 403 404  302 403 409 403 403 403
change_plan         post  302 404 409 403 403 404  302 403 409 403 403 403
afterwards          get   302 404 200 403 403 404  302 403 409 403 403 403
afterwards          post  302 404 400 403 403 404  302 403 409 403 403 403
emergency_new       get   302 200 200 200 200 200
emergency_new       post  302 400 400 400 400 400
emergency           get   302 404 403 403 403 404  302 403 403 403 403 403
emergency           post  302 404 403 403 403 404  302 403 403 403 403 403
complete_plan       get   302 404 409 403 403 404  302 403 409 403 403 403
complete_plan       post  302 404 409 403 403 404  302 403 409 403 403 403
reschedule          get   302 404 409 403 403 404  302 403 409 403 403 403
reschedule          post  302 404 409 403 403 404  302 403 409 403 403 403
act:cancel          post  302 404 302 302 403 404  302 403 302 302 403 403
run                 get   302 404 409 409 409 404  302 409 409 409 409 409
run                 post  302 404 409 409 409 404  302 409 409 409 409 409
bring_evidence      post  302 404 403 403 403 404  302 403 403 403 403 403
evidence            get   302 404 404 404 404 404  302 404 404 404 404 404
rollback            get   302 404 409 409 409 404  302 409 409 409 409 409
rollback            post  302 404 409 409 409 404  302 409 409 409 409 409
close               get   302 404 200 200 200 404  302 200 200 200 200 200
close               post  302 404 403 409 403 404  302 403 403 409 403 403
window              get   302 404 409 409 409 404  302 409 409 409 409 409
window              post  302 404 409 409 409 404  302 409 409 409 409 409
sign                get   302 404 403 403 403 404  302 403 403 403 403 403
sign                post  302 404 403 403 403 404  302 403 403 403 403 403
sign_off            get   302 404 409 409 409 404  302 409 409 409 409 409
sign_off            post  302 404 409 409 409 404  302 409 409 409 409 409
"""
# Where somebody writes: what nobody's browser sends there goes along with the sign-in, instead of a redirect. Scripts,
# and whatever else doesn't say that it takes HTML, are answered as the table says.
GOES_ALONG = """
account template_new template_draft template_draft_settings publish record_new record_read record_bring_in record_clone
section section_paste check comments comment decide act:withdraw act:take-back act:cancel amend addendum afterwards
emergency_new emergency complete_plan reschedule run rollback bring_evidence close window sign sign_off
"""
Row = tuple[str, str, list[int], list[int]]


def rows() -> list[Row]:
    found = []
    for line in TABLE.strip().splitlines():
        name, method, *answers = line.split()
        found.append((name, method, [int(one) for one in answers[:6]], [int(one) for one in answers[6:]]))
    return found


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every address of ours; the administrator's pages have tests of their own."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif not pattern.namespace:
            yield from patterns(pattern)


def address(name: str, operation: Operation) -> str:
    """The address of a row, about ``operation``."""
    name, _, act = name.partition(":")
    of_record = {"pk": operation.pk, "key": "infrastructure-operation-steps", "number": 1, "rest": "review/"}
    known: dict[str, Any] = of_record | {"reference": operation.operation_id, "act": act, "token": "1-0:forged"}
    pattern = next(one for one in patterns(get_resolver()) if one.name == name)
    wanted = [a or b for a, b in re.findall(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>", str(pattern.pattern))]
    if "records/" not in str(pattern.pattern):
        mail = Delivery.objects.values_list("pk", flat=True).first() or 1
        known["pk"] = mail if name == "delivery_again" else operation.template_id
    if "drafts/" in str(pattern.pattern):
        known["pk"] = TemplateDraft.objects.get().pk
    return reverse(name, kwargs={key: known[key] for key in dict.fromkeys(wanted)})


def signed_in(person: Person | None) -> Client:
    """The browser of somebody, or of nobody."""
    client = Client()
    if person:
        client.force_login(person)
    return client


def answer(client: Client, method: str, url: str, data: dict[str, str] | None = None, **headers: str) -> int:
    """The status, and nothing stays changed: neither here nor in the browser."""
    cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    with transaction.atomic():
        status = getattr(client, method)(url, data or {}, headers=headers).status_code
        transaction.set_rollback(True)
    client.cookies = cookies
    return int(status)
