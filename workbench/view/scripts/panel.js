// The live chart in JupyterLab: it listens to the sliders themselves, so that the new order does not wait for the kernel.
// What the kernel knows better, weights between the steps of a slider, it tells afterwards.
async function render({ model, el }) {
  const answer = made("h1", made("div", el, "", {className: "answer"}));
  answer.setAttribute("aria-live", "polite");
  const place = made("div", el, "", {className: "wb-chart"});
  const side = made("section", el, "", {className: "table order"});
  made("h2", side, "The order");
  const caption = made("p", side, "", {className: "cap"});
  const table = made("table", side), head = made("tr", made("thead", table));
  for (const [text, align] of [["Rank", "n"], ["Move", "n"], ["Segment", "l"], ["Score, 0–1", "n"]])
    made("th", head, text, {className: align, scope: "col"});
  const body = made("tbody", table);
  let drawn = null, sliders = {}, waiting = false, stop = () => {};

  const weight = name => {
    const exact = model.get("weights")[name], slider = sliders[name];
    if (!slider) return exact;
    const stands = slider.get("value"), near = Math.min(Math.max(exact, slider.get("min")), slider.get("max"));
    return Math.abs(near - stands) <= slider.get("step") * 0.51 ? exact : stands;
  };
  const draw = () => {
    waiting = false;
    if (!drawn) return;
    const {view, ranked} = drawn, names = Object.keys(model.get("weights"));
    for (const name of names) view.signal(`w_${name}`, weight(name));
    view.signal("places", model.get("places")).signal("shown", model.get("first")).run();
    const rows = [...view.data(ranked)].sort((one, other) => one.place - other.place);
    const some = names.some(name => weight(name) > 0);
    write(answer, some ? sentence(rows, model.get("before"), "as in the starting scenario") : NOTHING);
    const cut = rows.length < model.get("count") ? ` The first ${model.get("first")} of ${model.get("count")} and the chosen.` : "";
    write(caption, `Move: places against the starting scenario.${cut}`);
    fill(body, rows);
  };
  const soon = () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(draw);
  };
  const listen = async () => {
    stop();
    const pairs = Object.entries(model.get("sliders")).map(async ([name, reference]) =>
      [name, await model.widget_manager.get_model(reference.slice("IPY_MODEL_".length))]);
    sliders = Object.fromEntries(await Promise.all(pairs));
    const heard = Object.values(sliders);
    heard.forEach(slider => slider.on("change:value", soon));
    stop = () => heard.forEach(slider => slider.off("change:value", soon));
  };
  const embed = async () => {
    const spec = structuredClone(model.get("spec"));
    const {view, vgSpec} = await vegaEmbed(place, spec, {renderer: "svg", actions: false, defaultStyle: false});
    drawn = {view, ranked: rankedIn(vgSpec)};
    draw();
  };
  model.on("change:spec", embed);
  model.on("change:sliders", async () => { await listen(); soon(); });
  for (const name of ["weights", "places", "before", "first"]) model.on(`change:${name}`, soon);
  await listen();
  await embed();
  return () => { stop(); drawn?.view.finalize(); };
}

export default { render };
