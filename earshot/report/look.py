"""How the page's charts look: its own colours, light or dark.

The SVG that Vega draws takes `var(--name)` for a colour, so that a chart follows the page's theme undrawn.
"""

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
VIEWS = ["picture", "sound", "shuffled"]
VIEW_COLOURS = {"domain": VIEWS, "range": [f"var(--{view})" for view in VIEWS]}
PARTS = {"domain": ["train", "val", "test"], "range": ["var(--muted)", "var(--accent)", "var(--wrong)"]}
DASHES = {"domain": ["train", "val", "test"], "range": [[4, 3], [1, 0], [1, 0]]}
CONFIG = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "labelPadding": 6,
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


def chart(**spec):
    """A specification in the page's look, as wide as its place."""
    return (
        {"$schema": SCHEMA, "config": CONFIG, "width": "container"} | {"autosize": {"type": "fit-x"}} | spec
    )
