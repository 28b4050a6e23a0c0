"""One request to the pages: who it is, in which language, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from pimgate.api import Account, PimgateError
from pimgate.web.body import read_body
from pimgate_web.errors import BadForm, SignInFirst, retry_after_seconds, retry_words, row_of
from pimgate_web.sessions import Session
from pimgate_web.site import Site
from pimgate_web.translation import Words, preferred

FORM_BYTES = 16_384
FORM_FIELDS = 20
FORM_TYPE = "application/x-www-form-urlencoded"

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would make browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept, Accept-Language, Cookie",
}


class Visit:
    """A request, with what is known of whoever sent it."""

    def __init__(self, site: Site, request: Request, session: Session | None) -> None:
        self.site = site
        self.core = site.core
        self.request = request
        self.session = session

    @property
    def account(self) -> Account:
        """The person. SignInFirst if nobody is signed in."""
        if self.session is None:
            raise SignInFirst
        return self.session.account

    @property
    def words(self) -> Words:
        chosen = self.session.account.language if self.session else ""
        return preferred(chosen, self.request.headers.get("accept-language", ""), self.site.languages)

    @property
    def wants_json(self) -> bool:
        return "application/json" in self.request.headers.get("accept", "")

    async def form(self) -> dict[str, str]:
        """The fields of the form, each once. BadForm."""
        if self.request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
            raise BadForm("content type")
        body = await read_body(self.request, FORM_BYTES)
        try:
            fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS)
        except ValueError as error:
            raise BadForm("fields") from error
        return {name: values[0] for name, values in fields.items()}

    def page(self, template: str, status: int = 200, **given: object) -> Response:
        """An HTML page in the person's language."""
        words = self.words
        common = {
            "words": words,
            "say": words.say,
            "count": words.count,
            "languages": self.site.languages,
            "files": self.site.files,
            "account": self.session.account if self.session else None,
        }
        text = self.site.templates.get_template(template).render(**common, **given)
        return HTMLResponse(text, status)

    def problem(self, error: PimgateError) -> Response:
        """What went wrong, as a page or as JSON, with the status of its row."""
        status, key = row_of(error)
        retry = retry_after_seconds(error)
        sentence = self.words.say(key)
        if self.wants_json:
            response: Response = JSONResponse({"error": key.removeprefix("error."), "message": sentence}, status)
        else:
            hint = retry_words(self.words, error)
            response = self.page("problem.html", status, sentence=sentence, hint=hint)
        if retry is not None:
            response.headers["Retry-After"] = str(retry)
        return response

    def done(self, place: str, document: Mapping[str, object]) -> Response:
        """After a change: back to `place`, or what is so now as JSON."""
        return JSONResponse(dict(document)) if self.wants_json else RedirectResponse(place, 303)
