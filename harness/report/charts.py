# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The charts of a page, drawn with plotly from the report. All share one time axis and one left margin, so that a
moment stands in one line down the page.

Colours are Okabe and Ito's (and one of Tol's), which people with any kind of colour vision can tell apart; states are
written out as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

STATES = {"ACTIVE": "#009E73", "HELD": "#E69F00", "PASSIVE": "#c9ced6"}
REGIONS = ("#0072B2", "#CC79A7", "#999933", "#56B4E9")
STEPS = {
    "lease": "#d9c2a3",
    "preflight": "#b9a6d9",
    "schedules_off": "#c4a35a",
    "drain": "#8c6d1f",
    "hold": "#E69F00",
    "shift": "#4f8fc0",
    "fence": "#d9dde3",
    "grant": "#009E73",
    "start": "#8fd4bd",
    "traffic": "#0072B2",
    "schedules_on": "#7fb3a3",
    "reconcile": "#56B4E9",
    "prove": "#CC79A7",
    "record": "#555555",
}
RESPONSE_TIMES = (("#0072B2", "solid"), ("#56B4E9", "dash"), ("#CC79A7", "dashdot"), ("#999933", "longdash"))
ERROR, OTHER, INK, GRID = "#D55E00", "#888888", "#1f2933", "#e6e9ee"
LEFT, RIGHT, LANE = 215, 24, 22
PLOT_PIXELS, LETTER_PIXELS = 900, 7.2
"""About how wide the time axis and a letter are: a bar too narrow for its name goes without it."""


def draw(report: Mapping[str, Any]) -> list[tuple[str, str, go.Figure]]:
    """(heading, what it shows, figure) of every chart, in the order of the page."""
    charts = [
        ("What happened", "Faults, and the steps of each switch.", draw_timeline(report)),
        ("Sales acknowledged", "Per second, by the region that answered; stacked.", draw_requests(report)),
        ("Failed requests", "Per second, as the client saw them.", draw_errors(report)),
        ("Response times", "Of acknowledged sales, in milliseconds; logarithmic.", draw_latency(report)),
        ("Backlog", "Messages in each queue, hidden ones included; logarithmic from 1.", draw_backlog(report)),
        ("States, as each reader saw them", STATES_TEXT, draw_states(report)),
    ]
    for _, _, figure in charts:
        _style(figure, report)
    return charts


STATES_TEXT = (
    "Every region's own item, what the replicas hold of the others, the SSM parameter, and what the tasks say "
    "themselves. A gap: it did not answer. The number before a state is its epoch."
)


def draw_timeline(report: Mapping[str, Any]) -> go.Figure:
    """Lanes: one for each thing that was wrong, one for each switch."""
    figure = go.Figure()
    start, whole, lanes = report["began"], report["seconds"], []
    for name, spans in report["faults"].items():
        lanes.append(name)
        for span in spans:
            at = (span["from"], span["to"])
            _bar(figure, name, at, whole, ERROR, span["state"], f"{name} {span['state']}", pattern="/")
    for number, switch in enumerate(report["figures"]["switches"], 1):
        lane = f"{number}. {switch['name']}"
        lanes.append(lane)
        at = (switch["began"] - start, switch["ended"] - start)
        _bar(figure, lane, at, whole, "#f4f6f8", "", "the playbook")
        for step in switch["steps"]:
            hover = f"{step['step']}: {step['sentence']}<br>{step['seconds']:.2f} s"
            colour = STEPS.get(step["step"], OTHER)
            at = (step["began"] - start, step["ended"] - start)
            _bar(figure, lane, at, whole, colour, step["step"], hover)
    for at, text in ((event["at"], event["text"]) for event in report["events"]):
        marker = {"symbol": "diamond", "size": 9, "color": INK}
        lane = "actions"
        if lane not in lanes:
            lanes.insert(0, lane)
        figure.add_scatter(
            x=[at], y=[lane], mode="markers", marker=marker, hovertext=text, hoverinfo="text", showlegend=False
        )
    _lanes(figure, lanes)
    return figure


def draw_requests(report: Mapping[str, Any]) -> go.Figure:
    figure = go.Figure()
    for region, counts in report["series"]["requests"].items():
        figure.add_scatter(
            x=_middles(counts),
            y=counts,
            name=region,
            stackgroup="all",
            line={"width": 1, "color": _colour(report, region), "shape": "hvh"},
            hovertemplate="%{y} in this second",
        )
    figure.update_layout(height=230, hovermode="x unified")
    figure.update_yaxes(rangemode="tozero", title="sales/s")
    return figure


def draw_errors(report: Mapping[str, Any]) -> go.Figure:
    errors = report["series"]["errors"]
    figure = go.Figure(go.Bar(x=_middles(errors), y=errors, marker_color=ERROR, name="failed"))
    figure.update_layout(height=150, showlegend=False, bargap=0)
    figure.update_yaxes(rangemode="tozero", title="failed/s", range=[0, max(5, *errors) * 1.1])
    if not any(errors):
        _say(figure, "no request failed")
    return figure


def draw_latency(report: Mapping[str, Any]) -> go.Figure:
    figure = go.Figure()
    for number, (name, values) in enumerate(report["series"]["latency"].items()):
        colour, dash = RESPONSE_TIMES[number % len(RESPONSE_TIMES)] if name != "slowest" else (OTHER, "dot")
        figure.add_scatter(
            x=_middles(values), y=values, name=name, line={"color": colour, "dash": dash, "width": 1.6}, mode="lines"
        )
    figure.update_layout(height=210, hovermode="x unified")
    figure.update_yaxes(type="log", title="ms", dtick=1)
    return figure


def draw_backlog(report: Mapping[str, Any]) -> go.Figure:
    figure = go.Figure()
    dashes = ("solid", "dash", "dot", "dashdot")
    for number, (queue, series) in enumerate(report["series"]["backlog"].items()):
        region = queue.partition(" ")[0]
        look = {"color": _colour(report, region), "dash": dashes[number % 4], "width": 1.8}
        shown = [value or None for value in series["messages"]]
        figure.add_scatter(x=series["at"], y=shown, name=queue, line=look, mode="lines")
    figure.update_layout(height=240, hovermode="x unified")
    figure.update_yaxes(type="log", title="messages", dtick=1)
    return figure


def draw_states(report: Mapping[str, Any]) -> go.Figure:
    figure = go.Figure()
    spans_of = report["series"]["states"]
    lanes = sorted(spans_of, key=lambda name: (_subject(name), name))
    for lane in lanes:
        for span in spans_of[lane]:
            state, epoch = span["state"], span["epoch"]
            text = f"{epoch} {state}" if epoch else state
            to = max(span["to"], span["from"] + 0.4)
            colour = STATES.get(state, OTHER)
            _bar(figure, lane, (span["from"], to), report["seconds"], colour, text, f"{lane}: {text}")
    _lanes(figure, lanes)
    return figure


def _subject(reader: str) -> str:
    """The region that a reader's lane is about: "a sees b" is about b."""
    return reader.rpartition(" sees ")[2].partition(" ")[0]


def _bar(
    figure: go.Figure,
    lane: str,
    span: tuple[float, float],
    whole: float,
    colour: str,
    text: str,
    hover: str,
    pattern: str = "",
) -> None:
    """A bar from `span`'s begin to its end, on an axis of `whole` seconds."""
    begin, end = span
    wide = (end - begin) / whole * PLOT_PIXELS > LETTER_PIXELS * len(text) + 8
    figure.add_bar(
        orientation="h",
        y=[lane],
        base=[begin],
        x=[max(end - begin, whole / PLOT_PIXELS * 2)],
        marker={"color": colour, "pattern": {"shape": pattern}, "line": {"width": 0.6, "color": "#ffffff"}},
        text=[text if wide else ""],
        textposition="inside",
        insidetextanchor="start",
        constraintext="none",
        textangle=0,
        textfont={"size": 11, "color": "#ffffff" if colour in DARK else INK},
        hovertext=f"{hover}<br>{begin:.1f} – {end:.1f} s",
        hoverinfo="text",
        showlegend=False,
    )


DARK = {"#0072B2", "#009E73", "#D55E00", "#555555", "#8c6d1f", "#888888"}


def _lanes(figure: go.Figure, lanes: list[str]) -> None:
    figure.update_layout(barmode="overlay", height=70 + LANE * max(len(lanes), 1), bargap=0.18, hovermode="closest")
    figure.update_yaxes(categoryorder="array", categoryarray=lanes[::-1], showgrid=False, title="")


def _colour(report: Mapping[str, Any], region: str) -> str:
    regions = report["regions"]
    return REGIONS[regions.index(region) % len(REGIONS)] if region in regions else OTHER


def _middles(counts: list[Any]) -> list[float]:
    return [second + 0.5 for second in range(len(counts))]


def _say(figure: go.Figure, text: str) -> None:
    figure.add_annotation(text=text, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 13})


def _style(figure: go.Figure, report: Mapping[str, Any]) -> None:
    """One look, one time axis, and a thin line where each switch begins and ends."""
    for switch in report["figures"]["switches"]:
        for at in (switch["began"], switch["ended"]):
            figure.add_vline(x=at - report["began"], line={"width": 1, "color": "#9aa5b1", "dash": "dot"})
    figure.update_layout(
        template="plotly_white",
        margin={"l": LEFT, "r": RIGHT, "t": 26, "b": 38},
        font={"family": "system-ui, Segoe UI, Helvetica, Arial, DejaVu Sans, sans-serif", "size": 12, "color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hoverlabel={"align": "left"},
    )
    figure.update_xaxes(range=[0, report["seconds"]], gridcolor=GRID, ticksuffix=" s", zeroline=False, nticks=14)
    figure.update_yaxes(gridcolor=GRID, zeroline=False)
