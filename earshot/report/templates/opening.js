// The first screen's item: from what goes in to the answer of the best model, to see and to hear.

function showOpening() {
  const model = data.models.find((one) => KEYS.every((key, place) => one[key] === data.best[place]));
  const entry = model.entries.find((one) => one.right && one.map) ?? model.entries[0];
  if (!entry) return;
  const shown = data.media[entry.id];
  const name = `${model.model} on ${model.view}`;
  const seen = [shown.colour ? "colour" : "picture", "spectrogram", "back"];
  const pieces = (PICTURED.includes(model.view) ? [model.view] : seen).filter((key) => shown[key]);
  const steps = pieces.map((key) => {
    const frame = image(shown[key], `${STEPS[key]} of ${entry.id}`, data.axes[key]);
    const sounds = key === "spectrogram" && shown.sound;
    return step(STEPS[key], frame.outer, sounds ? playButton("Play the sound", `Play the sound of ${entry.id}`, shown.sound, frame.inner) : null);
  });
  const map = entry.map ? mapFrame(model, entry, shown) : null;
  steps.push(step("The answer, with its map", map?.outer,
    make("p", { class: `answer ${entry.right ? "right" : "wrong"}` },
      make("strong", {}, entry.predicted), ` ${entry.right ? "right" : `wrong: it is ${entry.label}`}, ${percent(entry.probability)} sure`),
    entry.map ? make("p", { class: "where" }, entry.where) : make("p", { class: "where" }, noMap(model))));
  find("#item-title").textContent = pieces.length === 3 ? "A picture, its sound, and what the model hears in it" : "One item and its answer";
  find("#steps").replaceChildren(...steps);
  find("#item-note").textContent = `${entry.id}, asked of ${name}: the first item of the gallery `
    + (entry.right && entry.map ? "that is named rightly and has a map. All others are below." : "below.");
  find("#first-item").hidden = false;
}

const STEPS = {
  picture: "The picture", colour: "The picture", spectrogram: data.kind === "spectrograms" ? "The spectrogram" : "What is heard", back: "What comes back",
};

function step(name, ...content) {
  return make("figure", { class: "tile" }, make("figcaption", {}, name), ...content);
}
