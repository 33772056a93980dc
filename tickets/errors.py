"""What can go wrong, with a code for programs and a sentence for people.

Pure: edges turn these into an HTTP status, a form message or an exit code. The code never
changes; the sentence may, and is translated at the edge.
"""

from __future__ import annotations


class HelpdeskError(Exception):
    """Base of every refusal. `field` names the input at fault, where there is one."""

    http_status = 400

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class Invalid(HelpdeskError):
    """The input does not make sense: wrong type, unknown name, out of range."""


class Conflict(HelpdeskError):
    """The input makes sense, but not in the state the world is in by now."""

    http_status = 409


class NotAllowed(HelpdeskError):
    """This person may not do this."""

    http_status = 403


class NotFound(HelpdeskError):
    """No such thing, or none that this person may see."""

    http_status = 404
