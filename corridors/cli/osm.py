"""``corridors osm``: networks from OpenStreetMap on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridors.cli.match import match
from corridors.cli.parts import BUILD, Modes, add
from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from corridors.network import Network

Output = Annotated[
    Path, typer.Option("--output", "-o", help="A .gpkg file or a .parquet folder to write.")
]
Box = Annotated[str | None, typer.Option(metavar="W,S,E,N", help="Only this area, in degrees.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to an application, as ``osm``."""
    osm_app = typer.Typer(help="Build networks from OpenStreetMap.", no_args_is_help=True)
    add(osm_app, None, build, fetch, match)
    app.add_typer(osm_app, name="osm", rich_help_panel=BUILD)


def _check_name(output: Path) -> None:
    """Refuse a name that says no format before any work is done."""
    if output.suffix not in {".gpkg", ".parquet"}:
        raise ArgumentError(f"--output {output}: the name must end in .gpkg or .parquet")


def _save(net: Network, output: Path) -> None:
    """Say what was built, and save it."""
    from corridors.sources.build_report import summary

    typer.echo(summary(net.build_report))
    typer.echo(f"{net!r}"[1:-1])
    typer.echo(f"saved: {net.save(output)}")


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ArgumentError(
            f"--bbox {text!r}: write WEST,SOUTH,EAST,NORTH in degrees, such as 43.3,41,43.8,41.5"
        ) from None
    return west, south, east, north


def build(
    files: Annotated[
        list[Path], typer.Argument(help=".osm.pbf, .osm or .osm.bz2; several are merged by id.")
    ],
    output: Output,
    mode: Modes = None,
    roads: Annotated[
        list[str] | None, typer.Option(help="main, drivable, or a class; several times.")
    ] = None,
    bbox: Box = None,
    snap_m: Annotated[
        float, typer.Option(help="Largest gap in the track that is closed, metres.")
    ] = 25,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Build a network from extracts, say what was dropped, cut and joined, and save it.

    Examples
    --------
    corridors osm build armenia-latest.osm.pbf --mode rail -o armenia.gpkg
    """
    from corridors.sources.osm import MODES
    from corridors.sources.pbf import from_pbf

    _check_name(output)
    classes = roads or ["main"]
    net = from_pbf(
        files,
        modes=[one.value for one in mode] if mode else MODES,
        roads=classes[0] if len(classes) == 1 else classes,
        bbox=None if bbox is None else _box(bbox),
        snap_m=snap_m,
        progress=not quiet,
    )
    _save(net, output)


def fetch(
    output: Output,
    bbox: Box = None,
    place: Annotated[
        str | None, typer.Option(help="The area by name, such as 'Gyumri, Armenia'.")
    ] = None,
    mode: Modes = None,
    roads: Annotated[str, typer.Option(help="main or drivable.")] = "main",
    date: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="OpenStreetMap as it was then.")
    ] = None,
    boundaries: Annotated[
        bool, typer.Option("--boundaries", help="Also ask for the borders of countries, whole.")
    ] = False,
    contact: Annotated[
        str | None,
        typer.Option(
            envvar="CORRIDORS_CONTACT", help="Your e-mail or page, for the server's operators."
        ),
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(
            envvar="CORRIDORS_OVERPASS",
            metavar="URL",
            help="Address of an Overpass API; the public one if not given.",
        ),
    ] = None,
    geocoder: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Address of a Nominatim; the public one if not given."),
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of answers.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Use the cache only.")] = False,
    max_wait: Annotated[float, typer.Option(help="Seconds to wait for a busy server.")] = 300,
) -> None:
    """Ask an Overpass server for an area, build the network and save it.

    Examples
    --------
    corridors osm fetch --place 'Gyumri, Armenia' -m rail --contact you@example.org -o gyumri.gpkg
    """
    from corridors.sources.osm import MODES
    from corridors.sources.overpass import from_overpass
    from corridors.sources.web import NOMINATIM, OVERPASS

    _check_name(output)
    net = from_overpass(
        bbox=None if bbox is None else _box(bbox),
        place=place,
        modes=[one.value for one in mode] if mode else MODES,
        roads=roads,
        date=date,
        boundaries=boundaries,
        contact=contact,
        endpoint=endpoint or OVERPASS,
        geocoder=geocoder or NOMINATIM,
        cache=True if cache is None else cache,
        offline=offline,
        max_wait=max_wait,
    )
    _save(net, output)
