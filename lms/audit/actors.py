"""Who acts. No verb writes without one."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user in one role for one organisation, an API key, or a named system job.

    ``kind`` is ``user``, ``api_key`` or ``system``; ``label`` is the user name, the key's prefix or the job's name and
    never carries personal data. ``region_code`` (GB/T 2260) bounds what a bureau may see and decide.
    """

    kind: str
    label: str
    id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None
    organisation_name: str = ""
    role: str = ""
    region_code: str = ""
    request_id: str = ""

    @classmethod
    def system(cls, job: str) -> "Actor":
        """A named job of the product itself, such as ``seal-audit``."""
        if not job:
            raise ValueError("a system actor needs the name of its job")
        return cls(kind="system", label=job)

    @property
    def is_system(self) -> bool:
        return self.kind == "system"
