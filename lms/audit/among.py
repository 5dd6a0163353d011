"""``field__among``: one of very many keys, given to the database as a single value.

``field__in`` writes a parameter a key; where a book is walked a thousand keys at a time, putting those together and
taking them apart again costs more than looking the rows up. Keys only: UUIDs.
"""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup, UUIDField
from django.db.models.sql.compiler import SQLCompiler


@UUIDField.register_lookup
class Among(Lookup):  # type: ignore[type-arg]
    lookup_name = "among"
    prepare_rhs = False
    rhs: Iterable[uuid.UUID]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """PostgreSQL: an array in its own notation."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::uuid[])", [*parameters, f"{{{','.join(map(str, self.rhs))}}}"]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """SQLite: a JSON list of the hexadecimal text it keeps a UUID as."""
        column, parameters = self.process_lhs(compiler, connection)
        keys = json.dumps([key.hex for key in self.rhs])
        return " ".join([column, "IN (SELECT value FROM json_each(%s))"]), [*parameters, keys]
