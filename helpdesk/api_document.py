"""What every operation of the API has in common, told once for the OpenAPI document: refusals and headers."""

from __future__ import annotations

from typing import Any

REFUSAL = {
    "type": "object",
    "description": "One shape for every refusal. `details` names the fields at fault.",
    "required": ["error", "description", "details"],
    "properties": {
        "error": {"type": "string", "description": "A code that never changes."},
        "description": {"type": "string", "description": "A sentence for people."},
        "details": {
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                },
            },
        },
    },
}
REFUSED = {
    "description": "Refused: 400, 401, 403, 404, 409, 413, 415, 422 or 429.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
}


def _header(name: str, told: str, **schema: Any) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": told, "schema": {"type": "string", **schema}}


IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    "A repeated request with this key takes effect once; `X-Idempotency-Lookup` says hit or miss.",
    maxLength=255,
)
IF_MATCH = _header("If-Match", "The `ETag` of what you saw: refused (409) when something happened on the ticket since.")


def describe_edges(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    result["components"]["schemas"]["Refusal"] = REFUSAL
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            operation["responses"]["default"] = REFUSED
            headers = [IDEMPOTENCY_KEY] if method == "post" else []
            headers += [IF_MATCH] if method in ("post", "patch") and "{ticket_id}" in path else []
            if headers:
                operation["parameters"] = [*operation.get("parameters", []), *headers]
    return result
