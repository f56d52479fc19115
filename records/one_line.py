"""Text of people on one line: in a subject, a calendar, a commit, a row."""


def printable(text: str) -> str:
    """``text`` with a space for each character that nobody sees or that controls anything."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def one_line(text: str) -> str:
    """``text`` on one line, without characters that control anything."""
    return " ".join(printable(text).split())
