# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The refusals of EFS that moto has no class for; codes and statuses are those of botocore's model."""

from __future__ import annotations

import json

from moto.core.utils import get_service_model
from moto.efs.exceptions import EFSError


def refusal(code: str, message: str, **members: str) -> EFSError:
    """An error by its code; `members` are what the model says of it beside the message, such as `FileSystemId`."""
    error = EFSError(code, message)
    shape = get_service_model("efs").shape_for_error_code(code)
    error.code = shape.metadata["error"]["httpStatusCode"]
    error.description = json.dumps({"__type": code, "ErrorCode": code, "message": message, **members})
    return error
