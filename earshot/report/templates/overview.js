// The overview: all test items where a model's embedding puts them. A click, or the list, chooses one to see and hear.

const WIDEST = 640;
const EDGE = 20;
const NAMED = 18; // letters of a class name on the map
const LETTER = 8; // pixels of one
const LINE = 15; // pixels between the names of two classes
// ten that stand out from a light and from a dark ground by 3 to 1
const CLASS_COLOURS = [
  "#3d7fc4", "#d0641d", "#2f9054", "#d6485a", "#8f6bd1", "#a0703a", "#1593a5", "#c44fa0", "#878a1c", "#6f7a86",
];

function showOverview(model) {
  const { ids, x, y, label, predicted, shares, left_out: leftOut } = model.overview;
  const name = `${model.model} on ${model.view}, ${model.classes.length} classes`;
  const across = Math.min(WIDEST, find("#map-of-items").clientWidth - 2 * EDGE); // so that a phone has marks of one size
  const points = placed(x, y, across);
  const wrong = ids.map((id, place) => label[place] !== predicted[place]);
  const ring = svg("circle", { class: "ring", r: 8 });
  const marks = ids.map((id, place) => mark(points.at[place], CLASS_COLOURS[label[place] % CLASS_COLOURS.length], wrong[place]));
  const middles = model.classes.flatMap((text, number) => {
    const own = ids.map((id, place) => place).filter((place) => label[place] === number);
    return !own.length ? [] : { text, x: median(own.map((place) => x[place])), y: median(own.map((place) => y[place])),
      at: [0, 1].map((axis) => median(own.map((place) => points.at[place][axis]))) };
  });
  const share = percent(shares[0] + shares[1]);
  const drawing = svg("svg", {
    viewBox: `0 0 ${across} ${points.high}`, role: "img",
    "aria-label": `Map of ${plural(ids.length, "test item")} in the embedding of ${name}. The two axes hold ${share} of the variance. `
      + `Middles of the classes, across and up: ${middles.map((one) => `${one.text} ${decimal(one.x)}, ${decimal(one.y)}`).join("; ")}.`,
  },
  ...marks.filter((one, place) => !wrong[place]), ...marks.filter((one, place) => wrong[place]), ring,
  ...apart(middles.map(({ text, at }) => classLabel(text, at, across))).map(({ text, left, top }) =>
    svg("text", { x: left, y: top + 4, "text-anchor": "middle" }, text)));
  const item = make("div", { class: "item", "aria-live": "polite" });
  const option = (place) => make("option", { value: place },
    `${ids[place]}: ${model.classes[label[place]]}${wrong[place] ? `, named ${model.classes[predicted[place]]}` : ""}`);
  const places = (isWrong) => ids.map((id, place) => place).filter((place) => wrong[place] === isWrong);
  const list = make("select", { id: "item-of-map" }, [[true, "named wrongly"], [false, "named rightly"]]
    .filter(([isWrong]) => places(isWrong).length)
    .map(([isWrong, text]) => make("optgroup", { label: text }, places(isWrong).map(option))));
  const choose = (place) => {
    list.value = place;
    ring.setAttribute("cx", points.at[place][0]);
    ring.setAttribute("cy", points.at[place][1]);
    stop();
    item.replaceChildren(...aboutItem(ids[place], model.classes[label[place]], model.classes[predicted[place]]));
  };
  list.addEventListener("change", () => choose(Number(list.value)));
  drawing.addEventListener("click", (event) => {
    const { x: left, y: top } = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    const away = points.at.map(([across, down]) => (across - left) ** 2 + (down - top) ** 2);
    choose(away.indexOf(Math.min(...away)));
  });
  const repeats = model.classes.length > CLASS_COLOURS.length
    ? ` Colours repeat after ${CLASS_COLOURS.length} classes; names stand at the middles.` : "";
  const more = leftOut ? ` ${plural(leftOut, "item")} more left out, evenly.` : "";
  find("#map-of-items").replaceChildren(make("figure", { class: "panel overview" },
    make("figcaption", {}, make("p", {}, `${name}. Colours are ${model.view === "shuffled" ? "the shuffled labels" : "the true classes"}; `
      + `crosses are named wrongly. The two axes hold ${share} of the variance.${repeats}${more}`)),
    drawing, make("div", { class: "chosen" }, make("label", {}, "Item ", list), item)));
  choose(Number(list.value));
}

// Where the items lie in the drawing, across and up on one scale, and how high it is.
function placed(x, y, across) {
  const middle = (values) => (Math.max(...values) + Math.min(...values)) / 2;
  const span = (values) => Math.max(...values) - Math.min(...values) || 1;
  const high = Math.max(across / 2, Math.min(across, (across * span(y)) / span(x)));
  const scale = Math.min((across - 2 * EDGE) / span(x), (high - 2 * EDGE) / span(y));
  const at = x.map((value, place) => [across / 2 + scale * (value - middle(x)), high / 2 - scale * (y[place] - middle(y))]
    .map((value) => Math.round(10 * value) / 10));
  return { at, high: Math.round(high) };
}

function mark([left, top], colour, isWrong) {
  return isWrong
    ? svg("path", { class: "cross", d: `M${left - 4.5} ${top - 4.5}l9 9m0-9l-9 9`, stroke: colour })
    : svg("circle", { cx: left, cy: top, r: 3.5, fill: colour });
}

// The name of a class at the middle of its items, moved inwards where it would stick out.
function classLabel(name, [left, top], across) {
  const text = name.length > NAMED ? `${name.slice(0, NAMED - 1)}…` : name;
  const half = (LETTER * text.length) / 2;
  return { text, half, left: Math.max(half, Math.min(across - half, left)), top };
}

// The labels from the top, each moved down until it covers none of those above it.
function apart(labels) {
  const placed = [];
  for (const label of [...labels].sort((a, b) => a.top - b.top)) {
    const covered = (other) => Math.abs(other.left - label.left) < other.half + label.half && Math.abs(other.top - label.top) < LINE;
    for (let other = placed.find(covered); other; other = placed.find(covered)) label.top = other.top + LINE;
    placed.push(label);
  }
  return placed;
}

function aboutItem(id, label, predicted) {
  const shown = data.media[id];
  const right = label === predicted;
  const said = make("p", { class: `answer ${right ? "right" : "wrong"}` },
    make("strong", {}, predicted), right ? " right" : ` wrong: it is ${label}`);
  if (!shown) return [said, make("p", {}, "Its picture and sound are left out, to keep the page small enough.")];
  const key = seenFirst(shown);
  const frame = image(shown[key], `${NAMES[key]} of ${id} on the map`, data.axes[key]);
  const button = shown.sound ? playButton("Sound", `Sound of ${id} on the map: play it`, shown.sound, frame.inner) : null;
  return [said, tile(NAMES[key], frame, button)];
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
