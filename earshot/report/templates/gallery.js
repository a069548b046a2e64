// The gallery: the items that gradcam chose by their order, the first of every class first, a page at a time.

const PAGE = 24;
const NAMES = { picture: "Picture", spectrogram: "Spectrogram", back: "Read back" };
const SHUFFLED = " The true classes are the shuffled labels that the model was trained on.";
let pages = 1;

function fillClasses(model, chosen) {
  const select = find("#class");
  const kept = model.classes.includes(chosen) ? chosen : "";
  select.replaceChildren(make("option", { value: "" }, "all classes"),
    ...model.classes.map((name) => make("option", { value: name }, name)));
  select.value = kept;
}

function showGallery(model) {
  const label = find("#class").value;
  const verdict = find("#verdict-filter").value;
  const found = model.entries.filter((entry) =>
    (!label || entry.label === label) && (!verdict || entry.right === (verdict === "right")));
  const shown = found.slice(0, PAGE * pages);
  stop();
  find("#doubts").replaceChildren(...model.doubts.map((doubt) => make("li", {}, doubt)));
  find("#doubts").hidden = !model.doubts.length;
  find("#checks").replaceChildren(checksTable(model));
  find("#exchanged").textContent = `A network of exchanged weights gives maps that agree with these at a rank `
    + `correlation of ${decimal(model.maps.randomized_rank_correlation)}; near 1 they would say nothing about the model.`;
  find("#count").textContent = found.length
    ? `${plural(found.length, "item")}, ${whole(shown.length)} shown.${model.view === "shuffled" ? SHUFFLED : ""}`
    : "No item fits: the model has none of this kind in the part that is shown.";
  find("#cards").replaceChildren(...shown.map((entry) => card(model, entry)));
  find("#more").hidden = shown.length === found.length;
}

function checksTable(model) {
  const maps = model.maps;
  const orders = [["the map", "map"], ["a random map", "random"], ["the input's energy", "energy"]];
  return tableOf(`${maps.method.replaceAll("_", " ")} of ${model.model} on ${model.view}, mean of ${plural(maps.items, "item")}`, [
    ["Places in the order of", ([text]) => text],
    ["Deletion (low is good)", ([, key]) => decimal(maps[`deletion_${key}`], 3), ([, key]) => maps[`deletion_${key}`]],
    ["Insertion (high is good)", ([, key]) => decimal(maps[`insertion_${key}`], 3), ([, key]) => maps[`insertion_${key}`]],
  ], orders);
}

function card(model, entry) {
  const shown = data.media[entry.id];
  const tiles = ["picture", "spectrogram", "back"].filter((key) => shown[key]).map((key) => {
    const frame = image(shown[key], `${NAMES[key]} of ${entry.id}`, data.axes[key]);
    const sounds = key === "spectrogram" && shown.sound;
    return tile(NAMES[key], frame, sounds ? playButton("Sound", `Play the sound of ${entry.id}`, shown.sound, frame.inner) : null);
  });
  tiles.push(mapTile(model, entry, shown));
  const sign = entry.right ? "right" : "wrong";
  const said = entry.right ? `${entry.label}, named rightly` : `${entry.label}, named ${entry.predicted}`;
  return make("article", { class: `card ${sign}`, "aria-label": `${entry.id}: ${said}` },
    make("header", {},
      make("h3", {}, entry.right ? entry.label : `${entry.label} → ${entry.predicted}`),
      make("span", { class: `badge ${sign}` }, sign),
      make("span", { class: "sure" }, percent(entry.probability)),
      entry.mean === undefined ? null : make("span", { class: "of-runs" },
        `${entry.rightRuns} of ${model.runs.length} runs right, mean ${percent(entry.mean)}`),
      make("span", { class: "name" }, entry.id)),
    make("div", { class: "tiles" }, ...tiles));
}

function mapTile(model, entry, shown) {
  const base = model.view === "picture" ? "picture" : shown.back ? "back" : "spectrogram";
  const frame = image(shown[base], `Map of ${model.model} over the ${NAMES[base].toLowerCase()} of ${entry.id}`, data.axes[base]);
  frame.inner.classList.add("under");
  frame.inner.append(make("img", { class: "map", src: entry.map, alt: "" }));
  const button = entry.kept ? playButton("Kept part", `Play what the map keeps of ${entry.id}`, entry.kept, frame.inner) : null;
  return tile("Map", frame, button);
}

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
