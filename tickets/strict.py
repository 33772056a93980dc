"""Serializers that refuse what they do not know: unknown fields, other types, text that no database can store."""

from __future__ import annotations

import math
from typing import Any

from django.core.validators import EmailValidator
from rest_framework import serializers

from tickets.errors import HelpdeskError
from tickets.texts import LONGEST_TEXT, fit_text

MOST_CUSTOM = 50
LONGEST_NAME = 80  # of a custom field
SAFE_NUMBER = 2**53  # every JSON reader keeps whole numbers up to here


class FitTextField(serializers.CharField):
    """Text without lone surrogates or control characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_TEXT)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        return _fit(
            data, name=self.field_name or "text", longest=self.max_length or LONGEST_TEXT, empty=self.allow_blank
        )


class FitEmailField(FitTextField):
    """An address; the text is checked first, so that a refusal can be encoded."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)
        self.validators.append(EmailValidator("An e-mail address, such as name@example.com."))


class FitChoiceField(serializers.ChoiceField):
    """A choice whose refusal never echoes what cannot be encoded."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            known = ", ".join(str(choice) for choice in self.choices)
            raise serializers.ValidationError(f"Must be one of: {known}.", code="invalid_choice")
        return data


class WholeField(serializers.IntegerField):
    """A whole number as JSON writes one: not "12", 12.0 or true."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("Must be a whole number.", code="not_a_number")
        return data


class YesNoField(serializers.BooleanField):
    """true or false: not "yes" or 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Must be true or false.", code="not_a_boolean")
        return data


class ShareField(serializers.FloatField):
    """A share between 0 and 1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0.0, max_value=1.0, **kwargs)

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise serializers.ValidationError("Must be a number between 0 and 1.", code="not_a_number")
        return data


class PlainDictField(serializers.DictField):
    """Names with plain values of somebody else's: text, numbers, true, false, null; not nested."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Must be an object of names and plain values.", code="not_an_object")
        if len(data) > MOST_CUSTOM:
            raise serializers.ValidationError(f"At most {MOST_CUSTOM} fields.", code="too_many")
        return {
            _fit(key, name="the name", longest=LONGEST_NAME): self._plain(key, value) for key, value in data.items()
        }

    def _plain(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            return _fit(value, name=key, longest=LONGEST_TEXT, empty=True)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            if not math.isfinite(value) or (isinstance(value, int) and abs(value) > SAFE_NUMBER):
                raise serializers.ValidationError({key: ["This number is too large to be kept."]}, code="too_large")
            return value
        raise serializers.ValidationError({key: ["Must be text, a number, true, false or null."]}, code="not_plain")


class StrictSerializer(serializers.Serializer):
    """Unknown fields are an error that names the field and what there is."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [key for key in data if key not in self.fields]
            if unknown:
                known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
                refusal = serializers.ErrorDetail(f"Unknown field. Known: {known}.", code="unknown_field")
                raise serializers.ValidationError({encodable(key)[:LONGEST_NAME]: [refusal] for key in unknown})
        return super().to_internal_value(data)


def encodable(value: object) -> str:
    """As text that can be sent back: a lone surrogate becomes a question mark."""
    return str(value).encode("utf-8", "replace").decode()


def _fit(data: Any, *, name: str, longest: int, empty: bool = False) -> str:
    try:
        return fit_text(data, field=encodable(name), longest=longest, empty=empty)
    except HelpdeskError as error:
        raise serializers.ValidationError(error.message, code=error.code) from error
