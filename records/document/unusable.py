"""What was given can't be used as it is: one class for all that says so in words."""

from __future__ import annotations


class Unusable(Exception):
    """A text, a file or a setting can't be taken as it is; the text says why, in words that a person can use.

    No ValueError: one of those is a mistake of ours, and nobody's to mend on a page.
    """
