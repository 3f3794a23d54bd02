"""The steps of the tour, each on the stored runs of the dataset in hand."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import partial
from typing import Final

import streamlit as st

from pages.ui import cache, cache_readings, cards, datasets, hops, run_lists, seeds, verdicts
from pages.ui.cards import Shelf
from pages.ui.circular import mark_note
from pages.ui.controls import tour_models
from pages.ui.frame import page
from pages.ui.mix_prepare import has_split
from pages.ui.presenting import carried
from pages.ui.training import browse_address, result_card, show_training
from pages.ui.widgets import DATA_PARAMETER
from pages.ui.words import CHANCE, MEASURES
from relvid_core import columns as c
from relvid_core.charts import tradeoff
from relvid_core.charts.layout import CONFIG
from relvid_core.charts.palette import RUN_COLOURS
from relvid_core.data.dataset import Dataset
from relvid_core.evaluation.protocol import POPULAR_SHARE, RECALL, TOPIC_MATCH
from relvid_core.experiments import compare, tour_words
from relvid_core.experiments.circularity import first_reason
from relvid_core.experiments.compare import SIDE_A, SIDE_B
from relvid_core.experiments.datasets import SAMPLE
from relvid_core.experiments.run import Run, RunInfo
from relvid_core.experiments.standings import difference, estimates_frame, same_run
from relvid_core.experiments.tour import Change, TourRuns, changes
from relvid_core.experiments.votes import BallotBox

SHOWN: Final = 12  # places of each list: further up, lists of different models are much alike
_MAIN: Final = (RECALL, TOPIC_MATCH, POPULAR_SHARE)
_RANGE: Final = "The range beside a figure says how far other seed videos may have moved it."


@dataclass(frozen=True)
class Story:
    """What the tour is told on; without `runs` there is only its first step."""

    data: Dataset
    runs: TourRuns | None

    @property
    def told(self) -> TourRuns:
        """The runs, in every step but the first."""
        assert self.runs is not None
        return self.runs

    @property
    def pair(self) -> tuple[Run, Run]:
        """The two models. Raises RunError."""
        return cache.run(self.told.plain.run_id), cache.run(self.told.other.run_id)

    @property
    def changes(self) -> dict[str, Change]:
        """What the second model does differently from the first, by metric."""
        return _changes(self.told.plain, self.told.other)


def show_start(story: Story) -> None:
    """The question, and the training of the models where there are none."""
    data = story.data
    st.html(datasets.strip(data))
    engagements = len(data.interactions.engagements)
    st.markdown(tour_words.start_words(len(data.catalog), engagements, trained=story.runs is not None))
    if story.runs is None:
        _offer_training(data, "Train the models")
    else:
        show_training(data.key, with_result=False)


def show_models(story: Story) -> None:
    """Who the two are, and what sets them apart."""
    runs = story.told
    st.markdown(tour_words.models_words(runs.levers, runs.other.config.objective.relevance_weight))
    for column, (side, info) in zip(st.columns(2), {SIDE_A: runs.plain, SIDE_B: runs.other}.items(), strict=True):
        with column.container(border=True):
            st.html(cards.heading(side, info.label) + _wishes_html(info))


def show_lists(story: Story) -> None:
    """Both lists of one video, which can be changed by clicking."""
    a, b = story.pair
    data = story.data
    with st.spinner("Reading the log and the texts …", show_time=True):
        prepared = cache.prepared().get(data, a.info.config)
    shelf = Shelf(data.key, data.catalog, prepared.history.popularity)
    st.markdown(tour_words.lists_words(SHOWN, a.info.config.evaluation.k))
    row = seeds.linked_seed(shelf, partial(cache_readings.typical_seed, [a, b], prepared, SHOWN))
    st.button("Another video", on_click=seeds.surprise, args=(shelf.catalog, a.seeds, seeds.turn_to), shortcut="S")
    st.html(cards.seed_card(shelf, row, float(prepared.judge.percentile[row])))
    seeds.scroll_to_seed()
    st.html(f'<p class="rv-note">{run_lists.legend([SIDE_A, SIDE_B])}</p>')
    places = compare.side_by_side(a, b, row, SHOWN, shelf.catalog, prepared.judge.percentile)
    for column, (side, run) in zip(st.columns(2, gap="medium"), {SIDE_A: a, SIDE_B: b}.items(), strict=True):
        with column.container(key=f"rv-run-{side}"):
            st.html(cards.heading(side, run.info.label))
            facts = compare.list_facts(run, row, SHOWN, prepared.judge)
            st.html(verdicts.facts_html(facts, prepared.judge.config))
            st.html(cards.list_html(shelf, places[places[c.RUN] == side], [SIDE_A, SIDE_B], seeds.address))
    hops.listen(shelf.catalog, seeds.turn_to, str(row))


def show_engagement(story: Story) -> None:
    """What the first model finds, and how each measure is read."""
    runs, (a, _) = story.told, story.pair
    settings = a.info.config.evaluation
    chance = a.estimates.get(CHANCE)
    popular = None if runs.most_popular is None else _changes(runs.most_popular, runs.plain)[RECALL]
    st.markdown(
        tour_words.engagement_words(
            a.estimates,
            float("nan") if chance is None else chance.mean,
            popular,
            k=settings.k,
            head_share=settings.head_share,
        )
    )
    _show_cards(a, None)


def show_trade(story: Story) -> None:
    """Both models by their measures and in the picture."""
    runs, (a, b) = story.told, story.pair
    st.markdown(tour_words.trade_words(story.changes, runs.levers, graded_by_training=runs.graded_by_training))
    _show_cards(b, a)
    st.html(f'<p class="rv-note">Model B; the last line of each is B − A. {_RANGE}</p>')
    if story.data.has_topics:
        _show_picture(a, b, runs.most_popular)
        st.markdown(tour_words.picture_words(story.changes))
    if len(runs.levers) > 1:
        _offer_training(story.data, "Train a model that differs in one thing only")


def show_correction(story: Story) -> None:
    """What correcting for popularity does, by two models that differ in nothing else."""
    pair = story.told.corrected
    if pair is None:
        st.markdown(tour_words.correction_words(None, 0.0))
        _offer_training(story.data, "Train the missing model")
        return
    corrected, plain = pair
    strength = corrected.config.off_policy.strength
    st.markdown(tour_words.correction_words(_changes(plain, corrected), strength))
    run, twin = cache.run(corrected.run_id), cache.run(plain.run_id)
    _show_cards(run, twin)
    said = f"“{html.escape(corrected.label)}”; the last line of each is its difference to “{html.escape(plain.label)}”."
    st.html(f'<p class="rv-note">{said} {_RANGE}</p>')


def show_limits(story: Story) -> None:
    """What all of this does not prove."""
    a, _ = story.pair
    words = tour_words.limits_words(
        len(a.seeds), graded_by_training=story.told.graded_by_training, made_up=story.data.key == SAMPLE
    )
    st.markdown("\n\n".join(words))


def show_end(story: Story) -> None:
    """The story in a sentence, and ways on."""
    runs, key = story.told, story.data.key
    st.markdown(tour_words.summary_words(story.changes, runs.levers))
    votes = BallotBox(cache.store().root, runs.plain.run_id, runs.other.run_id).read()
    st.markdown(tour_words.vote_words(len(votes.votes)))
    models = [info for info in cache.runs_of(key) if info.kind == "model"]
    st.markdown(tour_words.try_words(can_mix=has_split(models)))
    pair = browse_address(runs.other, runs.plain)
    with st.container(horizontal=True, gap="large"):
        st.page_link(page("tune"), label="Move the sliders →", query_params=carried({DATA_PARAMETER: key}))
        st.page_link(page("vote"), label="Vote blindly →", query_params=pair)
        st.page_link(page("browse"), label="Browse more lists →", query_params=pair)
        st.page_link(page("data"), label="Bring your own data →", query_params=carried({DATA_PARAMETER: key}))


def _wishes_html(info: RunInfo) -> str:
    """What a model was asked for, by the names of the sliders."""
    objective, strength = info.config.objective, info.config.off_policy.strength
    wishes = {
        "Engagement weight": f"{objective.engagement_weight:g}",
        "Relevance weight": f"{objective.relevance_weight:g}",
        "Popularity correction": f"strength {strength:g}" if strength else "none",
    }
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in wishes.items())
    return f'<dl class="rv-facts">{cells}</dl>'


def _changes(plain: RunInfo, other: RunInfo) -> dict[str, Change]:
    return dict(changes(cache_readings.paired(plain.run_id, other.run_id)))


def _show_cards(run: Run, reference: Run | None) -> None:
    found, reasons = [], first_reason([run.info], _MAIN)
    for key in _MAIN:
        gap = None if reference is None else difference(run, reference, key)
        chance = run.estimates.get(CHANCE) if key == TOPIC_MATCH else None
        card = result_card(
            MEASURES[key], run.estimates[key], gap, chance, run.info.config.evaluation.k,
            why_circular=reasons.get(key),
        )  # fmt: skip
        found.append(card)
    st.html(f'<div class="rv-cards">{"".join(found)}</div>')
    if reasons:
        st.caption(mark_note(reasons))


def _show_picture(a: Run, b: Run, most_popular: RunInfo | None) -> None:
    """Recall against topic match of both models, in their own colours, and of showing everybody the same."""
    runs = {SIDE_A: a, SIDE_B: b}
    if most_popular is not None:
        runs[most_popular.label] = cache.run(most_popular.run_id)
    confidence = a.info.config.evaluation.confidence
    joint = {name: cache_readings.recall_and_topic_match(run.info.run_id) for name, run in runs.items()}
    chance = a.estimates.get(CHANCE)
    st.plotly_chart(
        tradeoff(
            estimates_frame({name: run.estimates for name, run in runs.items()}),
            x_title="recall",
            y_title="topic match",
            baselines=[name for name, run in runs.items() if run.info.kind == "baseline"],
            chance=None if chance is None else chance.mean,
            outlines={name: found.outline(confidence) for name, found in joint.items()},
            colours=RUN_COLOURS,
            height=320,
        ),
        key="tour-picture",
        config=CONFIG,
        alt="Recall against topic match of models A and B",
    )


def _offer_training(data: Dataset, name: str) -> None:
    """A button that trains what is still missing of the models of the tour, and the queue."""
    infos = cache.current_runs(data)
    wanted = tour_models(has_topics=data.has_topics)
    missing = {label: config for label, config in wanted.items() if same_run(config, data.fingerprint, infos) is None}
    if missing and st.button(name, type="primary", disabled=cache.queue().busy):
        for label, config in missing.items():
            cache.queue().submit(data.key, config, label)
        st.rerun()
    show_training(data.key, with_result=False)
