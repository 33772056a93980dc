"""Serializers that refuse what they do not know, and text that no database can store."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tickets.errors import HelpdeskError
from tickets.texts import LONGEST_TEXT, fit_text


class FitTextField(serializers.CharField):
    """Text without lone surrogates or control characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_TEXT)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Must be text.", code="not_text")
        try:
            return fit_text(data, field=self.field_name or "text", longest=self.max_length or LONGEST_TEXT, empty=self.allow_blank)
        except HelpdeskError as error:
            raise serializers.ValidationError(error.message, code=error.code) from error


class FitChoiceField(serializers.ChoiceField):
    """A choice whose refusal never echoes what cannot be encoded."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            known = ", ".join(str(choice) for choice in self.choices)
            raise serializers.ValidationError(f"Must be one of: {known}.", code="invalid_choice")
        return data


class StrictSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Unknown fields are an error that names the field and what there is."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [key for key in data if key not in self.fields]
            if unknown:
                known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
                raise serializers.ValidationError(
                    {_fit_key(key): [serializers.ErrorDetail(f"Unknown field. Known: {known}.", code="unknown_field")] for key in unknown}
                )
        return super().to_internal_value(data)


def _fit_key(key: Any) -> str:
    return str(key).encode("utf-8", "replace").decode()[:80]
