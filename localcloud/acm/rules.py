# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Certificate Manager demands of the names in a certificate."""

from __future__ import annotations

import re

from moto.acm.exceptions import AWSValidationException

NAME = re.compile(r"(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])")
"""The pattern of `DomainNameString` in ACM's service model."""


def check_names(names: list[str]) -> None:
    """Refuse names that no certificate can be for.

    Raises:
        AWSValidationException: with the message of ACM.
    """
    for name in names:
        if not 1 <= len(name) <= 253 or not NAME.fullmatch(name):
            raise AWSValidationException(
                f"1 validation error detected: Value '{name}' at 'domainName' failed to satisfy constraint: Member "
                "must satisfy regular expression pattern"
            )
    if len(names[0]) > 64:
        raise AWSValidationException(f"The first domain name can have at most 64 characters; {names[0]} has more")
