# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Dockerfile says, as data."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.images.dockerfile import Copy, parse
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.errors import CollectionError

TEXT = r"""
# Comments and empty lines are nothing.
ARG BASE=python:3.13
FROM ${BASE} AS app
ARG WHO=world
RUN echo $(date) \
    && false

WORKDIR /srv
WORKDIR app
COPY --chown=1 --chmod=755 a.sh b.sh bin/
COPY ["with space.txt", "./"]
ENV GREETED=$WHO QUOTED="a b" ESCAPED=\$WHO
ENV OLD  way of it
LABEL a=1
EXPOSE 8080 53/udp
USER 10001
STOPSIGNAL SIGINT
HEALTHCHECK CMD ["true"]
ENTRYPOINT ["python", "-m", "x"]
CMD serve --fast
"""


def test_a_dockerfile_as_data() -> None:
    recipe = parse(TEXT)
    assert recipe.base == "python:3.13"
    assert recipe.copies == [
        Copy(("a.sh", "b.sh"), "/srv/app/bin/", 0o755, 11),
        Copy(("with space.txt",), "/srv/app/", None, 12),
    ]
    assert recipe.config == {
        "WorkingDir": "/srv/app",
        "Env": ["GREETED=world", "QUOTED=a b", "ESCAPED=$WHO", "OLD=way of it"],
        "Labels": {"a": "1"},
        "ExposedPorts": {"8080/tcp": {}, "53/udp": {}},
        "User": "10001",
        "StopSignal": "SIGINT",
        "Entrypoint": ["python", "-m", "x"],
        "Cmd": ["/bin/sh", "-c", "serve --fast"],
    }


def test_build_arguments_replace_what_arg_lines_say() -> None:
    recipe = parse(TEXT, {"BASE": "other:1", "WHO": "moon"})
    assert recipe.base == "other:1" and recipe.config["Env"][0] == "GREETED=moon"


def test_only_the_last_stage_counts() -> None:
    recipe = parse("FROM a\nCOPY x /x\nFROM b\nCOPY y /y\n")
    assert (recipe.base, [copy.sources for copy in recipe.copies]) == ("b", [("y",)])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no FROM line"),
        ("COPY a b", "line 1: COPY stands before FROM"),
        ("FROM a\n\nCOPY --from=b x y", "line 3: COPY --from"),
        ("FROM a\nADD https://example.com/x y", "line 2: ADD fetches or unpacks"),
        ("FROM a\nCOPY x", "line 2: COPY needs what to copy"),
        ("FROM a\nCOPPY x y", "line 2: COPPY is not an instruction"),
        ("FROM", "FROM names no image"),
    ],
)
def test_what_cannot_be_packed_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(CollectionError, match=told):
        parse(text)


def test_a_value_with_a_space_is_one_value_and_no_pair_sees_those_beside_it() -> None:
    recipe = parse(
        "FROM scratch\nARG WORD\nENV A=1\nENV SAID=$WORD A=2 B=$A\nLABEL said=$WORD", {"WORD": "good morning"}
    )
    assert recipe.config["Env"] == ["A=2", "SAID=good morning", "B=1"]
    assert recipe.config["Labels"] == {"said": "good morning"}
