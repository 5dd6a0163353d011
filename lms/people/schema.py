"""What the OpenAPI document says: the public API alone, and how a key is shown."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "lms.people.api.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key of an organisation, for one scope."}


def only_public(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """The editor has an API of its own for its own pages; it is nobody's contract."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
