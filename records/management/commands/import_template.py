"""Take an operations template in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from records.library.template_problems import problems_of
from records.library.templates_in import import_template
from records.management.in_words import CommandInWords
from records.transfer.records_in import system_account
from records.transfer.text_files import read_text


class Command(CommandInWords):
    help = "Stores a Markdown operations template as a new version. Prints its name and version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the Markdown file")
        parser.add_argument("--name", default="", help="what to call it, if not as it calls itself")
        parser.add_argument("--toml", type=Path, help="its settings (docs/template-settings.md)")

    def handle(self, *, file: Path, name: str, toml: Path | None, **options: Any) -> None:
        settings = read_text(toml) if toml else None
        taken = import_template(read_text(file), settings, name=name, by=system_account(), at=timezone.now())
        beside = file.with_suffix(".toml")
        if toml is None and beside.is_file():
            self.hint(f"{beside} was left alone; --toml {beside} takes its settings along.")
        if taken.guessed:
            found = ", ".join(f"{fact} = {path}" for fact, path in taken.guessed.items())
            self.hint(f"Found in its text: {found}.")
        if taken.unknown:
            self.hint(f"No line is known for: {', '.join(taken.unknown)}. A record keeps these beside its text.")
        if taken.unsaid:
            self.hint(f"Which outcome these are is not known, so closing won't offer them: {', '.join(taken.unsaid)}.")
        template = taken.template
        for problem in problems_of(template.text, template.toml):
            if problem.where == "text" and problem.line:
                self.hint(f"Line {problem.line}: {problem.words}")
        if not taken.fresh:
            self.hint("It was here already.")
        self.stdout.write(str(template))
