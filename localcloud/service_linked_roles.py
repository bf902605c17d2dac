# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that services make for themselves in a new account: the first call that needs one fails, as on AWS."""

from __future__ import annotations

from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from localcloud.world import WORLD

ECS = "ecs.amazonaws.com"
SCALING_OF_ECS = "ecs.application-autoscaling.amazonaws.com"

PROPAGATION = 0.5
"""How long, in seconds, a new role cannot be assumed; some seconds on AWS."""


def is_assumable(account_id: str, region: str, service: str) -> bool:
    """Whether a service of a region can assume its role. If there is none yet, it is made now, for later calls."""
    iam = iam_backends[account_id][get_partition(region)]
    role = next((each for each in iam.roles.values() if each.path == f"/aws-service-role/{service}/"), None)
    if role is None:
        iam.create_service_linked_role(service, "", "")
        return False
    return (utcnow() - role.create_date).total_seconds() >= WORLD.options.delayed(PROPAGATION)
