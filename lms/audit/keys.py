"""Primary keys. UUID version 7: unguessable in its random part, and near in the index to what was made at the same time."""

import uuid
from datetime import datetime

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A fresh primary key."""
    return uuid7()


def oldest_since(moment: datetime) -> uuid.UUID:
    """No key drawn at or after ``moment`` is smaller than this one."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
