# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the credential's file makes AWS's SDK do: assume the role, with the keys of the credential or of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROLE = "arn:aws:iam::123456789012:role/operator"


@pytest.fixture
def session(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a session as a job has it; AWX fills templates in a sandbox, and knows only what was answered."""
    injectors = yaml.safe_load((repository / "awx" / "credential_type.yml").read_text(encoding="utf-8"))["injectors"]
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)

    def make(**answers: str) -> botocore.session.Session:
        file = tmp_path / "credential"
        file.write_text(environment.from_string(injectors["file"]["template"]).render(**answers))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        for name, template in injectors["env"].items():
            monkeypatch.setenv(name, environment.from_string(template).render(tower={"filename": str(file)}))
        return botocore.session.Session()

    return make


def test_a_role_is_assumed_with_the_keys_of_the_credential(session: Any) -> None:
    made = session(role_arn=ROLE, external_id="shop", access_key="AKIAEXAMPLE", secret_key="secret")
    assert made.get_credentials().method == "assume-role"
    told = made.get_scoped_config()
    assert (told["role_arn"], told["external_id"], told["role_session_name"]) == (ROLE, "shop", "awx")
    source = made.full_config["profiles"][told["source_profile"]]
    assert source == {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


def test_without_keys_it_is_assumed_with_those_of_the_machine(session: Any) -> None:
    told = session(role_arn=ROLE).get_scoped_config()
    assert told["credential_source"] == "Ec2InstanceMetadata"
    assert "external_id" not in told and "source_profile" not in told
