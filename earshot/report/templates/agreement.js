// How the maps of sound and of picture agree: a line for each model, from maps of other items to those of the same one.

function showAgreement() {
  const name = (row) => `${row.model}, ${row.subset} classes`;
  const ends = [["other items", "rank_correlation_others"], ["same item", "rank_correlation"]];
  const rows = ends.flatMap(([of, key]) => spread(data.agreement.map((row) => ({ model: row.model, name: name(row), of, value: row[key] }))));
  const values = data.agreement.map((row) => `${name(row)}: ${decimal(row.rank_correlation_others)} to `
    + decimal(row.rank_correlation));
  find("#agreement").replaceChildren(chartFigure("Rank correlation of the maps of sound and picture", "agreement", rows,
    `Rank correlation of the maps of sound and picture, other items to the same item. ${values.join("; ")}.`,
    { note: "The steeper a line rises, the more the maps say of the item itself.",
      table: asTable("Agreement of the maps of sound and picture", [
        ["Model", name],
        ["Other items", (row) => decimal(row.rank_correlation_others), (row) => row.rank_correlation_others],
        ["Same item", (row) => decimal(row.rank_correlation), (row) => row.rank_correlation],
      ], data.agreement) }));
}

// Where each label stands, `place`: at its value, or as far above the label below it as it takes to read both.
function spread(rows, gap = 0.06) {
  let below = -Infinity;
  return [...rows].sort((a, b) => a.value - b.value).map((row) => {
    below = Math.max(row.value, below + gap);
    return { ...row, place: below };
  });
}
