// Tables that sort and filter: without this script they are plain, in their own order.
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const sums = rows.filter((row) => row.classList.contains("sum"));
  const lines = rows.filter((row) => !sums.includes(row));
  const title = table.closest(".scroll").getAttribute("aria-label");
  const words = new Intl.Collator("en", {numeric: true});

  // A number where the cell carries one, else its text; what is missing comes last, whichever way.
  const compare = (at, way) => (one, other) => {
    const [a, b] = [one.cells[at], other.cells[at]], [x, y] = [a.dataset.v, b.dataset.v];
    if (x !== undefined && y !== undefined) return way * (x - y);
    if (x !== undefined || y !== undefined) return x !== undefined ? -1 : 1;
    return way * words.compare(a.textContent.trim(), b.textContent.trim());
  };
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const next = {none: "ascending", ascending: "descending", descending: "none"}[head.getAttribute("aria-sort") ?? "none"];
      for (const each of heads) each.removeAttribute("aria-sort");
      if (next !== "none") head.setAttribute("aria-sort", next);
      const way = next === "descending" ? -1 : 1;
      body.append(...(next === "none" ? lines : lines.toSorted(compare(at, way))), ...sums);
    });
  });

  if (lines.length > 8) {
    const bar = document.createElement("p"), label = document.createElement("label");
    const field = document.createElement("input"), count = document.createElement("span");
    bar.className = "filter";
    field.type = "search";
    field.setAttribute("aria-label", `Filter rows: ${title}`);
    count.setAttribute("role", "status");
    label.append("Filter rows", field);
    bar.append(label, count);
    table.closest(".scroll").before(bar);
    const say = () => {
      const wanted = field.value.trim().toLowerCase();
      for (const row of lines) row.hidden = !row.textContent.toLowerCase().includes(wanted);
      const left = lines.filter((row) => !row.hidden).length;
      count.textContent = wanted ? `${left} of ${lines.length} rows` : `${lines.length} rows`;
    };
    field.addEventListener("input", say);
    say();
  }
}
