# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topics, queues and subscriptions of one region.

Whatever stands in another region is named by its computed ARN, so that no region needs another one to answer. A queue
admits the topics of all regions from the first run on; subscriptions follow when the queues of all regions exist.
"""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from .arguments import ARGUMENTS
from .build import build
from .checks import problems

MODULE = ModuleDefinition(
    arguments=ARGUMENTS,
    services=("sns", "sqs", "sts"),
    build=build,
    problems=problems,
    rules={"required_if": [("scope", "subscriptions", ["fanout_to"])]},
)
