// What the server answers, on the page: sound before picture.

const NAMES = { picture: "Picture", spectrogram: "Spectrogram", back: "What comes back" };
const MOST_BARS = 10;

function showAnswer(found) {
  const sound = found.sound && { uri: found.sound, name: "Hear it", key: "H" };
  const frames = {};
  const tiles = ["picture", "spectrogram", "back"].filter((name) => found.pictures[name]).map((name) => {
    frames[name] = image(found.pictures[name], altOf(name), found.axes[name]);
    return tile(NAMES[name], frames[name]);
  });
  stop();
  replaced(find("#hear"), sound ? hearButton(sound, frames.spectrogram?.inner ?? make("span")) : make("span", { class: "hint" }, "No sound: these models see."));
  find("#hear-kept").replaceChildren();
  find("#said").textContent = found.sentence;
  find("#answers").replaceChildren(...found.answers.map(answerOf));
  find("#tiles").replaceChildren(...tiles);
  find("#notes").replaceChildren(...found.notes.map((note) => make("li", {}, note)));
  find("#notes").hidden = !found.notes.length;
  find("#command").textContent = found.command ? `The same numbers, where the file lies: ${found.command}` : "";
  fillClips(found.clips);
}

const altOf = (name) => ({
  picture: "The picture, at the size that is sonified", spectrogram: "The spectrogram of the sound",
  back: "The picture that the sound gives back, which the models see",
})[name];

// The focus stays on a button whose place another one takes.
function replaced(place, child) {
  const focused = place.contains(document.activeElement);
  place.replaceChildren(child);
  if (focused) find("button", place)?.focus();
}

function hearButton({ uri, name, key }, frame) {
  const button = playButton(`${name} `, `${name} ${key}`, uri, frame);
  button.setAttribute("aria-keyshortcuts", key.toLowerCase());
  button.append(make("kbd", {}, key));
  return button;
}

function answerOf(answer) {
  const bars = answer.bars.length <= MOST_BARS ? answer.bars
    : [...answer.bars].sort((first, second) => second[1] - first[1]).slice(0, MOST_BARS);
  return make("article", { class: `panel ${answer.view}` },
    make("h3", {}, make("span", { class: `view ${answer.view}` }, `${answer.model} on ${answer.view}`)),
    make("ul", {}, ...bars.map(([label, share]) => make("li", { class: label === answer.label ? "best" : "" },
      make("span", { class: "class", title: label }, label),
      make("span", { class: "amount" }, make("span", { style: { "--share": share } })),
      make("span", { class: "value" }, percent(share))))));
}

// The map of one model, over what it sees.
function showMap(found, answer) {
  const base = found.over;
  find("#tiles .map-tile")?.remove();
  find("#map-where").textContent = found.map ? `Why ${found.label}: ${found.where}. By ${found.method}.` : found.where;
  if (!found.map) return;
  const shown = image(answer.pictures[base], `Map over ${NAMES[base].toLowerCase()}: ${found.where}`, answer.axes[base]);
  shown.inner.classList.add("under");
  shown.inner.append(make("img", { class: "map", src: found.map, alt: "" }));
  const own = tile("Map", shown);
  own.classList.add("map-tile");
  find("#tiles").append(own);
  if (found.kept) replaced(find("#hear-kept"), hearButton({ uri: found.kept, name: "Hear the part that the map keeps", key: "K" }, shown.inner));
}

function fillClips(starts) {
  const select = find("#clip");
  const chosen = select.selectedIndex;
  select.replaceChildren(...starts.map((start, place) => make("option", { value: place }, `${place + 1} of ${starts.length}, from ${decimal(start)} s`)));
  select.selectedIndex = Math.max(0, Math.min(chosen, starts.length - 1));
  find("#clip-label").hidden = starts.length < 2;
}
