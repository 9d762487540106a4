// The live chart: sliders set the weights, Vega ranks anew, and a sentence and a table say what it drew.
const BESIDE = 92; // pixels beside a bar's full length and its name: rank and sign on the left, room on the right

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
    write(now, total > 0 ? sentence(rows, about.chosen, "as with the plan's weights") : NOTHING);
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
  drawn = {view, ranked: rankedIn(vgSpec)};
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
