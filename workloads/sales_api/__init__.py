# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sales API: takes sales over HTTP, records them in DynamoDB, publishes them on SNS, whatever its region's state.

`python -m sales_api [--address A] [--port P]`; README.md says what it is told by its environment.
"""
