// Draws the charts of the page but the live one from the JSON beside them: those in a closed fold once it opens, or before printing.
// The sentence that stands for a chart goes when it is drawn.
{
  const drawn = new WeakSet();
  const draw = (figure) => {
    if (drawn.has(figure)) return;
    drawn.add(figure);
    const place = figure.querySelector("div"), said = figure.querySelector("p.undrawn");
    const fail = () => { place.hidden = true; said.hidden = false; };
    said.hidden = true;
    try {
      const spec = JSON.parse(figure.querySelector("script").textContent);
      vegaEmbed(place, spec, {renderer: "svg", ast: true, actions: false, defaultStyle: false}).catch(fail);
    } catch (error) { fail(); }
  };
  const drawOpen = (within) => {
    for (const figure of within.querySelectorAll("figure.chart:not(.live)")) if (!figure.closest("details:not([open])")) draw(figure);
  };
  drawOpen(document);
  document.addEventListener("toggle", (event) => { if (event.target.open) drawOpen(event.target); }, true);
  addEventListener("beforeprint", () => drawOpen(document));
}
