"""The form of a template's settings: what its text can't say, asked line by line and group by group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.document.outline import Answer, Group
from records.document.shapes import split_options
from records.document.template_settings import DUES, FACTS, KINDS, OFFERED, OPTIONAL, parse_settings
from records.forms.template_words import KIND_WORDS, due_words, read_words
from records.library.template_problems import guessed
from records.library.template_toml import WORDS
from records.library.words_of_facts import fact_words
from records.models import Outcome, Outline, Role
from records.models import Section as SectionRow
from records.models.person import SIGNING
from records.writing.section_status import title_of

NO_LINE = "-"
PLACES, LONGEST_NAME = 3, 200
# "Moving a mail domain v1.0", "…, version 2": its own number ends a heading.
VERSIONED = re.compile(r"(?P<name>.*[^\s,]),? +v(?:ersion)? ?(?P<version>[0-9][0-9A-Za-z.]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PathRow:
    """A place of the template and what is asked of it: when it is due, and of a group, what it is."""

    name: str
    depth: int
    due: BoundField
    kind: BoundField | None = None


@dataclass(slots=True)
class SectionRows:
    """The places of one section; ``told`` says that the settings speak of one of them."""

    title: str
    rows: list[PathRow] = field(default_factory=list)
    told: bool = False


class TemplateSettingsForm(forms.Form):
    """All settings of one template as fields; ``records.forms.template_said`` gives the TOML that says them."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=LONGEST_NAME)
    version = forms.CharField(label=gettext_lazy("Version"), required=False, max_length=40)
    folder = forms.CharField(
        label=gettext_lazy("Folder"), help_text=gettext_lazy("Where finished records go in a docs repository")
    )
    id_pattern = forms.CharField(
        label=gettext_lazy("Pattern of the operation ID"),
        help_text=gettext_lazy("Such as YYYY-MM-DD-certificate-[brief-description]"),
        required=False,
        max_length=200,
    )
    unasked = forms.CharField(
        label=gettext_lazy("Words where the risk level asks for nothing"),
        help_text=gettext_lazy("They follow “Not applicable:”"),
        max_length=200,
    )

    def __init__(self, posted: QueryDict | None, *, outline: Outline, toml: str) -> None:
        self.outline, self.toml, self.told = outline, toml, parse_settings(toml)
        super().__init__(posted, initial={name: getattr(outline.settings, name) for name in WORDS})
        self.guessed = guessed(outline, toml)
        if not outline.settings.name and outline.heading:
            named = VERSIONED.fullmatch(outline.heading) if len(outline.heading) <= LONGEST_NAME else None
            self.initial["name"] = named["name"] if named else outline.heading
            if named and not outline.settings.version:
                self.initial["version"] = named["version"]
            self.fields["name"].help_text = _("Proposed from its heading. Saving says that it is so.")
        self.lines = [a for a in outline.answers.values() if a.shape == "line"]
        self.bullets = [a for a in outline.answers.values() if a.shape == "bullet" and a.label]
        self._bind_fields()
        self._choices_fields()
        self._outcome_fields()
        self._signers_fields()
        self._rule_fields()
        self._place_fields()
        self._command_fields()

    # ---- the fields

    def _bind_fields(self) -> None:
        lines = [(line.key, self._called(line)) for line in self.lines]
        known = {*dict(lines), *(line.key for line in self.bullets)}
        below = self._below()
        for fact in (*FACTS, *OPTIONAL):
            own = self.outline.settings.bind.get(fact, "")
            options = [*lines, *([(own, own)] if own and own not in known else [])]
            none = (NO_LINE, _("No line: it is kept beside the text") if fact in FACTS else _("No line"))
            empty = [] if own or fact in self.outline.settings.unbound or fact in OPTIONAL else [("", _("Choose"))]
            one = forms.ChoiceField(
                label=_first_up(fact_words(fact)), choices=[*empty, *options, none, *below], required=False
            )
            one.initial = NO_LINE if fact in self.outline.settings.unbound or (fact in OPTIONAL and not own) else own
            if fact in self.guessed:
                one.help_text = _("Guessed from its text")
            self.fields[f"bind:{fact}"] = one

    def _below(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The labelled lines of the sections, each section's under its heading."""
        found: dict[str, list[tuple[str, str]]] = {}
        titles = {
            one.key: title_of(SectionRow(kind=one.kind, title=one.title)) for one in self.outline.document.sections
        }
        for line in self.bullets:
            section = titles[line.key.partition("/")[0]]
            found.setdefault(section, []).append((line.key, self._called(line)))
        return list(found.items())

    def _called(self, line: Answer) -> str:
        """A line by its label and place; by its text, too, where another one there has the same label."""
        if line.shape == "bullet":
            group = self.outline.group_titles.get(line.key, "")
            return f"{line.label} ({group})" if group else line.label
        part = line.key.partition("/")[0]
        alike = [one for one in self.lines if one.label == line.label and one.key.startswith(part)]
        where = _("header") if part == "header" else _("footer")
        return f"{line.label}: {line.text} ({where})" if len(alike) > 1 else f"{line.label} ({where})"

    def _choices_fields(self) -> None:
        bound = {self.outline.settings.bind.get(fact) for fact in ("risk", "impact", "status")}
        choices = self.outline.settings.choices
        asked = {*choices, *self.told.choices}
        bullets = [a for a in self.outline.answers.values() if a.shape == "bullet" and a.key in asked]
        for line in (*self.lines, *bullets):
            options = choices.get(line.key, ())
            if not options and line.key not in bound and line.key not in self.told.choices:
                continue
            proposed = () if options or line.key in self.told.choices else split_options(line.text)
            shown = options or proposed
            self.fields[f"choices:{line.key}"] = forms.CharField(
                label=self._called(line),
                required=False,
                widget=forms.Textarea(attrs={"rows": max(2, len(shown))}),
                initial="\n".join(shown),
                help_text=_("Proposed from its text. Saving says that it is so.") if proposed else "",
                max_length=4000,
            )

    def _outcome_fields(self) -> None:
        self.outcome_words = self.outline.settings.outcome_words
        for at, word in enumerate(self.outcome_words):
            own = self.outline.settings.outcomes.get(word)
            empty = [("", _("Choose"))] if own is None else []
            options = [*empty, *Outcome.choices, (NO_LINE, _("None of these: closing doesn't offer it"))]
            one = forms.ChoiceField(label=word, choices=options, required=False)
            one.initial = NO_LINE if own == "" else own or ""
            if own is not None and word not in self.told.outcomes:
                one.help_text = _("Guessed from its text")
            self.fields[f"outcome:{at}"] = one

    def _signers_fields(self) -> None:
        roles = [(role.value, role.label) for role in SIGNING]
        bound = set(self.outline.settings.bind.values()) - set(self.told.signers)
        for line in self.lines:
            if line.key.startswith("footer/") and line.key not in bound:
                own = self.told.signers.get(line.key, ())
                strange = [(role, role) for role in own if role not in dict(roles)]
                self.fields[f"signers:{line.key}"] = forms.MultipleChoiceField(
                    label=self._called(line),
                    choices=[*roles, *strange],
                    required=False,
                    initial=own,
                    widget=forms.CheckboxSelectMultiple,
                )

    def _rule_fields(self) -> None:
        for level in (*self.outline.settings.levels, "default"):
            own = self.told.rule.get(level, ())
            strange = [(role, role) for role in own if role not in Role.values or Role(role) not in SIGNING]
            nothing = _("one supervisor") if level == "default" else _("as for any other risk")
            roles = [*((role.value, role.label) for role in SIGNING), *strange]
            for at in range(max(PLACES, len(own))):
                label = _("Approval %(number)s at %(level)s") % {"number": at + 1, "level": level}
                options = [("", _("and nobody more") if at else nothing), *roles]
                one = forms.ChoiceField(label=label, choices=options, required=False)
                one.initial = own[at] if at < len(own) else ""
                self.fields[f"rule:{level}:{at}"] = one

    def _place_fields(self) -> None:
        levels = self.outline.settings.levels
        self.places = list(self._places())
        whens: list[tuple[str, str]] = [(part, due_words(part, "")) for part in DUES]
        whens += [(f"{part}|{level}", due_words(part, level)) for level in levels[1:] for part in DUES]
        for place in (place for _title, places in self.places for place in places):
            path, group = place[0], place[3]
            asked = self.told.due.get(path)
            own = "|".join(filter(None, (asked.part, asked.since))) if asked else ""
            offered = [one for one in whens if one[0].startswith("plan")] if group and group.is_all_rows else whens
            strange = [(own, own)] if own and own not in dict(offered) else []
            self.fields[f"due:{path}"] = forms.ChoiceField(
                label=_("When it is due"),
                choices=[("", _("as above")), *offered, *strange],
                required=False,
                initial=own,
            )
            if group is not None:
                read = _("as read: %(kind)s") % {"kind": read_words(group)}
                self.fields[f"kind:{path}"] = forms.ChoiceField(
                    label=_("What it is"),
                    choices=[("", read), *((kind, str(KIND_WORDS[kind])) for kind in KINDS)],
                    required=False,
                    initial=self.told.kind.get(path, ""),
                )

    def _command_fields(self) -> None:
        for item, part in self.outline.commands:
            lines = part.text.strip().split("\n")
            told = next((line for line in lines if not line.lstrip().startswith("#")), lines[0])
            self.fields[f"fixed:{part.key}"] = forms.BooleanField(
                label=f"{item.title}: {told.strip()}{' …' if told != lines[-1] else ''}",
                required=False,
                initial=self.told.commands.get(part.key) == "fixed",
            )

    def _places(self) -> Iterator[tuple[str, list[tuple[str, str, int, Group | None]]]]:
        """Every place that can be spoken of, by section; at the end what the settings name with a pattern."""
        known: set[str] = set()
        for section in self.outline.document.sections:
            if section.kind == "guidance":
                continue
            places: list[tuple[str, str, int, Group | None]] = []
            if section.kind == "section":
                places.append((section.key, _("The whole section"), 0, None))
            for group in section.groups:
                if group.title or (section.kind == "section" and group.blocks):
                    places.append((group.key, group.title or _("Directly under its heading"), 1, group))
                answers = [block for block in group.blocks if isinstance(block, Answer) and block.label]
                places += [(answer.key, answer.label, 2, None) for answer in answers if answer.shape != "title"]
            known |= {path for path, *_rest in places}
            yield title_of(SectionRow(kind=section.kind, title=section.title)), places
        others = [path for path in self.told.due if path not in known]
        if others:
            yield _("Other places"), [(path, path, 0, None) for path in others]

    # ---- what the page draws

    def facts(self) -> list[tuple[str, list[BoundField]]]:
        """The lines of facts, by what they are about."""
        groups = (
            (_("What it is"), ("id", "standard", "risk", "impact")),
            (_("When"), ("date", "time", "end")),
            (_("Who"), ("operator", "supervisor")),
            (_("How it ended"), ("status", "completed")),
            (_("Offered while closing"), OFFERED),
        )
        return [(title, [self[f"bind:{fact}"] for fact in facts]) for title, facts in groups]

    def choices(self) -> list[BoundField]:
        """What lines offer."""
        return [self[name] for name in self.fields if name.startswith("choices:")]

    def outcomes(self) -> list[BoundField]:
        """The words for how it ended, and which outcome each of them says."""
        return [self[f"outcome:{at}"] for at in range(len(self.outcome_words))]

    def commands(self) -> list[BoundField]:
        """The template's own commands: whether they are used as they stand."""
        return [self[name] for name in self.fields if name.startswith("fixed:")]

    def signers(self) -> list[BoundField]:
        """The footer's lines and the roles whose approvals they name."""
        return [self[name] for name in self.fields if name.startswith("signers:")]

    def rules(self) -> list[tuple[str, list[BoundField]]]:
        """For each level, the approvals that it needs."""
        levels = (*self.outline.settings.levels, "default")
        return [
            (level, [self[name] for name in self.fields if name.rpartition(":")[0] == f"rule:{level}"])
            for level in levels
        ]

    def sections(self) -> list[SectionRows]:
        """The places of the template, section by section."""
        found = []
        for title, places in self.places:
            rows = [
                PathRow(name, depth, self[f"due:{path}"], self[f"kind:{path}"] if group is not None else None)
                for path, name, depth, group in places
            ]
            told = any(path in self.told.due or path in self.told.kind for path, *_rest in places)
            found.append(SectionRows(title, rows, told))
        return [section for section in found if section.rows]


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]
