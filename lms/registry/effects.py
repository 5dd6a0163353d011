"""What a decision does to the rows of the rooms above, told before it is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Item:
    """One row that would change, of the person with the key ``person_id``.

    ``region_code`` says where it belongs: officers of other regions read only the count.
    """

    text: str
    region_code: str
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """Things of one kind that would change; ``label`` follows their number and says what would happen to them."""

    code: str
    label: Any
    items: Sequence[Item]

    @property
    def count(self) -> int:
        return len(self.items)
