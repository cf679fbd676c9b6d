"""The package as it is installed: import time, what it pulls in, the wheel on its own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ["geopandas", "pandas", "numpy", "scipy", "folium", "osmnx", "matplotlib", "pydantic"]


def python(code: str, executable: str = sys.executable, cwd: Path | None = None) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_"))}
    done = subprocess.run(
        [executable, "-c", code], capture_output=True, text=True, check=False, cwd=cwd, env=clean
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_is_quick_and_pulls_in_nothing_heavy():
    code = (
        "import sys, time; start = time.perf_counter(); import corridors;"
        "print(time.perf_counter() - start);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    # The machine may be busy: the best of three counts.
    answers = [python(code).splitlines() for _ in range(3)]
    assert min(float(seconds) for seconds, _ in answers) < 0.5
    assert answers[0][1] == "[]"


def test_public_names_exist():
    import corridors

    for name in corridors.__all__:
        assert getattr(corridors, name).__doc__
    assert set(corridors.__all__) <= set(dir(corridors))
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        corridors.nothing_of_the_kind  # noqa: B018


def test_every_error_is_ours_and_a_builtin():
    from corridors import errors
    from corridors.errors import CorridorsError

    ours = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    assert len(ours) > 5
    for error in ours:
        assert issubclass(error, CorridorsError)
        if error is not CorridorsError:
            assert issubclass(error, (ValueError, LookupError, OSError))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--disable-pip-version-check", "--wheel-dir", str(folder), str(ROOT)],
        check=True, cwd=folder,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_wheel_routes_in_an_empty_environment(wheel, tmp_path):
    """Install the wheel alone, outside the checkout; its dependencies are lent from here."""
    venv.create(tmp_path / "env", with_pip=True)
    executable = str(tmp_path / "env" / "bin" / "python")
    subprocess.run(
        [executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--disable-pip-version-check", str(wheel)],
        check=True, cwd=tmp_path,
    )  # fmt: skip
    site = Path(
        python("import sysconfig; print(sysconfig.get_path('purelib'))", executable).strip()
    )
    # A folder named in a .pth file lends its packages but not its own .pth files, so an editable
    # install of the checkout is not seen.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    code = (
        "import corridors as co; print(co.__file__);"
        "print(co.load('2026-06-01').route('Yalama', 'Ganja', modes=['rail']).length_km)"
    )
    where, km = python(code, executable, cwd=tmp_path).splitlines()
    assert Path(where).is_relative_to(tmp_path)
    assert float(km) == pytest.approx(535, abs=2)
    told = python(
        "from corridors.cli.app import app; print(app.info.name)", executable, cwd=tmp_path
    )
    assert told.strip() == "corridors"


def test_typed_marker_travels(wheel):
    import zipfile

    names = zipfile.ZipFile(wheel).namelist()
    assert "corridors/py.typed" in names
    assert "corridors/data/countries.geojson" in names
    assert any(name.startswith("corridors/data/links/") for name in names)
    assert any(name.endswith("LICENSE.md") for name in names)
