"""How a verb says no.

A refusal carries a stable code for machines, a sentence for people and the
HTTP status that fits it.  It is never a bare ``False``, and neither its
sentence nor its parameters may hold an identity number.
"""

from typing import Any


def gettext_noop(message: str) -> str:
    """Mark a Chinese sentence for the translators; it is translated where it is shown."""
    return message


class Refusal(Exception):
    """A verb refuses: ``code`` is for machines, ``message`` (with ``params``) for people.

    ``message`` may be a lazy translation; it is only turned into text when
    read.  ``field`` names the input at fault, when there is one.
    """

    default_status = 409

    def __init__(
        self, code: str, message: Any, *, status: int | None = None, field: str | None = None, **params: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = self.default_status if status is None else status
        self.field = field
        self.params = params

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.params if self.params else text

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive pickling: a worker hands exceptions back by pickle."""
        return (_empty, (type(self), self.code), self.__dict__)


def _empty(kind: type[Refusal], code: str) -> Refusal:
    return kind.__new__(kind, code)


class NotAllowed(Refusal):
    """This actor may not do this."""

    default_status = 403


class NotFound(Refusal):
    """There is no such thing, or none that this actor may know of."""

    default_status = 404


class Invalid(Refusal):
    """What was given can't be right, whoever gives it."""

    default_status = 422


class Conflict(Refusal):
    """Right in itself, but not in the state things are in now."""

    default_status = 409


class TooMany(Refusal):
    """Too often; later perhaps."""

    default_status = 429
