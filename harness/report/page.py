# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page that people look at: verdict, figures, charts and steps. One file that needs no network."""

from __future__ import annotations

import html
import time
from collections.abc import Iterable, Mapping
from typing import Any

from plotly.offline import get_plotlyjs

from harness.report.charts import draw

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { overflow-y: scroll; } /* charts drawn before the page needs a scroll bar would be wider than the others */
body { margin: 0 auto; padding: 24px 32px 48px; max-width: 1280px; background: #fff; color: #1f2933;
  font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, "DejaVu Sans", sans-serif; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 17px; margin: 28px 0 0; }
p { margin: 2px 0 6px; } .about, .note { color: #52606d; }
.verdict { display: inline-block; padding: 3px 12px; border-radius: 4px; font-weight: 600; color: #fff; }
.good { background: #00694d; } .bad { background: #b34700; }
.tiles { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0; }
.tile { border: 1px solid #d9dde3; border-radius: 6px; padding: 8px 14px; min-width: 118px; }
.tile b { display: block; font-size: 23px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile span { color: #52606d; font-size: 13px; }
.tile.bad-tile { border: 2px solid #b34700; }
table { border-collapse: collapse; width: 100%; margin: 8px 0; font-size: 14px; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid #e6e9ee; vertical-align: top;
  overflow-wrap: break-word; }
th { color: #52606d; font-weight: 600; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.overview th, .overview td { overflow-wrap: normal; padding-right: 0; padding-left: 12px; }
@media (max-width: 1200px) {
  .overview { font-size: 12px; }
  .overview th, .overview td { padding-left: 5px; }
}
.overview th:first-child, .overview td:first-child { padding-left: 0; }
.overview td { white-space: nowrap; } .overview th.n { white-space: normal; }
.no { color: #b34700; font-weight: 600; } a { color: #00568a; }
.chart { width: 100%; overflow: hidden; break-inside: avoid; }
section { break-inside: avoid; }
@page { size: A4 landscape; margin: 10mm; }
@media print { body { padding: 0; zoom: 0.8; } .modebar { display: none !important; } }
"""

TILES = (
    ("posted", "sales acknowledged", ""),
    ("processed", "processed", ""),
    ("lake_in_both_regions", "in each region's lake", ""),
    ("lost", "lost", ""),
    ("duplicated", "duplicated", ""),
    ("processed_twice", "processed twice", ""),
    ("failed_requests", "failed requests", ""),
    ("rpo_sales", "RPO, sales", ""),
    ("lake_rpo_sales", "RPO of the lake, objects", ""),
    ("rto_seconds", "RTO", " s"),
    ("first_sale_seconds", "grant to first sale", " s"),
    ("catch_up_seconds", "grant until the backlog is done", " s"),
    ("controller_seconds", "controller", " s"),
    ("longest_gap_seconds", "longest standstill", " s"),
    ("sales_per_second", "posted per second", ""),
    ("aws_calls", "AWS calls of switches", ""),
)


def write_page(report: Mapping[str, Any]) -> str:
    """The page of one report."""
    figures = report["figures"]
    failed = {gate["gate"].rpartition(": ")[2] for gate in report["gates"] if not gate["passed"]}
    tiles = "".join(
        f'<div class="tile{" bad-tile" if name in failed else ""}"><b>{number(figures.get(name), unit)}</b>'
        f"<span>{label}</span></div>"
        for name, label, unit in TILES
    )
    charts = "".join(
        f'<section><h2>{html.escape(title)}</h2><p class="note">{html.escape(about)}</p><div class="chart">'
        + figure.to_html(full_html=False, include_plotlyjs=False, config=PLOTLY)
        + "</div></section>"
        for title, about, figure in draw(report)
    )
    body = (
        f"<h1>{html.escape(report['drill'])}</h1><p class='about'>{html.escape(_sentence(report['about']))} "
        f"{', '.join(report['regions'])}; {_moment(report['began'])}, {report['seconds']:.0f} s.</p>"
        f"<p>{verdict(report['passed'])}</p><div class='tiles'>{tiles}</div>"
        f"{_gates(report['gates'])}{charts}{_steps(figures['switches'])}{_fences(figures['switches'])}{_alarms(figures['switches'])}"
        + _pairs("Actions", ((f"{event['at']:.1f} s", event["text"]) for event in report["events"]))
        + _pairs("Why requests failed", ((str(count), cause) for cause, count in report["failures"].items()))
    )
    return document(report["drill"], body, script=True)


PLOTLY = {"displaylogo": False, "responsive": True, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def document(title: str, body: str, script: bool = False) -> str:
    """A whole page in the common style; script: whether plotly's is needed."""
    code = f"<script>{get_plotlyjs()}</script>" if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style>{code}</head>'
        f"<body>{body}</body></html>\n"
    )


def verdict(passed: bool) -> str:
    """The sign that says whether it passed."""
    return '<span class="verdict good">passed</span>' if passed else '<span class="verdict bad">not passed</span>'


def _gates(gates: Iterable[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(gate['gate'])}</td><td>{html.escape(gate['expected'])}</td>"
        f'<td class="{"" if gate["passed"] else "no"}">{html.escape(number(gate["found"]))}'
        f"{'' if gate['passed'] else ' — not passed'}</td></tr>"
        for gate in gates
    )
    head = "<tr><th>gate</th><th>expected</th><th>found</th></tr>"
    return f"<section><h2>Gates</h2><table><thead>{head}</thead><tbody>{rows}</tbody></table></section>"


def _steps(switches: Iterable[Mapping[str, Any]]) -> str:
    rows = ""
    for number, switch in enumerate(switches, 1):
        told = f"{number}. {switch['name']}, {switch['execution']}: {switch['outcome']}"
        rows += (
            f'<tr><th colspan="2">{html.escape(told)}</th><th class="n">{switch["ended"] - switch["began"]:.1f} s</th>'
        )
        rows += "</tr>" + "".join(
            f"<tr><td>{step['step']}</td><td>{html.escape(step['sentence'])}</td>"
            f'<td class="n">{step["seconds"]:.2f} s</td></tr>'
            for step in switch["steps"]
        )
    return f"<h2>Steps</h2><table><tbody>{rows}</tbody></table>" if rows else ""


def _fences(switches: Iterable[Mapping[str, Any]]) -> str:
    """Which fence each switch waited for, and how its readers let go; nothing where no switch had one."""
    rows = ""
    for number, switch in enumerate(switches, 1):
        fence = switch.get("fence")
        if not fence:
            continue
        told = f"{number}. {switch['name']}: {fence['kind']}"
        rows += f'<tr><th>{html.escape(told)}</th><th colspan="2">{html.escape(fence["why"])}</th></tr>'
        rows += "".join(
            f"<tr><td>{html.escape(region)}</td><td>{html.escape(reader)}</td><td>{html.escape(how)}</td></tr>"
            for region, readers in fence["readers"].items()
            for reader, how in readers.items()
        )
    return f"<section><h2>Fences, reader by reader</h2><table><tbody>{rows}</tbody></table></section>" if rows else ""


def _alarms(switches: Iterable[Mapping[str, Any]]) -> str:
    """The alarms that were on when each switch looked at the regions; nothing where there were none."""
    rows = "".join(
        f"<tr><td>{number}. {html.escape(switch['name'])}</td><td>{html.escape(alarm['region'])}</td>"
        f"<td>{html.escape(alarm['name'])}</td><td>{html.escape(alarm['reason'])}</td>"
        f'<td class="n">{html.escape(alarm["since"])}</td></tr>'
        for number, switch in enumerate(switches, 1)
        for alarm in switch["alarms"]
    )
    head = "<tr><th>switch</th><th>region</th><th>alarm</th><th>why</th><th class='n'>on since</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return f"<section><h2>Alarms that were on before a switch</h2>{table}</section>" if rows else ""


def _pairs(title: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A section of two columns, a figure and its text; nothing where there are none."""
    rows = "".join(
        f'<tr><td class="n" style="width:80px">{figure}</td><td>{html.escape(text)}</td></tr>' for figure, text in pairs
    )
    return f"<section><h2>{title}</h2><table><tbody>{rows}</tbody></table></section>" if rows else ""


def number(value: Any, unit: str = "") -> str:
    """A figure for people; a dash where there is none."""
    if value is None:
        return "—"
    if isinstance(value, float):
        return f"{value:.1f}{unit}" if value >= 10 else f"{value:.2f}{unit}"
    return f"{value}{unit}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _moment(unix: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(unix))
