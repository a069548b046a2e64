// What is chosen, and what follows from it. All bars of selectors choose the same model.

const KEYS = ["subset", "view", "model"];
const choice = Object.fromEntries(KEYS.map((key, place) => [key, data.best[place]]));

function chosenModel() {
  return data.models.find((model) => KEYS.every((key) => model[key] === choice[key]));
}

function show() {
  for (const key of KEYS) for (const select of all(`select[data-key=${key}]`)) select.value = choice[key];
  const model = chosenModel();
  fillFilters(model);
  showModel(model);
  showOverview(model);
  showGallery(model);
}

for (const key of KEYS) {
  const values = [...new Set(data.models.map((model) => model[key]))];
  for (const select of all(`select[data-key=${key}]`)) {
    select.append(...values.map((value) => make("option", { value }, key === "subset" ? `${value} classes` : value)));
    select.addEventListener("change", () => {
      choice[key] = select.value;
      pages = 1;
      show();
    });
  }
}
for (const select of ["#class", "#verdict-filter", "#confidence", "#group"].map((selector) => find(selector))) {
  select.addEventListener("change", () => {
    pages = 1;
    showGallery(chosenModel());
  });
}
find("#more").addEventListener("click", () => {
  const before = find("#cards").childElementCount;
  pages += 1;
  showGallery(chosenModel());
  find("button", find("#cards").children[before])?.focus();
});
for (const button of all("button[data-choose]")) {
  button.addEventListener("click", () => {
    KEYS.forEach((key) => { choice[key] = button.dataset[key]; });
    pages = 1;
    show();
    find("#each").scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
    find("#each h2").focus({ preventScroll: true });
  });
}
all("table.sortable").forEach(makeSortable);

const menu = find("#menu");
const openMenu = (open) => { menu.setAttribute("aria-expanded", String(open)); };
menu.addEventListener("click", () => openMenu(menu.getAttribute("aria-expanded") === "false"));
find("#contents").addEventListener("click", () => openMenu(false));

// On paper grave warnings are open; what else is folded is left out, as the page itself has it.
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = all("details.grave:not([open])");
  closed.forEach((details) => { details.open = true; });
});
window.addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));

const durationsChart = find("#durations-chart");
if (durationsChart) {
  const counts = data.durations.filter((row) => row.count).map((row) => `${row.value}: ${row.count}`).join("; ");
  draw(durationsChart, "durations", data.durations, `${durationsChart.dataset.label}: ${counts}.`,
    (spec) => ({ ...spec, height: 18 * data.durations.length }));
}
if (data.agreement.length) showAgreement();
showOpening();
showExamined();
show();
document.documentElement.dataset.ready = "yes";
