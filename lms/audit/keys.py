"""Primary keys. UUID version 7: unguessable in its random part, and near in the index to what was made at the same time."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A fresh primary key."""
    return uuid7()
