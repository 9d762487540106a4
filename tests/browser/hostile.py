"""The sample company with names that would run, were they not escaped."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from workbench.sources.tables.folder import SAMPLE

PAYLOADS = {
    "Healthcare": "<script>alert(1)</script>",
    "Logistics": '"><img src=x onerror="window.hit=1">',
    "Manufacturing": "</script><script>window.hit=1</script>",
    "Retail": "{{7*7}} ${7*7}",
    "Energy": "javascript:alert(1)",
}


def hostile_book(folder: Path) -> Path:
    """Copies the sample company to `folder`, its names replaced by payloads."""
    shutil.copytree(SAMPLE, folder)
    for name in ("segments.csv", "asks.csv", "products.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        for plain, payload in PAYLOADS.items():
            quoted = '"' + payload.replace('"', '""') + '"'
            text = re.sub(rf"(?<=,){plain}(?=,)", lambda _, quoted=quoted: quoted, text)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
