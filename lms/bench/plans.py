"""A ``Plan`` is what a benchmark sends: its requests, each with the answer it must get, and the bare view's one.

A request that is answered with anything else ends the benchmark: the time of an error page is nobody's figure.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP request; ``holds`` is a piece of text its answer must have."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 200
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """``asks`` are sent in turn, and again from the first when there are fewer than wanted. ``counts``: what was seeded."""

    asks: tuple[Ask, ...]
    bare: Ask
    counts: Mapping[str, int]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Plan":
        told = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(Ask(**ask) for ask in told["asks"]), Ask(**told["bare"]), told["counts"])
