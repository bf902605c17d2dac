# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a task definition asks ECS to inject, read from their regions' backends as the execution role may.

The role needs `ssm:GetParameters` or `secretsmanager:GetSecretValue`, and `kms:Decrypt` where a customer managed key
encrypts the value. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends
from moto.utilities.utils import get_partition

from localcloud.runner.execution_role import RETRIEVING, ExecutionRole


class SecretNotFound(Exception):
    """A secret that a task needs is not there, or not for its execution role; worded as ECS words it."""


@dataclass(frozen=True)
class Reader:
    """Who reads the secrets of a task: its execution role."""

    role: ExecutionRole

    @property
    def account(self) -> str:
        return self.role.account

    @property
    def region(self) -> str:
        return self.role.region

    def values(self, secrets: list[dict[str, str]]) -> dict[str, str]:
        """Environment variables from `secrets` of a container definition.

        Raises:
            SecretNotFound: for the first one that cannot be read.
        """
        return {secret["name"]: self._value(secret["valueFrom"]) for secret in secrets}

    def _value(self, source: str) -> str:
        if ":secretsmanager:" in source:
            return self._from_secrets_manager(source)
        parts = source.split(":", 5)
        region, name = self.region, source
        if source.startswith("arn:"):
            region, name = parts[3], parts[5].removeprefix("parameter")
        arn = f"arn:{get_partition(region)}:ssm:{region}:{self.account}:parameter/{name.removeprefix('/')}"
        self._demand("ssm:GetParameters", arn, "unable to retrieve secrets from ssm")
        backend: Any = ssm_backends[self.account][region]
        for candidate in (name, name.lstrip("/")):
            parameter = backend.get_parameter(candidate)
            if parameter:
                self._demand_key(parameter.keyid, "aws/ssm", region, "unable to retrieve secrets from ssm")
                return str(parameter.decrypt(parameter.value))
        raise SecretNotFound(f"{RETRIEVING}unable to retrieve secrets from ssm: invalid parameters: {source}")

    def _from_secrets_manager(self, source: str) -> str:
        """`valueFrom` may go on after the secret's ARN with a JSON key, a version stage and a version id."""
        parts = source.split(":")
        arn, key = ":".join(parts[:7]), parts[7] if len(parts) > 7 else ""
        what = "unable to retrieve secret from asm"
        backend: Any = secretsmanager_backends[self.account][parts[3]]
        try:
            secret = backend.describe_secret(arn)
            text = backend.get_secret_value(secret_id=arn, version_id="", version_stage="")["SecretString"]
        except Exception as error:
            raise SecretNotFound(f"{RETRIEVING}{what}: {source}: {type(error).__name__}") from error
        self._demand("secretsmanager:GetSecretValue", secret.arn, what)
        self._demand_key(secret.kms_key_id, "aws/secretsmanager", parts[3], what)
        if not key:
            return str(text)
        try:
            return str(json.loads(text)[key])
        except (ValueError, KeyError, TypeError) as error:
            raise SecretNotFound(
                f"{RETRIEVING}retrieved secret from Secrets Manager did not contain json key {key}"
            ) from error

    def _demand_key(self, key: str | None, of_aws: str, region: str, what: str) -> None:
        """A key that AWS manages for the service decrypts for whoever may read; any other asks for a permission."""
        if not key or key.endswith(f"alias/{of_aws}"):
            return
        kms: Any = kms_backends[self.account][region]
        try:
            arn = kms.describe_key(kms.any_id_to_key_id(key)).arn
        except Exception as error:
            raise SecretNotFound(f"{RETRIEVING}{what}: KMSKeyNotFoundException: {key}") from error
        self._demand("kms:Decrypt", arn, what)

    def _demand(self, action: str, arn: str, what: str) -> None:
        refused = self.role.refusal(action, arn)
        if refused:
            raise SecretNotFound(f"{RETRIEVING}{what}: service call has been retried 1 time(s): {refused}")
