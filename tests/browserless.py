"""A browser without a screen and without scripts: the forms of a page, filled and sent as a browser sends them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.test import Client

from records.models import Person
from tests.people import signed_in


class _Forms(HTMLParser):
    """Collects the successful controls of every form, those outside it that name it, and all ids."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self.actions: dict[str, str] = {}
        self.buttons: list[tuple[str, str, str]] = []
        self.ids: set[str] = set()
        self.form = ""
        self._area: tuple[str, str] | None = None
        self._text = ""
        self._select: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        self.ids |= {a["id"]} if "id" in a else set()
        owner = a.get("form", self.form)
        if tag == "form":
            self.form = a.get("id", f"form-{len(self.forms) + 1}")
            self.forms[self.form], self.actions[self.form] = [], a.get("action", "")
        elif tag == "input" and a.get("name"):
            kind = a.get("type", "text")
            if kind not in ("checkbox", "radio", "submit", "file") or "checked" in a:
                self.forms.setdefault(owner, []).append((a["name"], a.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "textarea" and a.get("name"):
            self._area, self._text = (owner, a["name"]), ""
        elif tag == "select" and a.get("name"):
            self._select = owner, a["name"]
            self.forms.setdefault(owner, []).append((a["name"], ""))
        elif tag == "option" and self._select and "selected" in a:
            form, name = self._select
            self.forms[form][-1] = (name, a.get("value", ""))
        elif tag == "button" and a.get("name"):
            self.buttons.append((owner, a["name"], a.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            form, name = self._area
            # The first line end is swallowed, as the standard says; line ends leave as CR LF.
            text = self._text.removeprefix("\n").replace("\n", "\r\n")
            self.forms.setdefault(form, []).append((name, text))
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self.form = ""


class Page:
    """A page that somebody looks at."""

    def __init__(self, client: Client, response: Any, address: str) -> None:
        self.client, self.response, self.address = client, response, address
        self.text = response.content.decode()

    @cached_property
    def parsed(self) -> _Forms:
        """Of many a page only the text is looked at."""
        parsed = _Forms()
        parsed.feed(self.text)
        return parsed

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    def fields(self, form: str = "f") -> dict[str, str]:
        """What the form would post now; of several values for a name the last, as Django takes it."""
        return dict(self.parsed.forms[form])

    def has_button(self, value: str) -> bool:
        return any(own == value for _form, _name, own in self.parsed.buttons)

    def send(self, changes: Mapping[str, str] | None = None, form: str = "f", **button: str) -> Page:
        """Press ``button`` (name=value, which has to be on the page) with ``changes`` typed; goes where it leads."""
        for name, value in button.items():
            assert (form, name, value) in self.parsed.buttons, f"there is no button {name}={value}"
        posted = self.fields(form) | dict(changes or {}) | button
        address = urljoin(self.address, self.parsed.actions.get(form, "")) or self.address
        response = self.client.post(address, posted)
        return follow(self.client, response, address)


def look(client: Client, address: str) -> Page:
    """The page at ``address``."""
    return follow(client, client.get(urldefrag(address)[0]), address)


def follow(client: Client, response: HttpResponse, address: str) -> Page:
    """The page that an answer is, or leads to; a fragment has to be an id on it."""
    for _ in range(5):
        if response.status_code not in (301, 302, 303):
            break
        address = urljoin(address, response["Location"])
        response = client.get(urldefrag(address)[0])  # type: ignore[assignment]
    page = Page(client, response, address)
    fragment = unquote(urldefrag(address)[1])
    assert not fragment or fragment in page.parsed.ids, f"nothing on the page is called {fragment}"
    return page


def words_of(page: str) -> str:
    """What a page shows, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def seen(person: Person, to: str, *args: object, **query: object) -> str:
    """What ``person`` reads on a page that is there, by its address or its name, in one line."""
    answer = signed_in(person).get(resolve_url(to, *args), query)
    assert answer.status_code == 200
    return words_of(answer.content.decode())
