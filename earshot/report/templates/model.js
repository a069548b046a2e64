// One model: how it learned, what it mixes up, how far it can be believed, what it is surest of and wrong about.

const EPOCHS = { train: "training part", val: "validation part", test: "test part" };

function showModel(model) {
  const place = find("#model");
  const name = `${model.model} on ${model.view}, ${model.classes.length} classes`;
  place.dataset.view = model.view;
  place.replaceChildren(
    make("h3", {}, name),
    make("p", { class: "lead" }, aboutModel(model)),
    make("div", { class: "grid" }, ...curveFigures(model, name), reliabilityFigure(model, name)),
    make("div", { class: "grid halves" }, ...["test", "train"].map((part) => confusionFigure(model, part, name))),
    make("div", { class: "grid halves" }, perClassFigure(model, name), mistakesFigure(model, name)),
  );
}

function aboutModel(model) {
  const kept = model.epoch ? `The weights of epoch ${model.epoch} of ${model.epochs} are kept. ` : "";
  return `Right on ${percent(model.accuracy)} (${percent(model.accuracy_low)} to ${percent(model.accuracy_high)}) of `
    + `${plural(model.n_test, "test item")}, with ${plural(model.parameters, "parameter")}. ${kept}`
    + `Its confidence is off by ${(100 * model.ece).toFixed(1)} points on average.`;
}

function curveFigures(model, name) {
  const parts = [...new Set(model.curves.map((row) => row.part))];
  const at = (part, epoch) => model.curves.find((row) => row.part === part && row.epoch === epoch);
  const table = asTable(`Curves of ${name}`, [
    ["Epoch", (row) => String(row.epoch), (row) => row.epoch],
    ...parts.flatMap((part) => [["loss", (value) => decimal(value, 4)], ["accuracy", percent]].map(([key, text]) =>
      [`${part} ${key}`, (row) => (at(part, row.epoch) ? text(at(part, row.epoch)[key]) : ""),
        (row) => at(part, row.epoch)?.[key] ?? ""])),
  ], model.curves.filter((row) => row.part === parts[0]));
  const change = (spec) => {
    onlyThese(spec, "part", parts);
    return spec;
  };
  const last = (key) => parts.map((part) => {
    const row = model.curves.filter((one) => one.part === part).at(-1);
    return `${EPOCHS[part]} ends at ${key === "loss" ? decimal(row[key], 3) : percent(row[key])}`;
  }).join(", ");
  return [
    chartFigure("Loss", "loss", model.curves, `Loss over epochs of ${name}: ${last("loss")}.`,
      { change, note: "The band marks the epoch that is kept.", table }),
    chartFigure("Accuracy in training", "learned", model.curves,
      `Accuracy over epochs of ${name}: ${last("accuracy")}.`, { change, note: "Training part and validation part." }),
  ];
}

function reliabilityFigure(model, name) {
  const label = `Reliability of ${name}: expected calibration error ${percent(model.ece)}.`;
  const table = asTable(`Reliability of ${name}`, [
    ["Confidence", (row) => `${percent(row.bin_low)} to ${percent(row.bin_high)}`, (row) => row.bin_low],
    ["stated", (row) => percent(row.confidence), (row) => row.confidence],
    ["right", (row) => percent(row.accuracy), (row) => row.accuracy],
    ["items", (row) => whole(row.count), (row) => row.count],
  ], model.reliability);
  return chartFigure("Reliability", "reliability", model.reliability, label,
    { note: `On the dashed line confidence is what it says. ECE ${percent(model.ece)}.`, table });
}

function confusionFigure(model, part, name) {
  const { cells, left_out: leftOut, items } = model.confusion[part];
  const wrong = cells.filter((cell) => cell.actual !== cell.predicted);
  const right = cells.reduce((sum, cell) => sum + (cell.actual === cell.predicted ? cell.count : 0), 0);
  const crowded = model.classes.length > 15;
  const change = (spec) => {
    const { x, y } = spec.encoding;
    for (const side of [x, y]) side.scale.domain = model.classes;
    spec.height = crowded ? 420 : Math.max(90, 26 * model.classes.length);
    if (crowded) {
      spec.layer.pop(); // no room for numbers
      x.axis.labelAngle = -45;
    }
    return spec;
  };
  const table = wrong.length
    ? asTable(`What ${name} mixes up in the ${EPOCHS[part]}`, [
      ["True class", (row) => row.actual],
      ["Named", (row) => row.predicted],
      ["items", (row) => whole(row.count), (row) => row.count],
      ["of the class", (row) => percent(row.share), (row) => row.share],
    ], wrong)
    : null;
  const more = leftOut ? ` ${plural(leftOut, "rarer cell")} left out.` : "";
  const note = `${whole(right)} of ${plural(items, "item")} right.${more} Rows are true, columns named.`;
  return chartFigure(`Confusion, ${EPOCHS[part]}`, "confusion", cells,
    `Confusion matrix of ${name}, ${EPOCHS[part]}: ${note}`, { change, note, table });
}

function perClassFigure(model, name) {
  const score = (key) => [key, (row) => percent(row[key]), (row) => row[key]];
  return make("section", { class: "panel" },
    make("h4", {}, "Class by class"),
    tableOf(`Scores per class of ${name}, test part`, [
      ["Class", (row) => row.class], score("precision"), score("recall"), score("f1"),
      ["items", (row) => whole(row.support), (row) => row.support],
    ], model.perClass));
}

function mistakesFigure(model, name) {
  const section = make("section", { class: "panel" }, make("h4", {}, "Surest mistakes"));
  if (!model.mistakes.length) {
    section.append(make("p", {}, "No mistake on the test part."));
    return section;
  }
  section.append(make("p", {}, model.wrong > model.mistakes.length
    ? `The ${model.mistakes.length} of ${plural(model.wrong, "mistake")} that it is most confident of.`
    : `All of its ${plural(model.wrong, "mistake")}.`));
  section.append(tableOf(`Most confident mistakes of ${name}, test part`, [
    ["Item", (row) => row.id],
    ["True", (row) => row.label],
    ["Named", (row) => row.predicted],
    ["Confidence", (row) => percent(row.probability), (row) => row.probability],
    ["Heard and seen", (row) => heardAndSeen(row)],
  ], model.mistakes));
  return section;
}

function heardAndSeen(row) {
  const shown = data.media[row.id];
  if (!shown) return "";
  const key = shown.picture ? "picture" : "spectrogram";
  const frame = make("span", { class: "thumb" },
    make("img", { src: shown[key], alt: `${key} of ${row.id}`, width: 40, height: 40 }));
  const button = shown.sound ? playButton("", `Play the sound of ${row.id}`, shown.sound, frame) : null;
  return make("span", { class: "pair" }, frame, button);
}
