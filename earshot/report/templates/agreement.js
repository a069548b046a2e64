// How the maps of sound and of picture agree: a line for each model, from maps of other items to those of the same one.

const GAP = 0.06; // between two labels, as a correlation
const LABEL = 12; // pixels that one is high

function showAgreement() {
  const several = new Set(data.agreement.map((row) => row.subset)).size > 1;
  const name = (row) => (several ? `${row.model}, ${row.subset} classes` : row.model);
  const ends = [["other items", "rank_correlation_others"], ["same item", "rank_correlation"]];
  const rows = ends.flatMap(([of, key]) => spread(data.agreement.map((row) => ({ model: row.model, name: name(row), of, value: row[key] }))));
  const values = data.agreement.map((row) => `${name(row)}: ${decimal(row.rank_correlation_others)} to `
    + decimal(row.rank_correlation));
  find("#agreement").replaceChildren(chartFigure("Rank correlation of the maps of sound and picture", "agreement", rows,
    `Rank correlation of the maps of sound and picture, other items to the same item. ${values.join("; ")}.`,
    { change: (spec) => roomy(spec, rows), note: "The steeper a line rises, the more the maps say of the item itself.",
      table: asTable("Agreement of the maps of sound and picture", [
        ["Model", name],
        ["Other items", (row) => decimal(row.rank_correlation_others), (row) => row.rank_correlation_others],
        ["Same item", (row) => decimal(row.rank_correlation), (row) => row.rank_correlation],
      ], data.agreement) }));
}

// A chart that is high enough for labels below each other, and leaves room for names at its right.
function roomy(spec, rows) {
  const places = rows.flatMap((row) => [row.place, row.value]);
  const longest = Math.max(...rows.map((row) => row.name.length));
  spec.height = Math.max(spec.height, (LABEL / GAP) * (Math.max(...places) - Math.min(0, ...places)));
  spec.encoding.x.scale.rangeMax = { expr: `min(max(width - ${8 + LETTER * longest}, width / 3), 560)` };
  return spec;
}

// Where each label stands, `place`: at its value, or as far above the label below it as it takes to read both.
function spread(rows) {
  let below = -Infinity;
  return [...rows].sort((a, b) => a.value - b.value).map((row) => {
    below = Math.max(row.value, below + GAP);
    return { ...row, place: below };
  });
}
