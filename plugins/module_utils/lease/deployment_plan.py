# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment as others meet it: an unfinished plan in the lease, which a switch may put aside.

What a deployment does is in `releases`; here is what everybody who finds one has to know of its journal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..aws.image_names import tell_image

DEPLOYMENT = "deployment"
"""Kind of the unfinished plan that a deployment leaves in the lease."""

ENTRY = "deployment#"
"""How the identifiers of the recorded deployments begin, beside the lease."""

RELEASE = "release"
"""Identifier of the item beside the lease that says which images each region runs by its last deployment."""

INTERRUPTED = "interrupted"
"""How the outcome of a deployment begins that was put aside."""

WAITING, DEPLOYING, DONE, RETURNING, RETURNED = "waiting", "deploying", "done", "returning", "returned"
"""Phases of a region. DEPLOYING lasts until it has been watched for the bake time; RETURNING goes back from it."""


def is_deployment(plan: Mapping[str, Any] | None) -> bool:
    return bool(plan) and plan is not None and plan.get("kind") == DEPLOYMENT


def entry_id(plan: Mapping[str, Any]) -> str:
    return f"{ENTRY}{plan['id']}"


def interrupted(plan: Mapping[str, Any], why: str) -> dict[str, Any]:
    """The entry of a deployment that is put aside: regions stay where it had brought them."""
    return {**plan, "outcome": f"{INTERRUPTED}: {why}; {tell_regions(plan)}"}


def tell_asked(plan: Mapping[str, Any]) -> str:
    """What was asked for, in short."""
    asked = plan["asked"]
    if asked["rollback"]:
        return "back to the release before"
    wishes = {wish for images in asked["images"].values() for wish in images.values()}
    if len(wishes) == 1:
        return f"{', '.join(sorted(asked['images']))} {tell_image(next(iter(wishes)))}"
    told = [(name, wish) for name, images in sorted(asked["images"].items()) for wish in images.values()]
    return ", ".join(f"{name} {tell_image(wish)}" for name, wish in told)


def tell_images(plan: Mapping[str, Any], service: str, images: Mapping[str, str]) -> str:
    """The images of a service's containers in words, with the tags that they were asked for by."""
    wishes = plan["asked"]["images"].get(service, {})
    return ", ".join(tell_image(image, wishes.get(container, "")) for container, image in images.items())


def command(plan: Mapping[str, Any]) -> str:
    """The playbook that asks for the same again, with its arguments."""
    asked = plan["asked"]
    words = ["playbooks/rollback.yml" if asked["rollback"] else "playbooks/deploy.yml"]
    wishes = {wish for images in asked["images"].values() for wish in images.values()}
    if asked["whole"] and len(wishes) == 1 and (wish := next(iter(wishes))).startswith(":"):
        words.append(f"-e image_tag={wish[1:]}")
    elif asked["images"]:
        flat = {
            name if container == name else f"{name}/{container}": wish
            for name, images in sorted(asked["images"].items())
            for container, wish in sorted(images.items())
        }
        words.append(f"-e '{json.dumps({'images': flat})}'")
    if asked["waves"]:
        words.append(f"-e '{json.dumps({'waves': asked['waves']})}'")
    reason = plan.get("reason") or ""
    plain = reason if reason and not set(reason) & set("\"\\$`!\n'{") else "…"
    # The inner quotes are for Ansible, which splits at spaces what the shell keeps together.
    return " ".join([*words, f"-e 'reason=\"{plain}\"'"])


def tell_ways(plan: Mapping[str, Any]) -> str:
    """The commands that go on or back from an unfinished deployment, as a sentence."""
    if plan.get("returns"):
        back = "playbooks/rollback.yml"
        return f"It is being rolled back: {command(plan)} completes that, and so does {back}"
    if plan["asked"]["rollback"]:
        return f"To go on, ask for the same again: {command(plan)}"
    return f"To go on, ask for the same again: {command(plan)}. To go back, run playbooks/rollback.yml"


def tell_regions(plan: Mapping[str, Any]) -> str:
    """Each region with its phase."""
    return ", ".join(f"{region} {plan['regions'][region]['phase']}" for wave in plan["waves"] for region in wave)


def tell(plan: Mapping[str, Any]) -> str:
    """What it is and how far it has come, as a noun."""
    return f"a deployment ({tell_asked(plan)}; {tell_regions(plan)})"
