"""Markdown in, Markdown out: pure Python, with no Django, no clock and no I/O."""
