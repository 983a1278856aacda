"""The description of the interface for other systems, OpenAPI 3.1, made of its declarations in `app.core.api`."""

import re
from typing import Any

import msgspec

from app.core.api import ENDPOINTS, MOST, SCOPES, USUAL, Endpoint, Parameter, Problem

REFERENCE = "#/components/schemas/{name}"
IN_PATH = {
    "course": ("The course's id.", {"type": "string", "pattern": "^[a-z0-9-]{1,60}$"}),
    "learner": ("learner_id of a row.", {"type": "string", "format": "uuid"}),
    "number": ("The number of a certificate, such as LON-7K4M-2Q9X-HD37.", {"type": "string", "pattern": "^[^/]+$"}),
}
REFUSALS = {
    "401": "No token, or one that is unknown, expired or revoked.",
    "403": "The token lacks the scope.",
    "404": "There is no such thing, or the token may not see it.",
    "406": "The answer is JSON, and the request takes none.",
    "422": "A parameter is unknown, given too often, or holds what it cannot.",
    "429": "Too many requests; wait as long as Retry-After says, in seconds.",
    "503": "The database cannot be reached now; try again after Retry-After.",
}
ABOUT = f"""Read-only. Every answer is JSON; times are in UTC. Lists come in pages of {USUAL} rows (`limit`, at most \
{MOST}); `next` of one page asks for the following one. Errors are application/problem+json."""


def describe(base: str, version: str) -> dict[str, Any]:
    """The whole description. `base`: the address before /openapi.json; `version`: that of the program."""
    answers = [one.answers for one in ENDPOINTS if one.answers is not dict]
    found, schemas = msgspec.json.schema_components([*answers, Problem], ref_template=REFERENCE)
    shapes = dict(zip((one.name for one in ENDPOINTS if one.answers is not dict), found, strict=False))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lontar", "version": version, "description": ABOUT},
        "servers": [{"url": base}],
        "security": [{"token": []}],
        "paths": {one.path: {"get": _operation(one, shapes)} for one in ENDPOINTS},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token that an administrator made."}
            },
        },
    }


def _operation(one: Endpoint, shapes: dict[str, Any]) -> dict[str, Any]:
    in_path = re.findall(r"{(\w+)}", one.path)
    schema = shapes.get(one.name, {"type": "object"})
    refusals = [code for code in REFUSALS if _may(code, one, in_path)]
    said = f"Scope: {one.scope}, {SCOPES[one.scope]}." if one.scope else "Any token." if one.scope == "" else "Public."
    return {
        "operationId": one.name,
        "summary": one.summary,
        "description": said,
        **({"security": []} if one.scope is None else {}),
        "parameters": [*(_place(name) for name in in_path), *(_asked(each) for each in one.parameters)],
        "responses": {
            "200": {"description": one.summary, "content": {"application/json": {"schema": schema}}},
            **{code: _refusal(code) for code in refusals},
        },
    }


def _may(code: str, one: Endpoint, in_path: list[str]) -> bool:
    if code == "401":
        return one.scope is not None
    if code == "403":
        return bool(one.scope)
    return code != "404" or bool(in_path)


def _place(name: str) -> dict[str, Any]:
    meaning, schema = IN_PATH[name]
    return {"name": name, "in": "path", "required": True, "description": meaning, "schema": schema}


def _asked(one: Parameter) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": one.kind}
    limits = {"format": one.format, "enum": list(one.values), "minimum": one.least, "maximum": one.most}
    kind |= {name: value for name, value in limits.items() if value not in (None, "", [])}
    schema = {"type": "array", "items": kind} if one.many else kind
    return {"name": one.name, "in": "query", "description": one.meaning, "schema": schema}


def _refusal(code: str) -> dict[str, Any]:
    reply: dict[str, Any] = {
        "description": REFUSALS[code],
        "content": {"application/problem+json": {"schema": {"$ref": REFERENCE.format(name="Problem")}}},
    }
    if code == "401":
        reply["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
    if code in ("429", "503"):
        reply["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "required": True}}
    return reply
