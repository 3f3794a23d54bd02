"""Small pieces of HTML. What comes from data passes through `escaped`; everything else is our own words."""

from __future__ import annotations

import html
from collections.abc import Iterable


def escaped(text: str) -> str:
    """Text from data as HTML that shows exactly that text, also within a quoted attribute.

    >>> escaped('<b title="x">') + escaped(chr(0xD800))
    '&lt;b title=&quot;x&quot;&gt;?'
    """
    return html.escape(text.encode("utf-8", "replace").decode("utf-8"))


def named(letter: str, colour: str, label: str) -> str:
    """A run's letter on its colour, darkened for white letters (4.5:1), and its label, which is data."""
    ground = f"color-mix(in srgb, {colour} 80%, black)"
    return f'<span class="run"><b style="background:{ground}">{letter}</b> <bdi>{escaped(label)}</bdi></span>'


def section(key: str, title: str, *parts: str) -> str:
    """A part of the report that can be linked to; empty where there is nothing to say."""
    body = "".join(parts)
    return f'<section id="{key}"><h2>{title}</h2>{body}</section>' if body else ""


def paragraphs(sentences: Iterable[str], tag: str = "p") -> str:
    """Each HTML sentence as a paragraph, or as an item of a list with `tag="li"`."""
    body = "".join(f"<{tag}>{sentence}</{tag}>" for sentence in sentences)
    return f"<ul>{body}</ul>" if tag == "li" and body else body


def table(head: Iterable[str], rows: Iterable[Iterable[str]], *, about: str, kind: str = "") -> str:
    """HTML cells as a table that scrolls where it is too wide; the first cell of a row is its heading."""
    columns = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = []
    for row in rows:
        first, *rest = row
        lines.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>')
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{about}"><table class="{kind}">'
        f"<thead><tr>{columns}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def facts(values: dict[str, str]) -> str:
    """Name → value, both HTML, as a row of small figures."""
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in values.items())
    return f'<dl class="facts">{cells}</dl>'


def figure(key: str, alt: str, height: int, caption: str = "") -> str:
    """The place of a chart, drawn when the file is opened; `caption` is HTML."""
    said = f"<figcaption>{caption}</figcaption>" if caption else ""
    place = f'<div class="chart" id="{key}" role="img" aria-label="{alt}" style="min-height:{height}px"></div>'
    return f"<figure>{said}{place}</figure>"
