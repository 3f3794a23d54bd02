"""How each run was made, and how to make it again."""

from __future__ import annotations

import base64
import shlex
import time

from relvid_core.experiments.run import Run, RunInfo
from relvid_core.report.markup import escaped, facts, named, table
from relvid_core.report.material import Material
from relvid_core.report.protocol import changed_settings


def runs_html(material: Material) -> str:
    """The settings that differ, how each run came to be, and its full settings."""
    infos = [run.info for run in material.runs]
    changed = changed_settings([info.config for info in infos])
    heads = [named(letter, colour, run.info.label) for letter, colour, run in material.lettered]
    if len(infos) == 1:
        heads.append("Default")
    said, same = "Only what differs", "All settings are the same."
    if len(infos) == 1:
        said, same = "Only what is not the default", "All settings are the default."
    rows = [[escaped(name), *map(escaped, values)] for name, values in changed]
    settings = table(["Setting", *heads], rows, about="Settings that differ", kind="settings")
    details = [_details_html(letter, colour, run) for letter, colour, run in material.lettered]
    return (f"<p>{said}:</p>{settings}" if rows else f"<p>{same}</p>") + "".join(details)


def _details_html(letter: str, colour: str, run: Run) -> str:
    toml, name = run.info.config.to_toml(), settings_file(letter)
    saved = "data:text/plain;base64," + base64.b64encode(toml.encode()).decode()
    return (
        f"<details><summary>{named(letter, colour, run.info.label)}: how it was made, and all its settings</summary>"
        f'{facts(_origin(run))}<p class="note"><a href="{saved}" download="{name}">Save as {name}</a></p>'
        f"<pre>{escaped(toml)}</pre></details>"
    )


def _origin(run: Run) -> dict[str, str]:
    info, weights = run.info, run.info.off_policy
    values = {
        "Kind": info.kind,
        "Made (UTC)": time.strftime("%Y-%m-%d %H:%M", time.gmtime(info.created_at)),
        "Took": f"{info.seconds:.1f} s",
        "Run id": escaped(info.run_id),
        "Data fingerprint": escaped(info.dataset_fingerprint),
    }
    if info.started_from is not None:
        values["Began from"] = escaped(info.started_from)
    if info.notes:
        values["Settings"] = escaped("; ".join(info.notes))
    if weights is not None and info.config.off_policy.strength > 0:
        values |= {
            "Weights from": escaped(weights.propensity),
            "Effective sample size": f"{100 * weights.effective_sample_size:.0f}\u202f%",
            "Largest weight": f"{weights.largest:.3g}",
            "Weights clipped": f"{100 * weights.share_clipped:.1f}\u202f%",
            "A logit moves at most": f"{weights.logit_bound:.3g} nats",
        }
    return values


def repeat_html(material: Material) -> str:
    """The commands that train the same models and make this report again."""
    models = [(letter, run.info) for letter, _, run in material.lettered if run.info.kind == "model"]
    parts = []
    if models:
        files = " and ".join(f"<code>{settings_file(letter)}</code>" for letter, _ in models)
        lines = "\n".join(train_command(letter, info) for letter, info in models)
        parts.append(
            f'<p>Save the settings under <a href="#runs">The runs</a> as {files}. Then, in the folder of the project:'
            f"</p><pre>{escaped(lines)}</pre>"
        )
    if len(models) < len(material.runs):
        tuned = any(run.info.notes for run in material.runs)
        by_command = " Tuned ones come with <code>python -m relvid_core tune-baselines</code>." if tuned else ""
        parts.append(f"<p>Baselines are made beside every training.{by_command}</p>")
    ids = " ".join(shlex.quote(run.info.run_id) for run in material.runs)
    parts.append(f"<p>This report again:</p><pre>{escaped(f'python -m relvid_core report {ids}')}</pre>")
    return "".join(parts)


def train_command(letter: str, info: RunInfo) -> str:
    """The shell line that trains a run again, whatever its names hold."""
    key, label = shlex.quote(info.dataset_key), shlex.quote(info.label)
    return f"python -m relvid_core train --data {key} --config {settings_file(letter)} --label {label}"


def settings_file(letter: str) -> str:
    """What the settings of a run are called when they are saved."""
    return f"run-{letter.lower()}.toml"
