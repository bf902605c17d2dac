# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private registries of ECR: what their hosts are called, by each of their endpoints."""

from __future__ import annotations

import re

from .names import DNS_SUFFIXES

ECR_HOST = (
    r"(?P<host>(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\."
    rf"(?:{'|'.join(re.escape(suffix) for suffix in (*DNS_SUFFIXES, 'on.aws'))}))/"
)
"""A regular expression for the host that an image's name begins with; also that of FIPS, and of IPv6."""

_REGISTRY = re.compile(ECR_HOST)


def without_registry(image: str) -> str:
    """An image's name without its registry, if that is one of ECR: each region has its own."""
    match = _REGISTRY.match(image)
    return image[match.end() :] if match else image


def common_name(image: str) -> str:
    """An image's name without the region of its registry, and the same by whichever endpoint the registry is named."""
    match = _REGISTRY.match(image)
    return f"{match['account']}.dkr.ecr.amazonaws.com/{image[match.end() :]}" if match else image
