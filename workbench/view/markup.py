"""The HTML of a block: every text in it is escaped, whatever stands in a book."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

TEMPLATE = """
{%- macro cell(value) -%}
{%- if value is mapping and value.bar is defined -%}
<svg class="bar" width="{{ value.width }}" height="12" role="img" aria-label="{{ value.text }}">
{%- for part in value.bar -%}
<rect class="k{{ loop.index0 }}" x="{{ part[0] }}" y="0" width="{{ part[1] }}" height="12"/>{%- endfor -%}
</svg><span class="sc">{{ value.text }}</span>
{%- elif value is mapping -%}<span class="{{ value.tone }}">{{ value.text }}</span>
{%- else -%}{{ value }}{%- endif -%}
{%- endmacro -%}
{%- macro raw(row, index) -%}
{%- if row["values"] is defined and row["values"][index] is not none %} data-v="{{ row["values"][index] }}"{% endif -%}
{%- endmacro -%}
{%- macro heading(text) -%}
<h{{ level }}{% if place %} id="{{ place }}"{% endif %}>{{ text }}</h{{ level }}>
{%- endmacro -%}
{%- macro grid(block) -%}
{%- set wordy = block.columns|selectattr("align", "equalto", "l")|list|length >= words_from -%}
<div class="scroll" role="group" aria-label="{{ block.title }}"><table class="{{ "sorts" if block.rows|length >= sorted_from }}
{{- " wordy" if wordy }}"><thead><tr>{% for column in block.columns -%}
<th class="{{ column.align }}" scope="col">{{ column.label }}</th>{% endfor %}</tr></thead><tbody>{% for row in block.rows -%}
<tr{% if row.mark %} class="{{ row.mark }}"{% endif %}>{% for value in row.cells -%}
{% if loop.index0 == block.head %}<th scope="row"{{ raw(row, loop.index0) }}>{{ cell(value) }}{% if row.mark == "chosen" -%}
<span class="pill">chosen</span>{% endif %}</th>{% else -%}
<td class="{{ block.columns[loop.index0].align }}"{{ raw(row, loop.index0) }}
{%- if wordy %} data-l="{{ block.columns[loop.index0].label }}"{% endif %}>{{ cell(value) }}</td>{% endif %}{% endfor -%}
</tr>{% endfor -%}
</tbody></table></div>
{%- endmacro -%}
{%- if block.type == "answer" -%}
<section class="answer"><h1>{% for part in block.parts %}{% if part[1] %}<em>{{ part[0] }}</em>{% else -%}
{{ part[0] }}{% endif %}{% endfor %}</h1>{% if block.sub %}<p class="sub">{{ block.sub }}</p>{% endif -%}
{% if block.note is defined and block.note %}<p class="cap">{{ block.note }}</p>{% endif %}</section>
{%- elif block.type == "figures" -%}
<section class="figures">{% for item in block["items"] -%}
<div><b>{{ item.figure }}</b><span>{{ item.text }}</span></div>{% endfor %}</section>
{%- elif block.type == "table" -%}
<section class="table">{{ heading(block.title) }}{% if block.caption %}<p class="cap">{{ block.caption }}</p>{% endif -%}
{{ grid(block) }}{% if block.key %}<p class="key">{% for each in block.key -%}
<span><i class="k{{ loop.index0 }}"></i>{{ each }}</span>{% endfor %}</p>{% endif %}</section>
{%- elif block.type == "grid" -%}
{{ grid(block) }}{% if block.caption %}<p class="cap">{{ block.caption }}</p>{% endif %}
{%- elif block.type == "list" -%}
<section class="list">{{ heading(block.title) }}{% if block["items"] %}<ul class="said">{% for item in block["items"] -%}
<li>{{ item }}</li>{% endfor %}</ul>{% else %}<p class="cap">{{ block.empty }}</p>{% endif %}</section>
{%- elif block.type == "turn" -%}
<section class="turning">{{ heading(block.title) }}<div class="turn"><p>{{ block.text }}</p>
{%- if block.more %}<p class="cap">{{ block.more }}</p>{% endif %}</div></section>
{%- elif block.type == "grades" -%}
<section class="rest">{{ heading(block.title) }}<p class="cap">{{ block.caption }}</p>
<div class="rests" aria-hidden="true">{% for each in block.grades if each.count -%}
<i class="g{{ each.tone }}" style="flex-grow: {{ each.count|int }}"></i>{% endfor %}</div>
<ul class="grades">{% for each in block.grades if each.count -%}
<li><i class="g{{ each.tone }}"></i><b>{{ each.count }} {{ each.grade }}</b> <span>{{ each.words }}</span>
<small>{{ each.names }}</small></li>{% endfor %}</ul></section>
{%- elif block.type == "digest" -%}
<p class="digest">Plan {{ block.digest }}</p>
{%- endif -%}
"""
SORTED_FROM = 4  # rows from which a table can be sorted; tables.js filters those of more than eight
WORDS_FROM = 4  # columns of words from which a row becomes a card on a phone


@cache
def _template() -> jinja2.Template:
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(TEMPLATE)


def block_html(block: dict[str, Any], *, level: int = 2, place: str = "") -> str:
    """The HTML of a block; its heading is of `level` and, where `place` is given, can be linked to by that name."""
    return (
        _template()
        .render(block=block, level=level, place=place, sorted_from=SORTED_FROM, words_from=WORDS_FROM)
        .strip()
    )
