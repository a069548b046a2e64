// Vega-Lite charts. Their colours are the page's own, so that light and dark need no drawing anew.

async function draw(place, name, rows, label, change = (spec) => spec, isWide = false) {
  const spec = change(structuredClone(data.charts[name]));
  const target = make("div", { class: `chart ${name}${isWide ? " wide" : ""}`, role: "img", "aria-label": label,
    tabindex: isWide ? 0 : null });
  place.replaceChildren(target);
  const options = { actions: false, renderer: "svg", defaultStyle: false };
  await window.vegaEmbed(target, { ...spec, data: { values: rows } }, options);
  const drawing = find("svg", target); // the label says what it shows, and the table beside it every value
  drawing.setAttribute("aria-hidden", "true");
  drawing.removeAttribute("aria-label");
}

// A legend names what is drawn, and no more.
function onlyThese(spec, field, values) {
  for (const { encoding } of [spec, ...spec.layer]) {
    const color = encoding?.color;
    if (color?.field !== field) continue;
    color.scale.range = color.scale.range.filter((_, place) => values.includes(color.scale.domain[place]));
    color.scale.domain = color.scale.domain.filter((value) => values.includes(value));
  }
}

function chartFigure(title, name, rows, label, { change, note, table, isWide } = {}) {
  const place = make("div");
  draw(place, name, rows, label, change, isWide);
  return make("figure", { class: "panel" },
    make("figcaption", {}, make("h4", {}, title), note ? make("p", {}, note) : null), place, table);
}
