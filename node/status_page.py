"""A small read-only page: /, /status.json, /health. Talks to: HTTP clients on this machine.

UIDs, states and reasons; no name, number or date of a patient.
"""

import json
import logging
import threading
from collections.abc import Callable
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from config.settings import StatusPage as StatusPageSettings
from node.clock import at_site
from node.health import Health, as_document
from node.ledger.rows import StudyLine

LOG: Final = logging.getLogger(__name__)
_SECONDS_BETWEEN_LOOKS: Final = 15
_STYLE: Final = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #1c2024 }
table { border-collapse: collapse } td, th { padding: .3rem .8rem; border-bottom: 1px solid #d5dade; text-align: left;
vertical-align: top } .well { color: #14713d } .red { color: #b3261e } small { color: #5b6570 }
"""

# Nothing on the page comes from elsewhere or runs, and no cache keeps it.
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class StatusPage:
    """Serves what `observe` says at the moment it is asked."""

    def __init__(self, settings: StatusPageSettings, *, observe: Callable[[], Health]) -> None:
        """Raises OSError if the port cannot be had."""
        self._server = ThreadingHTTPServer((settings.host, settings.port), _handler(observe))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="status-page", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(observe: Callable[[], Health]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = observe()
            if self.path == "/health":
                self._answer(
                    "ok\n" if found.is_well else "".join(f"{fault}\n" for fault in found.faults),
                    kind="text/plain",
                    health=found,
                )
            elif self.path == "/status.json":
                self._answer(json.dumps(as_document(found), indent=1), kind="application/json")
            elif self.path == "/":
                self._answer(page(found), kind="text/html")
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def _answer(self, text: str, *, kind: str, health: Health | None = None) -> None:
            is_red = health is not None and not health.is_well
            content = text.encode()
            self.send_response(HTTPStatus.SERVICE_UNAVAILABLE if is_red else HTTPStatus.OK)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
            """Requests are not worth a line."""

    return Handler


def page(found: Health) -> str:
    colour, words = ("well", "well") if found.is_well else ("red", "; ".join(found.faults))
    counts = (
        ", ".join(f"{number} {state}" for state, number in sorted(found.overview.counts.items())) or "no studies yet"
    )
    studies = "".join(_study(line) for line in found.overview.studies)
    refusals = "".join(
        f"<tr><td>{_when(one.at)}<td>{escape(one.calling_ae)}<td>{escape(one.address)}<td>{escape(one.reason)}"
        f"<td>{'kept apart' if one.quarantined else ''}"
        for one in found.overview.refusals
    )
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content={_SECONDS_BETWEEN_LOOKS}>"
        f"<title>lumbar-node: {colour}</title><style>{_STYLE}</style>"
        f"<h1>lumbar-node</h1><p class={colour}>{escape(words)}</p><p>{counts}; {found.free_mib} MiB free</p>"
        "<h2>Studies</h2><table><tr><th>study<th>state<th>from<th>images<th>last image<th>why<th>deliveries"
        f"{studies}</table>"
        f"<h2>Not accepted</h2><table><tr><th>when<th>from<th>address<th>reason<th>{refusals}</table>"
        "<p><small>Research use only.</small>"
    )


def _study(line: StudyLine) -> str:
    reasons = [line.reason, *(f"{one.verdict}: {one.reason}" for one in line.choices), *line.words]
    deliveries = [
        f"{peer}: {', '.join(f'{number} {state}' for state, number in states.items())}"
        for peer, states in line.deliveries.items()
    ]
    return (
        f"<tr><td>{escape(line.study_uid)}<br><small>edition {line.edition}</small><td>{line.state}"
        f"<td>{escape(line.calling_ae)}<td>{line.images}<td>{_when(line.last_arrival)}<td>{_lines(reasons)}<td>{_lines(deliveries)}"
    )


def _lines(texts: list[str]) -> str:
    return "<br>".join(escape(text) for text in texts if text)


def _when(seconds: float) -> str:
    return at_site(seconds).strftime("%Y-%m-%d %H:%M:%S")
