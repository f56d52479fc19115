"""Twenty thousand hostile posts: answered in words and soon, the text still in the form, the record readable."""

from __future__ import annotations

import io
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from records.content.assembly import document_of
from records.document.read import read_record
from records.document.write import write
from records.library.template_drafts import begin_template
from records.models import Operation, OperationTemplate
from tests import make, proofs
from tests.browserless import Page, look
from tests.people import Cast
from tests.records.document.hostile import SAMPLES, answer, changed, form, json_text, piece, text, toml

STEPS = "infrastructure-operation-steps"
BLOCK = f"{STEPS}/phase-2-migration-execution-hh-mm-hh-mm/steps"
PARTS, POSTS = 20, 1_000
SECONDS = 2.0
Post = tuple[str, list[tuple[str, Any]]]


class Posts:
    """What is posted where, each drawn after a number, and whether the answer was one."""

    def __init__(self, cast: Cast, template: OperationTemplate) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(cast.mara)
        self.record = make.make_draft(cast, template)
        self.draft = begin_template(text=template.text, toml=template.toml, by=cast.mara)
        self.sections = list(self.record.sections.values_list("key", flat=True))
        self.forms: dict[str, dict[str, str]] = {}
        self.drawn: list[Callable[[Random], Post]] = [
            *[self.section] * 6, self.paste, self.preview, self.settings, self.template, self.source, self.read,
            self.bring_in, self.archive, self.new, self.people, self.json,
        ]  # fmt: skip

    def _form(self, address: str) -> dict[str, str]:
        if address not in self.forms:
            forms = look(self.client, address).parsed.forms.values()
            self.forms[address] = dict(max(forms, key=len))
        return dict(self.forms[address])

    def section(self, rng: Random) -> Post:
        key = rng.choice(self.sections)
        address = f"/records/{self.record.pk}/sections/{key}/"
        act = rng.choice(["save", "exit", "live", "x\0", *self.sections])
        return address, [*form(rng, self._form(address), [f"{key}.phases", "version"]), ("act", act)]

    def paste(self, rng: Random) -> Post:
        key = rng.choice([*self.sections, *[STEPS] * 9])
        fields = [
            ("text", answer(rng)),
            ("to", rng.choice([BLOCK, BLOCK, answer(rng)])),
            ("do", rng.choice(["look", "add"])),
        ]
        return f"/records/{self.record.pk}/sections/{key}/paste/", fields

    def preview(self, rng: Random) -> Post:
        address, fields = self.section(rng)
        return f"{address}preview/", fields

    def settings(self, rng: Random) -> Post:
        address = f"/templates/drafts/{self.draft.pk}/settings/"
        return address, form(rng, self._form(address))

    def template(self, rng: Random) -> Post:
        own = "".join(
            changed(rng, line) if rng.random() < 0.05 else line for line in rng.choice(SAMPLES).splitlines(True)
        )
        fields: list[tuple[str, Any]] = [("text", rng.choice([own, answer(rng)])), ("toml", toml(rng))]
        return "/templates/new/", [
            *fields,
            *self._files(rng, "file", "toml_file"),
            ("base", rng.choice(["", answer(rng)])),
        ]

    def source(self, rng: Random) -> Post:
        _address, fields = self.template(rng)
        return f"/templates/drafts/{self.draft.pk}/", [*fields[:-1], ("seen", answer(rng))]

    def read(self, rng: Random) -> Post:
        fields = [("text", rng.choice([text(rng), json_text(rng)])), ("template", rng.choice(["", answer(rng)]))]
        return "/records/new/text/", [*fields, *self._files(rng, "file")]

    def bring_in(self, rng: Random) -> Post:
        fields = [("content", answer(rng)), ("template", rng.choice(["", answer(rng)])), ("repair", answer(rng))]
        return "/records/new/bring-in/", [*fields, *([("again", "")] if rng.random() < 0.3 else [])]

    def archive(self, rng: Random) -> Post:
        if rng.random() < 0.3:
            return "/records/new/past/bring-in/", [("content", answer(rng)), ("template", answer(rng))]
        return "/records/new/past/", [("archive", SimpleUploadedFile("a.zip", _zip(rng))), ("template", "")]

    def new(self, rng: Random) -> Post:
        address = f"/records/new/?template={self.record.template_id}"
        return address, form(rng, self._form(address))

    def people(self, rng: Random) -> Post:
        return f"/records/{self.record.pk}/people/", [(name, answer(rng)) for name in ("co_authors", "team", "do")]

    def json(self, rng: Random) -> Post:
        value = self.client.get(f"/records/{self.record.pk}/record.json").content.decode()
        at = rng.randrange(len(value))
        spoiled = value[:at] + rng.choice(["", json_text(rng), piece(rng)]) + value[at + rng.randint(0, 80) :]
        return "/records/new/text/", [("text", spoiled), ("template", "")]

    def _files(self, rng: Random, *names: str) -> list[tuple[str, Any]]:
        return [(name, SimpleUploadedFile("../x\r\ny", _bytes(rng))) for name in names if rng.random() < 0.2]

    def put(self, number: str) -> str:
        """Post what is drawn after ``number`` and look at the answer; what was posted and how it was answered."""
        rng = Random(number)
        act = rng.choice(self.drawn)
        address, fields = act(rng)
        with transaction.atomic():
            began = time.process_time()
            answered = self.client.post(address, _posted(fields))
            took = time.process_time() - began
            assert answered.status_code < 500, f"{number}: {answered.status_code} by {act.__name__}"
            assert took < SECONDS, f"{number}: {took:.1f} s by {act.__name__}"
            record = Operation.objects.get(pk=self.record.pk)
            assert record.template is not None
            own = write(document_of(record))
            assert write(read_record(own, record.template.outline.document)) == own, number
            self._still_there(number, act.__name__, fields, answered)
            transaction.set_rollback(True)
        return f"{act.__name__}: {answered.status_code}"

    def _still_there(self, number: str, name: str, fields: list[tuple[str, Any]], answered: Any) -> None:
        """The person's own text, where a form refused it; a file that was sent with it goes before it."""
        if answered.status_code != 400 or any(isinstance(value, SimpleUploadedFile) for _key, value in fields):
            return
        parsed = Page(self.client, answered, "/").parsed.forms.values()
        shown = {_plain(value) for one in parsed for _name, value in one}
        for key, value in dict(fields).items():
            if name in ("paste", "template", "source", "read") and key in ("text", "toml") and value.isprintable():
                assert _plain(value) in shown, f"{number}: {key} of {name} is gone"


def _plain(value: str) -> str:
    """``value`` up to line ends and blanks around it."""
    return "\n".join(value.split("\r\n")).replace("\r", "\n").strip()


def _posted(fields: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    """The fields as the test client takes them; halves of characters come as a browser can't send them."""
    posted: dict[str, list[Any]] = {}
    for name, value in fields:
        own = value if isinstance(value, SimpleUploadedFile) else value.encode("utf-8", "surrogatepass")
        posted.setdefault(name, []).append(own)
    return posted


def _bytes(rng: Random) -> bytes:
    own = answer(rng).encode(rng.choice(["utf-8", "utf-8", "utf-16", "utf-8-sig"]), "surrogatepass")
    return rng.choice([own, own[: rng.randint(0, len(own))], rng.randbytes(300), b"\xff\xfe" + own])


def _zip(rng: Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for _ in range(rng.randint(0, 4)):
            name = rng.choice(
                ["a.md", "../a.md", "/etc/a.md", "a/b.md", "a.json", "\u202ea.md", "x" * 300 + ".md", "/"]
            )
            own = b"a\n" * 3_000_000 if rng.random() < 0.02 else _bytes(rng)
            with warnings.catch_warnings():  # the same name twice
                warnings.simplefilter("ignore")
                packed.writestr(name, own)
    own = out.getvalue()
    at = rng.randrange(len(own))
    return rng.choice([own, own[:at], own[:at] + rng.randbytes(4) + own[at + 4 :]])


def put(cast: Cast, template: OperationTemplate, number: int, most: int) -> Counter[str]:
    """Post ``most`` forms drawn after ``number``; how many of each kind had which answer."""
    posts = Posts(cast, template)
    return Counter(posts.put(f"{number}/{at}") for at in range(most))


def test_hostile_posts_are_answered_in_words_and_soon(cast: Cast, template: OperationTemplate) -> None:
    counted = put(cast, template, -1, 30)
    assert {name.rpartition(" ")[2] for name in counted} >= {"200", "400"}


@pytest.mark.long
@pytest.mark.parametrize("number", range(PARTS), ids="posts-{}".format)
def test_twenty_thousand_hostile_posts_are_answered_in_words_and_soon(
    request: pytest.FixtureRequest, cast: Cast, template: OperationTemplate, number: int
) -> None:
    code = ("records", "approvals", "tests/records/document")
    done = proofs.part(request, code, lambda: put(cast, template, number, POSTS), on=connection.vendor)
    assert done.total() == POSTS
