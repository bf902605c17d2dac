# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out exactly the plan it is given, independent changes side by side.

A change starts when those it depends on are done: creations after what they need, removals after what needs them, and
after everything that is made or changed, which may be changed so as to do without what is removed. The first failure
stops new changes; those under way are let finish, so that nothing is left half known.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from .cloud import BotoCoreError, ClientError, Cloud
from .endpoints import tell
from .errors import ChangeFailed, CollectionError
from .plan import Change, Plan, dependencies
from .resource import Attributes, Resource, find_again
from .retrying import look_again
from .values import Ref, is_unknown, resolve

APPLY_THREADS = 8

SETTLE_ATTEMPTS = 4
"""How often a change is begun whose writes lose their answers."""


def carry_out(cloud: Cloud, plan: Plan, may_go_on: Callable[[], None] = lambda: None) -> dict[str, Attributes]:
    """Make every change of the plan and return the actual attributes of all resources that now exist, by address.

    `may_go_on` is asked before each change; to stop the run, it raises CollectionError.

    Raises:
        ChangeFailed: a change failed; the message names it, `plan.done` holds what was made.
    """
    actual = dict(plan.found)
    waiting = _prerequisites(plan)
    changes = plan.by_address
    done = plan.done
    failure: tuple[Change, BaseException] | None = None
    running: dict[Future[Any], str] = {}
    with ThreadPoolExecutor(max_workers=APPLY_THREADS) as pool:
        while (waiting and failure is None) or running:
            for address in [a for a, needed in waiting.items() if needed.issubset(done)] if failure is None else []:
                try:
                    # `kill -9` of ansible-playbook leaves its workers running. They must not go on beside the next run.
                    if not cloud.has_parent():
                        raise CollectionError("the run that this process worked for has ended")
                    may_go_on()
                except CollectionError as stop:
                    failure = (changes[address], stop)
                    break
                del waiting[address]
                running[pool.submit(_make, cloud, changes[address], actual)] = address
            finished, _pending = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                address = running.pop(future)
                error = future.exception()
                if error is None:
                    _remember(actual, address, future.result())
                    done.add(address)
                elif failure is None:
                    failure = (changes[address], error)
    if failure is not None:
        change, error = failure
        advice = error.advice if isinstance(error, CollectionError) else ""
        raise ChangeFailed(
            f"Could not {change.action} {change.resource.kind} {change.resource.name} in {change.resource.region}: "
            f"{tell(error)}. {len(done)} of {len(changes)} changes were made; "
            f"{advice or 'running it again makes the rest'}.",
            **(error.details if isinstance(error, CollectionError) else {}),
        ) from error
    # Whoever runs next looks for what was made, and would make it again.
    made = [change.resource for change in plan.changes if change.action in ("create", "replace")]
    find_again(cloud, (each for each in made if each.is_to_be_found_again), actual)
    return actual


def _prerequisites(plan: Plan) -> dict[str, set[str]]:
    """For each change, the addresses of the changes that must be done before it."""
    changes = plan.by_address
    made = {address for address, change in changes.items() if change.action != "delete"}
    needed: dict[str, set[str]] = {a: set() if a in made else set(made) for a in changes}
    reached: dict[str, set[str]] = {}
    for resource in plan.resources:
        before: set[str] = set()
        for dependency in dependencies(resource):
            # Through unchanged resources too: what lies behind them must be done as well.
            before |= reached.get(dependency.address, set())
            if dependency.address in changes:
                before.add(dependency.address)
        reached[resource.address] = before
        change = changes.get(resource.address)
        if change is None:
            continue
        if change.action == "delete":
            for address in before:
                if changes[address].action == "delete":
                    needed[address].add(resource.address)
        else:
            needed[resource.address] |= {a for a in before if changes[a].action != "delete"}
    return needed


def _make(cloud: Cloud, change: Change, actual: dict[str, Attributes]) -> Attributes | None:
    """Make one change; None when it leaves nothing.

    After a lost answer nobody knows whether a write was made, and to try again may be refused: "already there",
    "already gone", "already so". So what AWS has is read, and what is missing is made, as the next run would do it.
    """
    resource, action, found = change.resource, change.action, actual.get(change.resource.address)
    for attempt in range(SETTLE_ATTEMPTS):
        lost = cloud.lost_answers
        try:
            return _act(cloud, resource, action, found, actual)
        except (BotoCoreError, ClientError):
            # Another change may have lost the answer; then reading anew does no harm.
            if cloud.lost_answers == lost or attempt == SETTLE_ATTEMPTS - 1:
                raise
        found = _find(cloud, resource, actual)
        if found is None and action == "create":
            # What was made without an answer is not visible at once, and would be refused if it were made again.
            found = look_again(partial(_find, cloud, resource, actual))
        if found is None and resource.state == "absent":
            return None
        action = "delete" if resource.state == "absent" else "create" if found is None else "mend"
    raise AssertionError("unreachable")


def _find(cloud: Cloud, resource: Resource, actual: dict[str, Attributes]) -> Attributes | None:
    if resource.listing is not None:
        resource.listing.forget()
    return type(resource).find(cloud, resource.region, [resource], dict(actual)).get(resource.name)


def _act(
    cloud: Cloud, resource: Resource, action: str, found: Attributes | None, actual: dict[str, Attributes]
) -> Attributes | None:
    """Do it. `action` is a change's, or `mend`, which replaces or updates as the differences ask for."""
    if action == "delete":
        resource.delete(cloud, found or {})
        return None
    wanted = resolve(resource.wanted, lambda ref: _now(ref, actual))
    unknown = sorted(key for key, value in wanted.items() if is_unknown(value))
    if unknown:
        raise CollectionError(
            f"{', '.join(unknown)} of it must name what does not exist in AWS. Make that first: "
            f"run the layers below, in every region that it belongs to"
        )
    if action == "create" or found is None:
        return resource.create(cloud, wanted)
    differences = resource.differences(found, wanted)
    if action == "replace" or (action == "mend" and any(key in resource.replaced_when for key in differences)):
        resource.delete(cloud, found)
        return resource.create(cloud, wanted)
    if not differences:  # what was unknown turned out to be what AWS has
        return found
    return resource.update(cloud, found, wanted, differences)


def _now(ref: Ref, actual: dict[str, Attributes]) -> Any:
    return actual.get(ref.resource.address, {}).get(ref.attribute)


def _remember(actual: dict[str, Attributes], address: str, attributes: Attributes | None) -> None:
    if attributes is None:
        actual.pop(address, None)
    else:
        actual[address] = attributes
