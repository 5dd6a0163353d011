"""What would happen if this case came into force now, asked of every room above."""

from dataclasses import dataclass
from typing import Any

from lms.registry import signals
from lms.registry.models import BanCase
from lms.registry.services.subjects import with_persons


@dataclass(frozen=True, slots=True)
class Consequence:
    """``count`` things of one kind that the ban would change; ``label`` says what would happen to them."""

    code: str
    label: Any
    count: int


def consequences(case: BanCase) -> list[Consequence]:
    """Every consequence, also those that concern nobody (count 0): silence would look like an omission."""
    subjects = with_persons(list(case.subjects.select_related("person")))
    answers: list[tuple[Any, Any]] = list(signals.ban_consequences.send(BanCase, case=case, subjects=subjects))
    return [Consequence(code, label, count) for _receiver, rows in answers for code, label, count in rows]
