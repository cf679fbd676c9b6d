"""The cards that are shipped, and cards by path."""

from __future__ import annotations

from pathlib import Path

from corridors.cards.scenario import Scenario, Sheet
from corridors.catalog import Catalog
from corridors.errors import ArgumentError, ScenarioError
from corridors.tables import data_folder

FOLDER = "scenarios"


def scenario(card: str | Path | Scenario, *, data: str | Path | None = None) -> Scenario:
    """A scenario by name, or from a YAML file.

    Parameters
    ----------
    card : str or path
        Name of a card that is shipped, such as ``"tripp-open"``, or a path to one of your own;
        names with + between them are combined. A scenario is given back as it is.
    data : path, optional
        A data folder of your own; the embedded one if not given.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        If there is no such card, or it is broken; the message names file, line and key.
    ArgumentError
        If ``card`` is neither a name nor a path.

    Examples
    --------
    >>> import corridors as co
    >>> co.scenario("georgia-closed").title
    'Georgia is closed to transit'
    """
    if isinstance(card, Scenario):
        return card
    if not isinstance(card, (str, Path)) or not str(card).strip():
        raise ArgumentError(f"{card!r} is no card; give a name or a path")
    path = Path(card)
    if isinstance(card, Path) or path.suffix in {".yaml", ".yml"} or path.parent != Path():
        found = Scenario.read(path)
    else:
        parts = [_by_name(part.strip(), _folder(data)) for part in str(card).split("+")]
        found = Scenario.of(*parts)
    found.sheets()  # so that a circle or a missing card shows at once
    return found


def scenarios(*, data: str | Path | None = None) -> Catalog[Scenario]:
    """The scenarios that are shipped, by name.

    Parameters
    ----------
    data : path, optional
        A data folder of your own; the embedded one if not given.

    Returns
    -------
    Catalog of Scenario
        A read-only mapping, sorted by name.

    Raises
    ------
    ScenarioError
        If a card is broken.

    Examples
    --------
    >>> import corridors as co
    >>> "tripp-open" in co.scenarios()
    True
    """
    folder = _folder(data)
    found = {path.stem: _by_name(path.stem, folder) for path in sorted(folder.glob("*.yaml"))}
    return Catalog("scenario", found, ("name", "title", "question", "as_of"))


def _folder(data: str | Path | None) -> Path:
    return (data_folder() if data is None else Path(data)) / FOLDER


def _by_name(name: str, folder: Path) -> Scenario:
    path = folder / f"{name}.yaml"
    if not path.is_file() or path.parent != folder:
        from difflib import get_close_matches

        known = sorted(path.stem for path in folder.glob("*.yaml"))
        near = get_close_matches(name, known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(known)}"
        raise ScenarioError(f"no scenario is called {name!r}; {hint}")
    found = Scenario.read(path)
    if found.name != name:
        raise ScenarioError(f"{path}: name {found.name!r} is not the name of the file")
    return found


def required(sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
    """Cards and all that they require, each after what it requires.

    Cards that are required lie beside the card that names them, or are shipped.

    Raises
    ------
    ScenarioError
        If cards require each other in a circle, or one is not found.
    """
    given = {sheet.card.name: sheet for sheet in sheets}
    done: dict[str, Sheet] = {}

    def add(sheet: Sheet, way: tuple[str, ...]) -> None:
        name = sheet.card.name
        if name in way:
            circle = " -> ".join([*way[way.index(name) :], name])
            sheet.fail(("requires",), f"scenarios require each other in a circle: {circle}")
        if name in done:
            return
        for needed in sheet.card.requires:
            add(given.get(needed) or _beside(sheet, needed), (*way, name))
        done[name] = sheet

    for sheet in sheets:
        add(sheet, ())
    return tuple(done.values())


def _beside(sheet: Sheet, name: str) -> Sheet:
    folders = [data_folder() / FOLDER]
    if sheet.document is not None:
        folders.insert(0, Path(sheet.document.name).parent)
    found = [folder for folder in folders if (folder / f"{name}.yaml").is_file()]
    if not found:
        sheet.fail(("requires",), f"no scenario is called {name!r}, beside this card or shipped")
    return _by_name(name, found[0]).own_sheets[0]
