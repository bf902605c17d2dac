# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Global Accelerator is found, in the form moto's own services say it."""

from __future__ import annotations

from localcloud.globalaccelerator.responses import GlobalAcceleratorResponse

url_bases = [r"https?://globalaccelerator\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": GlobalAcceleratorResponse.dispatch}
