// A picture with its axes, its name above it and its button below.

function tile(name, frame, button) {
  return make("figure", { class: "tile" }, make("figcaption", {}, name), frame.outer, button);
}

// A picture with its axes. Units stand at the ends of the axes, once.
function image(uri, label, axes) {
  const unit = (name) => name.match(/\((.*)\)/)?.[1].replace("pixels", "px") ?? name;
  const [rows, columns] = axes.shape;
  const inner = make("div", { class: "pixels", style: { "--aspect": Math.min(2.2, Math.max(1, columns / rows)) } },
    make("img", { src: uri, alt: label }));
  const down = axes.rows.map(([place, text]) => make("span", { style: { top: `${place}%` } }, text));
  const across = axes.columns.map(([place, text]) => make("span", { style: { left: `${place}%` } }, text));
  const outer = make("div", { class: "frame" },
    make("div", { class: "unit", "aria-hidden": "true" }, unit(axes.rowName)),
    make("div", { class: "axis down", "aria-hidden": "true" }, ...down), inner,
    make("div", { class: "unit last", "aria-hidden": "true" }, unit(axes.columnName)),
    make("div", { class: "axis across", "aria-hidden": "true" }, ...across));
  return { outer, inner };
}
