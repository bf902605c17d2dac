# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SNS's requests and answers: moto's, with counts that are counted."""

from __future__ import annotations

from moto.core.responses import ActionResult
from moto.sns.responses import SNSResponse as MotoResponse


class SNSResponse(MotoResponse):
    """Answers SNS's query actions."""

    def get_topic_attributes(self) -> ActionResult:
        result = super().get_topic_attributes()
        arn = self._get_param("TopicArn")
        confirmed = sum(1 for subscription in self.backend.subscriptions.values() if subscription.topic_arn == arn)
        result.result["Attributes"]["SubscriptionsConfirmed"] = confirmed  # type: ignore[index]
        return result
