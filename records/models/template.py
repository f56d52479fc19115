"""Operations templates: a Markdown text, the settings beside it, a name and a version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from records.document.digest import sha256
from records.document.fields import table_of
from records.document.outline import Answer, Commands, Document, Group, Item, Row, Rows
from records.document.read import read_template
from records.document.shapes import asks_for_both, in_capitals
from records.document.template_guesses import completed
from records.document.template_settings import Due, TemplateSettings, parse_settings
from records.refusals import Unusable


@dataclass(frozen=True)
class Outline:
    """A template as read: its document, its settings with the guesses, and where things stand in it.

    ``texts`` are its own words by field, which are no answer: of commands that are used as they stand there are none.
    """

    document: Document
    settings: TemplateSettings
    answers: dict[str, Answer]
    groups: dict[str, Group]
    blocks: dict[str, Rows]
    rows: dict[str, Row]
    texts: dict[str, str]
    section_answers: dict[str, tuple[Answer, ...]]
    group_titles: dict[str, str]

    @property
    def heading(self) -> str:
        """What the text's first line calls it; empty where that is a placeholder alone."""
        title = self.answers.get("title")
        if title is None or title.label:
            return title.label if title else ""
        return "" if title.text.startswith("[") else title.text

    @property
    def commands(self) -> list[tuple[Item, Commands]]:
        """The commands that the template itself holds, each with its step."""
        items = [row for row in self.rows.values() if isinstance(row, Item)]
        return [
            (item, part) for item in items for part in item.parts if isinstance(part, Commands) and part.text.strip()
        ]

    @cached_property
    def written_by_acts(self) -> frozenset[str]:
        """The lines that nobody has to fill: the ID, and those of the closing."""
        return self.written_at_closing | ({self.settings.bind.get("id", "")} - {""})

    @cached_property
    def written_at_closing(self) -> frozenset[str]:
        """The lines that nobody may fill: the outcome and its time, and those that name the approvers."""
        bound = (self.settings.bind.get(fact, "") for fact in ("status", "completed"))
        return frozenset({*bound, *self.settings.signers} - {""})

    def part_of(self, key: str, shape: str = "value") -> Due:
        """Which part a field belongs to: all that ``document.plan`` leaves in the plan text is plan.

        That are rows but for their after-values, and whatever the template has no line for, wherever it stands.
        ``shape`` is the field's, where it is known: a text that is only called like the value of a metric is none.
        """
        if key.endswith(".after") and shape == "value":
            return "close"
        return self.settings.asked(key).part if key in self.answers else "plan"

    def bound(self, fact: str) -> Answer | None:
        """The line that holds ``fact`` ("date", "risk", …), if the template has one."""
        return self.answers.get(self.settings.bind.get(fact, ""))

    def fact_of(self, key: str) -> str:
        """What the line under ``key`` holds, the inverse of ``bound``; empty for most."""
        return next((fact for fact, own in self.settings.bind.items() if own == key), "")

    def asked_of(self, key: str) -> str:
        """What is written in the line under ``key``: its fact; a "moment" where the line of the date tells the time.

        The end is a time, or a "moment" where its line asks for the day too.
        """
        fact = self.fact_of(key)
        if fact == "end":
            return "moment" if asks_for_both(in_capitals(self.texts[key])) else "time"
        tells_both = fact == "date" and "time" not in self.settings.bind and asks_for_both(in_capitals(self.texts[key]))
        return "moment" if tells_both else fact


@lru_cache(maxsize=64)
def outline_of(text: str, toml: str) -> Outline:
    """The outline of a template's text and settings, read once per version. Unusable for settings in error."""
    told = parse_settings(toml)
    document = read_template(text, told.kind)
    groups = [group for section in document.sections for group in section.groups]
    blocks = [block for section in document.sections for block in section.blocks() if isinstance(block, Rows)]
    return Outline(
        document=document,
        settings=completed(told, document),
        answers={answer.key: answer for section in document.sections for answer in section.answers()},
        groups={group.key: group for group in groups},
        blocks={block.key: block for block in blocks},
        rows={row.key: row for block in blocks for row in block.rows},
        texts={
            key: "" if told.commands.get(key) == "fixed" else text
            for section in document.sections
            for key, text in table_of(section).items()
        },
        section_answers={section.key: tuple(section.answers()) for section in document.sections},
        group_titles={
            answer.key: group.title for group in groups for answer in group.blocks if isinstance(answer, Answer)
        },
    )


def digest_of(text: str, toml: str) -> str:
    """SHA-256 over a template's text and settings."""
    return sha256(f"{text}\0{toml}".encode())


class OperationTemplate(models.Model):
    """One version of an operations template. Text and settings never change; a change is a new version."""

    name = models.CharField(_("name"), max_length=200)
    version = models.CharField(_("version"), max_length=40, blank=True)
    text = models.TextField()
    toml = models.TextField(blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    append_only = True

    class Meta:
        ordering = ["name", "-added_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="template_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}" if self.version else self.name

    @property
    def outline(self) -> Outline:
        """The template as read."""
        return outline_of(self.text, self.toml)

    @property
    def digest(self) -> str:
        """SHA-256 over text and settings."""
        return digest_of(self.text, self.toml)


class TemplateDraft(models.Model):
    """A version of a template that is being written. No record can be started from it before it is published.

    ``base`` is the version it was begun from. ``editors`` is everybody whose save changed it: none of them can
    publish it. ``offered_at`` says that it is ready to be looked at; a later change takes that back. ``returned`` is
    what whoever looked at it wants changed.
    """

    base = models.ForeignKey(OperationTemplate, on_delete=models.PROTECT, null=True, related_name="drafts")
    text = models.TextField()
    toml = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="template_drafts")
    editors = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    offered_at = models.DateTimeField(null=True)
    returned = models.TextField(blank=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published = models.OneToOneField(OperationTemplate, on_delete=models.PROTECT, null=True, related_name="draft")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects: ClassVar[models.Manager[TemplateDraft]] = models.Manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]

    def __str__(self) -> str:
        outline = self.outline
        if outline is None or not outline.settings.name:
            return str(self.base or (outline.heading if outline else "") or _("Untitled template"))
        name, version = outline.settings.name, outline.settings.version
        return f"{name} v{version}" if version else name

    @property
    def outline(self) -> Outline | None:
        """The template as read; None while its settings are in error."""
        try:
            return outline_of(self.text, self.toml)
        except Unusable:
            return None

    @property
    def digest(self) -> str:
        """SHA-256 over text and settings, the same that the published template has."""
        return digest_of(self.text, self.toml)
