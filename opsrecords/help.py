"""The help page: the guide for operators and supervisors, as it stands in docs/guide.md."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from markdown import Markdown

GUIDE = settings.BASE_DIR / "docs" / "guide.md"


@login_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How to use the site."""
    title, contents, guide = guide_html()
    return render(request, "help.html", {"title": title, "contents": contents, "guide": guide})


@cache
def guide_html() -> tuple[str, SafeString, SafeString]:
    """Title, table of contents and text of the guide. Read once: it changes with a release."""
    title, _line, text = GUIDE.read_text(encoding="utf-8").removeprefix("# ").partition("\n")
    markdown = Markdown(extensions=["tables", "toc"], extension_configs={"toc": {"toc_depth": "2-3"}})
    # On a phone a sample scrolls: by keyboard only what takes the focus does.
    body = markdown.convert(text.replace("[TOC]\n", "")).replace("<pre>", '<pre tabindex="0">')
    # Our own text, which no visitor writes.
    return title, mark_safe(markdown.toc), mark_safe(body)
