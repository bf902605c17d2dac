# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a test asks moto in its own process, it is answered as fast as by the embedded cloud."""

from __future__ import annotations

import moto.core.models

from localcloud.serialization import install

install()

# With each start of its mock, moto registers a thousand addresses with the library `requests`, which nothing here uses:
# botocore's clients reach moto without it.
moto.core.models.RESPONSES_METHODS = []
