"""Somebody at a keyboard: text is typed for nothing, every other key is counted."""

from __future__ import annotations

from django.utils import timezone
from playwright.sync_api import Page

# What a practised typist takes, in seconds: a key, and a moment of thought before each field and each page.
KEY, THOUGHT = 0.28, 1.35


def quick(page: Page) -> Page:
    """``page``, not opened yet, for whose scripts no time passes between two keys that belong together."""
    page.clock.set_fixed_time(timezone.now())
    return page


def press(page: Page, *keys: str) -> None:
    """One after the other. Before its scripts are there a page hears no key of its own."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


class Keyboard:
    """Types text for nothing, and counts every other key."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = quick(page), 0

    def press(self, *keys: str) -> None:
        press(self.page, *keys)
        self.pressed += len(keys)

    def type(self, text: str) -> None:
        """Into the field with the focus."""
        self._in_field()
        self.page.keyboard.insert_text(text)

    def change(self, text: str) -> None:
        """What stands in the field is replaced."""
        self._in_field()
        self.press("Control+a")
        self.type(text)

    def _in_field(self) -> None:
        """Once one has the focus: a page gives it with its first frame, after it is loaded."""
        self.page.wait_for_function("document.activeElement.matches('input, select, textarea')")

    def on(self, *keys: str) -> None:
        """Keys that lead to another page."""
        with self.page.expect_navigation():
            self.press(*keys)

    @property
    def field(self) -> str:
        """The name of the field that has the focus."""
        return str(self.page.evaluate("document.activeElement.name ?? ''"))
