# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # How ecs_service replaces tasks: strategies, circuit breaker, alarms, bake times.
    DOCUMENTATION = r"""
options:
  strategy:
    description:
      - How a deployment replaces tasks.
      - V(rolling) starts new tasks and stops old ones within the percentages of O(deployment).
      - V(recreate) is for a service whose tasks must never meet, such as a database on a volume. It scales the service
        to 0, waits until every task is C(STOPPED) and its locks are gone, and deploys with the count restored.
        Percentages alone do not do this, because a task that is stopping still holds its lock. Availability Zone
        rebalancing is off. Nothing serves meanwhile; RV(downtime_seconds) says how long.
      - With V(recreate), the former revision comes back by itself if the new one is not healthy in time, and the
        module fails with the reasons. So do the settings that were changed together with it and make ECS deploy, such
        as O(network) or O(load_balancers), also after runs that were killed in between.
      - A service of strategy V(recreate) that is scaled to 0 is done when its last task is C(STOPPED), and starts none
        before that.
      - V(blue_green), V(canary) and V(linear) are ECS's own. New tasks start beside the old ones, and ECS moves traffic
        to them at once, after a first part, or in equal steps. With load balancers each needs
        O(load_balancers[].shift). With O(wait=true), O(wait_timeout) must be longer than all bake times of
        O(deployment) together, and leave time for tasks to start.
      - The state that lets a later run complete an interrupted one is kept in the tag C(multiregion.ecs.recreate)
        of the service, and in tags whose names begin with it.
    type: str
    choices: [rolling, recreate, blue_green, canary, linear]
    default: rolling
    version_added: 0.1.0
  deployment:
    description: How tasks are replaced.
    type: dict
    suboptions:
      minimum_healthy_percent:
        description:
          - Lower limit of healthy tasks while a deployment is under way, in percent of the desired count.
          - By default 100. Not with O(strategy=recreate).
        type: int
      maximum_percent:
        description:
          - Upper limit of running and pending tasks, in percent of the desired count.
          - By default 200. Not with O(strategy=recreate).
        type: int
      healthy_within:
        description:
          - Seconds within which a new revision must be healthy with O(strategy=recreate), before the former one comes
            back. By default 600; a pull, a start and the registration of a target take minutes on AWS.
          - A deadline, because ECS's circuit breaker does not count a task that was RUNNING for a moment.
        type: int
      failed_tasks:
        description:
          - How many tasks of a new revision may stop with O(strategy=recreate) before the former one comes back.
          - By default 2.
        type: int
      bake_minutes:
        description:
          - Minutes for which the old tasks are kept after all traffic has moved, with V(blue_green), V(canary) and
            V(linear) as O(strategy). By default 0; up to 1440.
        type: int
      canary:
        description: The first part of the traffic that moves, with O(strategy=canary).
        type: dict
        suboptions:
          percent:
            description: Percentage of the traffic, 0.1 to 100.
            type: float
            default: 5.0
          bake_minutes:
            description: Minutes before the rest moves, up to 1440.
            type: int
            default: 10
      linear:
        description: The steps in which traffic moves, with O(strategy=linear).
        type: dict
        suboptions:
          step_percent:
            description: Percentage of the traffic in each step, 3 to 100.
            type: float
            default: 10.0
          step_bake_minutes:
            description: Minutes between steps, up to 1440.
            type: int
            default: 6
      lifecycle_hooks:
        description:
          - What has to succeed, or be approved, before a deployment goes on at a stage of its lifecycle. If a hook
            fails, ECS goes back to the last completed deployment. Not with O(strategy=recreate).
          - With O(strategy=rolling) the stages are C(RECONCILE_SERVICE), C(PRE_SCALE_UP) and C(POST_SCALE_UP).
          - What is not given here is removed from the service.
        type: list
        elements: dict
        default: []
        suboptions:
          target_type:
            description:
              - With V(AWS_LAMBDA) ECS invokes a function, until it answers with the C(hookStatus) C(SUCCEEDED) or
                C(FAILED).
              - With V(PAUSE) the deployment waits for a C(ContinueServiceDeployment). That needs a botocore that knows
                this call. Not at C(TEST_TRAFFIC_SHIFT) and C(PRODUCTION_TRAFFIC_SHIFT).
            type: str
            choices: [AWS_LAMBDA, PAUSE]
            default: AWS_LAMBDA
          hook_target_arn:
            description: ARN of the function. Required with V(AWS_LAMBDA).
            type: str
          role_arn:
            description: ARN of the role with which ECS invokes the function. Required with V(AWS_LAMBDA).
            type: str
          lifecycle_stages:
            description:
              - Stages with the hook. C(RECONCILE_SERVICE), C(PRE_SCALE_UP), C(POST_SCALE_UP), C(TEST_TRAFFIC_SHIFT),
                C(POST_TEST_TRAFFIC_SHIFT), C(PRE_PRODUCTION_TRAFFIC_SHIFT), C(PRODUCTION_TRAFFIC_SHIFT),
                C(POST_PRODUCTION_TRAFFIC_SHIFT).
            type: list
            elements: str
            required: true
          hook_details:
            description: What ECS tells the function as C(hookDetails).
            type: dict
          timeout_minutes:
            description: For how long ECS waits for the hook, by default 1440. Up to 1440, and with V(PAUSE) to 20160.
            type: int
          timeout_action:
            description: What ECS does then, by default V(ROLLBACK).
            type: str
            choices: [ROLLBACK, CONTINUE]
      circuit_breaker:
        description: When to give up on a deployment. Not with O(strategy=recreate), which goes back by itself.
        type: dict
        suboptions:
          enable:
            description: Whether several failed tasks fail the deployment.
            type: bool
            default: true
          rollback:
            description: Whether the last completed deployment comes back then.
            type: bool
            default: true
      alarms:
        description: CloudWatch alarms that fail a deployment.
        type: dict
        suboptions:
          names:
            description: Names of the alarms.
            type: list
            elements: str
            required: true
          enable:
            description: Whether alarms are watched.
            type: bool
            default: true
          rollback:
            description: Whether the last completed deployment comes back when an alarm fires.
            type: bool
            default: true
"""
