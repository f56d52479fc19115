"""Case 23: an uploaded archive that reaches outside, unpacks to a flood or links elsewhere is refused, in words."""

from __future__ import annotations

import random
import stat
import time
import zipfile

import pytest

from records.refusals import Unusable
from records.transfer.text_files import MOST_LINES
from records.transfer.unzipped import ARCHIVE_BYTES, MOST_FILES, unzipped
from tests.records.transfer.archives import archive


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, target.encode()


def test_markdown_files_come_out_byte_for_byte_in_their_order() -> None:
    data = archive(("ops/", b""), ("ops/b.md", b"# B\r\n"), ("ops/a.markdown", "# Ä\n".encode()))
    assert [(one.name, one.text, one.problem) for one in unzipped(data)] == [
        ("ops/b.md", "# B\r\n", ""),
        ("ops/a.markdown", "# Ä\n", ""),
    ]


def test_what_is_no_markdown_is_listed_and_not_dropped_in_silence() -> None:
    data = archive(("a.md", b"# A\n"), ("photo.png", b"\x89PNG"), ("b.md", b"\xff\xff"), ("c.md", b"a\0b"))
    told = {one.name: one.problem for one in unzipped(data)}
    assert told["photo.png"] == "no Markdown file"
    assert "not UTF-8" in told["b.md"]
    assert "c.md can't be taken" in told["c.md"]
    assert told["a.md"] == ""


@pytest.mark.parametrize("name", ["../evil.md", "ops/../../evil.md", "/etc/passwd.md", "C:/evil.md", "..\\evil.md"])
def test_a_name_that_leads_outside_refuses_the_archive(name: str) -> None:
    with pytest.raises(Unusable, match="leads outside"):
        unzipped(archive(("fine.md", b"# Fine\n"), (name, b"# Evil\n")))


def test_a_link_refuses_the_archive() -> None:
    with pytest.raises(Unusable, match="is a link"):
        unzipped(archive(("fine.md", b"# Fine\n"), link("evil.md", "/etc/passwd")))


@pytest.mark.parametrize("name", ["bomb.md", "bomb.bin"])
def test_a_bomb_is_read_no_further_than_the_limit(name: str) -> None:
    flood = bytes(64 * 1024 * 1024)
    data = archive(*((f"{at}-{name}", flood) for at in range(10)))
    assert len(data) < ARCHIVE_BYTES
    began = time.process_time()
    with pytest.raises(Unusable, match="larger than 16 MiB"):
        unzipped(data)
    assert time.process_time() - began < 2


def test_one_file_that_is_too_large_is_named() -> None:
    (only,) = unzipped(archive(("large.md", b"a" * (2 * 1024 * 1024 + 1))))
    assert (only.text, only.problem) == ("", "larger than 2 MiB")


def test_a_size_that_an_entry_claims_is_not_believed() -> None:
    data = bytearray(archive(("a.md", bytes(8 * 1024 * 1024))))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(Unusable, match=r"no \.zip archive, or it is damaged"):
        unzipped(bytes(data))


def test_too_many_too_large_and_empty_archives_are_refused() -> None:
    with pytest.raises(Unusable, match=f"at most {MOST_FILES} come in at once"):
        unzipped(archive(*((f"{at}.md", b"# A\n") for at in range(MOST_FILES + 1))))
    with pytest.raises(Unusable, match="larger than 1 MiB"):
        unzipped(bytes(ARCHIVE_BYTES + 1))
    with pytest.raises(Unusable, match="no file in this archive"):
        unzipped(archive(("folder/", b"")))


def test_another_way_of_packing_and_encryption_are_refused() -> None:
    with pytest.raises(Unusable, match="packed in a way"):
        unzipped(archive(("a.md", b"# A\n"), method=zipfile.ZIP_LZMA))
    data = bytearray(archive(("a.md", b"# A\n")))
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Unusable, match="encrypted"):
        unzipped(bytes(data))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"# A\n", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_said(data: bytes) -> None:
    with pytest.raises(Unusable, match=r"no \.zip archive|no file in this archive"):
        unzipped(data)


def test_a_damaged_archive_never_breaks_the_reader() -> None:
    """Bytes flipped anywhere: it is read, or refused in words."""
    whole = archive(*((f"{at}.md", b"# Record\n" * at) for at in range(1, 9)))
    dice = random.Random(23)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            assert all(one.text or one.problem for one in unzipped(bytes(data)))
        except Unusable as error:
            assert str(error)


def test_an_archive_has_no_more_lines_than_a_record_may_have_since_reading_takes_time_by_the_line() -> None:
    few = archive(*((f"{at}.md", b"- a\n" * (MOST_LINES // MOST_FILES)) for at in range(MOST_FILES)))
    assert len(unzipped(few)) == MOST_FILES
    for end in (b"\n", b"\r"):
        many = archive(*((f"{at}.md", (b"- a" + end) * (MOST_LINES // 2 + 1)) for at in range(2)))
        with pytest.raises(Unusable, match="more than 20000 lines in all"):
            unzipped(many)
