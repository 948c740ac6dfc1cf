"""OHIF as its npm package ships it, served on loopback before an Orthanc, and a headless Chromium that opens it."""

import http.client
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.orthanc import PASSWORD, USER, Orthanc

PATIENCE_MS = 60_000
SETTINGS = {
    "routerBasename": None,
    "extensions": [],
    "modes": [],
    "customizationService": {},
    "showStudyList": True,
    "maxNumberOfWebWorkers": 1,
    "showWarningMessageForCrossOrigin": False,
    "showCPUFallbackMessage": False,
    "strictZSpacingForVolumeViewport": True,
    "investigationalUseDialog": {"option": "never"},
    "studyPrefetcher": {"enabled": False},
    "defaultDataSourceName": "orthanc",
    "dataSources": [
        {
            "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
            "sourceName": "orthanc",
            "configuration": {
                "friendlyName": "Orthanc",
                "name": "orthanc",
                "wadoUriRoot": "/wado",
                "qidoRoot": "/dicom-web",
                "wadoRoot": "/dicom-web",
                "qidoSupportsIncludeField": False,
                "imageRendering": "wadors",
                "thumbnailRendering": "wadors",
                "enableStudyLazyLoad": True,
                "supportsFuzzyMatching": False,
                "supportsWildcard": True,
                "omitQuotationForMultipartRequest": True,
                "bulkDataURI": {"enabled": True},
            },
        }
    ],
}
CHROMIUM = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def _handler(dist: Path, orthanc: Orthanc) -> type[SimpleHTTPRequestHandler]:
    """Files of the viewer; /dicom-web is asked of Orthanc with its login, so that the page has one origin."""
    login = b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(dist))

        def do_GET(self) -> None:
            if self.path.startswith("/dicom-web/"):
                self._ask_orthanc()
            elif self.path == "/app-config.js":
                self._answer(200, "text/javascript", f"window.config = {json.dumps(SETTINGS)};".encode())
            else:
                if not (dist / self.path.split("?")[0].lstrip("/")).is_file():
                    self.path = "/index.html"
                super().do_GET()

        def _ask_orthanc(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
            orthanc_side = http.client.HTTPConnection("127.0.0.1", orthanc.http_port, timeout=60)
            orthanc_side.request("GET", self.path, headers={**headers, "Authorization": f"Basic {login}"})
            answer = orthanc_side.getresponse()
            self._answer(answer.status, answer.headers.get("Content-Type", ""), answer.read())
            orthanc_side.close()

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def end_headers(self) -> None:
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
            super().end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: paths name studies."""

    return Handler


@contextmanager
def served(dist: Path, orthanc: Orthanc) -> Iterator[str]:
    """The viewer's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(dist, orthanc))
    thread = threading.Thread(target=server.serve_forever, name="ohif")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True, kw_only=True)
class DisplaySet:
    """What OHIF made of a series."""

    modality: str
    description: str
    is_unsupported: bool
    is_loaded: bool
    is_rehydratable: bool
    measurements: list[dict[str, Any]]


@dataclass
class Ohif:
    """A page of the viewer; pictures of what it showed go into the folder."""

    page: Page
    url: str
    pictures: Path
    complaints: list[str] = field(default_factory=list)

    def open_study(self, study_uid: str) -> None:
        self.page.goto(f"{self.url}/viewer?StudyInstanceUIDs={study_uid}", timeout=PATIENCE_MS)
        self._wait("() => window.services && services.displaySetService.getActiveDisplaySets().length > 0")
        self.wait_for_viewports()

    def wait_for_viewports(self) -> None:
        self._wait(_VIEWPORTS_ARE_THERE)

    def display_sets(self) -> list[DisplaySet]:
        return [DisplaySet(**each) for each in self.page.evaluate(_DISPLAY_SETS)]

    def show(self, description: str, *, nth: int = 0) -> None:
        """Double click on the thumbnail of the series; nth: of those of one name, in the order in which they stand."""
        thumbnails = self.page.locator('[data-cy^="study-browser-thumbnail"]').filter(has_text=description)
        thumbnail = thumbnails.nth(nth)
        thumbnail.scroll_into_view_if_needed()
        thumbnail.dblclick()

    def accept(self) -> None:
        """Yes to the question whether the segmentation is to be loaded."""
        button = self.page.locator('[data-cy="yes-hydrate-btn"]')
        button.wait_for(timeout=PATIENCE_MS)
        button.click()
        self._wait("() => services.segmentationService.getSegmentations().length > 0")

    def wait_for_texts(self, words: str) -> list[str]:
        """What is written over the image, once it holds these words."""
        self._wait(_WRITES, words)
        return list(self.page.evaluate(_TEXTS))

    def wait_until(self, expression: str, argument: object = None) -> None:
        self._wait(expression, argument)

    def picture(self, name: str) -> bytes:
        self.pictures.mkdir(parents=True, exist_ok=True)
        return self.page.screenshot(path=self.pictures / f"{name}.png")

    def _wait(self, expression: str, argument: object = None) -> None:
        self.page.wait_for_function(expression, arg=argument, timeout=PATIENCE_MS)


@contextmanager
def browser(chromium: Path, url: str, pictures: Path) -> Iterator[Ohif]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=list(CHROMIUM))
        page = running.new_page(viewport={"width": 1500, "height": 900})
        page.add_init_script("window.localStorage?.setItem('shownTours', JSON.stringify(['basicViewerTour']));")
        viewer = Ohif(page=page, url=url, pictures=pictures)
        page.on("pageerror", lambda error: viewer.complaints.append(str(error)))
        yield viewer
        running.close()


_VIEWPORTS_ARE_THERE = """() => {
  const shown = services.cornerstoneViewportService;
  const names = [...services.viewportGridService.getState().viewports.keys()];
  return names.length && names.every(name => {
    const one = shown.getCornerstoneViewport(name); return one && one.getImageData && one.getImageData(); }); }"""
_DISPLAY_SETS = """() => services.displaySetService.getActiveDisplaySets().map(one => ({
  modality: one.Modality, description: one.SeriesDescription || '', is_unsupported: !!one.unsupported,
  is_loaded: !!one.isLoaded, is_rehydratable: !!one.isRehydratable,
  measurements: (one.measurements || []).map(each => ({
    identifier: each.TrackingIdentifier, loaded: !!each.loaded, labels: each.labels })) }))"""
_TEXTS = """() => [...document.querySelectorAll('.svg-layer text')].map(text =>
  [...text.querySelectorAll('tspan')].map(part => part.textContent).join(' | ') || text.textContent)"""
_WRITES = f"words => ({_TEXTS})().some(text => text.includes(words))"
