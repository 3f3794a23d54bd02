"""How all pages look beyond the theme, as one style sheet."""

from typing import Final

STYLE: Final = """<style>
.rv-lead {max-width: 62rem; opacity: .82; margin: -.35rem 0 .2rem; line-height: 1.5; text-wrap: pretty}
.rv-note {font-size: .87rem; opacity: .78; line-height: 1.45}
.rv-facts {display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: .7rem 1.1rem}
dl.rv-facts {margin: 0 !important; padding: 0 !important}
.rv-facts dt, .rv-facts dd {margin: 0 !important; padding: 0}
.rv-facts div {min-width: 0}
.rv-facts dt {font-size: .8rem; opacity: .76}
.rv-facts dd {font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums}
.rv-ellipsis {overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate}
.rv-table-scroll {overflow-x: auto; max-width: 100%}
.rv-table {border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums}
.rv-table th, .rv-table td {padding: .42rem .6rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent)}
.rv-table th {font-weight: 600; vertical-align: bottom}
.rv-table thead th small {display: block; font-weight: 400; opacity: .74}
.rv-table td small {display: block; opacity: .74; font-size: .78rem}
.rv-table tr > :first-child {text-align: left; min-width: 9rem; max-width: 15rem; white-space: normal;
  overflow-wrap: anywhere; padding-left: 0}
.rv-table tbody th a {color: inherit; text-decoration-thickness: 1px; text-underline-offset: .18em;
  unicode-bidi: isolate}
.rv-table tbody th small {display: block; font-weight: 400; opacity: .74}
.rv-table tbody th, .rv-table tbody th ~ td {vertical-align: top}
.rv-table tbody tr:hover {background: color-mix(in srgb, currentColor 5%, transparent)}
.rv-curve {margin: .9rem 0 .7rem}
.rv-curve img {width: 100%; height: 64px; display: block}
.rv-curve figcaption {display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .8rem; font-size: .8rem;
  opacity: .78; margin-top: .2rem}
.rv-cards {display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem}
.rv-card {border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .5rem;
  padding: .8rem .95rem .75rem; min-width: 0; display: flex; flex-direction: column; align-items: flex-start}
.rv-card .rv-big {font-size: 1.7rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums}
.rv-card .rv-small {font-size: .8rem; opacity: .78}
.rv-card .rv-small {margin-bottom: .5rem}
.rv-card .rv-small span, .rv-gap span {white-space: nowrap}
.rv-card .rv-gap {font-size: .84rem; margin-top: auto; padding-left: .55rem; border-left: 3px solid #8A949C;
  line-height: 1.4; font-variant-numeric: tabular-nums}
.rv-card .rv-better {border-color: #2F9461}
.rv-card .rv-worse {border-color: #CF5449}
.rv-strip {display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: 0 .5rem;
  margin: .2rem 0 .9rem; grid-auto-rows: 0; grid-template-rows: auto; overflow: hidden}
.rv-strip img {width: 100%; aspect-ratio: 16 / 9; object-fit: cover; border-radius: .4rem; display: block}
ul.rv-notes {margin: .9rem 0 0 !important; padding-left: 1.1rem !important}
ul.rv-notes li {margin: 0 !important; padding: 0 0 .1rem !important}
.st-key-start, .st-key-presets {gap: .35rem !important}
.st-key-start > div:first-child p {font-size: .875rem}
.st-key-presets button {border-radius: 1rem; min-height: 0; padding: .25rem .8rem}
/* The accent fills and outlines; as a colour of text it would fall short of 4.5:1 in the dark. */
button[data-variant][data-selected="true"] {color: inherit !important; font-weight: 600}
[data-testid="stSliderThumbValue"] {color: inherit !important}
[data-testid="stWidgetLabel"][disabled] {color: inherit !important; opacity: .76}
/* A table's own download would write formulas as they are; where one is worth having, a button offers it. */
[data-testid="stElementToolbarButton"]:has([aria-label="Download as CSV"]) {display: none}
.st-key-presets [data-testid="stBaseButton-primary"] {border-color: #0F7490; color: inherit; font-weight: 600;
  background: color-mix(in srgb, #0F7490 22%, transparent)}
[data-testid="stPageLink-NavLink"] {padding-inline: 0 !important; background: none !important}
[data-testid="stPageLink-NavLink"]:hover {text-decoration: underline; text-underline-offset: .2em}
[data-testid="stCaptionContainer"] {opacity: .8 !important} /* 0.6 would fall short of 4.5:1 */
/* Widgets with a label are this tall; what stands for them while they load is not. */
:is([class*="st-key-choose_"], .st-key-seed_search, .st-key-omega, .st-key-kappa, .st-key-we, .st-key-wr, .st-key-beta,
  .st-key-clip, .st-key-epochs, .st-key-label, .st-key-k):has(> [data-testid="stSkeleton"]) {min-height: 4.25rem}
.rv-narrow {display: none}
@media (max-width: 640px) {
  .st-key-tradeoff .textpoint text {display: none}
  .rv-narrow {display: block}
  .rv-table tr > :first-child {min-width: 7.3rem}
  .rv-card:last-child:nth-child(odd) {grid-column: 1 / -1}
  .rv-curve figcaption span:nth-child(2) {order: 3; flex-basis: 100%}
}
/* Plotly's grey is below 4.5:1; the text of a figure takes the colour of the page's. */
.js-plotly-plot :is(.infolayer, .xaxislayer-above, .yaxislayer-above, .scatterlayer) text {
  fill: currentColor !important
}
abbr[title] {text-decoration: underline dotted; text-underline-offset: .2em; cursor: help}
</style>"""
