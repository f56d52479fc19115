"""Commands for scripts: exit code 0 only when it worked, and every reason why not in words on stderr."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from records.refusals import Changed, Incomplete, Refused, Unusable, WrongOrder

WORDS = (Unusable, Refused, WrongOrder, Changed, Incomplete)


class CommandInWords(BaseCommand):
    """A command whose refusals, wrong files and missing tables end it with a sentence, never with a traceback."""

    requires_system_checks: list[str] = []

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except UnicodeEncodeError as error:
            # Bytes of an argument that are no UTF-8 come as halves of characters.
            raise CommandError("An argument is not UTF-8.") from error
        except WORDS as error:
            raise CommandError(str(error)) from error
        except RecursionError as error:
            raise CommandError("This is nested too deeply to be read.") from error
        except DatabaseError as error:
            raise CommandError(database_words(error)) from error
        except BrokenPipeError:
            # Whoever read the output has left, as `head` does; nor can Python say goodbye to it at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)

    def hint(self, text: str) -> None:
        """Say something beside the result, on stderr."""
        self.stderr.write(text, self.style.NOTICE)


def database_words(error: DatabaseError) -> str:
    """What a script can do about ``error``."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return f"The database can't be reached: {first}"
    if behind:
        return "The database is not up to date. Run `manage.py migrate`, then try again."
    return f"The database refused this: {first}"


def write_bytes(out: OutputWrapper, data: bytes) -> None:
    """Exactly ``data`` on ``out``; as text where ``out`` takes no bytes, which only a caller in Python has."""
    raw = getattr(out, "buffer", None)
    if raw is None:
        out.write(data.decode(), ending="")
    else:
        out.flush()
        raw.write(data)
        raw.flush()
