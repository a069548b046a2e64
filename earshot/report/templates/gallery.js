// The gallery: the items that gradcam chose by their order, the first of every class first, a page at a time.

const PAGE = 24;
const NAMES = { colour: "In colour", picture: "Picture", spectrogram: "Spectrogram", back: "Read back" };
const PICTURED = ["picture", "colour"];  // views of the picture itself
const BLANKS = { mean: "the mean array", lowest: "the lowest value, silence or black" };
const HEARD = "occlusion in time"; // whose places are stretches of a sound
const HEARD_BLANKS = { mean: "noise 20 dB below the sounds", lowest: "silence" };
const NO_METHOD = "none"; // of a model that gradcam.models leaves out
const SHUFFLED = " The true classes are the shuffled labels that the model was trained on.";
const NO_MAP = "No map: blanking the places that it names changes the answer hardly more than blanking any places.";
let pages = 1;

// What can be filtered by, of a model; what was chosen stays where the model has it.
function fillFilters(model) {
  const groups = [...new Set(model.entries.map((entry) => entry.group).filter((group) => group !== undefined))];
  fill("#class", "all classes", model.classes);
  fill("#group", "all groups", groups.sort(byName));
  find("#group").parentElement.hidden = !groups.length;
}

function fill(selector, all, values) {
  const select = find(selector);
  const kept = values.includes(select.value) ? select.value : "";
  select.replaceChildren(make("option", { value: "" }, all), ...values.map((value) => make("option", { value }, value)));
  select.value = kept;
}

// Why an item has no map.
function noMap(model) {
  return model.maps.method === NO_METHOD ? "No map: gradcam.models leaves this model out." : NO_MAP;
}

function showGallery(model) {
  const [label, verdict, group] = ["#class", "#verdict-filter", "#group"].map((selector) => find(selector).value);
  const [low, high] = find("#confidence").value.split(" ").map(Number);
  const found = model.entries.filter((entry) =>
    (!label || entry.label === label) && (!verdict || entry.right === (verdict === "right"))
    && (!group || entry.group === group) && entry.probability >= low && (high === 1 || entry.probability < high));
  const shown = found.slice(0, PAGE * pages);
  stop();
  find("#doubts").replaceChildren(...model.doubts.map((doubt) => make("li", {}, doubt)));
  find("#doubts").hidden = !model.doubts.length;
  find("#map-checks").hidden = model.maps.method === NO_METHOD;
  if (model.maps.method !== NO_METHOD) {
    find("#checks").replaceChildren(...Object.entries(isHeard(model) ? HEARD_BLANKS : BLANKS).map((blank) => checksTable(model, ...blank)));
    find("#exchanged").textContent = exchanged(model.maps);
    find("#methods").replaceChildren(methodsTable(model));
  }
  find("#count").textContent = found.length
    ? `${plural(found.length, "item")}, ${whole(shown.length)} shown.${model.view === "shuffled" ? SHUFFLED : ""}`
    : "No item fits: the model has none of this kind in the part that is shown.";
  find("#cards").replaceChildren(...shown.map((entry) => card(model, entry)));
  find("#more").hidden = shown.length === found.length;
}

function isHeard(model) {
  return model.maps.method === HEARD;
}

function checksTable(model, blank, meaning) {
  const maps = model.maps;
  const orders = [["the map", "map"], ["a random map", "random"], ["the input's energy", "energy"]];
  const area = (curve) => ([, key]) => maps[`${curve}_${key}_${blank}`];
  return tableOf(`${maps.method} of ${model.model} on ${model.view}. Blank: ${meaning}; mean of `
    + plural(maps[`items_${blank}`], "item"), [
    ["Places in the order of", ([text]) => text],
    ["Deletion (low is good)", (order) => decimal(area("deletion")(order), 3), area("deletion")],
    ["Insertion (high is good)", (order) => decimal(area("insertion")(order), 3), area("insertion")],
  ], orders);
}

function exchanged(maps) {
  const others = maps.runs_rank_correlation_others === undefined ? ""
    : `, those of different items at ${decimal(maps.runs_rank_correlation_others)}`;
  const runs = maps.runs_rank_correlation === undefined ? "" : ` The runs' maps of one item agree with each other at `
    + `${decimal(maps.runs_rank_correlation)}${others}.`;
  return `Networks of exchanged weights give maps that agree with these at a rank correlation of `
    + `${decimal(maps.randomized_rank_correlation)}; near 1 they would say nothing about the model.${runs}`;
}

function methodsTable(model) {
  const areas = Object.keys(BLANKS).flatMap((blank) => ["deletion", "insertion"].map((curve) => [blank, curve]));
  return tableOf("Methods that were tried, on items that are not shown", [
    ["Method", (row) => row.chosen ? `${row.method} (chosen)` : row.method],
    ["Better than a random map by", (row) => decimal(row.gain, 3), (row) => row.gain],
    ...areas.map(([blank, curve]) => [`${curve}, ${blank}`, (row) => decimal(row[`${curve}_${blank}`], 3),
      (row) => row[`${curve}_${blank}`]]),
  ], model.methods);
}

function card(model, entry) {
  const shown = data.media[entry.id];
  const tiles = ["colour", "picture", "spectrogram", "back"].filter((key) => shown[key]).map((key) => {
    const frame = image(shown[key], `${NAMES[key]} of ${entry.id}`, data.axes[key]);
    const sounds = key === "spectrogram" && shown.sound;
    return tile(NAMES[key], frame, sounds ? playButton("Sound", `Sound of ${entry.id}: play it`, shown.sound, frame.inner) : null);
  });
  tiles.push(mapTile(model, entry, shown));
  const sign = entry.right ? "right" : "wrong";
  const said = entry.right ? `${entry.label}, named rightly` : `${entry.label}, named ${entry.predicted}`;
  return make("article", { class: `card ${sign}`, "aria-label": `${entry.id}: ${said}` },
    make("header", {},
      make("h3", {}, entry.right ? entry.label : `${entry.label} → ${entry.predicted}`,
        make("span", { class: `badge ${sign}` }, ` ${sign}`)),
      make("span", { class: "sure" }, percent(entry.probability)),
      entry.mean === undefined ? null : make("span", { class: "of-runs" },
        `${entry.rightRuns} of ${model.runs.length} runs right, mean ${percent(entry.mean)}`),
      make("span", { class: "name" }, entry.id)),
    make("div", { class: "tiles" }, ...tiles));
}

function mapTile(model, entry, shown) {
  if (!entry.map) return make("figure", { class: "tile" }, make("figcaption", {}, "Map"), make("p", { class: "where" }, noMap(model)));
  const frame = mapFrame(model, entry, shown);
  const button = entry.kept ? playButton("Kept part", `Kept part of ${entry.id}: play what the map keeps`, entry.kept, frame.inner) : null;
  return make("figure", { class: "tile" }, make("figcaption", {}, "Map"), frame.outer,
    make("p", { class: "where" }, entry.where), button);
}

// The map over what the model sees.
function mapFrame(model, entry, shown) {
  if (isHeard(model)) {
    const alt = `Map of ${model.model} over the stretches of ${entry.id}, from its beginning to its end: ${entry.where}`;
    return { outer: make("img", { class: "stretches", src: entry.map, alt }) };
  }
  const base = PICTURED.includes(model.view) ? model.view : shown.back ? "back" : "spectrogram";
  const frame = image(shown[base], `Map of ${model.model} over the ${NAMES[base].toLowerCase()} of ${entry.id}: ${entry.where}`, data.axes[base]);
  frame.inner.classList.add("under");
  frame.inner.append(make("img", { class: "map", src: entry.map, alt: "" }));
  return frame;
}
