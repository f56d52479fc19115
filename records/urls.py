"""Addresses of the app."""

from django.urls import URLPattern, path, re_path

from records.views.api import api_records
from records.views.archive import record_archive
from records.views.audit_page import audit, audit_csv
from records.views.calendar import calendar, calendar_feed, calendar_renew
from records.views.clone import clone_search, record_clone
from records.views.deliveries import deliveries, deliveries_again, delivery_again
from records.views.evidence import bring_evidence, evidence
from records.views.history import history, restore
from records.views.inbox import inbox
from records.views.leaving import by_reference, finalized_zip
from records.views.markdown_pages import record_download, record_json, record_log, record_markdown, record_print
from records.views.new_record import record_new
from records.views.overview import record
from records.views.own_account import account, account_password
from records.views.past_records import past_bring_in, past_records
from records.views.paste_steps import section_paste
from records.views.record_list import record_list
from records.views.record_people import record_people
from records.views.record_template import record_template
from records.views.run import rollback, run
from records.views.section import section, section_preview
from records.views.section_live import section_presence
from records.views.template_changes import template_changes, template_draft_changes
from records.views.template_drafts import template_draft, template_new
from records.views.template_settings_page import template_draft_settings
from records.views.templates import template, template_download, template_list, template_settings
from records.views.tokens import tokens
from records.views.what_came import record_bring_in, record_read

urlpatterns: list[URLPattern] = [
    path("records/", record_list, name="record_list"),
    path("records/new/", record_new, name="record_new"),
    path("records/new/text/", record_read, name="record_read"),
    path("records/new/bring-in/", record_bring_in, name="record_bring_in"),
    path("records/new/past/", past_records, name="past_records"),
    path("records/new/past/bring-in/", past_bring_in, name="past_bring_in"),
    path("records/new/clone/", clone_search, name="clone_search"),
    path("records/<int:pk>/", record, name="record"),
    path("records/<int:pk>/sections/<str:key>/", section, name="section"),
    path("records/<int:pk>/sections/<str:key>/paste/", section_paste, name="section_paste"),
    path("records/<int:pk>/sections/<str:key>/preview/", section_preview, name="section_preview"),
    path("records/<int:pk>/sections/<str:key>/presence/", section_presence, name="section_presence"),
    path("records/<int:pk>/clone/", record_clone, name="record_clone"),
    path("records/<int:pk>/template/", record_template, name="record_template"),
    path("records/<int:pk>/archive/", record_archive, name="record_archive"),
    path("records/<int:pk>/people/", record_people, name="record_people"),
    path("records/<int:pk>/markdown/", record_markdown, name="record_markdown"),
    path("records/<int:pk>/download.md", record_download, name="record_download"),
    path("records/<int:pk>/record.json", record_json, name="record_json"),
    path("records/<int:pk>/log.md", record_log, name="record_log"),
    path("records/<int:pk>/print/", record_print, name="record_print"),
    path("records/<int:pk>/run/", run, name="run"),
    path("records/<int:pk>/evidence/", bring_evidence, name="bring_evidence"),
    path("records/<int:pk>/evidence/<int:number>/", evidence, name="evidence"),
    path("records/<int:pk>/rollback/", rollback, name="rollback"),
    path("records/finalized.zip", finalized_zip, name="finalized_zip"),
    path("records/<int:pk>/history/", history, name="history"),
    path("records/<int:pk>/history/restore/", restore, name="restore"),
    path("templates/", template_list, name="template_list"),
    path("templates/new/", template_new, name="template_new"),
    path("templates/<int:pk>/", template, name="template"),
    path("templates/<int:pk>.md", template_download, name="template_download"),
    path("templates/<int:pk>.toml", template_settings, name="template_settings"),
    path("templates/drafts/<int:pk>/", template_draft, name="template_draft"),
    path("templates/<int:pk>/changes/", template_changes, name="template_changes"),
    path("templates/drafts/<int:pk>/changes/", template_draft_changes, name="template_draft_changes"),
    path("templates/drafts/<int:pk>/settings/", template_draft_settings, name="template_draft_settings"),
    path("account/", account, name="account"),
    path("account/password/", account_password, name="account_password"),
    path("calendar/", calendar, name="calendar"),
    path("calendar/renew/", calendar_renew, name="calendar_renew"),
    path("calendar/<str:token>.ics", calendar_feed, name="calendar_feed"),
    path("inbox/", inbox, name="inbox"),
    path("account/tokens/", tokens, name="tokens"),
    path("api/records/", api_records, name="api_records"),
    path("deliveries/", deliveries, name="deliveries"),
    path("deliveries/again/", deliveries_again, name="deliveries_again"),
    path("deliveries/<int:pk>/again/", delivery_again, name="delivery_again"),
    path("audit/", audit, name="audit"),
    path("audit/trail.csv", audit_csv, name="audit_csv"),
    # Last: a record's pages by its operation ID, as mails name them.
    re_path(
        r"^records/(?P<reference>(?:[A-Za-z][A-Za-z0-9]*-)*[0-9]{4}-[0-9a-z-]{1,75})/(?P<rest>.*)$",
        by_reference,
        name="by_reference",
    ),
]
