# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a region changes state: the protocol between modules, playbooks and workers, as pure functions.

No I/O, no clock, no threads, and nothing but the standard library (the one exception, `lease_table`, calls a DynamoDB
client that it is given). Modules import it as part of the collection; workloads put `plugins/module_utils` on their
path and import it as `protocol`. docs/protocol.md explains it and maps every rule to the test that guards it.

    words       states, times, limits, errors          sale_id     UUIDv7
    wire        DynamoDB attributes, canonical JSON     sale        item, message, lake object, cancellation
    region_map  the map and its state items             claim       one region's lock on a sale
    view        what a reader believes                  effects     what processing writes, in which order
    joining     how a task that wakes up finds out      decision    what to do with a message
    reader      view and joining together               lease       who may change states, and the epochs
    owners      who processes a sale                    lease_table where the lease lives
    switch      the two epochs of a change
"""

from __future__ import annotations

from .claim import Claim, claim_id, claim_reset, claim_write, judge_claim, may_send_effect
from .decision import DEAD_LETTER, DELETE, HIDE, PROCESS, Decision, after_failure, decide, shadow_seconds
from .effects import WRITE_ORDER, LakeObject, done_item, lake_object
from .joining import Joining
from .lease import Lease, LeaseHeld, LeaseLost, Run, StalePlan
from .lease_table import LeaseTable, LeaseUnreachable, Tenure
from .owners import acts, owner, weight
from .reader import Reader
from .region_map import RegionMap, accept_refusal, highest, lease_place, maps_of, state_write
from .sale import MalformedSale, Sale, cancelled_id, cancelled_item, normalise_amount
from .sale_id import canonical_uuid, new_sale_id, parse_sale_id, timestamp_of
from .switch import Switch, fence_seconds, plan_switch
from .view import View
from .wire import canonical_json, from_attributes, to_attributes
from .words import ACTIVE, HELD, PASSIVE, SCHEMA, STATES, MalformedItem, MapConflict, NewerSchema, ProtocolError

__all__ = [
    "ACTIVE",
    "DEAD_LETTER",
    "DELETE",
    "HELD",
    "HIDE",
    "PASSIVE",
    "PROCESS",
    "SCHEMA",
    "STATES",
    "WRITE_ORDER",
    "Claim",
    "Decision",
    "Joining",
    "LakeObject",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "LeaseTable",
    "LeaseUnreachable",
    "MalformedItem",
    "MalformedSale",
    "MapConflict",
    "NewerSchema",
    "ProtocolError",
    "Reader",
    "RegionMap",
    "Run",
    "Sale",
    "StalePlan",
    "Switch",
    "Tenure",
    "View",
    "accept_refusal",
    "acts",
    "after_failure",
    "cancelled_id",
    "cancelled_item",
    "canonical_json",
    "canonical_uuid",
    "claim_id",
    "claim_reset",
    "claim_write",
    "decide",
    "done_item",
    "fence_seconds",
    "from_attributes",
    "highest",
    "judge_claim",
    "lake_object",
    "lease_place",
    "maps_of",
    "may_send_effect",
    "new_sale_id",
    "normalise_amount",
    "owner",
    "parse_sale_id",
    "plan_switch",
    "shadow_seconds",
    "state_write",
    "timestamp_of",
    "to_attributes",
    "weight",
]
