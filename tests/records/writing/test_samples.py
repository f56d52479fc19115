"""Which commands of a template are forgotten samples in a record, and how a writer says that one is right."""

from __future__ import annotations

import pytest

from records.writing.samples import sample_words

SAMPLE = "# The change itself\ncp -a /etc/service.conf /var/backups/\nsystemctl reload service\n"
MADE_UP = (
    *("curl -I https://service.example.com/health", "kubectl rollout undo deployment/service-name"),
    *("ssh your-host uptime", "ping 192.0.2.7", "psql -h db.test", "rm [old file]", "scp dump.sql <host>:/tmp"),
    *("tar xf dump-YYYY-MM-DD.tar", "ssh foo", "curl http://[2001:db8::1]/"),
)


def test_a_block_that_was_left_as_it_is_is_unanswered_and_no_matter_of_lines() -> None:
    assert sample_words(SAMPLE, SAMPLE) == ""


def test_a_line_that_was_left_among_ones_own_is_asked_about_with_what_to_do() -> None:
    said = sample_words("cp -a /etc/nginx.conf /var/backups/\nsystemctl reload service", SAMPLE)
    assert "“systemctl reload service”. If it is right, put a # comment" in said
    assert "reload service”" in sample_words("# The change itself\nsystemctl reload service", SAMPLE), "not its own"
    assert "reload service”" in sample_words("# save it\ncp -a x y\n\nsystemctl reload service", SAMPLE), (
        "another piece"
    )


@pytest.mark.parametrize("comment", ["# as it is", "  # as it is", "-- as it is", "// as it is", "REM as it is"])
def test_a_comment_of_ones_own_says_that_what_follows_is_right(comment: str) -> None:
    assert sample_words(f"{comment}\n{SAMPLE}", SAMPLE) == ""
    assert sample_words(f"cp -a x y\n{comment}\nsystemctl reload service", SAMPLE) == ""
    assert sample_words("systemctl reload service # as it is", SAMPLE) == ""


@pytest.mark.parametrize("line", MADE_UP)
def test_a_name_that_the_template_made_up_is_right_nowhere(line: str) -> None:
    assert sample_words(f"# as it is\n{line}", f"{line}\ntrue") == (
        f"still holds a sample command of the template: “{line}”"
    )


@pytest.mark.parametrize("line", ["ls [a-z]*.sql", "run --name web --service-name web", "grep x </dev/null", "set -eu"])
def test_what_only_looks_made_up_can_be_said_to_be_right(line: str) -> None:
    assert sample_words(f"# as it is\n{line}", f"{line}\ntrue") == ""


def test_commands_without_a_sample_are_ones_own() -> None:
    assert sample_words("ssh your-host", "") == ""
