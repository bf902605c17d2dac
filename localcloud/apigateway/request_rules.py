# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What API Gateway demands of the models and validators of a REST API, and what those demand of requests."""

from __future__ import annotations

import json
import re
from typing import Any

from jsonschema import Draft4Validator, SchemaError
from moto.apigateway.exceptions import BadRequestException

Item = dict[str, Any]

VALIDATORS = "x-amazon-apigateway-request-validators"
VALIDATOR = "x-amazon-apigateway-request-validator"
MODELS = "#/components/schemas/"
MODEL_NAME = re.compile(r"[a-zA-Z0-9]+")
UNKNOWN = ("$schema", "$id", "const", "if", "then", "else", "contains", "propertyNames", "patternProperties")
"""Words of JSON schema that OpenAPI 3.0 has not, so that an import refuses or drops them."""


def check_models(document: Item) -> Item:
    """The models of a document by name. Refused is a name or a schema that API Gateway does not take."""
    models: Item = (document.get("components") or {}).get("schemas") or {}
    for name, schema in models.items():
        if not MODEL_NAME.fullmatch(name):
            raise BadRequestException(f"Model name must be alphanumeric: {name}")
        try:
            Draft4Validator.check_schema(schema)
        except SchemaError as error:
            raise _invalid(name, error.message) from error
        words = sorted(_words(schema) & set(UNKNOWN))
        if words or isinstance(schema.get("type"), list):
            raise _invalid(name, f"attribute {', '.join(words) or 'type'} is not of type schema")
    return models


def _invalid(name: str, message: str) -> BadRequestException:
    return BadRequestException(
        f"Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified for "
        f"{name}: {message}]"
    )


def _words(schema: Any) -> set[str]:
    """The words that a schema and those in it use."""
    if isinstance(schema, list):
        return {word for each in schema for word in _words(each)}
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key, value in schema.items():
        if key == "properties":
            found |= {word for each in value.values() for word in _words(each)}
        elif key not in ("enum", "default", "example"):
            found |= _words(value)
    return found


def check_validation(operation: Item, models: Item, validators: Item) -> None:
    """Refuse an operation that names a model or a validator that there is not."""
    told = operation.get(VALIDATOR)
    if told is not None and told not in validators:
        raise BadRequestException(f"Invalid Request Validator identifier specified: {told}")
    for name in models_of(operation).values():
        if name not in models:
            raise BadRequestException(f"Invalid model identifier specified: {name}")


def models_of(operation: Item) -> dict[str, str]:
    """Media type → name of the model that a body of it is held against."""
    content = (operation.get("requestBody") or {}).get("content") or {}
    return {kind: told["schema"]["$ref"].removeprefix(MODELS) for kind, told in content.items()}


def demands(api: Any, method: Any) -> Item | None:
    """What a method demands of requests, as its validator says; None without one."""
    validator = api.request_validators.get(method.request_validator_id)
    if validator is None:
        return None
    needed = [name for name, required in (method.request_parameters or {}).items() if required]
    found: Item = {"headers": [], "query": [], "models": {}}
    for kind, place in (("headers", "header"), ("query", "querystring")):
        start = f"method.request.{place}."
        if validator.validate_request_parameters:
            found[kind] = sorted(each.removeprefix(start) for each in needed if each.startswith(start))
    if validator.validate_request_body:
        models = method.request_models or {}
        found["models"] = {kind: json.loads(api.models[name].schema) for kind, name in models.items()}
    return found
