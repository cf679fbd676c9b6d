"""Ask Overpass and Nominatim as a good guest: one question at a time, patience with an end.

osmnx makes the queries and names the cache files, so its cache and ours are the same; it does not
send them. Its own loop (osmnx 2.1) waits and asks again on 429 and 504 without end, returns an
answer that carries a ``remark`` (a query cut short) as if it were whole, writes cache files in
place, so that a killed process leaves half a file, trips over such a file for good, replaces
``socket.getaddrinfo`` for the whole process, and may resolve names through a third party.
"""

from __future__ import annotations

import datetime as dt
import html
import ipaddress
import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corridors.errors import ArgumentError, OverpassError
from corridors.files import OutputError, write_text

if TYPE_CHECKING:
    import requests

OVERPASS = "https://overpass-api.de/api"
"""The public Overpass instance, which asks every program to say who runs it."""
NOMINATIM = "https://nominatim.openstreetmap.org"
"""The public geocoder, for ``place=``."""

_LOG = logging.getLogger("corridors.overpass")
_ONE_AT_A_TIME = threading.Lock()
_BUSY = (429, 504)
_TURNED_AWAY = re.compile(r"request_read_and_idx::(rate_limited|timeout|duplicate_query)")
"""What the page says with which the dispatcher turns a question away; for one that it has just
answered (duplicate_query) the page comes with status 200: web_query.cc of Overpass API 0.7.62."""
_SAME_QUESTION_S = 15.0
"""For about as long a server that does not allow duplicate queries refuses the same question."""
_LEAST_429_S = 30.0
"""What the operators of overpass-api.de ask: github.com/drolbr/Overpass-API/issues/791."""
_CONNECT_S = 15.0
_CHUNK = 1 << 16
_LONGEST_PAUSE_S = 60.0


def cache_folder() -> Path:
    """Folder for answers where the user names none: the platform's place for caches."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "corridors" / "overpass"


def user_agent(contact: str | None, *hosts: str) -> str:
    """Name this library and who runs it.

    Parameters
    ----------
    contact : str or None
        An e-mail address or a web page.
    *hosts : str
        Addresses of the servers that will be asked.

    Raises
    ------
    ArgumentError
        If the contact is missing and a server is not on this machine or a private network, or
        if it is neither an address nor a page.
    """
    from corridors import __version__

    if contact is None:
        public = [host for host in hosts if not _is_near(host)]
        if public:
            raise ArgumentError(
                f"contact= is needed to ask {urlsplit(public[0]).hostname}: give an e-mail "
                "address or a web page where its operators can reach you"
            )
        return f"corridors/{__version__}"
    text = contact.strip()
    if not re.fullmatch(r"[!-~]*(@|https?://)[ -~]+", text):
        raise ArgumentError(
            f"contact={contact!r} is no e-mail address or web page; write one in plain ASCII, "
            "such as contact='name@example.org'"
        )
    return f"corridors/{__version__} ({text})"


def _is_near(url: str) -> bool:
    """Whether a server is on this machine or a private network."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


@dataclass(frozen=True)
class Client:
    """Asks servers, one request at a time, and keeps their answers.

    Parameters
    ----------
    agent : str
        From :func:`user_agent`.
    cache : path or None
        Folder of answers; None keeps nothing.
    offline : bool
        Answer from the cache or fail.
    refresh : bool
        Ask even where the cache has an answer, and replace it.
    timeout_s : float
        How long the server may work on one question. The answer must be here after twice that.
    max_wait_s : float
        How long to wait in all while a server is busy (429, 504) before giving up on a question.
    """

    agent: str
    cache: Path | None
    offline: bool = False
    refresh: bool = False
    timeout_s: float = 180.0
    max_wait_s: float = 300.0

    def overpass(self, endpoint: str, query: str) -> dict[str, Any]:
        """Answer of an Overpass server to a query, complete or not at all.

        Raises
        ------
        OverpassError
            If it cannot be had: the message says what came instead and what to do.
        """
        url = endpoint.rstrip("/") + "/interpreter"
        data = {"data": query}
        answer = self._ask("POST", url, data, status=endpoint.rstrip("/") + "/status")
        assert isinstance(answer, dict)  # noqa: S101  (_problem has seen to it)
        return answer

    def nominatim(self, endpoint: str, place: str) -> list[dict[str, Any]]:
        """Objects that a geocoder knows by a name, best first, with their outlines.

        Raises
        ------
        OverpassError
            As for :meth:`overpass`.
        """
        parameters = {
            "format": "json",
            "polygon_geojson": "1",
            "dedupe": "0",
            "limit": "50",
            "q": place,
        }
        answer = self._ask("GET", endpoint.rstrip("/") + "/search", parameters)
        assert isinstance(answer, list)  # noqa: S101
        return answer

    def _ask(
        self, method: str, url: str, fields: Mapping[str, str], *, status: str | None = None
    ) -> Any:
        file = self._cache_file(url, fields)
        if file is not None and not self.refresh:
            known = self._cached(file, method)
            if known is not None:
                return known
        if self.offline:
            where = "there is no cache" if file is None else f"{file} does not exist"
            raise OverpassError(
                f"offline=True, and {where}: the answer of {urlsplit(url).hostname} is not at "
                "hand; ask once with offline=False and the same arguments"
            )
        with _ONE_AT_A_TIME:
            text = self._fetch(method, url, fields, status)
        answer, problem = _parse(text, method)
        if problem:
            raise OverpassError(f"{urlsplit(url).hostname}: {problem}; nothing was kept of it")
        if file is not None:
            try:
                write_text(file, text)
            except OutputError as error:
                _LOG.warning("the answer is not kept: %s", error)
        return answer

    def _cache_file(self, url: str, fields: Mapping[str, str]) -> Path | None:
        """Where osmnx would look for the same question: the hash of it, asked by GET."""
        from requests import Request

        if self.cache is None:
            return None
        full = str(Request("GET", url, params=dict(fields)).prepare().url)
        return self.cache / f"{sha1(full.encode()).hexdigest()}.json"  # noqa: S324  (a file name)

    def _cached(self, file: Path, method: str) -> Any:
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            answer, problem = None, str(error)
        else:
            answer, problem = _parse(text, method)
        if not problem:
            return answer
        if self.offline:
            raise OverpassError(
                f"cached answer {file} cannot be used: {problem}; delete it and ask once with "
                "offline=False"
            )
        _LOG.warning("cached answer %s cannot be used (%s); asking again", file, problem)
        return None

    def _fetch(self, method: str, url: str, fields: Mapping[str, str], status: str | None) -> str:
        """Text of an answer with HTTP status 200, waiting while the server is busy."""
        import requests

        host = urlsplit(url).netloc
        waited, tries = 0.0, 0
        if method == "GET" and not _is_near(url):
            time.sleep(1)  # the geocoder's rule: at most one question a second
        with requests.Session() as session:
            session.headers["User-Agent"] = self.agent
            while True:
                answer = self._once(session, method, url, fields)
                code, headers, text = answer
                tries += 1
                busy = _is_busy(code, text)
                if code == requests.codes.ok and not busy:
                    return text
                if not busy:
                    raise OverpassError(_refusal(host, code, headers, text))
                pause, why = self._pause(session, answer, status, tries, near=_is_near(url))
                if waited + pause > self.max_wait_s:
                    raise OverpassError(
                        f"{host} is busy ({code}: {why}); gave up after {tries} request(s) and "
                        f"{waited:.0f} s of waiting, since waiting {pause:.0f} s more would pass "
                        f"max_wait={self.max_wait_s:g}; try later, ask for less, or set max_wait"
                    )
                _LOG.warning("%s is busy (%d: %s): waiting %.0f s", host, code, why, pause)
                time.sleep(pause)
                waited += pause

    def _once(
        self, session: requests.Session, method: str, url: str, fields: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], str]:
        import requests
        from urllib3.exceptions import HTTPError

        host = urlsplit(url).netloc
        last = time.monotonic() + 2 * self.timeout_s
        try:
            with session.request(
                method,
                url,
                params=fields if method == "GET" else None,
                data=fields if method == "POST" else None,
                timeout=(_CONNECT_S, self.timeout_s + _CONNECT_S),
                stream=True,
                allow_redirects=method == "GET",  # a POST that follows loses its question
            ) as response:
                body = self._body(response, last)
                return response.status_code, response.headers, body.decode("utf-8", "replace")
        except (requests.Timeout, TimeoutError) as error:
            raise OverpassError(
                f"{host} did not answer in time ({error}); ask for less or set a longer timeout="
            ) from None
        except OverpassError:
            raise
        except HTTPError as error:
            raise OverpassError(
                f"{host} broke off in the middle of its answer ({error}); nothing was kept of it; "
                "try again later"
            ) from None
        except (requests.RequestException, OSError) as error:
            raise OverpassError(
                f"{host} cannot be reached ({error}); check the network and the endpoint, or use "
                "offline=True with a filled cache"
            ) from None

    def _body(self, response: requests.Response, last: float) -> bytearray:
        """Body of an answer, bit by bit, so that a server which dribbles is given up on."""
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if time.monotonic() > last:
                raise OverpassError(
                    f"{urlsplit(response.url).netloc} is too slow: {len(body)} bytes in "
                    f"{2 * self.timeout_s:g} s and no end; ask for less or set a longer timeout="
                )
        return body

    def _pause(
        self,
        session: requests.Session,
        answer: tuple[int, Mapping[str, str], str],
        status: str | None,
        tries: int,
        *,
        near: bool,
    ) -> tuple[float, str]:
        """How long to wait, and for what: as the server says, and longer each time."""
        code, headers, text = answer
        least = min(2.0 ** (tries - 1), _LONGEST_PAUSE_S)
        if code == 429 and not near:  # noqa: PLR2004
            least = max(least, _LEAST_429_S)
        asked = _retry_after(headers.get("Retry-After"))
        if asked is not None:
            return max(asked, least), f"it asks to wait {asked:.0f} s"
        if "::duplicate_query" in text:
            return max(_SAME_QUESTION_S, least), "it was asked the same a moment ago"
        free = self._next_slot(session, status) if status else None
        if free is not None:
            return max(free, least), f"a slot for us is free in {free:.0f} s"
        pause = max(least, min(15.0 * 2 ** (tries - 1), _LONGEST_PAUSE_S))
        if code == 429:  # noqa: PLR2004
            return pause, "too many requests"
        full = "::timeout" in text or not text.strip()
        return pause, "no room for the query" if full else _plain(text, 120)

    def _next_slot(self, session: requests.Session, status: str) -> float | None:
        """Seconds until ``/api/status`` promises a slot; None if it does not say."""
        try:
            code, _, text = self._once(session, "GET", status, {})
        except OverpassError:
            return None
        if code != 200 or re.search(r"^[1-9]\d* slots? available now", text, re.MULTILINE):  # noqa: PLR2004
            return None
        # Below 0 where the slot has become free since: dispatcher_server.cc of Overpass API.
        seconds = re.findall(r"^Slot available after: .*, in (-?\d+) seconds", text, re.MULTILINE)
        return max(1.0, min(map(float, seconds))) if seconds else None


def _retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header (seconds or a date) asks for."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=dt.UTC)
    return max(0.0, (then - dt.datetime.now(dt.UTC)).total_seconds())


def _parse(text: str, method: str) -> tuple[Any, str]:
    """Answer and what is wrong with it (empty: nothing); only Overpass is asked by POST."""
    try:
        answer = json.loads(text)
    except ValueError:
        if text.lstrip().startswith("<"):
            return None, f"it sent a page instead of data: {_plain(text)}"
        return None, f"the answer is no whole JSON ({len(text)} characters; cut short?)"
    if method == "GET":
        good = isinstance(answer, list) and all(isinstance(row, dict) for row in answer)
        return answer, "" if good else "the answer is no list of places"
    return answer, _problem(answer)


def _problem(answer: Any) -> str:
    """What is wrong with the JSON of an Overpass server; empty: nothing."""
    if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
        return "the answer is no Overpass JSON: it has no list of elements"
    remark = answer.get("remark")
    if remark is not None:
        hint = "ask for a smaller area or fewer modes"
        if "museum" in str(remark) or "_attic" in str(remark):
            hint = "this server does not keep the past: leave out date=, or set another endpoint="
        elif "timed out" in str(remark):
            hint += ", or set a longer timeout="
        return f"the query was cut short (remark: {_plain(str(remark))}); {hint}"
    damaged = [one for one in answer["elements"] if not _is_element(one)]
    if damaged:
        return f"{len(damaged)} element(s) are damaged, such as {_plain(str(damaged[0]), 80)}"
    return ""


def _is_element(one: Any) -> bool:
    """Whether something is a node with a position, a way with nodes or a relation with members."""
    if not isinstance(one, dict) or type(one.get("id")) is not int:
        return False
    tags, kind = one.get("tags", {}), one.get("type")
    if not isinstance(tags, dict) or not all(isinstance(text, str) for text in tags.values()):
        return False
    if kind == "node":
        return all(type(one.get(name)) in {int, float} for name in ("lat", "lon"))
    parts = one.get("nodes" if kind == "way" else "members")
    if kind not in {"way", "relation"} or not isinstance(parts, list):
        return False
    if kind == "way":
        return all(type(part) is int for part in parts)
    return all(
        isinstance(part, dict)
        and part.get("type") in {"node", "way", "relation"}
        and type(part.get("ref")) is int
        for part in parts
    )


def _is_busy(code: int, text: str) -> bool:
    """Whether a server turns a question away that it may answer later."""
    return code in _BUSY or bool(text.lstrip().startswith("<") and _TURNED_AWAY.search(text))


def _refusal(host: str, code: int, headers: Mapping[str, str], text: str) -> str:
    """What to say about an HTTP status that waiting does not cure."""
    said = _plain(text)
    if headers.get("Location"):
        moved = _plain(headers["Location"]).removesuffix("/interpreter")
        return f"{host} answered {code}: it moved; set endpoint={moved!r}"
    hint = {
        400: "the query was not understood; if the endpoint is an Overpass API, please report it",
        403: "it refuses this client; set contact= to an address of yours",
        404: "there is no such API; endpoint= must end like https://overpass-api.de/api",
        406: "it refuses this client by its User-Agent; set contact= to an address of yours",
    }.get(code, "try later or another endpoint=")
    return f"{host} answered {code}: {hint}" + (f" (it says: {said})" if said else "")


def _plain(text: str, most: int = 300) -> str:
    """The words of a server's page: no markup, no control characters, not too many."""
    body = re.sub(r"(?is)<(head|style|script).*?</\1>", " ", text)
    body = re.sub(r"The data included in this document is from .*? under ODbL\.", " ", body)
    words = html.unescape(re.sub(r"<[^>]*>", " ", body))
    words = "".join(c if c.isprintable() else " " for c in words)
    words = " ".join(words.split())
    return words if len(words) <= most else words[: most - 1] + "…"
