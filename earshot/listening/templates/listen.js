// The listening test: a training round that tells what is right, then the test, then a file with the answers.

const REPLAY = "p";
const PAUSE_MS = 400; // between an answer and the next sound
const seed = crypto.getRandomValues(new Uint32Array(1))[0];
const random = randomFrom(seed);
const answers = [];
const training = { items: data.training.length, right: 0 };
let rounds = { items: [], place: 0, teaches: false };
let audio = null;
let began = null; // when the item's sound was first heard
let plays = 0;
let isAnswered = false; // whether the item is answered, and the next one waited for
let isSaved = false;

// Numbers from 0 to 1 that the seed gives: Marsaglia (2003), "Xorshift RNGs".
function randomFrom(start) {
  let state = start || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

// Fisher and Yates.
function inRandomOrder(items) {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

function show(id) {
  for (const section of all("main > section")) section.hidden = section.id !== id;
  find(`#${id} h1`).focus();
}

function say(text) {
  find("#said").textContent = text;
}

// Answers count from the moment that the sound begins until one is given.
function setReady(isReady) {
  for (const button of all("#answers button")) button.setAttribute("aria-disabled", String(!isReady));
}

function start(items, teaches) {
  rounds = { items: inRandomOrder(items), place: 0, teaches };
  show("task");
  present();
}

function present() {
  const { items, place, teaches } = rounds;
  find("#task-title").textContent = `${teaches ? "Training" : "Sound"} ${place + 1} of ${items.length}`;
  find("#progress").max = items.length;
  find("#progress").value = place;
  find("#next").hidden = true;
  for (const button of all("#answers button")) button.classList.remove("right", "wrong");
  say("");
  began = null;
  plays = 0;
  isAnswered = false;
  setReady(false);
  if (find("#at-once").checked) play();
}

function play() {
  audio?.pause();
  audio = new Audio(rounds.items[rounds.place].sound);
  const own = audio;
  own.addEventListener("playing", () => {
    if (audio !== own) return;
    plays += 1;
    began ??= performance.now();
    if (!isAnswered) setReady(true);
  }, { once: true });
  own.play().catch((error) => {
    if (error.name !== "AbortError") say("The sound cannot be played: press the button to play it.");
  });
}

function answer(name) {
  if (isAnswered) return;
  if (began === null) {
    say("Hear the sound first.");
    return;
  }
  isAnswered = true;
  setReady(false);
  const item = rounds.items[rounds.place];
  if (rounds.teaches) {
    tell(item, name);
    return;
  }
  answers.push({ id: item.id, answer: name, seconds: Math.round(performance.now() - began) / 1000, plays });
  audio.pause();
  say(`Answered: ${name}.`);
  setTimeout(next, PAUSE_MS);
}

function tell(item, name) {
  const isRight = name === item.label;
  training.right += isRight;
  for (const button of all("#answers button")) {
    if (button.dataset.name === item.label) button.classList.add("right");
    else if (button.dataset.name === name) button.classList.add("wrong");
  }
  say(isRight ? `Right: it is ${item.label}.` : `Wrong: it is ${item.label}, and you said ${name}.`);
  find("#next").hidden = false;
  find("#next").focus();
}

function next() {
  rounds.place += 1;
  if (rounds.place < rounds.items.length) {
    if (rounds.teaches) find("#task-title").focus();
    present();
    return;
  }
  audio?.pause();
  if (rounds.teaches) {
    find("#trained").textContent = `${training.right} of the ${training.items} were right.`;
    show("between");
  } else {
    find("#content").textContent = content();
    show("done");
  }
}

function content() {
  const { format, page, subset, shortened, test } = data;
  const listener = find("#code").value;
  return `${JSON.stringify({ format, page, subset, items: test.length, shortened, listener, seed, training, answers }, null, 1)}\n`;
}

function save() {
  if (!find("#code").reportValidity()) return;
  const name = `listener-${find("#code").value || seed.toString(16)}.json`;
  const address = URL.createObjectURL(new Blob([content()], { type: "application/json" }));
  make("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
  isSaved = true;
  find("#saved").textContent = `Saved as ${name}.`;
}

find("#names").textContent = data.classes.map((one) => one.name).join(", ");
find("#answers").append(...data.classes.map(({ name, key }) => make(
  "button", { type: "button", "data-name": name, "aria-keyshortcuts": key || null, onclick: () => answer(name) },
  make("span", {}, name), key && key !== name.toLowerCase() ? make("kbd", {}, key.toUpperCase()) : null,
)));
find("#try").hidden = !data.training.length;
find("#try").addEventListener("click", () => {
  audio?.pause();
  audio = new Audio(data.training[0].sound);
  audio.play();
});
find("#begin").addEventListener("click", () => (data.training.length ? start(data.training, true) : start(data.test, false)));
find("#test").addEventListener("click", () => start(data.test, false));
find("#again").addEventListener("click", play);
find("#next").addEventListener("click", next);
find("#save").addEventListener("click", save);
find("#code").addEventListener("input", () => { find("#content").textContent = content(); });
document.addEventListener("keydown", (event) => {
  if (find("#task").hidden || !find("#by-key").checked || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  const named = data.classes.find((one) => one.key && one.key === key);
  if (key === REPLAY) play();
  else if (named) answer(named.name);
});
window.addEventListener("beforeunload", (event) => {
  if (answers.length && !isSaved) event.preventDefault();
});
document.documentElement.dataset.ready = "yes";
