"""From a move of a weight to the new pecking order on the screen.

`python -m benchmarks.interaction [--moves 30] [--json -]`; milliseconds, from the input event to the frame after the new
order stands in the document, measured in the browser itself.
"""

from __future__ import annotations

import argparse
import json

from benchmarks.interaction_lab import lab_figures
from benchmarks.interaction_page import page_figures


def main() -> None:
    """Prints the figures, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--json", metavar="-", help="print one JSON object")
    options = parser.parse_args()
    measured = {**lab_figures(options.moves), **page_figures(options.moves)}
    figures = {name: round(figure, 1) for name, figure in measured.items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for key, figure in figures.items():
            print(f"{key:24} {figure:>10,.1f}")


if __name__ == "__main__":
    main()
