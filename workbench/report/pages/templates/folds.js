// Folds open for paper and close again, and open for a link that leads into them; what scrolls can be reached by key.
{
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.fold:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => { for (const fold of opened) fold.open = false; opened = []; });

  const lead = () => {
    const fold = document.getElementById(location.hash.slice(1))?.closest("details.fold");
    if (fold) fold.open = true;
  };
  addEventListener("hashchange", lead);
  lead();

  const reach = () => {
    for (const part of document.querySelectorAll(".scroll, figure.chart")) {
      if (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1) part.tabIndex = 0;
      else part.removeAttribute("tabindex");
    }
  };
  const watch = new ResizeObserver(reach);
  for (const part of document.querySelectorAll(".scroll, figure.chart")) watch.observe(part);
}
