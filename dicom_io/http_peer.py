"""Requests to the web services of a peer: the one door to requests. Talks to: PACS."""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

import requests

from config.settings import OrthancPeer, StowPeer
from dicom_io.errors import PeerBusy, PeerRefused, PeerUnreachable

WebPeer = StowPeer | OrthancPeer

_LATER: Final = frozenset({408, 423, 425, 429})
_LONGEST_WORDS: Final = 500


class WebService:
    """A peer's address and our login there. Each call is one request: no retry, no redirect, no proxy, no .netrc.

    Both raise PeerUnreachable, PeerBusy, PeerRefused.
    """

    def __init__(self, peer: WebPeer, *, timeout: float) -> None:
        """timeout: seconds without a byte of the answer."""
        self._peer = peer
        self._timeout = timeout

    def get(self, path: str, query: Mapping[str, str] | None = None, *, accept: str = "*/*") -> requests.Response:
        """A space in the query goes as %20: Orthanc 1.10 takes the + of forms for a plus."""
        asked = urlencode(query or {}, quote_via=quote)
        request = requests.Request("GET", self._url(path), params=asked, headers={"Accept": accept})
        return self._checked(self._answer(request))

    def post(self, path: str, body: bytes, *, content_type: str, accept: str = "*/*") -> requests.Response:
        return self._checked(self.post_unchecked(path, body, content_type=content_type, accept=accept))

    def post_json(self, path: str, question: object) -> requests.Response:
        return self.post(path, json.dumps(question).encode(), content_type="application/json")

    def post_unchecked(self, path: str, body: bytes, *, content_type: str, accept: str) -> requests.Response:
        """The answer, whatever its HTTP status. Raises PeerUnreachable only."""
        headers = {"Content-Type": content_type, "Accept": accept}
        return self._answer(requests.Request("POST", self._url(path), data=body, headers=headers))

    def json(self, answer: requests.Response) -> object:
        """Raises PeerRefused if the answer is no JSON: then the peer is not of the kind that it was taken for."""
        try:
            return answer.json()
        except requests.JSONDecodeError as error:
            raise PeerRefused(
                f"{self._peer.name} answered with something that is no JSON", words=words(answer)
            ) from error

    def refusal(self, answer: requests.Response) -> PeerBusy | PeerRefused:
        """What an HTTP status that is no success means for us."""
        status = f"HTTP {answer.status_code} {answer.reason}"
        if answer.status_code in _LATER or answer.status_code >= 500:
            return PeerBusy(f"{self._peer.name} answered {status}: {words(answer)}")
        return PeerRefused(f"{self._peer.name} answered {status}", words=words(answer))

    def _url(self, path: str) -> str:
        return f"{self._peer.url.rstrip('/')}/{path.lstrip('/')}"

    def _answer(self, request: requests.Request) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            if self._peer.username is not None:
                request.auth = (self._peer.username, self._password())
            verify = str(self._peer.certificate_authority) if self._peer.certificate_authority else True
            try:
                return session.send(
                    session.prepare_request(request), timeout=self._timeout, verify=verify, allow_redirects=False
                )
            except requests.RequestException as error:
                raise PeerUnreachable(f"{self._peer.name} did not answer: {type(error).__name__}") from error

    def _password(self) -> str:
        return self._peer.password_file.read_text().strip() if self._peer.password_file is not None else ""

    def _checked(self, answer: requests.Response) -> requests.Response:
        if answer.status_code not in range(200, 300):
            raise self.refusal(answer)
        return answer


def words(answer: requests.Response) -> str:
    """The beginning of what the peer wrote, on one line."""
    return " ".join(answer.text[:_LONGEST_WORDS].split())
