# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a region changes state: the protocol between modules, playbooks and workers, as pure functions.

No I/O, no clock, no threads, and nothing but the standard library. Modules import it as part of the collection;
workloads put `plugins/module_utils` on their path and import it as `protocol`. docs/protocol.md explains it and maps
every rule to the test that guards it. Who may change states is a matter of the folder `lease`.

    limits      every number: how long, how often      sale_id     UUIDv7
    states      ACTIVE, PASSIVE, HELD                  sale        item, message, lake object, cancellation
    region_map  the map and its state items            owners      who processes a sale
    two_epochs  the two epochs of a switch             decision    what to do with a message
    fence       how long a switch waits between them   claim       one region's lock on a sale
    view        what a reader believes                 effects     what processing writes, in which order
    joining     how a task that wakes up finds out     encoding    DynamoDB attributes, canonical JSON
    register    the readers of a region                attributes  names that tables and their users agree on
    registration  a reader's own place there           schema      what a reader refuses
    reader      view, joining, registration together   errors, service_errors
"""

from __future__ import annotations

from .claim import Claim, claim_id, claim_reset, claim_returned, claim_write, judge_claim
from .decision import (
    DEAD_LETTER,
    DELETE,
    HIDE,
    PROCESS,
    Decision,
    after_failure,
    decide,
    may_receive,
    seconds_hidden,
    shadow_seconds,
)
from .effects import WRITE_ORDER, LakeObject, done_item, done_keys, lake_object
from .encoding import canonical_json, from_attributes, to_attributes
from .errors import MalformedItem, MapConflict, NewerSchema, ProtocolError
from .fence import fence_seconds, may_send_effect
from .joining import Joining
from .owners import acts, owner, weight
from .reader import Reader
from .region_map import RegionMap, accept_refusal, highest, lease_place, maps_of, state_write
from .register import (
    RegisteredReader,
    VanishedReaders,
    reader_removal,
    reader_write,
    readers_of,
    seconds_until_vanished,
)
from .registration import Registration, UnderWay
from .sale import MalformedSale, Sale, cancelled_id, cancelled_item, normalise_amount
from .sale_id import canonical_uuid, new_sale_id, parse_sale_id, timestamp_of
from .schema import SCHEMA
from .states import ACTIVE, HELD, PASSIVE, STATES
from .two_epochs import Switch, plan_switch
from .view import View

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
    "MalformedItem",
    "MalformedSale",
    "MapConflict",
    "NewerSchema",
    "ProtocolError",
    "Reader",
    "RegionMap",
    "RegisteredReader",
    "Registration",
    "Sale",
    "Switch",
    "UnderWay",
    "VanishedReaders",
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
    "claim_returned",
    "claim_write",
    "decide",
    "done_item",
    "done_keys",
    "fence_seconds",
    "from_attributes",
    "highest",
    "judge_claim",
    "lake_object",
    "lease_place",
    "maps_of",
    "may_receive",
    "may_send_effect",
    "new_sale_id",
    "normalise_amount",
    "owner",
    "parse_sale_id",
    "plan_switch",
    "reader_removal",
    "reader_write",
    "readers_of",
    "seconds_hidden",
    "seconds_until_vanished",
    "shadow_seconds",
    "state_write",
    "timestamp_of",
    "to_attributes",
    "weight",
]
