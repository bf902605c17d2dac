# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB's refusals that moto has no exception for, and how a rule's refusal (rules.py) becomes one of moto's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, MockValidationException, ResourceInUseException

from localcloud.dynamodb.rules import Refused

PROTECTED_MESSAGE = (
    "Cannot delete table {name} in region {region} because it has deletion protection enabled. Disable deletion "
    "protection first."
)

ON_DEMAND_MESSAGE = (
    "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically "
    "scaling your index so please try again shortly."
)
PROVISIONED_MESSAGE = (
    "The level of configured provisioned throughput for one or more global secondary indexes of the table was "
    "exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the "
    "UpdateTable API"
)


class ReplicatedWriteConflict(JsonRESTError):
    """Another region is writing the same item of a strongly consistent table at this moment."""

    def __init__(self) -> None:
        super().__init__(
            ERROR_TYPE_PREFIX + "ReplicatedWriteConflictException",
            "One or more items in this request are being modified by a request in another Region.",
        )


class IndexThrottled(JsonRESTError):
    """A global secondary index cannot follow, so the table's write is throttled.

    On demand it is a ThrottlingException; with provisioned capacity it has a name of its own.
    """

    def __init__(self, index_arn: str, on_demand: bool) -> None:
        code = "ThrottlingException" if on_demand else "ProvisionedThroughputExceededException"
        super().__init__(ERROR_TYPE_PREFIX + code, ON_DEMAND_MESSAGE if on_demand else PROVISIONED_MESSAGE)
        reason = {"reason": "IndexWriteKeyRangeThroughputExceeded", "resource": index_arn}
        name = "throttlingReasons" if on_demand else "ThrottlingReasons"
        self.description = json.dumps({"__type": self.error_type, "message": self.message, name: [reason]})


class InternalServerError(JsonRESTError):
    """What a replica of a strongly consistent table answers when it cannot reach a majority."""

    code = 500

    def __init__(self, message: str) -> None:
        super().__init__(ERROR_TYPE_PREFIX + "InternalServerError", message)


def refuse_as_moto(check: Callable[..., Any], *arguments: Any) -> Any:
    """Run a pure rule and turn its refusal into the exception moto's response classes know."""
    try:
        return check(*arguments)
    except Refused as refusal:
        if refusal.code == "ResourceInUseException":
            raise ResourceInUseException(refusal.message) from None
        raise MockValidationException(refusal.message) from None
