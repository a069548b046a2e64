// Near-duplicates side by side, and items whose label seems to be wrong, to see and to hear.

function showExamined() {
  if (data.copies.length) find("#copies").replaceChildren(tableOf("Near-duplicates, the most alike first; one of each pair is a test item", [
    ["First", (row) => `${row.first} (${row.labels[0]})`],
    ["Heard and seen", (row) => heardAndSeen({ id: row.first })],
    ["Second", (row) => `${row.second} (${row.labels[1]})`],
    ["Heard and seen", (row) => heardAndSeen({ id: row.second })],
    ["Correlation", (row) => decimal(row.similarity, 3), (row) => row.similarity],
  ], data.copies));
  if (data.suspects.length) find("#suspects").replaceChildren(tableOf("Items whose label seems to be wrong, the surest first", [
    ["Item", (row) => row.id],
    ["Label", (row) => row.label],
    ["Rather", (row) => row.suggested],
    ["Probability that it is wrong", (row) => percent(row.doubt), (row) => row.doubt],
    ["Heard and seen", (row) => heardAndSeen(row)],
  ], data.suspects));
}
