# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON schemas of the bodies that a REST API lets through, in the words that both draft 4 and OpenAPI 3.0 have.

API Gateway holds bodies against draft 4, and takes a schema in an OpenAPI document. What only one of them knows is
refused by the import, or dropped without a word. Pure: no call is made.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

TYPES = ("array", "boolean", "integer", "number", "object", "string")
NUMBERS = ("minimum", "maximum", "multipleOf")
COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
FLAGS = ("uniqueItems", "exclusiveMinimum", "exclusiveMaximum")
LISTS = ("allOf", "anyOf", "oneOf")
TEXTS = ("title", "description", "format")
PAIRS = (
    ("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"),
)  # fmt: skip
WORDS = frozenset(
    {"type", "enum", "pattern", "properties", "required", "additionalProperties", "items", "not"}
    | {*NUMBERS, *COUNTS, *FLAGS, *LISTS, *TEXTS}
)
LARGEST = 400 * 1024
"""Bytes of a model."""


def model_name(schema: Schema) -> str:
    """What the model of a schema is called: letters and digits, and another name for another schema.

    A name that says the content lets a run know a model again in whatever words API Gateway tells it.
    """
    return f"Body{hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()[:24]}"


def schema_problems(label: str, schema: Any) -> Iterator[str]:
    """Why a schema is none that API Gateway would hold bodies against; `label` says where it stands."""
    if isinstance(schema, dict) and len(json.dumps(schema)) > LARGEST:
        yield f"{label} has {len(json.dumps(schema))} bytes; a model has {LARGEST} at most."
    else:
        yield from _problems(label, schema)


def _problems(label: str, schema: Any) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield f"{label} is {schema!r}; a JSON schema is a mapping, such as {{type: object}}."
        return
    for word in sorted(set(map(str, schema)) - WORDS):
        hint = "; write it out where it stands" if word == "$ref" else f"; the words are {', '.join(sorted(WORDS))}"
        yield f"{label} has {word!r}, which a body's schema of a REST API cannot have{hint}."
    for word, value in schema.items():
        yield from _word(f"{label}.{word}", str(word), value)
    for least, most in PAIRS:
        if _is_number(schema.get(least)) and _is_number(schema.get(most)) and schema[least] > schema[most]:
            yield f"{label}: {least} is {schema[least]} and {most} is {schema[most]}, so that nothing fits."
    for flag, word in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.get(flag) and word not in schema:
            yield f"{label}.{flag} is true without {word}, which it is about."
    known, required = schema.get("properties"), schema.get("required")
    if schema.get("additionalProperties") is False and isinstance(required, list):
        lacking = [each for each in required if each not in (known or {})]
        if lacking:
            yield (
                f"{label}.required has {', '.join(map(str, lacking))}, which properties has not, and "
                "additionalProperties is false, so that nothing fits."
            )


def _word(label: str, word: str, value: Any) -> Iterator[str]:
    """About the value of one word."""
    if word == "type" and value not in TYPES:
        yield f"{label} is {value!r}; {', '.join(TYPES)} are valid, one of them."
    elif word == "properties":
        if not isinstance(value, dict):
            yield f"{label} is {value!r}; it is a mapping of names to schemas."
        for name, each in value.items() if isinstance(value, dict) else ():
            yield from _problems(f"{label}.{name}", each)
    elif word in ("items", "not") or (word == "additionalProperties" and not isinstance(value, bool)):
        yield from _problems(label, value)
    elif word in LISTS:
        if not isinstance(value, list) or not value:
            yield f"{label} is {value!r}; it is a list of one schema or more."
        for number, each in enumerate(value if isinstance(value, list) else []):
            yield from _problems(f"{label}[{number}]", each)
    else:
        yield from _plain(label, word, value)


def _plain(label: str, word: str, value: Any) -> Iterator[str]:
    """About a word that has no schemas in it."""
    if word in NUMBERS and (not _is_number(value) or (word == "multipleOf" and value <= 0)):
        yield f"{label} is {value!r}; a number is valid{', above 0' if word == 'multipleOf' else ''}."
    elif word in COUNTS and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        yield f"{label} is {value!r}; a whole number, 0 or more, is valid."
    elif word in FLAGS and not isinstance(value, bool):
        yield f"{label} is {value!r}; true and false are valid."
    elif word in TEXTS and not isinstance(value, str):
        yield f"{label} is {value!r}; a text is valid."
    elif word == "enum" and (not isinstance(value, list) or not value):
        yield f"{label} is {value!r}; a list of one value or more is valid."
    elif word == "required":
        named = isinstance(value, list) and all(isinstance(each, str) and each for each in value)
        if not named or not value or len(set(value)) != len(value):
            yield f"{label} is {value!r}; a list of one name or more is valid, each once."
    elif word == "pattern":
        try:
            re.compile(value)
        except (re.error, TypeError) as error:
            yield f"{label} is {value!r}, which is no regular expression: {error}."


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
