"""Values written in another unit than the one asked for."""

from __future__ import annotations

import pytest

from records.units import is_other_measure, other_unit, unit_behind, units_asked


@pytest.mark.parametrize(
    ("written", "unit", "other"),
    [
        ("13 %", "GB", "%"),
        ("13 %", "ms", "%"),
        ("0.3 s", "ms", "s"),
        ("13 GB", "gb", ""),
        ("120 milliseconds", "ms", ""),
        ("61 percent", "%", ""),
        ("8 GB", " GB", ""),
        ("61", "GB", ""),
        ("13 %", "", ""),
        ("n/a", "GB", ""),
        ("61 of 80 GB", "ms", ""),
        ("40 req/s", " req/sec", ""),
    ],
)
def test_another_unit_is_noticed_and_another_name_of_it_is_not(written: str, unit: str, other: str) -> None:
    assert other_unit(written, unit) == other


@pytest.mark.parametrize(
    ("unit", "other", "told_apart"),
    [
        *[
            ("MB/s", "Mb/s", True),
            ("GB", "GiB", True),
            ("GB", "Gb", True),
            ("MB/s", "Mbps", True),
            ("MB", "MB/s", True),
        ],
        *[("Mbps", "mbit/s", False), ("MB", "megabytes", False), ("kB", "KB", False), ("GiB", "GIB", False)],
        *[("ms", "milliseconds", False), ("ms", "s", True), ("", "s", False), ("req/s", "rps", False)],
    ],
)
def test_numbers_of_bits_and_of_bytes_are_never_compared(unit: str, other: str, told_apart: bool) -> None:
    assert is_other_measure(unit, other) is is_other_measure(other, unit) is told_apart


def test_a_placeholder_asks_for_units_only_where_all_of_it_is_one() -> None:
    assert list(units_asked("[GB/percentage]")) == ["GB", "percentage"]
    assert list(units_asked("[milliseconds]")) == ["milliseconds"]
    assert not units_asked("[IOPS/throughput]")
    assert unit_behind("141 ms") == "ms"
