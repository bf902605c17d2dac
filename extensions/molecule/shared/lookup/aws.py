# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lookup('aws', 'ec2', 'describe_vpcs', at='us-east-1', Filters=[…])`: AWS's own answer.

What a scenario has built is looked at with it. A module of this collection would look with the eyes of the role that is
tested, and one of `amazon.aws` costs a process for each question.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from botocore.exceptions import ClientError

DOCUMENTATION = r"""
name: aws
short_description: Ask AWS
description: One call of the SDK, and its answer. A refusal is an answer too, with the error's code as C(refused).
options:
  _terms:
    description: The service and the operation, as boto3 spells them.
    required: true
"""


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: Any = None, *, at: str, **asked: Any) -> list[dict[str, Any]]:
        if len(terms) != 2:
            raise AnsibleLookupError(f"aws takes a service and an operation, not {terms}")
        service, operation = terms
        # Ansible's own kinds of strings and lists are none that the SDK knows.
        asked = json.loads(json.dumps(asked))
        try:
            answer = getattr(boto3.client(service, region_name=at), operation)(**asked)
        except ClientError as error:
            return [{"refused": error.response["Error"]["Code"]}]
        answer.pop("ResponseMetadata", None)
        return [json.loads(json.dumps(answer, default=_as_text))]


def _as_text(value: Any) -> str:
    return value.read().decode() if hasattr(value, "read") else str(value)
