"""Parts of a panel that change together, sent to the browser in one message and put in place at once."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets


class HtmlUpdates(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
    """HTML by place: `parts` is a dict of class name to HTML, each shown in an element of that class.

    The HTML must be safe as it stands. An HTML widget would do, one for each part, but every one of them is a message, a
    search for formulas to typeset and a paint of its own.
    """

    _esm = """
    export default { render({ model, el }) {
      const draw = () => {
        for (const [name, html] of Object.entries(model.get("parts"))) {
          let part = [...el.children].find(each => each.className === name);
          if (!part) { part = document.createElement("div"); part.className = name; el.append(part); }
          if (part.shown !== html) { part.innerHTML = html; part.shown = html; }
        }
      };
      model.on("change:parts", draw);
      draw();
    } };
    """
    parts = traitlets.Dict().tag(sync=True)

    def put(self, **parts: str) -> None:
        """Replaces parts; the others stay."""
        self.parts = {**self.parts, **parts}

    def part(self, name: str) -> str:
        """The HTML of a part, blank where it has none yet."""
        found: Any = self.parts.get(name, "")
        return str(found)
