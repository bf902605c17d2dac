# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sale and the facts about it: its item, its message, its lake object, its cancellation.

The lake's key and bytes come from the sale alone (nothing of who processed it, or when), so doing it twice is doing
it once. A cancellation is an item of its own, which no worker and no POST overwrites.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .attributes import UNPROCESSED_ATTRIBUTE
from .encoding import canonical_json, from_attributes, plain_number, to_attributes
from .sale_id import canonical_uuid, parse_sale_id, timestamp_of
from .shards import shard_value

CANCELLED_PREFIX = "cancelled#"
AMOUNT_DIGITS = 18  # before the decimal point, and after it: 36 of the 38 that a DynamoDB number keeps


class MalformedSale(ValueError):
    """What should be a sale is none; the message says which field is wrong."""


@dataclass(frozen=True)
class Sale:
    """One sale, normalised: two spellings of the same sale are equal.

    id: canonical UUID. timestamp: unix seconds; the one inside the id when that is a UUIDv7. home: the region whose
    API took it; None for the reference API's sales and for those with an Idempotency-Key.
    """

    id: str
    product: str
    amount: Decimal
    timestamp: int
    home: str | None = None

    @classmethod
    def new(cls, sale_id: str, product: str, amount: Any, home: str | None) -> Sale:
        """A sale as our API takes it; the timestamp is the one inside `sale_id`, a UUIDv7."""
        return cls.from_dict({"id": sale_id, "product": product, "amount": amount, "home": home})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Sale:
        """Read a plain item or a parsed message. MalformedSale says which field is wrong."""
        sale_id = canonical_uuid(data.get("id"))
        if sale_id is None:
            raise MalformedSale(f"id: expected a UUID, found {data.get('id')!r}")
        product = data.get("product")
        if not isinstance(product, str) or not product.strip():
            raise MalformedSale(f"product: expected a text that is not empty, found {product!r}")
        if any("\ud800" <= character <= "\udfff" for character in product):
            raise MalformedSale("product: expected Unicode text, found half of a surrogate pair")
        home = data.get("home")
        if home is not None and not isinstance(home, str):
            raise MalformedSale(f"home: expected the name of a region, found {home!r}")
        timestamp = _timestamp(timestamp_of(sale_id) if parse_sale_id(sale_id) else data.get("timestamp"))
        return cls(sale_id, product, normalise_amount(data.get("amount")), timestamp, home or None)

    @classmethod
    def from_message(cls, body: str | bytes) -> Sale:
        """Read the body of a message: the JSON that our API, the reference API and reconciliation publish."""
        try:
            data = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, RecursionError, InvalidOperation) as error:
            raise MalformedSale(f"body: expected JSON, found {body[:80]!r} ({error})") from error
        if not isinstance(data, dict):
            raise MalformedSale(f"body: expected a JSON object, found {type(data).__name__}")
        return cls.from_dict(data)

    @classmethod
    def from_attributes(cls, item: Mapping[str, Mapping[str, Any]]) -> Sale:
        """Read the sale item as DynamoDB's low-level API returns it."""
        return cls.from_dict(from_attributes(item))

    def to_item(self, processed: bool) -> dict[str, Any]:
        """The plain sale item, always whole: a partial update may win over the original that it never saw.

        Only an unprocessed sale has the attribute of the unprocessed index, with the value of its shard.
        """
        item: dict[str, Any] = {
            "id": self.id,
            "product": self.product,
            "amount": self.amount,
            "sale_processed": processed,
            "timestamp": self.timestamp,
        }
        if self.home:
            item["home"] = self.home
        if not processed:
            item[UNPROCESSED_ATTRIBUTE] = shard_value(self.id)
        return item

    def to_attributes(self, processed: bool) -> dict[str, dict[str, Any]]:
        """The sale item as DynamoDB's low-level API takes it."""
        return to_attributes(self.to_item(processed))

    def to_message(self) -> str:
        """The body to publish. The reference worker reads it too; it ignores fields that it does not know."""
        item = self.to_item(processed=False)
        del item[UNPROCESSED_ATTRIBUTE]
        return canonical_json(item).decode()

    @property
    def lake_key(self) -> str:
        """`sales/YYYYMMDD/<id>.json`; the day is that of the sale's own timestamp, in UTC."""
        day = datetime.fromtimestamp(self.timestamp, UTC)
        return f"sales/{day:%Y%m%d}/{self.id}.json"

    @property
    def lake_bytes(self) -> bytes:
        """id, product, amount and timestamp in canonical JSON, and nothing else."""
        return canonical_json(
            {"id": self.id, "product": self.product, "amount": self.amount, "timestamp": self.timestamp}
        )


def cancelled_id(sale_id: str) -> str:
    """The id, in the sales table, of the item that says that a sale was cancelled."""
    return f"{CANCELLED_PREFIX}{sale_id.lower()}"


def cancelled_item(sale_id: str, now: int, processed: bool = False) -> dict[str, Any]:
    """The plain item of a cancellation at `now` (unix seconds). It is written once and never removed.

    processed: whether the sale was, as far as whoever cancelled it could see.
    """
    item = {"id": cancelled_id(sale_id), "sale": sale_id.lower(), "cancelled_at": now}
    return {**item, "sale_processed": True} if processed else item


def normalise_amount(value: Any) -> Decimal:
    """Read an amount (int, Decimal, float or decimal text): 14, 14.0 and "14.00" are equal and print alike.

    MalformedSale beyond AMOUNT_DIGITS digits before or after the point, for negative amounts and for what is no number.
    """
    expected = f"amount: expected a number from 0 up, with at most {AMOUNT_DIGITS} digits on each side of the point"
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise MalformedSale(f"{expected}, found {value!r}")
    try:
        amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, ValueError) as error:
        raise MalformedSale(f"{expected}, found {value!r}") from error
    # The exponent is looked at before anything is written out: 1E+999999999 would fill the memory.
    if not amount.is_finite() or amount < 0 or amount.adjusted() >= AMOUNT_DIGITS:
        raise MalformedSale(f"{expected}, found {str(value)[:40]}")
    digits, exponent = amount.as_tuple().digits, amount.as_tuple().exponent
    if amount and isinstance(exponent, int) and exponent + _trailing_zeros(digits) < -AMOUNT_DIGITS:
        raise MalformedSale(f"{expected}, found {str(value)[:40]}")
    return Decimal(plain_number(amount)) if amount else Decimal(0)


def _trailing_zeros(digits: tuple[int, ...]) -> int:
    return len(digits) - len("".join(map(str, digits)).rstrip("0"))


def _timestamp(value: Any) -> int:
    if isinstance(value, Decimal) and value.is_finite() and abs(value) < 10**15:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 253402300800:  # the year 10000
        raise MalformedSale(f"timestamp: expected unix seconds, found {value!r}")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
