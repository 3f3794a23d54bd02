"""What every test stands on: no network, no writing into the user's runs, the same examples on every CI run."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Two cores shared by two workers: a time limit per example would measure the neighbour.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

DATA_VARIABLE = "RELVID_SHARED_DATA"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, outside the repository; tests that need it skip where it is absent."""
    named = os.environ.get(DATA_VARIABLE)
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: set {DATA_VARIABLE} to its folder, or put it in ../shared/data")
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs go to a temporary folder, and model hubs are told to answer from their cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELVID_HOME", str(tmp_path_factory.mktemp("relvid_home")))
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave this machine only from tests marked `external`."""
    if request.node.get_closest_marker("external"):
        return
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: tuple[str, int] | str) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(str(address[0])):
            raise AssertionError(f"a test tried to reach {address}; mark it `external` if it must")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `gpu` says why it does not run where there is no CUDA device."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a CUDA device, and torch finds none here")
