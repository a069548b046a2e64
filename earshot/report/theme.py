"""The theme of the page's charts: its own colours, light or dark.

The SVG that Vega draws takes `var(--name)` for a colour, so that a chart follows the page's theme undrawn.
"""

from typing import Any

from earshot.config.views import IN_CHARTS

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
# The colours of the templates in earshot/plots, and the page's names of them.
COLOURS = {
    "#5b636d": "var(--muted)",
    "#c9c6bf": "var(--rule)",
    "#1d2126": "var(--ink)",
    "#ffffff": "var(--on-strong)",
    "#1f7a4d": "var(--right)",
    "#b3261e": "var(--wrong)",
    "#0b6b93": "var(--accent)",
}
# The scale of the colours of a field.
SCALES: dict[str, dict[str, Any]] = {
    "view": {"domain": list(IN_CHARTS), "range": [f"var(--{view})" for view in IN_CHARTS]},
    "part": {
        "domain": ["train", "val", "test"],
        "range": ["var(--muted)", "var(--accent)", "var(--wrong)"],
    },
}
DASHES = {"domain": ["train", "val", "test"], "range": [[4, 3], [1, 0], [1, 0]]}
CONFIG: dict[str, Any] = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "labelPadding": 6,
        "labelFlush": False,  # the last label would run into the one before it
        "titleColor": "var(--ink)",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "gridColor": "var(--line)",
        "domainColor": "var(--rule)",
        "tickColor": "var(--rule)",
    },
    "legend": {
        "labelColor": "var(--ink)",
        "labelFontSize": 12,
        "symbolFillColor": "var(--muted)",
        "symbolStrokeColor": "var(--muted)",
        "symbolStrokeWidth": 2,
        "orient": "top",
        "offset": 8,
        "columnPadding": 14,
        "layout": {"top": {"direction": "vertical", "margin": 4, "anchor": "start"}},
    },
    "text": {"color": "var(--ink)", "fontSize": 12},
}
