"""How a report looks: the colours of the app, light and dark, from a telephone to a wide screen and on paper."""

from typing import Final

from relvid_core.report.words import VERDICT_STYLE

STYLE: Final = (
    """
:root {color-scheme: light dark; --page: #FBFCFD; --ink: #16212B; --panel: #EFF3F6; --line: #D3DCE3; --link: #0B627A}
@media (prefers-color-scheme: dark) {
  :root {--page: #11181F; --ink: #E4EAEF; --panel: #1B252F; --line: #33414E; --link: #6CC3DA}
}
* {box-sizing: border-box}
body {margin: 0; background: var(--page); color: var(--ink); line-height: 1.5; font-size: 15px;
  font-family: ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Noto Sans',
  'Liberation Sans', sans-serif}
main {max-width: 76rem; margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 2.5rem) 4rem}
h1 {font-size: 1.85rem; font-weight: 650; line-height: 1.2; margin: 0 0 .3rem; text-wrap: balance}
h2 {font-size: 1.4rem; font-weight: 600; margin: 0 0 .8rem; line-height: 1.3}
h3 {font-size: 1.05rem; font-weight: 600; margin: 1.2rem 0 .5rem; overflow-wrap: anywhere}
section {margin-top: 2.6rem; scroll-margin-top: 1rem}
p, li {max-width: 50rem; overflow-wrap: anywhere}
p {margin: 0 0 .7rem}
a {color: var(--link); text-underline-offset: .18em}
ul {padding-left: 1.2rem; margin: .4rem 0 .8rem}
section > ul > li {margin-bottom: .5rem}
small {font-size: .82em; opacity: .78; font-weight: 400}
.note {font-size: .87rem; opacity: .8}
.warn {border-left: 4px solid #DD6B32; background: var(--panel); padding: .6rem .9rem; border-radius: .3rem}
nav {display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 1rem 0 0; font-size: .92rem}
abbr[title] {text-decoration: underline dotted; text-underline-offset: .2em; cursor: help}
.run b {color: #fff; border-radius: .35rem; padding: 0 .42rem; display: inline-block; line-height: 1.5}
.run bdi {font-weight: 600; overflow-wrap: anywhere}
table .run bdi {overflow-wrap: break-word}
.against {border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem .5rem; margin: 0 0 .8rem}
.against p {margin-bottom: .5rem; max-width: none}
.against ul {list-style: none; padding: 0; margin: 0; display: grid; gap: .7rem 1.4rem;
  grid-template-columns: repeat(auto-fill, minmax(min(12.5rem, 100%), 1fr))}
.against li {display: flex; flex-direction: column; align-items: flex-start; gap: .12rem; margin: 0 0 .3rem}
.against .num {font-weight: 600}
.num {white-space: nowrap; font-variant-numeric: tabular-nums}
dl.facts {display: grid; grid-template-columns: repeat(auto-fill, minmax(9.4rem, 1fr)); gap: .7rem 1.1rem;
  margin: .6rem 0 1rem}
dl.facts dt {font-size: .82rem; opacity: .78}
dl.facts dd {margin: 0; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums}
.scroll {overflow-x: auto; max-width: 100%; margin-bottom: .7rem}
table {border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; width: 100%}
th, td {padding: .42rem .6rem; text-align: right; white-space: nowrap; vertical-align: top;
  border-bottom: 1px solid var(--line)}
th {font-weight: 600}
thead th {vertical-align: bottom}
tr > :first-child {text-align: left; padding-left: 0; white-space: normal; min-width: 9rem; max-width: 17rem;
  overflow-wrap: anywhere}
:is(th, td) small {display: block}
table.settings {width: auto}
table.settings th:not(:first-child) {white-space: normal; min-width: 7rem; max-width: 15rem; text-align: left}
table.settings td {text-align: left}
table.paired :is(th, td):nth-child(2) {text-align: left}
details {border: 1px solid var(--line); border-radius: .5rem; padding: .55rem .8rem; margin: .6rem 0}
summary {cursor: pointer}
pre {background: var(--panel); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; font-size: .82rem;
  line-height: 1.45; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace}
figure {margin: 0 0 1.2rem; min-width: 0}
figcaption {font-size: .92rem; margin-bottom: .2rem; line-height: 1.4}
.grid {display: grid; gap: .6rem 1.6rem; grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr));
  align-items: end}
.js-plotly-plot :is(.infolayer, .xaxislayer-above, .yaxislayer-above, .scatterlayer) text {
  fill: currentColor !important}
.example {border-top: 1px solid var(--line); padding-top: 1rem; margin-top: 1.4rem}
.seed {display: grid; grid-template-columns: minmax(0, 13rem) minmax(0, 1fr); gap: 1rem; align-items: center;
  background: var(--panel); border-radius: .6rem; padding: .7rem}
.seed h3 {margin: .1rem 0 .3rem}
.seed p {margin: 0}
.seed img, .thumb img {width: 100%; height: auto; aspect-ratio: 16 / 9; object-fit: cover; border-radius: .4rem;
  display: block}
.why {font-size: .84rem; font-weight: 600; color: var(--link)}
.list-head {margin: .9rem 0 .45rem}
.cards {list-style: none; padding: 0; margin: 0; display: grid; gap: .7rem;
  grid-template-columns: repeat(auto-fill, minmax(min(10.4rem, 100%), 1fr))}
.cards > li {min-width: 0}
.cards p {margin: 0}
.thumb {position: relative}
.tag {position: absolute; top: .3rem; left: .3rem; padding: .05rem .38rem; border-radius: .35rem; font-size: .76rem;
  font-weight: 600; color: #fff; background: rgba(10, 16, 22, .8)}
.tag.new {left: auto; right: .3rem; background: #A3461A}
.title {font-weight: 600; font-size: .88rem; line-height: 1.3; margin: .35rem 0 .25rem !important; min-height: 2.6em;
  display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; unicode-bidi: isolate}
ul.chips {display: flex; flex-wrap: wrap; gap: .25rem; list-style: none; padding: 0; margin: 0 0 .2rem}
ul.chips li {font-size: .74rem; line-height: 1.25; padding: .12rem .45rem; border-radius: 1rem; max-width: 100%;
  border: 1px solid color-mix(in srgb, currentColor 28%, transparent); overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; margin: 0}
ul.chips li.shared {background: color-mix(in srgb, #0F7490 24%, transparent); border-color: #0F7490; font-weight: 600}
.narrow {display: none}
@media (max-width: 640px) {
  main {padding-top: 1.2rem}
  .seed {grid-template-columns: minmax(0, 1fr)}
  .cards {grid-template-columns: 1fr; gap: .45rem}
  .cards > li {display: grid; grid-template-columns: 8.4rem minmax(0, 1fr); gap: .7rem; align-items: center}
  .title {min-height: 0; margin-top: 0 !important}
  tr > :first-child {min-width: 7.3rem}
  .against ul {grid-template-columns: 1fr 1fr}
  #chart-tradeoff .textpoint text {display: none}
  .narrow {display: block}
}
@media print {
  :root {color-scheme: light; --page: #fff; --ink: #16212B; --panel: #EFF3F6; --line: #D3DCE3; --link: #0B627A}
  * {print-color-adjust: exact; -webkit-print-color-adjust: exact}
  main {padding: 0; max-width: none}
  nav {display: none}
  figure, .seed, .cards > li, tr, .against {break-inside: avoid}
  h2, h3, .list-head {break-after: avoid}
  .cards {grid-template-columns: repeat(6, minmax(0, 1fr))}
  .grid {grid-template-columns: 1fr 1fr}
  .scroll {overflow: visible}
  table {font-size: .68rem}
  th, td {padding: .25rem .3rem}
  pre {white-space: pre-wrap; overflow-wrap: anywhere}
}
"""
    + VERDICT_STYLE
)
