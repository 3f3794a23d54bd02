"""Who may import whom, held against the source of every file; and that each check catches what it is for."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
Check = Callable[[PurePosixPath, str], Iterator[str]]

BASE = {"columns", "errors", "config", "runtime"}
COMPUTE = BASE | {"data", "encoders", "training", "retrieval", "evaluation", "simulation", "intake", "experiments"}
MAY_IMPORT = {
    **dict.fromkeys(BASE, BASE),
    "data": BASE,
    "encoders": BASE | {"data"},
    "training": BASE | {"data", "encoders"},
    "retrieval": BASE | {"data"},
    "evaluation": BASE | {"data", "retrieval"},
    "simulation": BASE | {"data", "encoders", "retrieval"},
    "intake": BASE | {"data", "encoders", "evaluation"},
    "experiments": COMPUTE,
    "charts": {"columns", "errors"},
    "report": COMPUTE | {"charts"},
    "cli_progress": COMPUTE,
    "cli_tune": COMPUTE | {"cli_progress"},
    "cli_value": COMPUTE,
    "cli_report": COMPUTE | {"charts", "report"},
    "cli": COMPUTE | {"charts", "report", "cli_progress", "cli_report", "cli_tune", "cli_value"},
    "__main__": COMPUTE | {"charts", "report", "cli"},
    "__init__": set[str](),  # importing the package stays free
}
HEAVY_HOMES = {
    "torch": ("relvid_core/training", "relvid_core/encoders", "relvid_core/runtime.py", "benchmarks"),
    "torchvision": ("relvid_core/encoders",),
    "open_clip": ("relvid_core/encoders",),
    "sentence_transformers": ("relvid_core/encoders",),
    "faiss": ("relvid_core/retrieval",),
    "implicit": ("relvid_core/evaluation/rivals", "benchmarks/rivals"),
    "gensim": ("relvid_core/evaluation/rivals",),
    "plotly": ("relvid_core/charts",),
    "streamlit": ("app.py", "pages"),
}
ONE_FILE_AND_LATE = ("open_clip", "sentence_transformers", "implicit", "gensim")
CACHES = {"cache_data", "cache_resource"}
GLOBAL_SEEDS = {"np.random.seed", "numpy.random.seed", "random.seed", "torch.manual_seed", "torch.cuda.manual_seed_all"}
HOME_PATH = re.compile(r"(?<![\w.}/])/(?:home|root|Users|work)/\w|\b[A-Z]:\\+Users\b")


@cache
def _nodes(source: str) -> list[ast.AST]:
    """All nodes of a file, which every check looks at."""
    return list(ast.walk(ast.parse(source)))


def _imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, `from a import b` as a.b, also by a literal `import_module("a")`."""
    for node in _nodes(source):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            yield from ((node.lineno, str(arg.value)) for arg in node.args[:1] if isinstance(arg, ast.Constant))


def _room(path: PurePosixPath) -> str:
    return path.parts[1].removesuffix(".py")


def _inside(path: PurePosixPath, homes: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(home) or path == PurePosixPath(home + ".py") for home in homes)


def rooms(path: PurePosixPath, source: str) -> Iterator[str]:
    """A room of the core imports only the rooms below it; nothing in the core imports what stands on top of it."""
    if path.parts[0] != "relvid_core":
        return
    room = _room(path)
    if room not in MAY_IMPORT:
        yield f"unknown room {room!r}: give it a place in MAY_IMPORT"
        return
    for line, name in _imports(source):
        first, _, rest = name.partition(".")
        if first in ("app", "pages", "benchmarks", "tests"):
            yield f"line {line}: the core imports {name}"
        elif name.startswith("."):
            yield f"line {line}: relative import {name}"
        elif first == "relvid_core" and rest and not rest.startswith("__version__"):
            target = rest.split(".")[0]
            if target != room and target not in MAY_IMPORT[room]:
                yield f"line {line}: {room} imports {target}"


def heavy_libraries(path: PurePosixPath, source: str) -> Iterator[str]:
    """Each heavy library has one home. Tests may import what they test."""
    if path.parts[0] == "tests":
        return
    for line, name in _imports(source):
        homes = HEAVY_HOMES.get(name.split(".")[0])
        if homes and not _inside(path, homes):
            yield f"line {line}: {name} belongs in {', '.join(homes)}"


def late_imports(path: PurePosixPath, source: str) -> Iterator[str]:
    """The slowest libraries are imported inside the function that uses them (for type checkers, anywhere)."""
    if path.parts[0] == "tests":
        return
    tree = ast.parse(source)
    late: set[int] = set()
    for node in ast.walk(tree):
        checking = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        if checking or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            late.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    for line, name in _imports(source):
        if name.split(".")[0] in ONE_FILE_AND_LATE and line not in late:
            yield f"line {line}: import {name} inside the function that needs it"


def caches(path: PurePosixPath, source: str) -> Iterator[str]:
    """Streamlit's caches live in pages/ui/cache.py and its neighbours cache_….py."""
    if path.parent == PurePosixPath("pages/ui") and re.fullmatch(r"cache(_\w+)?\.py", path.name):
        return
    for node in _nodes(source):
        if isinstance(node, ast.Attribute) and node.attr in CACHES:
            yield f"line {node.lineno}: {ast.unparse(node)} belongs in pages/ui/cache.py"
    for line, name in _imports(source):
        if name.split(".")[0] == "streamlit" and name.split(".")[-1] in CACHES:
            yield f"line {line}: {name} belongs in pages/ui/cache.py"


def length(path: PurePosixPath, source: str) -> Iterator[str]:
    """No module over 400 lines."""
    if (lines := len(source.splitlines())) > 400:
        yield f"{lines} lines; split it by meaning"


def broad_except(path: PurePosixPath, source: str) -> Iterator[str]:
    """Catch narrow: no bare except, no Exception or BaseException, alone or in a tuple."""
    for node in _nodes(source):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {"everything" if one is None else ast.unparse(one).removeprefix("builtins.") for one in caught}
            if broad := names & {"everything", "Exception", "BaseException"}:
                yield f"line {node.lineno}: catches {', '.join(broad)}"


def seeding(path: PurePosixPath, source: str) -> Iterator[str]:
    """Randomness is an argument: no global seed."""
    for node in _nodes(source):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in GLOBAL_SEEDS:
            yield f"line {node.lineno}: {ast.unparse(node.func)} seeds the whole process"


def pickles(path: PurePosixPath, source: str) -> Iterator[str]:
    """A pickle from elsewhere runs code, so nothing here reads one."""
    for line, name in _imports(source):
        if name.split(".")[0] in ("pickle", "cloudpickle", "dill", "joblib"):
            yield f"line {line}: {name}"
    for node in _nodes(source):
        if isinstance(node, ast.keyword) and (node.arg, ast.unparse(node.value)) in (
            ("allow_pickle", "True"),
            ("weights_only", "False"),
        ):
            yield f"line {node.value.lineno}: {node.arg}={ast.unparse(node.value)}"


def tables(path: PurePosixPath, source: str) -> Iterator[str]:
    """What goes to a spreadsheet is written in one place, which lets no formula through."""
    if path.parts[0] not in ("relvid_core", "pages") or path == PurePosixPath("relvid_core/data/spreadsheet.py"):
        return
    for node in _nodes(source):
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith((".to_csv", "csv.writer", "csv.DictWriter")):
            yield f"line {node.lineno}: {ast.unparse(node)}; use relvid_core.data.spreadsheet.safe_csv"


def home_paths(path: PurePosixPath, source: str) -> Iterator[str]:
    """No path of somebody's machine."""
    for line, text in enumerate(source.splitlines(), 1):
        if HOME_PATH.search(text):
            yield f"line {line}: absolute path of one machine"


CHECKS: list[Check] = [
    rooms, heavy_libraries, late_imports, caches, length, broad_except, seeding, pickles, tables, home_paths,
]  # fmt: skip


def _python_files() -> list[PurePosixPath]:
    files = [ROOT / "app.py"] if (ROOT / "app.py").is_file() else []
    for folder in ("relvid_core", "pages", "benchmarks", "sample_data", "scripts", "tests"):
        files += sorted((ROOT / folder).rglob("*.py"))
    return [PurePosixPath(file.relative_to(ROOT).as_posix()) for file in files]


def _read(path: PurePosixPath) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("check", CHECKS, ids=[check.__name__ for check in CHECKS])
def test_every_file(check: Check) -> None:
    files = _python_files()
    assert PurePosixPath("relvid_core/errors.py") in files  # the walk finds the tree at all
    assert [f"{path}: {found}" for path in files for found in check(path, _read(path))] == []


@pytest.mark.parametrize("library", ONE_FILE_AND_LATE)
def test_slow_library_is_imported_in_at_most_one_file_of_the_app(library: str) -> None:
    importing = [
        str(path)
        for path in _python_files()
        if path.parts[0] not in ("tests", "benchmarks")
        and any(name.split(".")[0] == library for _, name in _imports(_read(path)))
    ]
    assert len(importing) <= 1, importing


def test_texts_name_no_path_of_one_machine() -> None:
    texts = [PurePosixPath(name) for name in ("Makefile", "pyproject.toml", ".ci/run", ".streamlit/config.toml")]
    texts += [
        PurePosixPath(file.relative_to(ROOT).as_posix()) for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    ]
    assert [f"{path}: {found}" for path in texts for found in home_paths(path, _read(path))] == []


PLANTED: list[tuple[Check, str, str]] = [
    (rooms, "relvid_core/data/x.py", "from relvid_core.training import fit"),
    (rooms, "relvid_core/data/x.py", "from relvid_core import charts"),
    (rooms, "relvid_core/data/x.py", "import relvid_core.encoders.text as t"),
    (rooms, "relvid_core/data/x.py", "def f():\n    from relvid_core.retrieval import index"),
    (rooms, "relvid_core/data/x.py", "from ..config import SplitConfig"),
    (rooms, "relvid_core/encoders/x.py", "from relvid_core.evaluation.metrics import recall"),
    (rooms, "relvid_core/charts.py", "from relvid_core.data.catalog import Catalog"),
    (rooms, "relvid_core/experiments/x.py", "from relvid_core import cli"),
    (rooms, "relvid_core/cli.py", "from pages.ui import frame"),
    (rooms, "relvid_core/__init__.py", "from relvid_core import config"),
    (rooms, "relvid_core/helpers.py", ""),
    (heavy_libraries, "relvid_core/data/x.py", "import torch"),
    (heavy_libraries, "pages/compare.py", "from torch import nn"),
    (heavy_libraries, "relvid_core/experiments/x.py", "import faiss"),
    (heavy_libraries, "relvid_core/runtime.py", "import streamlit as st"),
    (heavy_libraries, "pages/compare.py", "import plotly.express as px"),
    (heavy_libraries, "relvid_core/runtime_two.py", "import importlib\nimportlib.import_module('torch')"),
    (heavy_libraries, "relvid_core/evaluation/baselines.py", "def f():\n    from implicit.cpu.als import A"),
    (heavy_libraries, "benchmarks/speed.py", "def f():\n    import gensim"),
    (late_imports, "relvid_core/encoders/image.py", "import open_clip"),
    (late_imports, "relvid_core/evaluation/rivals/item2vec.py", "from gensim.models import Word2Vec"),
    (late_imports, "relvid_core/encoders/text.py", "try:\n    import sentence_transformers\nexcept ImportError: pass"),
    (caches, "pages/compare.py", "import streamlit as st\n@st.cache_data\ndef f(): ..."),
    (caches, "pages/ui/frame.py", "from streamlit import cache_resource"),
    (caches, "pages/cache_runs.py", "from streamlit import cache_resource"),
    (length, "relvid_core/data/x.py", "x = 1\n" * 401),
    (broad_except, "tests/x.py", "try: ...\nexcept Exception: ..."),
    (broad_except, "tests/x.py", "try: ...\nexcept (ValueError, BaseException) as e: ..."),
    (broad_except, "tests/x.py", "try: ...\nexcept: ..."),
    (seeding, "relvid_core/training/x.py", "torch.manual_seed(0)"),
    (seeding, "tests/x.py", "np.random.seed(0)"),
    (pickles, "relvid_core/experiments/x.py", "import pickle"),
    (pickles, "relvid_core/experiments/x.py", "np.load(path, allow_pickle=True)"),
    (tables, "pages/x.py", "frame.head(5).to_csv(index=False)"),
    (tables, "relvid_core/intake/x.py", "csv.writer(sink)"),
    (home_paths, "tests/x.py", "DATA = '/ho" + "me/someone/data'"),
    (home_paths, "README.md", "C:\\" + "Users\\someone"),
]

HARMLESS: list[tuple[Check, str, str]] = [
    (rooms, "relvid_core/training/x.py", "from relvid_core import columns as c\nfrom relvid_core.encoders import text"),
    (
        rooms,
        "relvid_core/data/x.py",
        "from relvid_core.data.catalog import Catalog\nfrom relvid_core import __version__",
    ),
    (rooms, "pages/x.py", "from relvid_core.experiments import sweep\nfrom pages.ui import frame"),
    (heavy_libraries, "relvid_core/charts.py", "import plotly.express as px"),
    (heavy_libraries, "relvid_core/charts/lists.py", "import plotly.express as px"),
    (heavy_libraries, "relvid_core/runtime.py", "import torch"),
    (heavy_libraries, "tests/retrieval/test_x.py", "import faiss"),
    (late_imports, "relvid_core/encoders/image.py", "def f():\n    import open_clip"),
    (late_imports, "relvid_core/encoders/image.py", "if TYPE_CHECKING:\n    import open_clip"),
    (caches, "pages/ui/cache.py", "import streamlit as st\n@st.cache_data\ndef f(): ..."),
    (caches, "pages/ui/cache_readings.py", "from streamlit import cache_data"),
    (length, "relvid_core/data/x.py", "x = 1\n" * 400),
    (broad_except, "tests/x.py", "try: ...\nexcept (ValueError, OSError): ..."),
    (seeding, "tests/x.py", "torch.Generator().manual_seed(0)\nnp.random.default_rng(0)"),
    (pickles, "tests/x.py", "np.load(path, allow_pickle=False)\ntorch.load(path, weights_only=True)"),
    (tables, "relvid_core/data/spreadsheet.py", "csv.writer(sink)"),
    (tables, "relvid_core/data/x.py", "csv.reader(source)"),
    (tables, "tests/x.py", "frame.to_csv(path)"),
    (home_paths, "README.md", "https://example.org/home/page and ./work/x and $" + "{HOME}/data"),
]


@pytest.mark.parametrize(("check", "path", "source"), PLANTED)
def test_planted_violation_is_caught(check: Check, path: str, source: str) -> None:
    assert len(list(check(PurePosixPath(path), source))) == 1


@pytest.mark.parametrize(("check", "path", "source"), HARMLESS)
def test_allowed_code_passes(check: Check, path: str, source: str) -> None:
    assert list(check(PurePosixPath(path), source)) == []
