# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that turn what an inventory says of services into what modules take: environment, permissions, rules …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.errors import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.api_routes import api_routes
from ansible_collections.multiregion.ecs.plugins.module_utils.services.deployment_request import request_problems
from ansible_collections.multiregion.ecs.plugins.module_utils.services.execution_role import execution_policies
from ansible_collections.multiregion.ecs.plugins.module_utils.services.jobs import job_run
from ansible_collections.multiregion.ecs.plugins.module_utils.services.lifecycle_hooks import (
    deployment_in,
    hook_policies,
    with_hooks,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.listener_domains import (
    listener_domains,
    with_certificates,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.routes import with_routes
from ansible_collections.multiregion.ecs.plugins.module_utils.services.service_images import released, service_wishes
from ansible_collections.multiregion.ecs.plugins.module_utils.services.service_task import layers_below, task
from ansible_collections.multiregion.ecs.plugins.module_utils.services.task_schedules import (
    schedule_policies,
    task_schedules,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.traffic_shift import traffic_shift
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import (
    Place,
    dropping_services,
    environment,
    policies,
)


def _in_words(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(wanted: Any, context: dict[str, Any], *more: Any) -> Any:
        try:
            return function(wanted, Place.of(context), *more)
        except CollectionError as error:
            raise AnsibleFilterError(error.message) from error

    return call


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any) -> Any:
        try:
            return function(*given)
        except CollectionError as error:
            raise AnsibleFilterError(error.message) from error

    return call


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "api_routes": _told(api_routes),
            "deployment_problems": request_problems,
            "hook_policies": _in_words(hook_policies),
            "dropping_services": dropping_services,
            "execution_policies": _in_words(execution_policies),
            "job_run": _in_words(job_run),
            "listener_domains": listener_domains,
            "released": released,
            "schedule_policies": _in_words(schedule_policies),
            "service_deployment": _in_words(deployment_in),
            "service_environment": _in_words(environment),
            "service_layers": layers_below,
            "service_policies": _in_words(policies),
            "service_task": _in_words(task),
            "service_shift": _told(traffic_shift),
            "service_wishes": _told(service_wishes),
            "task_schedules": _in_words(task_schedules),
            "with_certificates": with_certificates,
            "with_hooks": with_hooks,
            "with_routes": _told(with_routes),
        }
