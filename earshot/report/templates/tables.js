// Tables that sort by any column, and tables made of rows.

const byName = new Intl.Collator("en", { numeric: true }).compare;

function keyOf(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
}

// Numbers by value, all else by name as people count; what is empty stays last either way.
function sortRows(table, column, descending) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const numeric = rows.every((row) => keyOf(row, column) === "" || !Number.isNaN(Number(keyOf(row, column))));
  const order = (first, second) => {
    const [a, b] = [keyOf(first, column), keyOf(second, column)];
    if (a === "" || b === "") return (a === "") - (b === "");
    const difference = numeric ? Number(a) - Number(b) : byName(a, b);
    return descending ? -difference : difference;
  };
  body.append(...rows.sort(order));
}

function makeSortable(table) {
  const heads = all("thead th", table);
  heads.forEach((head, column) => {
    find("button", head)?.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending"
        || (!head.hasAttribute("aria-sort") && head.dataset.first === "descending");
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortRows(table, column, descending);
    });
  });
}

// columns: [name, text of a row, key to sort by or null]; the first one names the row.
function tableOf(caption, columns, rows) {
  const heads = columns.map(([name, , key]) =>
    make("th", { scope: "col", class: key ? "number" : null }, make("button", { type: "button" }, name)));
  const lines = rows.map((row) => make("tr", {}, columns.map(([, text, key], place) =>
    make(place ? "td" : "th", {
      scope: place ? null : "row",
      class: key ? "number" : null,
      "data-sort": key ? key(row) : null,
    }, text(row)))));
  const table = make("table", {},
    make("caption", {}, caption), make("thead", {}, make("tr", {}, heads)), make("tbody", {}, lines));
  makeSortable(table);
  return scrolling(table, caption);
}

// A wide table scrolls by itself, with the keyboard too, and the page does not.
function scrolling(table, label) {
  return make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label }, table);
}

function asTable(caption, columns, rows) {
  return make("details", { class: "alternative" }, make("summary", {}, "As a table"), tableOf(caption, columns, rows));
}
