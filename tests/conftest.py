from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import corridors as co
from tests.pages import browser, show

__all__ = ["browser", "show"]  # fixtures

settings.register_profile(
    "default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def net():
    """The reference network on the last day that its sources know."""
    return co.load("2026-06-01")


@pytest.fixture(scope="session")
def shared():
    """Material that lies beside a development checkout; tests that need it skip without it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the shared material does not lie beside this checkout")
    return folder
