// What is given, which settings are moved, and the questions to the server: one at a time, the latest first.

const settings = data.settings;
let given = null; // { file } or { item }
let busy = false, wanted = false, last = null;

async function post(path, question) {
  const asked = new URLSearchParams({ ask: JSON.stringify(question) });
  const response = await fetch(`/${path}?${asked}`, {
    method: "POST", headers: { "X-Earshot-Token": data.token }, body: given.file ?? "",
  }).catch(() => { throw new Error("The server does not answer: is it still running?"); });
  const found = await response.json();
  if (!response.ok) throw new Error(found.problem);
  return found;
}

function trouble(text) {
  find("#problem").textContent = text ?? "";
  find("#problem").hidden = !text;
}

// Asks about what is given, unless nothing is; what comes meanwhile is asked once, as it is then.
async function ask() {
  wanted = given !== null;
  if (busy) return;
  busy = true;
  while (wanted) {
    wanted = false;
    find("#said").setAttribute("aria-busy", "true");
    try {
      await once();
      trouble(null);
    } catch (error) {
      trouble(error.message);
    }
    find("#said").removeAttribute("aria-busy");
  }
  busy = false;
}

async function once() {
  const models = all("#models input:checked").map((box) => box.value);
  if (!models.length) throw new Error("No model is chosen.");
  const source = given.item ? { item: given.item } : { name: given.file.name };
  const question = { ...source, models, changes: changes(), clip: Math.max(0, find("#clip").selectedIndex) };
  const since = performance.now();
  const found = await post("answer", question);
  if (!given) return;
  showAnswer(found);
  find("#said").removeAttribute("aria-busy");
  document.documentElement.dataset.took = String(Math.round(performance.now() - since));
  if (find("#play-each").checked) find("#hear button")?.click();
  const explained = find("#explained").value;
  if (wanted || !found.answers.some((answer) => answer.name === explained)) return;
  const map = await post("map", { ...question, models: [explained] });
  if (given) showMap(map, found);
}

function give(source) {
  given = source;
  find("#clip").selectedIndex = 0;
  const { file } = source;
  find("#save").hidden = !file;
  if (file) {
    URL.revokeObjectURL(find("#save").href);
    Object.assign(find("#save"), { href: URL.createObjectURL(file), download: file.name, textContent: `Save ${file.name}` });
  }
  offer();
  ask();
}

function nothing() {
  given = null;
  find("#save").hidden = true;
  stop();
  for (const name of ["hear", "hear-kept", "answers", "tiles", "notes"]) find(`#${name}`).replaceChildren();
  for (const name of ["map-where", "command"]) find(`#${name}`).textContent = "";
  find("#said").textContent = "Nothing is given yet.";
}

// Sliders: what they stand at, as the server takes it. The last place of the noise is "off".
const OFF = Math.max(51, Math.floor(settings?.noise_snr_db ?? 0) + 1);
const isPicture = () => data.kind === "pictures" && Boolean(given?.item
  || data.pictureEndings.some((ending) => given?.file.name.toLowerCase().endsWith(ending)));
const top_hz = settings && settings.sample_rate / 2;
const hz = (value) => (value >= 1000 ? `${decimal(value / 1000)} kHz` : `${decimal(value, 0)} Hz`);
const SLIDES = !settings ? [] : [
  ["rows", "Rows", 4, settings.most_rows, 1, settings.rows, (value) => String(value)],
  ["range_db", "Range of brightness", 10, 90, 5, settings.range_db, (value) => `${value} dB`],
  ["iterations", "Iterations", 0, 128, 1, settings.iterations, (value) => String(value)],
  ["noise_snr_db", "Noise, below the sound by", -20, OFF, 1, settings.noise_snr_db ?? OFF, (value) => (value >= OFF ? "no noise" : `${decimal(value, 0)} dB`)],
  ["low_hz", "Band, from", 0, top_hz, top_hz / 80, settings.band_hz?.[0] ?? 0, hz],
  ["high_hz", "Band, up to", 0, top_hz, top_hz / 80, settings.band_hz?.[1] ?? top_hz, hz],
].filter(([, , , , , start]) => start !== undefined);
const OF_PICTURES = ["rows", "range_db", "iterations"];
const slide = Object.fromEntries(SLIDES.map(([name, text, min, max, step, start, shown]) => {
  const output = make("output", {});
  const input = make("input", { type: "range", min: Math.min(min, Math.floor(start)), max: Math.max(max, start), step, value: start, id: `slide-${name}` });
  const rest = input.value; // where it stands for `start`, which may lie between its steps
  const value = () => (input.value === rest ? start : Number(input.value));
  const show = () => { output.textContent = shown(value()); input.setAttribute("aria-valuetext", output.textContent); };
  input.addEventListener("input", () => { show(); ask(); });
  show();
  find("#slides").append(make("label", { class: "slide", for: input.id }, text, output, input));
  return [name, { input, rest, value, show }];
}));
find("#sliders").hidden = !SLIDES.length;

function changes() {
  const moved = (name) => slide[name] && !slide[name].input.disabled && slide[name].input.value !== slide[name].rest;
  const value = (name) => slide[name].value();
  const found = Object.fromEntries(OF_PICTURES.filter(moved).map((name) => [name, value(name)]));
  if (moved("noise_snr_db")) found.noise_snr_db = value("noise_snr_db") >= OFF ? null : value("noise_snr_db");
  if (moved("low_hz") || moved("high_hz")) {
    const [low, high] = [value("low_hz"), value("high_hz")].sort((first, second) => first - second);
    found.band_hz = [low, high];
  }
  return found;
}

// What a sound that was brought was made with stays as it is.
function offer() {
  for (const name of OF_PICTURES) if (slide[name]) slide[name].input.disabled = given !== null && !isPicture();
}
find("#reset").addEventListener("click", () => {
  for (const own of Object.values(slide)) { own.input.value = own.rest; own.show(); }
  ask();
});

// Models: of one subset at a time, those with a check are asked, and one is explained.
find("#subset").append(...data.subsets.map((classes, place) => make("option", { value: place }, `${classes.length}: ${classes.join(", ")}`.slice(0, 60))));
find("#subset-label").hidden = data.subsets.length < 2;
function fillModels() {
  const own = data.models.filter((model) => model.subset === Number(find("#subset").value));
  const boxes = own.map((model) => make("label", { class: "switch" },
    make("input", { type: "checkbox", value: model.name, checked: model.asked || own.length === 1, onchange: ask }),
    make("span", { class: `view ${model.view}` }, `${model.model} on ${model.view}`)));
  find("#models").replaceChildren(make("legend", {}, "Models"), ...boxes);
  find("#explained").replaceChildren(make("option", { value: "" }, "no model"), ...own.map((model) => make("option", { value: model.name }, `${model.model} on ${model.view}`)));
  find("#explained").selectedIndex = 1;
  if (find("#class")) fillClasses(data.subsets[Number(find("#subset").value)]);
}
find("#subset").addEventListener("change", () => { fillModels(); ask(); });
find("#explained").addEventListener("change", ask);
find("#clip").addEventListener("change", ask);

// Test items.
function fillClasses(classes) {
  const present = classes.filter((name) => data.items.some(([, label]) => label === name));
  find("#class").replaceChildren(...present.map((name) => make("option", { value: name }, name)));
  fillItems();
}
function fillItems() {
  const own = data.items.filter(([, label]) => label === find("#class").value);
  find("#item").replaceChildren(make("option", { value: "" }, "choose one"), ...own.map(([name]) => make("option", { value: name }, name)));
}
function pick(name) {
  if (!name) return;
  drawing?.wipe();
  give({ item: name });
}
if (find("#class")) {
  find("#class").addEventListener("change", fillItems);
  find("#item").addEventListener("change", () => pick(find("#item").value));
  find("#any").addEventListener("click", () => {
    const classes = data.subsets[Number(find("#subset").value)];
    const own = data.items.filter(([name, label]) => classes.includes(label) && name !== given?.item);
    if (!own.length) return;
    const [name, label] = own[Math.floor(Math.random() * own.length)];
    find("#class").value = label;
    fillItems();
    find("#item").value = name;
    pick(name);
  });
}

// Files, by the button or dropped, and recordings.
function bring(file) {
  if (!file) return;
  give({ file });
  if (isPicture()) drawing?.show(file);
  else drawing?.wipe();
}
find("#upload").addEventListener("click", () => find("#file").click());
find("#file").addEventListener("change", (event) => { bring(event.target.files[0]); event.target.value = ""; });
document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("dropping"); });
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  bring(event.dataTransfer.files[0]);
});
let recording = null;
find("#record")?.addEventListener("click", async () => {
  const running = recording;
  recording = null;
  try {
    if (running) bring(await running.stop());
    else recording = await startRecording(nameRecording);
  } catch (error) {
    trouble(`No recording: ${error.message}`);
  }
  nameRecording(0);
});
function nameRecording(seconds) {
  find("#record").setAttribute("aria-pressed", String(recording !== null));
  find("#record").firstChild.textContent = recording ? `Stop recording, ${seconds} s ` : "Record a sound ";
}

// Keys: each is the key of a button, which its label shows.
document.addEventListener("keydown", (event) => {
  if (!find("#keys").checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("select, input:not([type=checkbox], [type=range])")) return;
  const button = find(`button[aria-keyshortcuts="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

const drawing = pad && makePad((blob) => give({ file: new File([blob], "drawing.png", { type: "image/png" }) }), nothing);
fillModels();
document.documentElement.dataset.ready = "yes";
