"""What can't be inferred from a template's text: the TOML beside it. Where it says nothing, ``template_guesses`` do.

The schema, every table and key optional:

    name, version   of the template; else read off its last constant footer line ("… Template v1.0.0")
    folder          where a finished record belongs in the docs repository
    id_pattern      "YYYY-MM-DD-…-[…]"; else the header line that is bound as id
    unasked         the words after "Not applicable:" where a record's risk level asks for nothing
    [bind]          fact = "path of the line": id, date, time, operator, supervisor, risk, impact, status,
                    completed, standard (the line that names the template); "" says that no line holds it.
                    Nobody is asked for the line of the window's end, end, which is else that of the last phase,
                    nor for the lines that closing offers to fill: improvements, review
    [bind.signers]  "path of a line" = ["role", …]: the line that names the approvers of these roles
    [due]           "path" = "plan" | "open" | "close", or { part = "plan", from = "High" }: which part a path
                    and all below it belong to, and the lowest risk level that asks for it; "*" is any one step of
                    a path, the longest path counts, a plain one before one with "*"
    [propose]       "path of a line" = ["steps", …]: what of the run closing offers as its text: steps, checks, values,
                    headroom, times, way_back, notes, log, people, operator, told; "plan PATH": what the plan says in
                    another line; "about WORD": the steps and notes that speak of it, or that none does
    [kind]          "path of a group" = "fields" | "steps" | "risks" | "checks" | "triggers" | "validations" | "text"
    [choices]       "path of a line" = ["Low", "High"]
    [commands]      "path of commands" = "fixed" | "sample": fixed ones are used as they stand; samples, as all others
                    are, have to be replaced
    [outcomes]      "word of the line bound as status" = "in_progress" | "completed" | "failed" | "rolled_back";
                    "" says that closing doesn't offer it
    [rule]          risk level, or "default" = ["role", …]: who has to approve; a role may stand twice
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from records.document.answers import COMMENT, NotApplicable, answer_in, words_read
from records.document.outcome_words import OUTCOMES
from records.document.unusable import Unusable

Due = Literal["plan", "open", "close"]
DUES: tuple[Due, ...] = ("plan", "open", "close")
COMMANDS = ("fixed", "sample")
KINDS = ("fields", "steps", "risks", "checks", "triggers", "validations", "text")
FACTS = ("id", "date", "time", "operator", "supervisor", "risk", "impact", "status", "completed", "standard")
# What closing offers to write: what became better, and the day of the next review.
OFFERED = ("improvements", "review")
# The facts that nobody is asked for: most templates have no line for them.
OPTIONAL = ("end", *OFFERED)
# With the operation ID behind it, it still fits where publications are queued.
FOLDER_LENGTH = 200
# Grammar, like "Not applicable" itself; a template may have words of its own.
UNASKED = "not required at this risk level"
# What of a run can be told in a line.
PROPOSED = (
    *("steps", "checks", "values", "headroom", "times", "way_back", "notes", "log", "people", "operator", "told"),
    *("plan PATH", "about WORD"),
)
# Those that are followed by a path or a word.
FOLLOWED = ("plan", "about")


@dataclass(frozen=True, slots=True)
class WhenDue:
    """Which part a path belongs to, and the lowest risk level (empty: any) at which it is asked for."""

    part: Due
    since: str = ""


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """The settings of one template, as told and as guessed; an unknown binding is missing in ``bind``.

    ``unbound`` are the facts that no line holds, as was said: nothing is guessed for them.
    """

    name: str = ""
    version: str = ""
    folder: str = "records"
    id_pattern: str = ""
    unasked: str = UNASKED
    bind: Mapping[str, str] = field(default_factory=dict)
    unbound: frozenset[str] = frozenset()
    signers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    propose: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    due: Mapping[str, WhenDue] = field(default_factory=dict)
    kind: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    rule: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _patterns: dict[int, list[tuple[list[str], WhenDue]]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for path, asked in self.due.items():
            if "*" in path:
                steps = path.split("/")
                self._patterns.setdefault(len(steps), []).append((steps, asked))

    def asked(self, key: str) -> WhenDue:
        """What is said of the longest path that ``key`` stands under; the footer closes, the rest is plan."""
        path = key
        while path:
            if path in self.due:
                return self.due[path]
            steps = path.split("/")
            for pattern, asked in self._patterns.get(len(steps), ()):
                if all(a in (b, "*") for a, b in zip(pattern, steps, strict=True)):
                    return asked
            path = path.rpartition("/")[0]
        return WhenDue("close" if key.startswith("footer/") else "plan")

    @property
    def filler(self) -> str:
        """What stands where a record's risk level asks for nothing and nobody answered."""
        return f"Not applicable: {self.unasked}"

    def is_filler(self, text: str) -> bool:
        """Whether ``text`` says that nothing was asked, however it is spelled; among commands that is a comment."""
        said = text.strip().removeprefix(COMMENT)
        answer = answer_in(said, "")
        return said == self.filler or (
            isinstance(answer, NotApplicable) and words_read(answer.reason) == words_read(self.unasked)
        )

    @property
    def levels(self) -> tuple[str, ...]:
        """The risk levels, lowest first, as the line bound as risk offers them; empty if there is none."""
        return self.choices.get(self.bind.get("risk", ""), ())

    @property
    def outcome_words(self) -> tuple[str, ...]:
        """What the line bound as status offers; empty if there is none, or if it takes any words."""
        return self.choices.get(self.bind.get("status", ""), ())

    def words_of(self, outcome: str) -> tuple[str, ...]:
        """The template's words for ``outcome``, in its order."""
        return tuple(word for word in self.outcome_words if self.outcomes.get(word) == outcome)

    def is_asked(self, key: str, level: str) -> bool:
        """Whether a record of risk ``level`` has to answer ``key``; an unknown level is asked everything."""
        since = self.asked(key).since
        levels = self.levels
        return not since or level not in levels or since not in levels or levels.index(level) >= levels.index(since)

    def roles(self, level: str) -> tuple[str, ...]:
        """The roles that have to approve a record of ``level``; a supervisor where nothing is said."""
        return self.rule.get(level) or self.rule.get("default") or ("supervisor",)


def parse_settings(toml: str) -> TemplateSettings:
    """The settings in ``toml``, nothing guessed. Raises Unusable with a sentence for whatever is wrong."""
    try:
        data = tomllib.loads(toml)
    except ValueError as error:  # TOMLDecodeError, or a number of more digits than Python reads
        raise Unusable(f"The settings are no TOML: {error}.") from error
    except RecursionError as error:
        raise Unusable("The settings are nested too deeply to be read.") from error
    known = {
        "name",
        "version",
        "folder",
        "id_pattern",
        "unasked",
        "bind",
        "propose",
        "due",
        "kind",
        "choices",
        "outcomes",
        "commands",
        "rule",
    }
    if unknown := sorted(set(data) - known):
        raise Unusable(f"The settings hold “{unknown[0]}”, which means nothing; known are {', '.join(sorted(known))}.")
    bind = _table(data, "bind", str)
    if strange := sorted(set(bind) - {*FACTS, *OPTIONAL, "signers"}):
        raise Unusable(f"[bind] holds “{strange[0]}”; known are {', '.join((*FACTS, *OPTIONAL))} and signers.")
    signers = bind.pop("signers", {})
    if not isinstance(signers, dict):
        raise Unusable("[bind.signers] has to be a table of lines and their roles.")
    propose = {path: _strings(path, value) for path, value in _table(data, "propose", list).items()}
    if strange := sorted({fact for facts in propose.values() for fact in facts if not _is_proposed(fact)}):
        raise Unusable(f"[propose] holds “{strange[0]}”; known are {', '.join(PROPOSED)}.")
    kind = _table(data, "kind", str)
    if wrong := next((value for value in kind.values() if value not in KINDS), None):
        raise Unusable(f"[kind] holds “{wrong}”; known are {', '.join(KINDS)}.")
    commands = _table(data, "commands", str)
    if wrong := next((value for value in commands.values() if value not in COMMANDS), None):
        raise Unusable(f"[commands] holds “{wrong}”; known are {', '.join(COMMANDS)}.")
    outcomes = _table(data, "outcomes", str)
    if wrong := next((value for value in outcomes.values() if value and value not in OUTCOMES), None):
        raise Unusable(f"[outcomes] holds “{wrong}”; known are {', '.join(OUTCOMES)}.")
    return TemplateSettings(
        name=_words(data, "name"),
        version=_words(data, "version"),
        id_pattern=_words(data, "id_pattern"),
        folder=_folder(data.get("folder", "records")),
        unasked=_unasked(data.get("unasked", UNASKED)),
        bind={name: str(path) for name, path in bind.items() if path},
        unbound=frozenset(name for name, path in bind.items() if not path),
        signers={path: _strings(path, value) for path, value in signers.items()},
        propose=propose,
        due={path: _asked(path, value) for path, value in _table(data, "due", str | dict).items()},
        kind=kind,
        choices={path: _strings(path, value) if value else () for path, value in _table(data, "choices", list).items()},
        outcomes=outcomes,
        commands=commands,
        rule={level: _strings(level, value) for level, value in _table(data, "rule", list).items()},
    )


def _is_proposed(fact: str) -> bool:
    kind, _blank, follows = fact.partition(" ")
    return bool(follows.strip()) if kind in FOLLOWED else fact in PROPOSED


def _table(data: Mapping[str, Any], name: str, of: Any) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise Unusable(f"“{name}” has to be a table, [{name}].")
    for key, value in table.items():
        if (name, key) != ("bind", "signers") and not isinstance(value, of):
            raise Unusable(f"[{name}] {key}: {value!r} does not belong here.")
    return dict(table)


def _strings(path: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise Unusable(f"“{path}” has to be a list of words.")
    return tuple(value)


def _words(data: Mapping[str, Any], name: str) -> str:
    """A number and a date, as a version may be one, are words too."""
    value = data.get(name, "")
    if isinstance(value, list | dict | bool):
        raise Unusable(f"“{name}” has to be words.")
    return str(value)


def _folder(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)*", value):
        raise Unusable("“folder” has to be a relative path of small letters, digits and hyphens.")
    if len(value) > FOLDER_LENGTH:
        raise Unusable(f"“folder” is longer than {FOLDER_LENGTH} characters.")
    return value


def _unasked(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[^\W_](?:[^\W_]|[ ,.;()/–-])*", value):
        raise Unusable("“unasked” has to be some words: letters, digits, blanks, commas, hyphens.")
    return value


def _asked(path: str, value: object) -> WhenDue:
    part = value.get("part", "plan") if isinstance(value, dict) else value
    since = value.get("from", "") if isinstance(value, dict) else ""
    if part not in DUES or not isinstance(since, str) or (isinstance(value, dict) and set(value) - {"part", "from"}):
        raise Unusable(f'[due] {path}: say "plan", "open", "close" or {{ part = "plan", from = "a risk level" }}.')
    return WhenDue(part, since)
