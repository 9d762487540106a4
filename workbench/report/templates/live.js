// The live chart: sliders set the weights, Vega ranks anew, and a sentence and a table say what it drew.
const BESIDE = 92; // pixels beside a bar's full length and its name: rank and sign on the left, room on the right

const several = names => names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");

function made(tag, into, text = "", more = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  Object.assign(element, more);
  into.append(element);
  return element;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// What stands around the figure; `moved` is called with a criterion and its weight.
function panel(figure, about, number, moved) {
  const section = figure.closest("section"), bench = document.createElement("div");
  const now = made("p", section, "", {className: "now"});
  now.setAttribute("aria-live", "polite");
  if (about.note) made("p", section, about.note, {className: "cap"});
  bench.className = "bench";
  section.append(bench);
  const form = made("fieldset", bench);
  made("legend", form, "Weights of the criteria");
  const sliders = about.sliders.map(({name, label, value, max, step}) => {
    const line = made("div", form, "", {className: "weight"}), id = `weight-${number}-${name}`;
    made("label", line, label, {htmlFor: id});
    const input = made("input", line, "", {type: "range", id, min: 0, max, step, value});
    input.addEventListener("input", () => moved(name, input.valueAsNumber));
    const figures = made("span", line);
    return {name, input, raw: made("b", figures), share: made("span", figures)};
  });
  const buttons = made("div", form, "", {className: "buttons"});
  bench.append(figure);
  const details = made("details", section);
  made("summary", details, "The order under these weights as a table");
  const table = made("table", made("div", details, "", {className: "scroll"}), "", {className: "order"});
  made("caption", table, "The order under these weights");
  const head = made("tr", made("thead", table));
  for (const [text, side] of [["Rank", "n"], ["Moved", "n"], ["Segment", "l"], ["Score, 0–1", "n"]])
    made("th", head, text, {className: side, scope: "col"});
  return {now, sliders, buttons, body: made("tbody", table)};
}

function button(into, text, pressed) {
  const element = made("button", into, text, {type: "button"});
  element.addEventListener("click", pressed);
  return element;
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
    Object.assign(line.dataset, {key: row.key, rank: row.rank, score: row.score.toFixed(9), chosen: row.chosen});
    line.className = row.chosen ? "chosen" : "";
    write(rank, `${row.rank}`);
    write(move, row.move > 0 ? `▲${row.move}` : row.move < 0 ? `▼${-row.move}` : "–");
    move.className = row.move > 0 ? "n up" : row.move < 0 ? "n down" : "n same";
    write(name.firstChild, row.name);
    name.lastChild.hidden = !row.chosen;
    write(score, row.score.toFixed(3));
  });
}

// Who is chosen under these weights, and what that changes.
function sentence(rows, before) {
  const chosen = rows.filter(row => row.chosen), keys = new Set(chosen.map(row => row.key));
  const held = new Set(before.map(([key]) => key));
  const comes = chosen.filter(row => !held.has(row.key)).map(row => row.name);
  const goes = before.filter(([key]) => !keys.has(key)).map(([, name]) => name);
  if (!chosen.length) return "No segment is chosen.";
  const who = `${several(chosen.map(row => row.name))} ${chosen.length > 1 ? "are" : "is"} chosen`;
  if (!comes.length) return `${who}, as with the plan's weights.`;
  const they = comes.length > 1 ? "they take" : "it takes";
  const take = comes.length > 1 ? `${several(comes)} take` : `${comes[0]} takes`;
  return `${who}; ${comes.length === chosen.length ? they : take} the place of ${several(goes)}.`;
}

async function live(figure, number) {
  const place = figure.querySelector("div"), spec = JSON.parse(figure.querySelector("script").textContent);
  const about = spec.usermeta.workbench.live, narrow = matchMedia("(max-width: 760px)");
  const weights = Object.fromEntries(about.sliders.map(({name, value}) => [name, value]));
  let shown = about.top, waiting = false, drawn = null;

  // However many moves come in before the next picture, it is drawn once, with the last of them.
  const draw = () => {
    if (waiting || !drawn) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const {view} = drawn;
      for (const name in weights) view.signal(`w_${name}`, weights[name]);
      if (names() !== view.signal("names") || shown !== view.signal("shown")) view.resize();
      view.signal("shown", shown).signal("names", names()).width(width()).run();
      show();
    });
  };
  const {now, sliders, buttons, body} = panel(figure, about, number, (name, value) => {
    weights[name] = value;
    draw();
  });
  const wide = spec.params.find(param => param.name === "names").value;
  const names = () => narrow.matches ? Math.min(112, wide) : wide;
  const width = () => Math.max(120, place.clientWidth - names() - BESIDE);
  const show = () => {
    const total = sliders.reduce((sum, {name}) => sum + weights[name], 0);
    for (const {name, input, raw, share} of sliders) {
      const part = total > 0 ? `${(100 * weights[name] / total).toFixed(1)} %` : "–";
      const given = `${+weights[name].toPrecision(6)}`;
      write(raw, given);
      write(share, part);
      input.setAttribute("aria-valuetext", `${given}, ${part} of all weights`);
    }
    const rows = [...drawn.view.data(drawn.ranked)].sort((one, other) => one.place - other.place);
    write(now, total > 0 ? sentence(rows, about.chosen)
      : "Give at least one criterion a weight: nothing can be ranked without.");
    figure.classList.toggle("nothing", !rows.length);
    fill(body, rows);
  };
  button(buttons, "Reset", () => {
    for (const {name, value} of about.sliders) weights[name] = value;
    for (const {name, input} of sliders) input.value = weights[name];
    draw();
  });
  if (about.count > about.top) {
    const more = button(buttons, `Show all ${about.count}`, () => {
      shown = shown === about.top ? about.count : about.top;
      more.textContent = shown === about.top ? `Show all ${about.count}` : `Show the first ${about.top}`;
      draw();
    });
  }
  for (const param of spec.params) {
    delete param.bind;
    if (param.name === "names") param.value = names();
  }
  spec.width = width();
  const {view, vgSpec} =
    await vegaEmbed(place, spec, {renderer: "svg", ast: true, actions: false, defaultStyle: false});
  const ranks = each => (each.transform || []).some(step => step.type === "window");
  drawn = {view, ranked: vgSpec.data.find(ranks).name};
  new ResizeObserver(draw).observe(place);
}

document.querySelectorAll("figure.live").forEach((figure, number) => {
  const said = figure.querySelector("p.undrawn");
  said.hidden = true;
  live(figure, number).catch(() => {
    figure.closest("section").querySelectorAll("fieldset, details").forEach(part => part.remove());
    said.hidden = false;
  });
});
