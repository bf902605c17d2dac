# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory must declare of public images that lose data in a failover without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ...services.known_images import KnownImage, known_image
from ...services.service_task import containers, own_repository

Item = dict[str, Any]

WHERE = "See docs/switch.md, The reference images; inventories/multiregion-reference declares all of it."


def known_image_findings(
    services: list[Item], reconcile: list[Item] | None, proof: Item | None, regions: int
) -> Iterator[str]:
    """About services of known images. reconcile and proof: what a switch does; None where the inventory was not told.

    A workload of one region has nowhere to move to, so nothing is asked of it.
    """
    if regions < 2:
        return
    found = list(_known(services))
    done_tables = {table for _where, _image, known, values in found if (table := _table(values, known.done))}
    for where, image, known, values in found:
        if known.drops:
            yield from _dropping(where, image, values)
        if known.unindexed and reconcile is not None:
            yield from _unindexed(where, image, _table(values, known.unindexed), reconcile, done_tables)
        if known.done and proof and proof.get("claims"):
            yield (
                f"proof.claims (switch_proof) is {proof['claims']!r}, but {where}.image is {image}, which writes no "
                f"claims, so no switch could prove that it processes. Remove claims from switch_proof. {WHERE}"
            )


def mirrored_services(services: Iterable[Item], mirrors: Iterable[Item]) -> list[Item]:
    """The services with the source of each image that is a copy: a copy behaves as what it was copied from."""
    sources = {mirror.get("repository"): mirror.get("source") for mirror in mirrors}

    def resolved(holder: Item) -> Item:
        source = sources.get(own_repository(holder))
        return {**holder, "image": source} if source else holder

    return [
        {**resolved(service), "containers": [resolved(each) for each in service["containers"]]}
        if service.get("containers")
        else resolved(service)
        for service in services
    ]


def _known(services: Iterable[Item]) -> Iterator[tuple[str, str, KnownImage, Item]]:
    """Each container of a known image: its place in the inventory, the image, what is known, and what is said of it."""
    for service in services:
        for container in containers(service):
            known = known_image(container.get("image"))
            if known:
                where = f"services[{service.get('name')}]"
                if service.get("containers"):
                    where += f".containers[{container.get('name')}]"
                said = {**container, "passive_behaviour": service.get("passive_behaviour") or "keeps"}
                yield where, container["image"], known, said


def _dropping(where: str, image: str, said: Item) -> Iterator[str]:
    if said["passive_behaviour"] != "drops":
        yield (
            f"{where}.image is {image}, which deletes the messages that it receives in a region that is not ACTIVE, "
            f"and passive_behaviour is {said['passive_behaviour']}: a failover would lose them. Declare "
            f"passive_behaviour: drops for the service. {WHERE}"
        )


def _unindexed(
    where: str, image: str, table: str | None, reconcile: list[Item], done_tables: set[str]
) -> Iterator[str]:
    entries = [each for each in reconcile if table is None or each.get("table") == table]
    named = f"table {table}" if table else "its table"
    scanned = [each for each in entries if boolean(each.get("scan", False), strict=False)]
    if not scanned:
        yield (
            f"{where}.image is {image}, which writes no attribute for an index, and reconcile (switch_reconcile) has "
            f"no entry with scan: true for {named}: a failover would not find the items that no region has processed. "
            f"Declare scan: true for it. {WHERE}"
        )
    for entry in scanned:
        if done_tables and entry.get("done_table") not in done_tables:
            yield (
                f"reconcile[{entry.get('table')}].done_table (switch_reconcile) is {entry.get('done_table')!r}; "
                f"expected {' or '.join(sorted(done_tables))}, where the image that processes its items records "
                f"what it did: items that it could not mark would be published again for ever. Declare it. {WHERE}"
            )


def _table(said: Item, variable: str) -> str | None:
    """The table that a variable of the container's environment refers to."""
    value = (said.get("environment") or {}).get(variable) if variable else None
    return value.get("table") if isinstance(value, dict) else value
