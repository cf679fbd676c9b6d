"""Tiles of a public service below the network: off unless asked for, with the provider's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corridors.errors import ArgumentError
from corridors.maps.encode import clean

if TYPE_CHECKING:
    import folium

DEFAULT = "OpenStreetMap.Mapnik"


def layer(wanted: bool | str) -> tuple[folium.TileLayer | None, list[str], str]:
    """A provider's tiles, the hosts they come from, and the words its terms ask for.

    Parameters
    ----------
    wanted : bool or str
        False: none; True: OpenStreetMap's own; or the name of a provider that xyzservices lists.

    Raises
    ------
    ArgumentError
        If there is no such provider, or it wants a key.
    """
    if wanted is False:
        return None, [], ""
    import folium
    import xyzservices.providers

    name = DEFAULT if wanted is True else wanted
    try:
        provider = xyzservices.providers.query_name(name)
    except (ValueError, AttributeError, TypeError):
        msg = f"online_tiles={wanted!r}: no such provider; one is 'OpenTopoMap', others are listed"
        raise ArgumentError(f"{msg} by xyzservices.providers") from None
    if provider.requires_token():
        raise ArgumentError(f"online_tiles={wanted!r}: this provider wants a key; take another")
    address = provider.build_url(scale_factor="")
    terms = clean(provider.get("attribution", provider.name)).replace("(C)", "©")
    tiles = folium.TileLayer(tiles=address, attr=terms, max_zoom=provider.get("max_zoom", 18))
    tiles.options["attribution"] = ""  # it stands with ours, as text: Leaflet reads it as markup
    tiles._id = "tiles"  # noqa: SLF001  (folium would name it at random)
    return tiles, [f"https://{urlsplit(address).netloc}"], f"Tiles: {terms}"
