// Draws every chart of the page but the live one from the JSON beside it; the sentence that stands for a chart goes when it is drawn.
for (const figure of document.querySelectorAll("figure.chart:not(.live)")) {
  const place = figure.querySelector("div"), said = figure.querySelector("p.undrawn");
  const fail = () => { place.hidden = true; said.hidden = false; };
  said.hidden = true;
  try {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    vegaEmbed(place, spec, {renderer: "svg", ast: true, actions: false, defaultStyle: false}).catch(fail);
  } catch (error) { fail(); }
}
