# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which schemas of bodies API Gateway would hold requests against, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.services.body_schema import model_name, schema_problems

SALE: dict[str, Any] = {
    "type": "object",
    "required": ["product", "amount"],
    "additionalProperties": False,
    "properties": {
        "product": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[A-Z]"},
        "amount": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "multipleOf": 0.01},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True, "maxItems": 3},
        "more": {"anyOf": [{"type": "string"}, {"not": {"type": "object"}}]},
        # Names of properties may be any words.
        "$ref": {"type": "string", "title": "a name", "format": "uri"},
    },
}


def test_a_sound_schema_has_no_problem_and_a_name_of_its_own() -> None:
    assert list(schema_problems("body", SALE)) == []
    assert model_name(SALE) == model_name(dict(reversed(SALE.items())))
    assert model_name(SALE) != model_name({**SALE, "maxProperties": 9})
    assert model_name(SALE).isalnum()


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ([], "body is []; a JSON schema is a mapping"),
        ({"$ref": "#/definitions/a"}, "body has '$ref', which a body's schema of a REST API cannot have; write it out"),
        ({"const": 1}, "body has 'const'"),
        ({"type": ["string", "null"]}, "body.type is ['string', 'null']"),
        ({"type": "text"}, "body.type is 'text'"),
        ({"properties": ["a"]}, "body.properties is ['a']"),
        ({"properties": {"a": {"type": "x"}}}, "body.properties.a.type is 'x'"),
        ({"items": [{}]}, "body.items is [{}]"),
        ({"anyOf": []}, "body.anyOf is []"),
        ({"oneOf": [{"minLength": -1}]}, "body.oneOf[0].minLength is -1"),
        ({"additionalProperties": 1}, "body.additionalProperties is 1"),
        ({"minimum": "1"}, "body.minimum is '1'"),
        ({"multipleOf": 0}, "body.multipleOf is 0; a number is valid, above 0"),
        ({"maxLength": 1.5}, "body.maxLength is 1.5"),
        ({"uniqueItems": 1}, "body.uniqueItems is 1"),
        ({"title": 1}, "body.title is 1"),
        ({"enum": []}, "body.enum is []"),
        ({"required": []}, "body.required is []"),
        ({"required": ["a", "a"]}, "body.required is ['a', 'a']"),
        ({"pattern": "("}, "body.pattern is '(', which is no regular expression"),
        ({"minLength": 2, "maxLength": 1}, "so that nothing fits"),
        ({"exclusiveMaximum": True}, "body.exclusiveMaximum is true without maximum"),
        ({"required": ["a"], "additionalProperties": False}, "body.required has a, which properties has not"),
        ({"title": "x" * 500_000}, "a model has 409600 at most"),
    ],
)
def test_what_cannot_be_right_is_told(schema: Any, words: str) -> None:
    (found,) = schema_problems("body", schema)
    assert words in found
