# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's logic in the controller's own process when the connection is local.

AWS is reached from the controller, so the connection is always local in practice; starting an interpreter and importing
the SDK costs half a second for each task, and this costs milliseconds. Over any other connection, and with `async` or
`become`, the same module runs in the ordinary way. Set the variable `multiregion_in_process` to false to force that.
"""

from __future__ import annotations

import gc
import json
import os
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import filter_loader, test_loader
from ansible.utils.display import Display

# Before the imports that it finds, and for that alone.
from ansible_collections.multiregion.ecs.plugins.plugin_utils import bytecode  # noqa: F401 pylint: disable=unused-import

# isort: split
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import preload
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition, run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.run_lock import MODULE as RUN_LOCK
from ansible_collections.multiregion.ecs.plugins.plugin_utils.consent import refusal
from ansible_collections.multiregion.ecs.plugins.plugin_utils.held_lock import lock_check, note_lock
from ansible_collections.multiregion.ecs.plugins.plugin_utils.run_changes import note_changes

MODULES = "ansible_collections.multiregion.ecs.plugins.module_utils.modules"


@cache
def preload_templating() -> None:
    """Load the filters and tests that templates name: a worker that first meets one would load all files of them."""
    for loader in (filter_loader, test_loader):
        list(loader.all())
    with suppress(KeyError):  # an importer that is not Ansible knows of no collections
        filter_loader.get("multiregion.ecs.inventory_regions")  # and with it all filters of the collection


class InProcessAction(ActionBase):
    """Base of the action plugins. The last part of the name a subclass is loaded by says which module it runs."""

    module: ModuleDefinition

    def __init_subclass__(cls) -> None:
        package, _dot, name = cls.__module__.rpartition(".")
        if package == __package__:
            return  # the file that the links lead to, loaded by its own name: no module
        # The linear strategy imports the action plugin in the parent of the workers that it forks: what is loaded here
        # is loaded once for all hosts and tasks.
        cls.module = import_module(f"{MODULES}.{name}").MODULE
        preload(cls.module.services)
        preload_templating()
        # The workers' collector leaves alone what was there before they were forked, so those pages stay shared.
        gc.freeze()

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result = super().run(tmp, task_vars)
        refused = refusal(self.module, self._task.args, self._task.get_path(), task_vars)
        if refused:
            return {**result, "failed": True, "msg": refused}
        if not self._may_run_here(task_vars):
            result.update(self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val))
            self._note_changes(result, task_vars)
            return result
        self._apply_environment()
        try:
            arguments = self._checked_arguments()
            locks = self.module is RUN_LOCK
            result.update(
                run(
                    self.module,
                    arguments,
                    check_mode=self._task.check_mode,
                    diff_mode=bool(self._task.diff),
                    tell=Display().display,
                    **({} if locks else {"may_go_on": lock_check(arguments.get("workload"))}),
                )
            )
            if locks and not self._task.check_mode:
                note_lock(arguments, result.get("holder"))
        except CollectionError as error:
            result.update(error.details, failed=True, msg=error.message)
        # What leaves this process must be what an ordinary module would have sent: plain JSON.
        result = json.loads(json.dumps(result, default=str))
        self._note_changes(result, task_vars)
        return result

    def _note_changes(self, result: dict[str, Any], task_vars: dict[str, Any]) -> None:
        # A run's own plan, which a task makes in check mode, is no change, and its lock is no part of the workload.
        planned = bool(self._task.check_mode) != bool(task_vars.get("ansible_check_mode"))
        if not planned and self.module is not RUN_LOCK:
            note_changes(self._task.args.get("workload"), result)

    def _may_run_here(self, task_vars: dict[str, Any]) -> bool:
        wanted = self._templar.template(task_vars.get("multiregion_in_process", True))
        return (
            boolean(wanted, strict=False)
            and self._connection.transport == "local"
            and not self._task.async_val
            and not self._play_context.become
        )

    def _apply_environment(self) -> None:
        """`environment:` reaches modules, not action plugins; this worker process lives for one task only."""
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        os.environ.update({name: str(value) for name, value in environment.items()})

    def _checked_arguments(self) -> dict[str, Any]:
        """The task's arguments, checked and completed as `AnsibleModule` would."""
        # Arguments arrive as tagged strings and lists; the AWS SDK wants plain ones.
        arguments = json.loads(json.dumps(self._task.args, default=str))
        spec = {**aws_argument_spec(), **self.module.argument_spec}
        checked = ArgumentSpecValidator(spec, **self.module.rules).validate(arguments)
        if checked.error_messages:
            raise CollectionError(f"{self._task.action}: {'; '.join(checked.error_messages)}")
        return checked.validated_parameters
