// One model: how it learned, what it mixes up, how far it can be believed, what it is surest of and wrong about.

const EPOCHS = { train: "training part", val: "validation part", test: "test part" };
const MEASURES = [
  ["loss", "loss", (value) => decimal(value, 4)],
  ["accuracy", "accuracy", percent],
  ["macro_f1", "macro F1", percent],
];

function showModel(model) {
  const place = find("#model");
  const name = `${model.model} on ${model.view}, ${model.classes.length} classes`;
  const several = model.runs.length > 1;
  place.dataset.view = model.view;
  place.replaceChildren(
    make("h3", {}, name),
    make("p", { class: "lead" }, aboutModel(model)),
    make("div", { class: several ? "grid halves" : "grid" }, ...curveFigures(model, name),
      several ? runsFigure(model, name) : null, reliabilityFigure(model, name)),
    model.twoClasses ? make("div", { class: "grid halves" }, ...tradeFigures(model, name)) : "",
    make("div", { class: "grid halves" }, ...["test", "train"].map((part) => confusionFigure(model, part, name))),
    make("div", { class: "grid halves" }, ...model.subgroups.map((part) => subgroupFigure(model, part, name))),
    make("div", { class: "grid halves" }, perClassFigure(model, name), mistakesFigure(model, name)),
  );
}

function aboutModel(model) {
  const [first, ...others] = model.runs;
  const points = (value) => `${(100 * value).toFixed(1)} points`;
  const kept = first.epoch && !others.length ? `The weights of epoch ${first.epoch} of ${first.epochs} are kept. ` : "";
  const ofRuns = others.length
    ? `That is the mean of ${model.runs.length} runs, with a standard deviation of ${points(model.accuracy_run_sd)} between `
      + `them; the average of their probabilities is right on ${percent(model.ensemble_accuracy)}. `
    : "";
  return `Right on ${percent(model.accuracy)} (${percent(model.accuracy_low)} to ${percent(model.accuracy_high)}) of `
    + `${plural(model.n_test, "test item")}, with ${plural(model.parameters, "parameter")}. ${kept}${ofRuns}`
    + `Its confidence is off by ${points(model.ece)} on average.`;
}

// What is of all runs says so, where there are several.
function together(model) {
  return model.runs.length > 1 ? `, ${model.runs.length} runs together` : "";
}

function runsFigure(model, name) {
  const mean = { name: "mean", accuracy: model.accuracy, low: model.accuracy_low, high: model.accuracy_high };
  const rows = [mean, ...model.runs.map((run) => ({ ...run, name: `run ${run.run}` }))];
  const apart = model.runs.filter((run) => run.outOfLine).map((run) => String(run.run));
  const fellOut = apart.length
    ? ` Out of line: run${apart.length === 1 ? "" : "s"} ${apart.join(", ")}.`
    : "";
  const table = asTable(`Runs of ${name}`, [
    ["Run", (run) => String(run.run)],
    ["accuracy", (run) => percent(run.accuracy), (run) => run.accuracy],
    ["epoch kept", (run) => String(run.epoch), (run) => run.epoch],
    ["of epochs", (run) => String(run.epochs), (run) => run.epochs],
  ], model.runs);
  const label = `Accuracy of each run of ${name}: ${model.runs.map((run) => percent(run.accuracy)).join(", ")}.${fellOut}`;
  const change = (spec) => ({ ...spec, height: 22 * rows.length });
  return chartFigure("Runs", "runs", rows, label,
    { change, note: `Accuracy of each run, and their mean with its 95\u00a0% interval.${fellOut}`, table });
}

function curveFigures(model, name) {
  const parts = [...new Set(model.curves.map((row) => row.part))];
  const several = model.runs.length > 1;
  const at = (part, { run, epoch }) =>
    model.curves.find((row) => row.part === part && row.run === run && row.epoch === epoch);
  const table = asTable(`Curves of ${name}`, [
    ...(several ? [["Run", (row) => String(row.run), (row) => row.run]] : []),
    ["Epoch", (row) => String(row.epoch), (row) => row.epoch],
    ...parts.flatMap((part) => MEASURES.map(([key, words, text]) =>
      [`${part} ${words}`, (row) => (at(part, row) ? text(at(part, row)[key]) : ""),
        (row) => at(part, row)?.[key] ?? ""])),
  ], model.curves.filter((row) => row.part === parts[0]));
  const change = (spec) => {
    onlyThese(spec, "part", parts);
    return spec;
  };
  const last = (key) => parts.map((part) => {
    const ends = model.runs.map(({ run }) => model.curves.filter((row) => row.part === part && row.run === run).at(-1)[key]);
    const value = ends.reduce((sum, end) => sum + end, 0) / ends.length;
    return `${EPOCHS[part]} ends at ${MEASURES.find(([name]) => name === key)[2](value)}${several ? " on average" : ""}`;
  }).join(", ");
  const kept = several
    ? "Runs are thin, their mean is thick as far as all of them go. Dots mark the epochs that are kept."
    : "The dots mark the epoch that is kept.";
  return [
    chartFigure("Loss", "loss", model.curves, `Loss over epochs of ${name}: ${last("loss")}.`,
      { change, note: kept, table }),
    chartFigure("Accuracy in training", "learned", model.curves,
      `Accuracy over epochs of ${name}: ${last("accuracy")}.`, { change, note: "Training part and validation part." }),
    chartFigure("Macro F1 in training", "f1", model.curves,
      `Macro F1 over epochs of ${name}: ${last("macro_f1")}.`, { change, note: "The mean over classes." }),
  ];
}

function reliabilityFigure(model, name) {
  const limits = (row) => `${percent(row.low)} to ${percent(row.high)}`;
  const label = `Reliability of ${name}: expected calibration error ${percent(model.ece)}. Confidence and accuracy: `
    + `${model.reliability.map((row) => `${percent(row.confidence)} ${percent(row.accuracy)} of ${row.count}`).join("; ")}.`;
  const table = asTable(`Reliability of ${name}`, [
    ["Confidence", (row) => `${percent(row.bin_low)} to ${percent(row.bin_high)}`, (row) => row.bin_low],
    ["stated", (row) => percent(row.confidence), (row) => row.confidence],
    ["right", (row) => percent(row.accuracy), (row) => row.accuracy],
    ["limits", limits, (row) => row.low],
    ["answers", (row) => whole(row.count), (row) => row.count],
  ], model.reliability);
  return chartFigure("Reliability", "reliability", model.reliability, label,
    { note: `On the dashed line confidence is what it says${together(model)}. Lines are intervals of 95\u00a0%, numbers the `
      + `answers. ECE ${percent(model.ece)}.`, table });
}

function tradeFigures(model, name) {
  const { positive, auc, averagePrecision, dots, roc, found } = model.twoClasses;
  const figure = (chart, rows, title, note, [x, y]) => {
    const points = rows.filter((row) => row.kind === "point");
    const told = points.map((row) => `${row.name}: ${percent(row.x)}, ${percent(row.y)}`).join("; ");
    const table = asTable(`Thresholds of ${name}: ${x} and ${y}`, [
      ["Threshold", (row) => row.name], [x, (row) => percent(row.x), (row) => row.x], [y, (row) => percent(row.y), (row) => row.y],
    ], points);
    const thresholds = told ? ` Thresholds, ${x} and ${y}: ${told}.` : "";
    return chartFigure(title, chart, rows, `${title} of ${name}. ${note}${thresholds}`,
      { note: `${note} ${dots}`, table });
  };
  return [
    figure("roc", roc, `ROC for ${positive}`, `The area under the curve is ${decimal(auc, 3)}; guessing gets 0.50.`,
      ["false alarms", "found"]),
    figure("found", found, `Precision and recall for ${positive}`, `The average precision is ${decimal(averagePrecision, 3)}.`,
      ["found", "precision"]),
  ];
}

function confusionFigure(model, part, name) {
  const { cells, left_out: leftOut, items } = model.confusion[part];
  const wrong = cells.filter((cell) => cell.actual !== cell.predicted);
  const right = cells.reduce((sum, cell) => sum + (cell.actual === cell.predicted ? cell.count : 0), 0);
  const crowded = model.classes.length > 15;
  const change = (spec) => {
    const { x, y } = spec.encoding;
    const cell = Math.max(15, Math.min(60, Math.floor(340 / model.classes.length)));
    const longest = Math.max(...model.classes.map((label) => label.length));
    for (const side of [x, y]) {
      side.scale.domain = model.classes;
      side.axis.labelFontSize = Math.min(12, cell - 3);
      side.axis.labelLimit = crowded ? 120 : 220;
    }
    x.axis.labelAngle = 7 * Math.min(longest, 18) > cell ? -90 : 0;
    spec.width = spec.height = { step: cell };
    spec.autosize = { type: "pad" };
    if (crowded) spec.layer.pop(); // no room for numbers
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
  const answers = plural(items, model.runs.length > 1 ? "answer" : "item");
  const note = `${whole(right)} of ${answers} right${together(model)}.${more} Rows are true, columns named.`;
  return chartFigure(`Confusion, ${EPOCHS[part]}`, "confusion", cells,
    `Confusion matrix of ${name}, ${EPOCHS[part]}: ${note} ${mostMixed(wrong)}`, { change, note, table, isWide: crowded });
}

function mostMixed(wrong) {
  const fullest = wrong.slice(0, 5).map((cell) => `${cell.actual} named ${cell.predicted} ${cell.count} times`);
  return fullest.length ? `Mixed up most: ${fullest.join("; ")}.` : "Nothing is mixed up.";
}

const SUBGROUPS = {
  group: "group", duration_s: "duration", loudness_db: "loudness", brightness: "brightness",
};

function subgroupFigure(model, { by, rows, left_out: leftOut }, name) {
  const way = SUBGROUPS[by] ?? by.replace("given.", "");
  const overall = rows.map((row) => ({ ...row, overall: model.accuracy }));
  const below = rows.filter((row) => row.accuracy_high < model.accuracy).map((row) => row.value);
  const limits = (row) => `${percent(row.accuracy)} (${percent(row.accuracy_low)} to ${percent(row.accuracy_high)})`;
  const table = asTable(`Accuracy of ${name} by ${way}`, [
    ["Items of", (row) => row.value],
    ["accuracy", limits, (row) => row.accuracy],
    ["items", (row) => whole(row.items), (row) => row.items],
  ], rows);
  const more = leftOut ? ` The lowest are shown; data/subgroups.csv has ${whole(leftOut)} more.` : "";
  const told = below.length
    ? `Below the accuracy on all items, the dashed line: ${below.join(", ")}.`
    : "The limits of 95\u00a0% show nothing to be below the accuracy on all items, the dashed line.";
  return chartFigure(`Accuracy by ${way}`, "subgroups", overall,
    `Accuracy of ${name} by ${way}: ${rows.map((row) => `${row.value} ${limits(row)}`).join("; ")}.`,
    { change: (spec) => ({ ...spec, height: 22 * rows.length }), note: `${told}${more}`, table });
}

function perClassFigure(model, name) {
  const score = (key) => [key, (row) => percent(row[key]), (row) => row[key]];
  return make("section", { class: "panel" },
    make("h4", {}, "Class by class"),
    tableOf(`Scores per class of ${name}, test part${together(model)}`, [
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
  const several = model.runs.length > 1;
  section.append(make("p", {}, model.wrong > model.mistakes.length
    ? `The ${model.mistakes.length} of ${plural(model.wrong, "mistake")} that it is most confident of${together(model)}.`
    : `All of its ${plural(model.wrong, "mistake")}${together(model)}.`));
  section.append(tableOf(`Most confident mistakes of ${name}, test part`, [
    ["Item", (row) => row.id],
    ["Heard and seen", (row) => heardAndSeen(row)],
    ["True", (row) => row.label],
    ["Named", (row) => row.predicted],
    ["Confidence", (row) => percent(row.probability), (row) => row.probability],
    ...(several ? [["Runs", (row) => `${row.runs} of ${model.runs.length}`, (row) => row.runs]] : []),
  ], model.mistakes));
  return section;
}

// The name of what stands for an item where there is room for one picture.
function seenFirst(shown) {
  return ["colour", "picture", "spectrogram"].find((name) => shown[name]);
}

function heardAndSeen(row) {
  const shown = data.media[row.id];
  if (!shown) return "";
  const key = seenFirst(shown);
  const frame = make("span", { class: "thumb" },
    make("img", { src: shown[key], alt: `${key} of ${row.id}`, width: 40, height: 40 }));
  const button = shown.sound ? playButton("", `Play the sound of ${row.id}`, shown.sound, frame) : null;
  return make("span", { class: "pair" }, frame, button);
}
