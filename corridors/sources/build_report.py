"""Counts of everything that building a network dropped, cut, joined or did not know."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

COLUMNS = ["stage", "what", "count", "km", "examples", "note"]
STAGES = ("read", "clip", "clean", "country", "place", "topology", "result")
_EXAMPLES = 5
_WIDTH = 40  # characters of examples in a line of the summary


class BuildReport:
    """Collects counts while a network is built; see :meth:`frame`.

    Counts of the same stage and words add up.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, object]] = {}

    def add(
        self,
        stage: str,
        what: str,
        count: int = 1,
        *,
        km: float | None = None,
        examples: Iterable[object] = (),
        note: str = "",
    ) -> None:
        """Count something.

        Parameters
        ----------
        stage : str
            One of :data:`STAGES`.
        what : str
            What happened, in words.
        count : int
            How many; nothing is written for 0.
        km : float, optional
            Kilometres concerned.
        examples : iterable
            Ids; a few are kept.
        note : str
            Why, or what to do.
        """
        if not count:
            return
        row = self._rows.setdefault(
            (stage, what), {"count": 0, "km": None, "examples": [], "note": note}
        )
        row["count"] = int(row["count"]) + int(count)  # type: ignore[call-overload]
        if km is not None:
            row["km"] = float(row["km"] or 0.0) + float(km)  # type: ignore[arg-type]
        kept = row["examples"]
        assert isinstance(kept, list)  # noqa: S101  (tells the type checker)
        for name in examples:
            if len(kept) >= _EXAMPLES:
                break
            kept.append(str(name))

    def extend(self, frame: pd.DataFrame) -> None:
        """Take over the rows of another report."""
        for row in frame.to_dict("records"):
            self.add(
                str(row["stage"]),
                str(row["what"]),
                int(row["count"]),
                km=None if pd.isna(row["km"]) else float(row["km"]),
                examples=[name for name in str(row["examples"]).split(", ") if name],
                note=str(row["note"]),
            )

    def frame(self) -> pd.DataFrame:
        """One row for each thing counted: stage by stage, in the order met."""
        rows = [
            {"stage": stage, "what": what, **row, "examples": ", ".join(row["examples"])}  # type: ignore[arg-type]
            for (stage, what), row in sorted(
                self._rows.items(), key=lambda item: STAGES.index(item[0][0])
            )
        ]
        table = pd.DataFrame(rows, columns=COLUMNS)
        return table.astype({"count": "int64", "km": "float64"})


def summary(report: pd.DataFrame) -> str:
    """A build report as readable lines, one a row, below a line of headings.

    Parameters
    ----------
    report : DataFrame
        ``net.build_report``.
    """
    lines = [f"{'':9} {'count':>9} {'km':>10}"]
    for row in report.to_dict("records"):
        km = "" if pd.isna(row["km"]) else f"{row['km']:,.1f}"
        note = f" ({row['note']})" if row["note"] else ""
        seen = f", such as {_first(row['examples'])}" if row["examples"] else ""
        lines.append(f"{row['stage']:9} {row['count']:>9,} {km:>10} {row['what']}{note}{seen}")
    return "\n".join(lines)


def _first(examples: str) -> str:
    """As many examples as fit behind a line; all are in the table."""
    names = examples.split(", ")
    kept = names[:1]
    for name in names[1:]:
        if len(", ".join([*kept, name])) > _WIDTH:
            break
        kept.append(name)
    return ", ".join(kept)
