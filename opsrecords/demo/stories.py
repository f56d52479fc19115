"""The demo's stories as data: which record, whose, around which day, and what happens to it when."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import records
from records.models import FreezeWindow

FOLDER = Path(records.__file__).parent / "demo"
_AT = re.compile(r"(?:(?P<from>start|now) ?)?(?P<amount>[+-]\d+)(?P<unit>[mhd])(?: (?P<clock>\d\d:\d\d))?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Happening:
    """One act: when, which, by whom (a user name; else the author), and whatever it needs."""

    at: str
    do: str
    by: str
    needs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """One record; an empty ``file`` is the blank template. ``first`` are fields that "rework" puts right."""

    file: str
    author: str
    acts: Sequence[Happening]
    days: int = 0
    minutes: int | None = None
    any_day: bool = False
    deputies: Sequence[str] = ()
    team: Sequence[str] = ()
    steps: Sequence[Sequence[str]] = ()
    procedures: Sequence[Sequence[str]] = ()
    limits: Sequence[Sequence[str]] = ()
    first: Mapping[str, str] = field(default_factory=dict)


def stories() -> list[Story]:
    """Every story of ``stories.toml``."""
    return [_story(dict(one)) for one in _told()["record"]]


def freezes(now: dt.datetime) -> list[FreezeWindow]:
    """The freeze windows of ``stories.toml``, around ``now``; not saved."""
    return [
        FreezeWindow(name=one["name"], starts_at=moment(one["since"], now, now), ends_at=moment(one["until"], now, now))
        for one in _told()["freeze"]
    ]


def _told() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "stories.toml").read_text(encoding="utf-8"))


def _story(data: dict[str, Any]) -> Story:
    acts = [
        Happening(
            at=one["at"],
            do=one["do"],
            by=one.get("by", data["author"]),
            needs={name: value for name, value in one.items() if name not in ("at", "do", "by")},
        )
        for one in data.pop("acts")
    ]
    return Story(file=data.pop("file", ""), acts=acts, **data)


def moment(told: str, start: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The moment that "start +9m", "-3d 14:20" or "now -2h" stands for. Raises ValueError for another form."""
    m = _AT.fullmatch(told)
    if not m:
        raise ValueError(f"“{told}” is no moment of a story.")
    at = (start if m["from"] == "start" else now) + dt.timedelta(**{_UNITS[m["unit"]]: int(m["amount"])})
    if m["clock"]:
        hour, minute = map(int, m["clock"].split(":"))
        at = at.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at


def start_of(story: Story, base: dt.datetime, now: dt.datetime) -> dt.datetime:
    """When the window of a record that was written for ``base`` begins in the demo."""
    if story.minutes is not None:
        rough = now + dt.timedelta(minutes=story.minutes)
        return rough.replace(minute=rough.minute // 5 * 5, second=0, microsecond=0)
    day = now.date() + dt.timedelta(story.days)
    if not story.any_day:
        step = -1 if story.days < 0 else 1
        while day.weekday() != base.weekday():
            day += dt.timedelta(step)
    return base.replace(year=day.year, month=day.month, day=day.day)
