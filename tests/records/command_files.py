"""The files that commands are given."""

from __future__ import annotations

from pathlib import Path

from records.library.templates_in import SHIPPED

ROOT = Path(__file__).parents[2]
TEMPLATE, TOML = SHIPPED / "infrastructure-operation.md", SHIPPED / "infrastructure-operation.toml"
KAFKA = ROOT / "records/demo/kafka-rolling-upgrade.md"
KAFKA_ID = "2026-11-15-infrastructure-kafka-rolling-upgrade"
