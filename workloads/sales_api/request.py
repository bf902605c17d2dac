# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client may say: the body of `POST /sales` and the `Idempotency-Key`, read exactly or refused with a reason.

The body is JSON whatever its Content-Type (`curl -d` says it sends a form, and the reference API does not mind).
Numbers are decimals from the first character on: a binary float would change the money. Unknown fields are ignored.
"""

from __future__ import annotations

import json
from decimal import Decimal

from protocol.sale import MalformedSale, Sale
from protocol.sale_id import new_sale_id, parse_sale_id

PRODUCT_CHARACTERS = 256
# SNS and SQS carry the characters of XML 1.0 only; the control characters among the others are escaped by JSON.
_NOT_CARRIED = frozenset("\ufffe\uffff")


class BadRequest(ValueError):
    """The client's fault; the message is for the client."""


def read_sale(body: bytes, idempotency_key: str | None, region: str) -> Sale:
    """The sale that a request asks for.

    A sale without a key is at home in `region`. A key must be a UUIDv7: it becomes the id, and since the client may
    bring it to another region too, the sale has no home.

    Raises:
        BadRequest: the body or the key is malformed.
    """
    fields = _parse(body)
    if idempotency_key is None:
        sale_id, home = new_sale_id(), region
    else:
        sale_id, home = parse_sale_id(idempotency_key.strip()), None
        if sale_id is None:
            raise BadRequest(f"Idempotency-Key: expected a UUIDv7, found {idempotency_key[:80]!r}")

    missing = [name for name in ("product", "amount") if fields.get(name) is None]
    if missing:
        raise BadRequest(f'missing {" and ".join(missing)}: expected {{"product": text, "amount": number}}')
    product, amount = fields["product"], fields["amount"]
    if isinstance(product, str) and len(product) > PRODUCT_CHARACTERS:
        raise BadRequest(f"product: expected at most {PRODUCT_CHARACTERS} characters, found {len(product)}")
    if isinstance(product, str) and not _NOT_CARRIED.isdisjoint(product):
        raise BadRequest("product: U+FFFE and U+FFFF are no characters")
    if not isinstance(amount, (int, Decimal)):
        raise BadRequest(f"amount: expected a JSON number, found {json.dumps(amount, default=str)[:80]}")
    try:
        return Sale.new(sale_id, product, amount, home)
    except MalformedSale as error:
        raise BadRequest(str(error)) from error


def _parse(body: bytes) -> dict[str, object]:
    try:
        fields = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse_constant)
    # Decimal's own refusal (an exponent of twenty digits) is an ArithmeticError.
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise BadRequest(f"the body is no JSON: {error or type(error).__name__}") from error
    if not isinstance(fields, dict):
        raise BadRequest(f"the body must be a JSON object, found {json.dumps(fields, default=str)[:80]}")
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
