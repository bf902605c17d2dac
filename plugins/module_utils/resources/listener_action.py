# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a listener or rule does with a request, in one normal form for what is wanted and what AWS tells.

An action is a dict with one key: `forward` (a list of `{target_group (ARN), weight}`), `fixed_response` or `redirect`.
Anything else that AWS tells is kept as it is under `other`, so that it differs from whatever is wanted.
"""

from __future__ import annotations

from typing import Any

Action = dict[str, Any]

AS_ASKED = {"protocol": "#{protocol}", "host": "#{host}", "port": "#{port}", "path": "/#{path}", "query": "#{query}"}
"""What AWS puts for the parts of a redirection that are left out."""


def forward(target_group: Any) -> Action:
    """Forward to one group, given by ARN or a reference to it."""
    return {"forward": [{"target_group": target_group, "weight": 1}]}


def forward_by_weight(shares: list[tuple[Any, int]]) -> Action:
    """Share requests out between groups, each with its weight. A share of the whole is the whole."""
    if len(shares) == 1:
        return forward(shares[0][0])
    return {"forward": [{"target_group": group, "weight": weight} for group, weight in shares]}


def fixed_response(status_code: int, content_type: str = "text/plain", body: str = "") -> Action:
    return {"fixed_response": {"status_code": str(status_code), "content_type": content_type, "body": body or ""}}


def redirect(status_code: int = 301, **parts: Any) -> Action:
    """Redirect; `parts` are the keys of `AS_ASKED`, and None stands for what the client asked for."""
    given = {key: str(value) for key, value in parts.items() if value is not None}
    return {"redirect": {**AS_ASKED, **given, "status_code": f"HTTP_{status_code}"}}


def read_action(actions: list[dict[str, Any]]) -> Action:
    """The normal form of the actions that AWS tells of a listener or rule."""
    if len(actions) != 1:
        return {"other": actions}
    action = actions[0]
    kind = action["Type"]
    if kind == "forward":
        alone = [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}] if "TargetGroupArn" in action else []
        groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or alone
        if not groups:
            return {"other": actions}
        return forward_by_weight([(each["TargetGroupArn"], int(each.get("Weight", 1))) for each in groups])
    if kind == "fixed-response":
        config = action["FixedResponseConfig"]
        return fixed_response(
            config["StatusCode"], config.get("ContentType") or "text/plain", config.get("MessageBody") or ""
        )
    if kind == "redirect":
        config = action["RedirectConfig"]
        parts = {key: config.get(key.title()) for key in AS_ASKED}
        return redirect(int(str(config["StatusCode"]).removeprefix("HTTP_")), **parts)
    return {"other": actions}


def as_actions(action: Action) -> list[dict[str, Any]]:
    """An action in the form in which AWS takes it."""
    if "forward" in action:
        shares = action["forward"]
        if len(shares) == 1:
            return [{"Type": "forward", "TargetGroupArn": shares[0]["target_group"]}]
        groups = [{"TargetGroupArn": each["target_group"], "Weight": each["weight"]} for each in shares]
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    if "fixed_response" in action:
        wanted = action["fixed_response"]
        config = {"StatusCode": wanted["status_code"], "ContentType": wanted["content_type"]}
        if wanted["body"]:
            config["MessageBody"] = wanted["body"]
        return [{"Type": "fixed-response", "FixedResponseConfig": config}]
    wanted = action["redirect"]
    config = {key.title(): wanted[key] for key in AS_ASKED}
    return [{"Type": "redirect", "RedirectConfig": {**config, "StatusCode": wanted["status_code"]}}]
