"""Which repositories records may be published to: a bare one on this machine, or one by https or ssh (case 21)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from records.refusals import Unusable

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_BRANCH = re.compile(r"[A-Za-z0-9_]+([./-][A-Za-z0-9_]+)*")


def refuse_repository(address: str) -> None:
    """Raises Unusable, in words, unless ``address`` is an absolute path, ``https://…`` or ``ssh://…``.

    Whatever runs a program or could be taken for an option of one is refused: other schemes, the scp-like form, a
    host or user that begins with a dash.
    """
    if any(sign.isspace() or not sign.isprintable() for sign in address):
        raise Unusable("it holds a blank or a character that nobody sees")
    if address.startswith("/"):
        return
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise Unusable("its host can't be understood") from error
    if parts.scheme not in ("https", "ssh") or parts.query or parts.fragment:
        raise Unusable("only an absolute path, https:// and ssh:// are addresses of a repository")
    host, user = parts.netloc.rpartition("@")[2], parts.username or ""
    port = re.search(r":([0-9]{1,5})$", host)
    if not _HOST.fullmatch(host.removesuffix(port[0] if port else "")):
        raise Unusable("its host can't be understood")
    if user and not _USER.fullmatch(user) and parts.scheme == "ssh":
        raise Unusable("its user can't be understood")
    if parts.path.startswith("/-") or not parts.path.strip("/"):
        raise Unusable("its path can't be understood")


def refuse_branch(name: str) -> None:
    """Raises Unusable, in words, for what is no plain name of a branch."""
    if not _BRANCH.fullmatch(name) or name.endswith(".lock"):
        raise Unusable("it is no plain name of a branch")
