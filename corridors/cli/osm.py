"""``corridors osm``: networks from OpenStreetMap on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corridors.errors import ArgumentError
from corridors.sources.web import NOMINATIM, OVERPASS

osm_app = typer.Typer(
    help="Networks from OpenStreetMap.", no_args_is_help=True, rich_markup_mode=None
)


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ArgumentError(
            f"--bbox {text!r}: write WEST,SOUTH,EAST,NORTH in degrees, such as 43.3,41,43.8,41.5"
        ) from None
    return west, south, east, north


@osm_app.command()
def build(
    files: Annotated[
        list[Path], typer.Argument(help=".osm.pbf, .osm or .osm.bz2; several are merged by id.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A .gpkg file or a .parquet folder to write.")
    ],
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", "-m", help="rail, road or ferry; several times; all if not given."),
    ] = None,
    roads: Annotated[
        list[str] | None, typer.Option(help="main, drivable, or a class; several times.")
    ] = None,
    bbox: Annotated[
        str | None, typer.Option(metavar="W,S,E,N", help="Only this area, in degrees.")
    ] = None,
    snap_m: Annotated[
        float, typer.Option(help="Largest gap in the track that is closed, metres.")
    ] = 25,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Build a network from extracts, say what was dropped, cut and joined, and save it."""
    from corridors.sources.build_report import summary
    from corridors.sources.osm import MODES
    from corridors.sources.pbf import from_pbf

    if output.suffix not in {".gpkg", ".parquet"}:
        raise ArgumentError(f"--output {output}: the name must end in .gpkg or .parquet")
    classes = roads or ["main"]
    net = from_pbf(
        files,
        modes=mode or MODES,
        roads=classes[0] if len(classes) == 1 else classes,
        bbox=None if bbox is None else _box(bbox),
        snap_m=snap_m,
        progress=not quiet,
    )
    typer.echo(summary(net.build_report))
    typer.echo(f"{net!r}"[1:-1])
    typer.echo(f"saved: {net.save(output)}")


@osm_app.command()
def fetch(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A .gpkg file or a .parquet folder to write.")
    ],
    bbox: Annotated[
        str | None, typer.Option(metavar="W,S,E,N", help="The area, in degrees.")
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="The area by name, such as 'Gyumri, Armenia'.")
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", "-m", help="rail, road or ferry; several times; all if not given."),
    ] = None,
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
        str, typer.Option(envvar="CORRIDORS_OVERPASS", help="Address of an Overpass API.")
    ] = OVERPASS,
    geocoder: Annotated[str, typer.Option(help="Address of a Nominatim.")] = NOMINATIM,
    cache: Annotated[Path | None, typer.Option(help="Folder of answers.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Use the cache only.")] = False,
    max_wait: Annotated[float, typer.Option(help="Seconds to wait for a busy server.")] = 300,
) -> None:
    """Ask an Overpass server for an area, build the network and save it."""
    from corridors.sources.build_report import summary
    from corridors.sources.osm import MODES
    from corridors.sources.overpass import from_overpass

    if output.suffix not in {".gpkg", ".parquet"}:
        raise ArgumentError(f"--output {output}: the name must end in .gpkg or .parquet")
    net = from_overpass(
        bbox=None if bbox is None else _box(bbox),
        place=place,
        modes=mode or MODES,
        roads=roads,
        date=date,
        boundaries=boundaries,
        contact=contact,
        endpoint=endpoint,
        geocoder=geocoder,
        cache=True if cache is None else cache,
        offline=offline,
        max_wait=max_wait,
    )
    typer.echo(summary(net.build_report))
    typer.echo(f"{net!r}"[1:-1])
    typer.echo(f"saved: {net.save(output)}")
