"""The API and its description."""

from typing import Any

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "lms.people.api.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "lms.people.problems.problem_details",
    "DEFAULT_THROTTLE_RATES": {
        # By whom it is asked: all keys and people of an organisation together, and each person signed in.
        "hiring-checks": "120/min",
        "hiring-checks-user": "30/min",
        "verification": "60/min",
        "verify-file": "12/min",
        "credentials": "120/min",
    },
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": 0,  # REMOTE_ADDR is the address: see lms.people.addresses
}
# From where on an institution's single checks of one day are a pattern that a registrar asks about
# (lms.rules.look_ups has what each means). Shares are of 1; between the hours people work.
LOOK_UP_BOUNDS: dict[str, Any] = {
    "misses_least": 30,
    "misses_share": 0.9,
    "names_a_number": 3,
    "run_of_names": 12,
    "numbers_a_family": 4,
    "numbers_a_family_listed": 8,
    "hours": (6, 22),
    "outside_least": 10,
    "outside_share": 0.5,
    "same_person": 5,
    "burst": 100,
    "burst_minutes": 10,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "托育人才培训与认证 API",
    "DESCRIPTION": "Hiring checks, standing and certificates.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    # Its module also tells how a key is shown.
    "PREPROCESSING_HOOKS": ["lms.people.schema.only_public"],
}
