# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The revision to register or to return, the ones to remove, and what is returned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from ...aws.names import from_tag_list, resource_tags
from ...deployments import rollout
from ...kernel import KNOWN_AFTER_APPLY, Attributes, Cloud, CollectionError, InvalidInput, Known
from ...kernel.run import Composition
from ...resources.task_definition import Revisions, TaskDefinition, described, listed, revision, whole
from ...taskdef.images import Images, pinned
from ...taskdef.override import laid_over
from ...taskdef.problems import problems as definition_problems
from ...taskdef.usage import in_use
from ...taskdef.verify import Verification
from .definition import LATEST, PREVIOUS, for_launch_type, given_parts, with_defaults
from .scans import Scans


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    given, _told = given_parts(params)
    region, family = params["region"], given["family"]
    if params["state"] == "absent":
        active = listed(cloud, region, family, "ACTIVE")
        inactive = listed(cloud, region, family, "INACTIVE") if params["delete"] else []
        newest = described(cloud, region, (active or inactive)[0]) if active or inactive else None
        goes = {"active": active, "inactive": inactive, "tags": newest["tags"] if newest else {}}
        return Composition([Revisions(family, region, **goes, delete=params["delete"])])
    if params.get("revision") is not None:
        there = _existing(cloud, region, family, params["revision"])
        return Composition([], lambda known: {**_outputs(there, there["definition"]), "findings": []})

    latest = described(cloud, region, family)
    definition, tags, findings = _wanted(cloud, params, given, latest)
    is_whole, images = not findings, Images(cloud)
    if params["pin_images"] and is_whole:
        definition, findings = pinned(definition, images, latest and latest["definition"])
    wanted = {"definition": definition, "tags": tags}
    resource = TaskDefinition(family, region, latest=latest, purge_tags=params["purge_tags"], **wanted)
    if params["verify"] and is_whole and resource.is_to_be_registered:
        findings += Verification(cloud, region, definition, images, params.get("verify_for")).findings()
        findings = list(dict.fromkeys(findings))
    scans = Scans(cloud, params["image_scan"], resource) if params["image_scan"] and is_whole else None

    def outputs(known: Known) -> dict[str, Any]:
        now = {name: known.attribute(resource, name) for name in ("task_definition_arn", "revision")}
        told = scans.refusals() if scans else []
        return {**_outputs(now, definition), "findings": [*findings, *told]}

    pruned = []
    if params["prune"]:
        owner = latest["tags"] if latest else tags
        pruned = _pruned(cloud, region, family, params["prune"], resource.is_to_be_registered, owner)
    return Composition([resource, *pruned], outputs, around=partial(_refusing, family, region, findings, scans))


def _wanted(
    cloud: Cloud, params: dict[str, Any], given: dict[str, Any], latest: Attributes | None
) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """The wanted definition, its tags, and why it is not whole yet.

    Raises:
        CollectionError: the base does not exist.
        InvalidInput: something is given for containers that the base does not have, or the whole cannot be right.
    """
    given = dict(given)
    tags = {**from_tag_list(given.pop("tags", None), "key", "value"), **resource_tags(params)}
    name = params["base"]
    if name is None:
        return with_defaults(given, params), tags, []
    base = latest if name == LATEST else described(cloud, params["region"], name)
    if base is None and name == LATEST:
        # In check mode an earlier task may be about to register it; then the plan shows what is known of the next one.
        told = (
            f"base is latest, and family {given['family']} has no active revision; register a whole definition first."
        )
        return {"containerDefinitions": [], **given}, tags, [told]
    if base is None:
        raise CollectionError(f"base is {name}; there is no such revision in {params['region']}.")
    tags = {**{key: value for key, value in base["tags"].items() if not key.startswith("aws:")}, **tags}
    definition, found = laid_over(whole(base)["definition"], given, base["task_definition_arn"].rpartition("/")[2])
    definition = for_launch_type(definition)
    found = found or definition_problems(definition)
    if found:
        raise InvalidInput(found)
    return definition, tags, []


def _existing(cloud: Cloud, region: str, family: str, wanted: str) -> Attributes:
    """The revision to go back to: the one before the latest active one, or the one of a number.

    Raises:
        CollectionError: it does not exist, or was deregistered.
    """
    if wanted == PREVIOUS:
        active = listed(cloud, region, family, "ACTIVE")
        if len(active) < 2:
            raise CollectionError(
                f"Family {family} has {len(active)} active revision(s) in {region}; there is none before the latest."
            )
        wanted = str(revision(active[1]))
    found = described(cloud, region, f"{family}:{wanted}")
    if found is None or found["status"] != "ACTIVE":
        known = ", ".join(str(revision(arn)) for arn in listed(cloud, region, family, "ACTIVE")) or "none"
        why = "does not exist" if found is None else "was deregistered, so that no service can be moved to it"
        raise CollectionError(f"Revision {wanted} of family {family} in {region} {why}; active are: {known}.")
    return found


def _pruned(
    cloud: Cloud, region: str, family: str, prune: dict[str, Any], one_more: bool, tags: dict[str, str]
) -> list[Revisions]:
    """The revisions that go: older than the last ones that are kept, and used by no service and no task."""
    delete = prune["delete"]
    old = listed(cloud, region, family, "ACTIVE")[max(prune["keep"] - one_more, 0) :]
    inactive = listed(cloud, region, family, "INACTIVE") if delete else []
    used = in_use(cloud, region, family) if old or inactive else set()
    active, inactive = ([arn for arn in arns if rollout.revision(arn) not in used] for arns in (old, inactive))
    return [Revisions(family, region, active=active, inactive=inactive, delete=delete, tags=tags)]


@contextmanager
def _refusing(family: str, region: str, findings: list[str], scans: Scans | None) -> Iterator[None]:
    """Entered when changes are made: a definition whose tasks could not run, or must not, is not registered."""
    if findings:
        raise CollectionError(
            f"Task definition {family} is not registered in {region}, because its tasks could not run. "
            f"{' '.join(findings)}",
            findings=findings,
        )
    if scans:
        try:
            scans.wait()
        except CollectionError as error:
            raise CollectionError(f"Task definition {family} is not registered in {region}. {error}.") from error
    yield


def _outputs(attributes: Attributes, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "family": definition["family"],
        "task_definition_arn": attributes["task_definition_arn"],
        "revision": attributes["revision"],
        "containers": [
            {
                "name": container["name"],
                "image": container.get("image", KNOWN_AFTER_APPLY),
                "ports": [port.get("containerPort") for port in container.get("portMappings", [])],
            }
            for container in definition["containerDefinitions"]
        ],
    }
