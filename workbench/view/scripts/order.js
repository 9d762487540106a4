// What page and panel say of an order that Vega has ranked: its table, and who is chosen, in a sentence.
const several = names => names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");

function made(tag, into, text = "", more = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  Object.assign(element, more);
  into.append(element);
  return element;
}

// What is there already is left alone: the browser lays out and paints what was touched.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function paint(element, name) {
  if (element.className !== name) element.className = name;
}

// The rows of the table: those there are, are filled anew.
function fill(body, rows) {
  while (body.rows.length > rows.length) body.lastElementChild.remove();
  while (body.rows.length < rows.length) {
    const line = made("tr", body);
    made("td", line, "", {className: "n"});
    made("td", line, "", {className: "n"});
    const name = made("th", line, "", {scope: "row"});
    made("span", name);
    made("span", name, "chosen", {className: "pill"});
    made("td", line, "", {className: "n"});
  }
  rows.forEach((row, place) => {
    const line = body.rows[place], [rank, move, name, score] = line.cells;
    const marks = {key: row.key, rank: `${row.rank}`, score: row.score.toFixed(9), chosen: `${row.chosen}`};
    for (const name in marks) if (line.dataset[name] !== marks[name]) line.dataset[name] = marks[name];
    paint(line, row.chosen ? "chosen" : "");
    write(rank, `${row.rank}`);
    write(move, row.move > 0 ? `▲${row.move}` : row.move < 0 ? `▼${-row.move}` : "–");
    paint(move, row.move > 0 ? "n up" : row.move < 0 ? "n down" : "n same");
    write(name.firstChild, row.name);
    if (name.lastChild.hidden === row.chosen) name.lastChild.hidden = !row.chosen;
    write(score, row.score.toFixed(3));
  });
}

// Who is chosen under these weights, and what that changes against `before`, pairs of key and name.
function sentence(rows, before, same) {
  const chosen = rows.filter(row => row.chosen), keys = new Set(chosen.map(row => row.key));
  const held = new Set(before.map(([key]) => key));
  const comes = chosen.filter(row => !held.has(row.key)).map(row => row.name);
  const goes = before.filter(([key]) => !keys.has(key)).map(([, name]) => name);
  if (!chosen.length) return "No segment is chosen.";
  const who = `${several(chosen.map(row => row.name))} ${chosen.length > 1 ? "are" : "is"} chosen`;
  if (!comes.length) return `${who}, ${same}.`;
  const they = comes.length > 1 ? "they take" : "it takes";
  const take = comes.length > 1 ? `${several(comes)} take` : `${comes[0]} takes`;
  return `${who}; ${comes.length === chosen.length ? they : take} the place of ${several(goes)}.`;
}

// The data set of a view's specification in which the segments are ranked.
function rankedIn(vgSpec) {
  return vgSpec.data.find(each => (each.transform || []).some(step => step.type === "window")).name;
}

const NOTHING = "Give at least one criterion a weight: nothing can be ranked without.";
