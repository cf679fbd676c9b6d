"""A report as one page that opens by double click: nothing is fetched, nothing runs but the map.

All text is escaped here and nowhere else. The map stands in a sandboxed frame, whose page is part
of this one and inherits its policy, which lets the map's own scripts run and no others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from corridors.charts import Chart
from corridors.comparison import content
from corridors.comparison.citations import Source
from corridors.maps.corridor_map import CorridorMap
from corridors.maps.encode import html_text, web_address

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_PLAIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_WIDE = 7
"""Columns from which a table may scroll sideways."""


def page(comparison: Comparison) -> str:
    """The whole page."""
    title = html_text(content.heading(comparison))
    policy, body, toc = _PLAIN_POLICY, [], []
    for number, section in enumerate(content.sections(comparison)):
        name = f"s{number}"
        heading = html_text(section.title)
        toc.append(f'<li><a href="#{name}">{heading}</a></li>')
        body.append(f'<section id="{name}"><h2>{heading}</h2>\n')
        for part in section.parts:
            if isinstance(part, CorridorMap):
                html = part.html()
                policy = _policy_of(html)
                body.append(_frame(part, html))
            else:
                body += _part(part)
        body.append("</section>\n")
    return "".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
            f"<header><h1>{title}</h1>\n",
            f"<p>{html_text(content.standfirst(comparison))}</p></header>\n",
            f'<nav aria-label="Contents"><ol>{"".join(toc)}</ol></nav>\n<main>\n',
            *body,
            "</main>\n</body>\n</html>\n",
        ]
    )


def _policy_of(html: str) -> str:
    found = _POLICY.search(html)
    return _PLAIN_POLICY if found is None else found[1]


def _frame(part: CorridorMap, html: str) -> str:
    return (
        f'<iframe title="{html_text(part.title)}" sandbox="allow-scripts" '
        f'srcdoc="{escape(html)}"></iframe>\n'
    )


def _part(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield f"<p>{html_text(part)}</p>\n"
    elif isinstance(part, content.Heading):
        yield f"<h3>{html_text(part.text)}</h3>\n"
    elif isinstance(part, content.Bullets):
        yield "<ul>"
        yield from (f"<li>{html_text(line)}</li>" for line in part.lines)
        yield "</ul>\n"
    elif isinstance(part, content.Grid):
        yield from _grid(part)
    elif isinstance(part, Chart):
        yield f'<figure role="img" aria-label="{html_text(part.alt)}">{part.svg()}</figure>\n'
    elif isinstance(part, content.Cited):
        yield "<ol class=sources>"
        yield from map(_source, part.sources)
        yield "</ol>\n"


def _grid(grid: content.Grid) -> Iterator[str]:
    wide = " wide" if len(grid.head) >= _WIDE else ""
    yield f'<div class="table{wide}" tabindex="0"><table><caption>{html_text(grid.caption)}'
    yield "</caption><thead><tr>"
    yield from (f'<th scope="col">{html_text(name)}</th>' for name in grid.head)
    yield "</tr></thead>\n<tbody>"
    before: object = None
    for row in grid.rows:
        # A rule where the first cell changes, and its text only there.
        new = row[0] != before
        before = row[0]
        yield '<tr class="new">' if new else "<tr>"
        yield f"<td>{html_text(row[0]) if new else ''}</td>"
        for at, value in enumerate(row[1:], start=1):
            yield _cell(value, at, grid)
        yield "</tr>\n"
    yield "</tbody></table></div>\n"


def _cell(value: object, at: int, grid: content.Grid) -> str:
    if isinstance(value, str):
        number = re.fullmatch(r"[\d.,%+\- ]+", value) is not None
        return f"<td{' class=n' if number else ''}>{html_text(value)}</td>"
    return f"<td class=n>{html_text(number_words(value, grid.digits, at, grid.head[at]))}</td>"


def number_words(value: Any, digits: Sequence[int], at: int, head: str) -> str:
    """A number as a reader wants it; differences carry their sign, what is not known is a dash."""
    if value is None or value != value or str(value) == "<NA>":  # noqa: PLR0124  (NaN)
        return "–"
    places = digits[at] if at < len(digits) else 0
    if head.startswith("±"):
        return "0" if math.isclose(value, 0, abs_tol=1e-9) else f"{value:+,.{places}f}"
    return f"{value:,.{places}f}"


def _source(source: Source) -> str:
    url = web_address(source.url)
    title = html_text(source.title)
    if url:
        title = f'<a href="{html_text(url)}" rel="noopener noreferrer">{title}</a>'
    rest = ". ".join(part for part in (source.publisher, source.date) if part)
    where = source.url or source.reference
    return (
        f"<li><b>{html_text(source.source_id)}</b> {title}. {html_text(rest)}. "
        f"<span>{html_text(where)}</span></li>\n"
    )


_STYLE = """
:root{--ink:#22303c;--quiet:#5b6873;--line:#d9dee2;--tint:#f5f7f8;--accent:#0b5c8a}
*{box-sizing:border-box}
body{margin:0 auto;max-width:74rem;padding:1.5rem 1.25rem 4rem;color:var(--ink);background:#fff;
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0 .4rem;max-width:46rem}
header p{color:var(--quiet);max-width:46rem;margin:0 0 1rem}
h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-top:.8rem;border-top:2px solid var(--ink)}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
p,li{max-width:52rem;overflow-wrap:anywhere}
ul{padding-left:1.2rem;margin:.3rem 0 1rem}
nav ol{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;padding:0;margin:0;
font-size:.9rem}
a{color:var(--accent)}
.table{overflow-x:auto;margin:.8rem 0 1.2rem}
table{border-collapse:collapse;width:100%;font-size:.86rem;line-height:1.35}
caption{text-align:left;font-weight:600;padding:.2rem 0 .4rem}
th{text-align:left;vertical-align:bottom;border-bottom:1px solid var(--ink);
padding:.3rem .5rem .3rem 0;font-weight:600;color:var(--quiet)}
td{vertical-align:top;padding:.3rem .5rem .3rem 0;min-width:2.5rem}
tr.new td{border-top:1px solid var(--line)}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
figure{margin:1rem 0;overflow-x:auto}
figure svg{max-width:100%;height:auto}
iframe{width:100%;height:min(70vh,44rem);border:1px solid var(--line)}
.sources{font-size:.8rem;line-height:1.4;padding-left:2.2rem;columns:30rem;column-gap:3rem}
.sources span{color:var(--quiet);overflow-wrap:anywhere}
@media(max-width:48rem){body{padding:1rem .9rem 3rem}.wide table{min-width:60rem}
figure svg{min-width:36rem}}
@media print{@page{size:A4 landscape;margin:14mm}body{max-width:none;padding:0;font-size:10pt}
nav{display:none}h2{break-after:avoid}tr,figure,li{break-inside:avoid}thead{display:table-header-group}
.table,figure{overflow:visible}.wide table{min-width:0}table{font-size:7.6pt}
iframe{height:150mm;break-inside:avoid}a{color:inherit;text-decoration:none}}
""".strip()
