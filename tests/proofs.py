"""Long proofs in parts: each is drawn after its own number, and a part that went well is not run again.

What a part counted is kept in pytest's cache under a digest of the code that it is about: an interrupted proof goes on
where it was, and changed code is proved anew. ``make test-long`` runs them; ``--cache-clear`` forgets them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings

ROOT = Path(__file__).parent.parent


def part(
    request: pytest.FixtureRequest, code: tuple[str, ...], proof: Callable[[], Counter[str]], *, on: str = ""
) -> Counter[str]:
    """What ``proof`` counts, now or when this part was last run with this ``code`` (folders) ``on`` this database."""
    cache = request.config.cache
    assert cache is not None, "a long proof keeps its parts in pytest's cache"
    key = f"proofs/{digest_of(code)}/{request.node.name}{on}"
    if (kept := cache.get(key, None)) is None:
        kept = dict(proof())
        cache.set(key, kept)
    return Counter(kept)


Test = TypeVar("Test", bound=Callable[..., Any])


def drawn_after(number: int, most: int) -> Callable[[Test], Test]:
    """Puts a ``@given`` test to ``most`` examples, those that ``number`` stands for each time."""

    def decorated(test: Test) -> Test:
        own = settings(
            max_examples=most,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        return seed(number)(own(test))

    return decorated


def digest_of(code: tuple[str, ...]) -> str:
    """A digest of all Python in the folders."""
    files = sorted(path for folder in code for path in (ROOT / folder).rglob("*.py"))
    told = "".join(f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
