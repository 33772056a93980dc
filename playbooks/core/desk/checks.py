"""How a desk scenario is read and refused: every refusal names the field and says what would do."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tickets.errors import Invalid


def refuse(field: str, message: str, *, code: str = "invalid_desk") -> Invalid:
    return Invalid(code, message, field=field)


def number(field: str, value: Any, *, least: float = 0.0, most: float = math.inf, above: float | None = None) -> None:
    """Refuses what is no finite number within these bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refuse(field, f"'{field}' is a number; {value!r} is not.")
    if above is not None and value <= above:
        raise refuse(field, f"'{field}' is greater than {above:g}; {value:g} is not.")
    if not least <= value <= most:
        bounds = f"at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"
        raise refuse(field, f"'{field}' is {bounds}; {value:g} is not.")


def whole(field: str, value: Any, *, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse(field, f"'{field}' is a whole number; {value!r} is not.")
    number(field, value, least=least, most=most)


def shares(field: str, values: Iterable[float]) -> None:
    """Shares of a whole: none negative, together 1."""
    given = list(values)
    for value in given:
        number(field, value, least=0.0, most=1.0)
    if abs(math.fsum(given) - 1.0) > 1e-9:
        raise refuse(field, f"The shares of '{field}' add up to 1; these give {math.fsum(given):g}.")


def distinct(field: str, names: Iterable[str]) -> None:
    given = list(names)
    if len(set(given)) < len(given):
        raise refuse(field, f"Each of '{field}' has a name of its own.")


def known(field: str, given: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Refuses a parameter that nobody reads."""
    if not isinstance(given, Mapping):
        raise refuse(field, f"'{field}' is a table of named parameters.")
    names = sorted(allowed)
    for name in given:
        if name not in names:
            path = f"{field}.{name}" if field else str(name)
            raise refuse(
                path, f"There is no parameter '{path}'. Known are: {', '.join(names)}.", code="unknown_parameter"
            )
