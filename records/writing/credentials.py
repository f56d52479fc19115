"""What looks like a password or a key in a text: found and named by its line, never changed, never repeated. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# A value that is taken from elsewhere, or left out, is none: $PASSWORD, $(pass show db), <password>, {{ token }}, ***.
_ELSEWHERE = r"(?![\"']?(?:[$<{\[(*%…`~/]|\.\.\.|x{3,}|vault:|env:))"
_WORDS = (
    r"(?:password|passwd|passphrase|passwort|kennwort|mot de passe|contrase[nñ]a|senha|wachtwoord|l[oö]senord|pwd"
    r"|secret(?:[_-]?key)?|api[_-]?key|access[_-]?key|auth[_-]?token|token)"
)
# Lengths are bounded, so that a long line of anything is read in a moment.
_KINDS: tuple[tuple[Any, re.Pattern[str]], ...] = (
    (gettext_lazy("a private key"), re.compile(r"-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY-----")),
    (
        gettext_lazy("a key"),
        re.compile(
            r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{36}|github_pat_\w{22}|glpat-[\w-]{20}|xox[abeprs]-[\w-]{10}"
            r"|AIza[\w-]{35}|[sr]k_live_\w{16}|eyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]{8})"
        ),
    ),
    (
        gettext_lazy("a password in an address"),
        re.compile(rf"\b[a-z][a-z0-9+.-]{{1,20}}://[^\s/:@]{{0,64}}:{_ELSEWHERE}[^\s/@]{{1,128}}@", re.IGNORECASE),
    ),
    (
        gettext_lazy("a token"),
        re.compile(rf"\b(?:Bearer|Basic)\s{{1,3}}{_ELSEWHERE}(?=[\w.~+/=-]*\d)[\w.~+/=-]{{12,}}"),
    ),
    (
        gettext_lazy("a password"),
        re.compile(
            rf"{_WORDS}[\"']?\s{{0,3}}:?=\s{{0,3}}{_ELSEWHERE}[\"']?[^\s\"',;]{{4}}"
            rf"|{_WORDS}[\"']?(?:\s?:|\s(?:is|ist|lautet|est|es|é|är)\s)\s{{0,3}}{_ELSEWHERE}[\"']?"
            r"(?=[^\s\"',;]{0,60}\d)(?=[^\s\"',;]{0,60}[a-z])[^\s\"',;]{6}"
            rf"|--(?:password|passwd|secret|token|api-key)[\s=]\s{{0,3}}{_ELSEWHERE}[^\s-]\S{{3}}",
            re.IGNORECASE,
        ),
    ),
)

# Options that mean a password only behind the name of their command.
_OPTIONS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(rf"\s-p{_ELSEWHERE}[^\s-]\S{{3}}"), re.compile(r"\bmysql(?:dump|admin)?\b")),
    (re.compile(rf"\s-[pw]\s{_ELSEWHERE}[^\s-]\S{{3}}"), re.compile(r"\b(?:sshpass|ldap(?:search|modify))\b")),
    (re.compile(rf"\s(?:-u|--user)\s?[\"']?[^\s:\"']{{1,64}}:{_ELSEWHERE}[^\s\"']{{4}}"), re.compile(r"\bcurl\b")),
)


@dataclass(frozen=True, slots=True)
class Credential:
    """Something that looks like a secret: what it looks like, and on which line (from 1). Never the secret itself."""

    kind: str
    line: int

    @property
    def words(self) -> str:
        """What is said of it."""
        return _("line %(line)s looks like %(kind)s") % {"line": self.line, "kind": self.kind}


def credential_words(text: str) -> str:
    """What is said of all that ``credentials_in`` finds in ``text``; "" where it finds nothing."""
    found = credentials_in(text)
    if len(found) < 2:
        return found[0].words if found else ""
    kinds = _(" or ").join(dict.fromkeys(one.kind for one in found))
    lines = ", ".join(str(one.line) for one in found[:-1])
    facts = {"lines": lines, "last": found[-1].line, "kinds": kinds}
    return _("lines %(lines)s and %(last)s look like %(kinds)s") % facts


def credentials_in(text: str) -> list[Credential]:
    """Everything in ``text`` that looks like a password or a key, at most one for each line."""
    return list(_found(text))


def _found(text: str) -> Iterator[Credential]:
    for number, line in enumerate(text.split("\n"), 1):
        kind = next((kind for kind, pattern in _KINDS if pattern.search(line)), None)
        if kind is not None or _is_in_options(line):
            yield Credential(str(kind or _("a password")), number)


def _is_in_options(line: str) -> bool:
    return any(
        command.search(line, max(option.start() - 300, 0), option.start())
        for pattern, command in _OPTIONS
        for option in pattern.finditer(line)
    )
