"""The pictures of videos as data URIs: what is shown is a picture for sure, and every video has one."""

from __future__ import annotations

import base64
import hashlib
import html
from typing import Final

from relvid_core.data.catalog import Catalog
from relvid_core.data.topics import format_topic

_KINDS: Final = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def picture_uri(catalog: Catalog, row: int, *, largest: int) -> str:
    """The picture of one video; a drawn one in its topic's colour where there is none of up to `largest` bytes.

    Only the four kinds that browsers show as pixels pass: an SVG from elsewhere could hold scripts.
    """
    path = catalog.thumbnail(row)
    if path is not None and path.stat().st_size <= largest:
        data = path.read_bytes()
        kind = next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), None)
        if kind is not None:
            return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    topics = catalog.topics.paths[row]
    return placeholder(catalog.titles[row], format_topic(topics[0][:1]) if topics else "")


def svg_uri(svg: str) -> str:
    """An SVG picture as a data URI for an <img>."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def placeholder(title: str, topic: str) -> str:
    """A 16:9 picture for a video without one, as a data URI: its initials on its topic's colour."""
    hue = int.from_bytes(hashlib.sha256(topic.encode()).digest()[:2], "big") * 360 // 65536 if topic else 210
    strength = 34 if topic else 8  # per cent of saturation: quiet, white text stays above 4.5:1 on both ends
    words = [word for word in title.split() if word[0].isalnum()] or ["·"]
    initials = "".join(word[0] for word in words[:2]).upper()
    variant = int.from_bytes(hashlib.sha256(title.encode()).digest()[:2], "big")
    x, y, r = 40 + variant % 240, 20 + variant // 7 % 140, 60 + variant // 11 % 60
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180">'
        '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">'
        f'<stop offset="0" stop-color="hsl({hue},{strength}%,38%)"/>'
        f'<stop offset="1" stop-color="hsl({(hue + 24) % 360},{strength}%,26%)"/></linearGradient></defs>'
        '<rect width="320" height="180" fill="url(#g)"/>'
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="#fff" fill-opacity=".07"/>'
        f'<circle cx="{320 - x}" cy="{180 - y}" r="{r * 0.6:.0f}" fill="#fff" fill-opacity=".06"/>'
        '<text x="160" y="112" font-family="system-ui,sans-serif" font-size="62" font-weight="600" '
        'text-anchor="middle" letter-spacing="2" fill="#fff" fill-opacity=".92">'
        f"{html.escape(initials)}</text></svg>"
    )
    return svg_uri(svg)
