"""An Overpass API on loopback for the tests: the protocol over HTTP, the data from a file.

It answers ``/api/interpreter`` (GET and POST), ``/api/status`` and, for ``place=``, Nominatim's
``/search``, from any file that osmium reads. It understands the part of Overpass QL that osmnx and
*corridors* send, refuses the rest as Overpass does (400 and a page), and can be told to be slow,
cut short, busy or hostile. A genuine Overpass API can stand in its place: nothing here is an
extension of the protocol.

``python -m tests.overpass_server FILE --port 12345`` serves by hand.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import numpy as np
import osmium
import shapely

Element = tuple[str, int]
ORDER = {"node": 0, "way": 1, "relation": 2}
SNAPSHOT = "2026-07-01T00:00:00Z"


class QueryError(Exception):
    """What Overpass calls a parse error or a static error."""


class NoPastError(Exception):
    """The server has no attic data."""


class Data:
    """Elements of a file, by type and id."""

    def __init__(self, path: str | Path) -> None:
        self.elements: dict[Element, dict[str, Any]] = {}
        self._found: dict[bytes, set[Element]] = {}
        for thing in osmium.FileProcessor(str(path)):
            tags = dict(thing.tags)
            if thing.is_node():
                row = {"type": "node", "id": thing.id}
                row |= {"lat": round(thing.lat, 7), "lon": round(thing.lon, 7)}
            elif thing.is_way():
                row = {"type": "way", "id": thing.id, "nodes": [node.ref for node in thing.nodes]}
            else:
                kinds = {"n": "node", "w": "way", "r": "relation"}
                members = [
                    {"type": kinds[m.type], "ref": m.ref, "role": m.role} for m in thing.members
                ]
                row = {"type": "relation", "id": thing.id, "members": members}
            if tags:
                row["tags"] = tags
            self.elements[row["type"], row["id"]] = row

    def children(self, one: Element) -> Iterator[Element]:
        row = self.elements[one]
        if one[0] == "way":
            found = (("node", ref) for ref in row["nodes"])
        else:
            found = ((m["type"], m["ref"]) for m in row.get("members", ()))
        return (child for child in found if child in self.elements)

    @cached_property
    def shapes(self) -> dict[Element, shapely.Geometry]:
        """Shape of every node and way that has one, and of relations as all their members."""
        nodes = [one for one in self.elements if one[0] == "node"]
        at = np.array([(self.elements[one]["lon"], self.elements[one]["lat"]) for one in nodes])
        shapes = dict(zip(nodes, shapely.points(at.reshape(-1, 2)), strict=True))
        place = dict(zip(nodes, at.tolist(), strict=True))
        for one in sorted(self.elements, key=lambda one: (ORDER[one[0]], one[1])):
            if one[0] == "way":
                line = [place[child] for child in self.children(one)]
                if line:
                    shapes[one] = shapely.LineString(line if len(line) > 1 else line * 2)
            elif one[0] == "relation":
                parts = [shapes[child] for child in self.children(one) if child in shapes]
                if parts:
                    shapes[one] = shapely.GeometryCollection(parts)
        return shapes

    @cached_property
    def index(self) -> tuple[list[Element], shapely.STRtree]:
        return list(self.shapes), shapely.STRtree(list(self.shapes.values()))

    def within(self, area: shapely.Geometry) -> set[Element]:
        # The statements of a query name the same area again and again.
        if area.wkb not in self._found:
            names, tree = self.index
            self._found[area.wkb] = {names[i] for i in tree.query(area, predicate="intersects")}
        return self._found[area.wkb]

    def outline(self, name: str) -> dict[str, Any] | None:
        """Polygon of the first relation or closed way of this name, as a geocoder has it."""
        for one, row in sorted(self.elements.items(), key=lambda kv: (-ORDER[kv[0][0]], kv[0][1])):
            tags = row.get("tags", {})
            if one[0] == "node" or name not in {tags.get("name"), tags.get("name:en")}:
                continue
            ways = [one] if one[0] == "way" else [c for c in self.children(one) if c[0] == "way"]
            lines = shapely.unary_union([self.shapes[way] for way in ways])
            area = shapely.unary_union(shapely.polygonize([lines]))
            if not area.is_empty:
                return {"osm_type": one[0], "osm_id": one[1], "geojson": json.loads(
                    shapely.to_geojson(area))}  # fmt: skip
        return None


# -- Overpass QL -------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""\s+|/\*.*?\*/|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<word>[A-Za-z_][\w]*)|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>!~|!=|[^\s])""",
    re.DOTALL,
)


def tokens(text: str) -> deque[str]:
    return deque(m.group() for m in TOKEN.finditer(text) if m.lastgroup)


def unquote(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[:1] in {'"', "'"} else token


@dataclass
class Interpreter:
    """Runs one query."""

    data: Mapping[str | None, Data]
    query: str
    settings: dict[str, str] = field(default_factory=dict)

    def run(self) -> list[dict[str, Any]]:
        self.todo = tokens(self.query)
        self.default: set[Element] = set()
        self.output: list[dict[str, Any]] = []
        while self.peek() == "[":
            self.setting()
        if self.settings:
            self.take(";")
        if self.settings.get("out") != "json":
            raise QueryError("static error: this server answers in JSON: write [out:json]")
        date = self.settings.get("date")
        day = None if date is None else unquote(date)
        if day is not None and not any(self.data):
            raise NoPastError
        if day not in self.data:
            known = sorted(filter(None, self.data))
            day = next((other for other in known if day <= other), None)
        self.now = self.data[day]
        while self.todo:
            self.default = self.statement()
        return self.output

    def peek(self) -> str:
        return self.todo[0] if self.todo else ""

    def take(self, *wanted: str) -> str:
        if not self.todo or (wanted and self.todo[0] not in wanted):
            found = self.todo[0] if self.todo else "End of input"
            raise QueryError(f"parse error: {' or '.join(wanted)} expected - '{found}' found.")
        return self.todo.popleft()

    def setting(self) -> None:
        self.take("[")
        key = self.take("out", "timeout", "maxsize", "date")
        self.take(":")
        self.settings[key] = self.take()
        self.take("]")

    def statement(self) -> set[Element]:
        first = self.take("(", "node", "way", "relation", "rel", "nwr", ".", ">", "out")
        if first == "(":
            found = self.union()
        elif first == ".":
            self.take("_")
            found = self.default
        elif first == ">":
            found = self.below(self.default)
        elif first == "out":
            self.out()
            found = self.default
        else:
            found = self.select(first)
        self.take(";")
        return found

    def union(self) -> set[Element]:
        found: set[Element] = set()
        while self.peek() != ")":
            # As in Overpass: a statement in a union sees what the one before it found.
            self.default = self.statement()
            found |= self.default
        self.take(")")
        return found

    def below(self, start: set[Element]) -> set[Element]:
        found: set[Element] = set()
        for one in start:
            for child in self.now.children(one) if one[0] != "node" else ():
                if child[0] == "relation":
                    continue  # ">" does not go down into them, ">>" does
                found.add(child)
                if one[0] == "relation" and child[0] == "way":
                    found |= set(self.now.children(child))
        return found

    def select(self, first: str) -> set[Element]:
        kinds = {"rel": {"relation"}, "nwr": set(ORDER)}.get(first, {first})
        found: set[Element] | None = None
        tests = []
        while self.peek() in {"[", "("}:
            if self.take() == "[":
                tests.append(self.tag_filter())
            else:
                area = self.area()
                found = self.now.within(area) if found is None else found & self.now.within(area)
        if not tests and found is None:
            raise QueryError("static error: a query needs a filter")
        rows = self.now.elements
        return {
            one
            for one in (rows if found is None else found)
            if one[0] in kinds and all(test(rows[one].get("tags", {})) for test in tests)
        }

    def tag_filter(self) -> Any:
        absent = self.peek() == "!"
        if absent:
            self.take()
        key_pattern = self.peek() == "~"
        if key_pattern:
            self.take()
        key = self.key()
        sign = self.take("]", "=", "!=", "~", "!~")
        if sign == "]":
            if key_pattern:
                raise QueryError("parse error: '~' expected - ']' found.")
            return lambda tags: (key in tags) != absent
        value = self.key()
        self.take("]")
        if key_pattern:
            if sign != "~":
                raise QueryError(f"parse error: '~' expected - '{sign}' found.")
            return lambda tags: any(
                re.search(key, k) and re.search(value, v) for k, v in tags.items()
            )
        if sign in {"=", "!="}:
            return lambda tags: (tags.get(key) == value) == (sign == "=")
        return lambda tags: bool(key in tags and re.search(value, tags[key])) == (sign == "~")

    def key(self) -> str:
        text = self.take()
        while text[0] not in "\"'" and self.peek() == ":":
            text += self.take() + self.take()
        return unquote(text)

    def area(self) -> shapely.Geometry:
        if self.peek() == "poly":
            self.take()
            self.take(":")
            numbers = [float(word) for word in unquote(self.take()).split()]
            self.take(")")
            if len(numbers) < 6 or len(numbers) % 2:
                raise QueryError("static error: poly needs at least three pairs of numbers")
            return shapely.Polygon(zip(numbers[1::2], numbers[::2], strict=True)).buffer(0)
        south, west, north, east = (float(self.number(last=i == 3)) for i in range(4))
        return shapely.box(west, south, east, north)

    def number(self, *, last: bool) -> str:
        text = self.take()
        self.take(")" if last else ",")
        return text

    def out(self) -> None:
        detail = "body"
        while self.peek() != ";":
            detail = self.take("body", "skel", "ids", "qt", "asc")
        for one in sorted(self.default, key=lambda one: (ORDER[one[0]], one[1])):
            row = dict(self.now.elements[one])
            if detail in {"skel", "ids"}:
                row.pop("tags", None)
            self.output.append(row)


# -- HTTP --------------------------------------------------------------------------------------


@dataclass
class Answer:
    """One way to answer the next question.

    ``code``: HTTP status; ``retry_after``: that header; ``slot_in_s``: what ``/api/status`` says
    until the next question; ``remark``: as Overpass ends an answer it had to cut; ``cut``: share
    of the body that is sent before the line breaks; ``drip_s``: pause between bytes;
    ``delay_s``: pause before the first; ``body``: sent as it is; ``location``: that header.
    """

    code: int = 200
    retry_after: str | None = None
    slot_in_s: int | None = None
    remark: str | None = None
    cut: float | None = None
    chunked: bool = False
    drip_s: float = 0.0
    delay_s: float = 0.0
    body: bytes | None = None
    location: str | None = None


PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head><meta http-equiv="content-type" content="text/html; charset=utf-8" lang="en"/>
<title>OSM3S Response</title></head>
<body>
<p>The data included in this document is from www.openstreetmap.org. The data is made available under ODbL.</p>
<p><strong style="color:#FF0000">Error</strong>: {text} </p>
</body>
</html>
"""  # noqa: E501
NO_PAST = "runtime error: Tried to use museum file but no museum files available on this instance."
SAME = (
    "runtime error: open64: 0 Success /osm3s_osm_base "
    "Dispatcher_Client::request_read_and_idx::duplicate_query"
)
SAID = {
    400: "line 1: parse error: Unknown type &quot;foo&quot;",
    406: "Not Acceptable",
    429: "runtime error: open64: 0 Success /osm3s_osm_base Dispatcher_Client::request_read_and_idx"
    "::rate_limited. Please check /api/status for the quota of your IP address.",
    504: "runtime error: open64: 0 Success /osm3s_osm_base Dispatcher_Client::request_read_and_idx"
    "::timeout. The server is probably too busy to handle your request.",
}


class OverpassServer:
    """The server as a context manager.

    Parameters
    ----------
    files : path, or mapping of date or None to path
        Snapshot by ``[date:"…"]``; a date in between gets the next one, None is today.
    rate_limit : int
        How many questions at once are answered; more get 429.
    duplicate_s : float
        For how long a question that was answered is refused if asked again; the real one does so
        unless it runs with ``--allow-duplicate-queries=yes``.
    """

    def __init__(
        self,
        files: str | Path | Mapping[str | None, Path],
        *,
        rate_limit: int = 2,
        duplicate_s: float = 0.0,
        port: int = 0,
    ) -> None:
        named = files if isinstance(files, Mapping) else {None: files}
        self.data = {date: Data(path) for date, path in named.items()}
        self.rate_limit = rate_limit
        self.duplicate_s = duplicate_s
        self.answered: dict[str, float] = {}
        self.script: deque[Answer] = deque()
        """How to answer the next questions; then well."""
        self.requests: list[dict[str, Any]] = []
        self.most_at_once = 0
        self.slot_in_s: int | None = None
        self._running = 0
        self._lock = threading.Lock()
        owner = self

        class Bound(_Handler):
            server_data = owner

        self._http = ThreadingHTTPServer(("127.0.0.1", port), Bound)
        self._http.daemon_threads = True
        self.host = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.endpoint = f"{self.host}/api"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def queries(self) -> list[str]:
        """Queries asked, in order."""
        return [row["query"] for row in self.requests if row["path"] == "/api/interpreter"]

    def enter(self) -> bool:
        with self._lock:
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
            return self._running <= self.rate_limit

    def leave(self) -> None:
        with self._lock:
            self._running -= 1

    def status(self) -> str:
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        free = self.rate_limit - self._running
        # As the real one: no line where no slot is free.
        slots = f"{free} slots available now.\n" if free > 0 else ""
        if self.slot_in_s is not None:
            then = f"{now + dt.timedelta(seconds=self.slot_in_s):%Y-%m-%dT%H:%M:%SZ}"
            slots = f"Slot available after: {then}, in {self.slot_in_s} seconds.\n"
        return (
            f"Connected as: 2130706433\nCurrent time: {now:%Y-%m-%dT%H:%M:%SZ}\n"
            f"Announced endpoint: none\nRate limit: {self.rate_limit}\n{slots}"
            "Currently running queries (pid, space limit, time limit, start time):\n"
        )

    def wait(self) -> None:
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_data: OverpassServer
    asked = False
    """Whether this question holds a slot."""

    def do_GET(self) -> None:
        self.answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        # As the real one: a form, or the bare query.
        self.answer(body if body.startswith("data=") else "data=" + body.replace("&", "%26"))

    def answer(self, form: str) -> None:
        me, path = self.server_data, urlsplit(self.path).path
        fields = {key: values[0] for key, values in parse_qs(form).items()}
        me.requests.append(
            {
                "path": path,
                "method": self.command,
                "query": fields.get("data", ""),
                "fields": fields,
                "agent": self.headers.get("User-Agent"),
                "time": time.monotonic(),
            }
        )
        if path == "/api/status":
            self.send(200, me.status().encode(), kind="text/plain")
        elif path == "/search":
            self.search(fields.get("q", ""), me.script.popleft() if me.script else Answer())
        elif path == "/api/interpreter":
            room = me.enter()
            self.asked = True
            try:
                plan = me.script.popleft() if me.script else Answer(200 if room else 429)
                self.interpret(fields.get("data", ""), plan)
            finally:
                self.leave()
        else:
            self.send(404, b"<html><body>Not Found</body></html>")

    def leave(self) -> None:
        """Free the slot: before the answer goes out, for its reader may ask again at once."""
        if self.asked:
            self.asked = False
            self.server_data.leave()

    def search(self, name: str, plan: Answer) -> None:
        if plan.code != 200:
            self.send(plan.code, PAGE.format(text=SAID.get(plan.code, "")).encode(), plan)
            return
        found = self.server_data.data[None].outline(name)
        rows = [] if found is None else [found | {"display_name": name}]
        self.send(200, json.dumps(rows).encode(), plan, kind="application/json")

    def interpret(self, query: str, plan: Answer) -> None:
        me = self.server_data
        me.slot_in_s = plan.slot_in_s
        time.sleep(plan.delay_s)
        if plan.code != 200:
            page = PAGE.format(text=SAID.get(plan.code, "")).encode()
            self.send(plan.code, page if plan.body is None else plan.body, plan)
            return
        if time.monotonic() - me.answered.get(query, -1e9) < me.duplicate_s:
            self.send(200, PAGE.format(text=SAME).encode(), plan)
            return
        me.answered[query] = time.monotonic()
        try:
            elements = Interpreter(me.data, query).run()
        except NoPastError:
            elements, plan = [], replace(plan, remark=NO_PAST)
        except QueryError as error:
            self.send(400, PAGE.format(text=f"line 1: {error}").encode(), plan)
            return
        answer: dict[str, Any] = {
            "version": 0.6,
            "generator": "Overpass API 0.7.62 (loopback)",
            "osm3s": {
                "timestamp_osm_base": SNAPSHOT,
                "copyright": "The data included in this document is from www.openstreetmap.org. "
                "The data is made available under ODbL.",
            },
            "elements": elements,
        }
        if plan.remark is not None:
            answer["elements"] = elements[: len(elements) // 2]
            answer["remark"] = plan.remark
        body = json.dumps(answer, indent=2, ensure_ascii=False).encode()
        self.send(200, plan.body if plan.body is not None else body, plan, kind="application/json")

    def send(
        self,
        code: int,
        body: bytes,
        plan: Answer | None = None,
        kind: str = "text/html; charset=utf-8",
    ) -> None:
        plan = plan or Answer()
        self.leave()
        zipped = "gzip" in self.headers.get("Accept-Encoding", "")
        body = gzip.compress(body, 1) if zipped else body
        self.send_response(code)
        self.send_header("Content-Type", kind)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        if plan.retry_after is not None:
            self.send_header("Retry-After", plan.retry_after)
        if plan.location is not None:
            self.send_header("Location", plan.location)
        if plan.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent = body if plan.cut is None else body[: int(len(body) * plan.cut)]
        step = 1 if plan.drip_s else 1 << 16
        try:
            for start in range(0, len(sent), step):
                part = sent[start : start + step]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if plan.chunked else part)
                if plan.drip_s:
                    self.wfile.flush()
                    time.sleep(plan.drip_s)
            if plan.chunked and plan.cut is None:
                self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.close_connection = True
        if plan.cut is not None:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    with OverpassServer(chosen.file, port=chosen.port) as server:
        sys.stdout.write(f"{server.endpoint}\n")
        sys.stdout.flush()
        server.wait()


if __name__ == "__main__":
    main()
