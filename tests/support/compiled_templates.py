# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers what Jinja compiled, for processes forked later.

Ansible templates the arguments of a task in a worker of that task, so what a worker compiles is lost with it: a seventh
of what a playbook costs. Here a worker tells what it compiled to the process from which all are forked.
"""

from __future__ import annotations

import marshal
import socket
from collections.abc import Callable, Hashable
from contextlib import suppress
from types import CodeType
from typing import Any

import jinja2
import jinja2.environment
import jinja2.nodes
from ansible._internal._templating import _jinja_bits

SETTINGS = (
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "line_statement_prefix",
    "line_comment_prefix",
    "trim_blocks",
    "lstrip_blocks",
    "newline_sequence",
    "keep_trailing_newline",
    "optimized",
)
"""What a template of a task may change of Jinja's environment, and what else decides how a source is compiled."""

MOST_BYTES = 1 << 16


class CompiledTemplates:
    """What was compiled, by source and settings; `listen` learns what forks have told."""

    def __init__(self) -> None:
        self._known: dict[Hashable, CodeType] = {}
        self._expression: Hashable = None  # whose syntax tree is compiled next
        self._near, self._far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._near.setblocking(False)
        self._far.setblocking(False)

    def fileno(self) -> int:
        """Readable when there is something to learn."""
        return self._near.fileno()

    def remember(self) -> None:
        """Have Jinja look here before it compiles, in this process and in its forks."""
        jinja2.Environment.compile = self._templates(jinja2.Environment.compile)  # type: ignore[method-assign]
        jinja2.Environment.compile_expression = self._expressions(  # type: ignore[method-assign]
            jinja2.Environment.compile_expression
        )

    def listen(self) -> None:
        with suppress(BlockingIOError):
            while True:
                key, code = marshal.loads(self._near.recv(MOST_BYTES))
                self._known[key] = code

    def _templates(self, compile_anew: Callable[..., Any]) -> Callable[..., Any]:
        def compiled(environment: jinja2.Environment, source: Any, *names: Any, **options: Any) -> Any:
            expression, self._expression = self._expression, None
            if names or options or not (expression or isinstance(source, str)):
                return compile_anew(environment, source, *names, **options)
            key = expression or self._key(environment, source)
            code = self._known.get(key)
            if code is None:
                code = self._known[key] = compile_anew(environment, source)
                # Who listens may be busy, and what is not told is only compiled again.
                with suppress(OSError):
                    self._far.send(marshal.dumps((key, code)))
            return code

        return compiled

    def _expressions(self, compile_anew: Callable[..., Any]) -> Callable[..., Any]:
        def compiled(environment: jinja2.Environment, source: str, undefined_to_none: bool = True) -> Any:
            self._expression = ("expression", *self._key(environment, source))
            try:
                if self._expression not in self._known:
                    return compile_anew(environment, source, undefined_to_none)
                template = environment.from_string(jinja2.nodes.Template([]))
                return jinja2.environment.TemplateExpression(template, undefined_to_none)
            finally:
                self._expression = None

        return compiled

    def _key(self, environment: jinja2.Environment, source: str) -> tuple[Any, ...]:
        asked = _jinja_bits._TemplateCompileContext.current(optional=True)
        escaped = asked.escape_backslashes if asked else None
        return (str(source), escaped, type(environment).__name__, *(getattr(environment, name) for name in SETTINGS))
