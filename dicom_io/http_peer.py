"""Requests to the web services of a peer: the one door to requests. Talks to: PACS."""

import json
import ssl
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import requests
from requests.adapters import HTTPAdapter

from config.settings import WebPeer
from config.tls import PeerTls
from dicom_io.errors import CertificateUnusable, PeerBusy, PeerRefused, PeerUnreachable
from dicom_io.tls import calling, reason_of

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
            if self._peer.url.startswith("https://"):
                session.mount("https://", self._secured())
            if self._peer.username is not None:
                request.auth = (self._peer.username, self._password())
            try:
                return session.send(session.prepare_request(request), timeout=self._timeout, allow_redirects=False)
            except requests.RequestException as error:
                raise PeerUnreachable(f"{self._peer.name} did not answer: {_reason(error)}") from error

    def _secured(self) -> "_Secured":
        """The files are read anew for each request, so that renewed certificates count without a restart."""
        try:
            return _Secured(self._peer.tls or PeerTls())
        except CertificateUnusable as error:
            raise PeerUnreachable(f"{self._peer.name} was not called: of its TLS section, {error}") from error

    def _password(self) -> str:
        return self._peer.password_file.read_text().strip() if self._peer.password_file is not None else ""

    def _checked(self, answer: requests.Response) -> requests.Response:
        if answer.status_code not in range(200, 300):
            raise self.refusal(answer)
        return answer


class _Secured(HTTPAdapter):
    """https as config.tls says; left alone, requests would take the authorities of certifi besides the site's."""

    def __init__(self, tls: PeerTls) -> None:
        """Raises CertificateUnusable."""
        super().__init__()
        self._pool = {
            "ssl_context": calling(tls),
            "cert_reqs": "CERT_REQUIRED",
            "assert_hostname": None if tls.check_host_name else False,
        }

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """The context knows whom to trust."""

    def build_connection_pool_key_attributes(self, *args: Any, **options: Any) -> Any:
        host, _ = super().build_connection_pool_key_attributes(*args, **options)
        return host, self._pool


def _reason(error: requests.RequestException) -> str:
    """Of a TLS failure why; else only what kind of error it is, for its text quotes the URL."""
    failure = _tls_failure(error)
    return type(error).__name__ if failure is None else f"no TLS with it: {reason_of(failure)}"


def _tls_failure(error: BaseException) -> ssl.SSLError | None:
    """urllib3 wraps what the socket raised, as a cause here and as an argument there."""
    if isinstance(error, ssl.SSLError):
        return error
    wrapped = (each for each in (*error.args, error.__cause__, error.__context__) if isinstance(each, BaseException))
    return next((failure for failure in map(_tls_failure, wrapped) if failure is not None), None)


def words(answer: requests.Response) -> str:
    """The beginning of what the peer wrote, on one line."""
    return " ".join(answer.text[:_LONGEST_WORDS].split())
