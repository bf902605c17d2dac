# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all backends of this process share: the options, the lines between regions, what is wrong
with them, one source of chance.

moto makes its backends from a region and an account alone, so what they share has to be found from here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from localcloud.faults import Faults
from localcloud.links import Links
from localcloud.options import Options


@dataclass
class World:
    """The surroundings of every backend in this process."""

    options: Options = field(default_factory=Options)
    links: Links = field(init=False)
    faults: Faults = field(init=False)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.arrange(self.options)

    def arrange(self, options: Options) -> None:
        """Take on the options of the cloud this process is; before any backend exists."""
        self.options = options
        self.links = Links(options.delayed(options.replication_lag))
        self.faults = Faults(self.links, options.seed, options.throttled_share, options.lost_share)
        self.chance = random.Random(options.seed)


WORLD = World()
