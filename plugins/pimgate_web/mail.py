"""The pages about mail on phones: the password that a person entrusts to the gateway, and for operators how mail is watched."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import JSONResponse, Response

from pimgate.api import AccountId, AwayNow, BadCredentials, NotThere, PimgateError, Throttled, Work
from pimgate.mail import entrusting
from pimgate.mail.watcher import WatchState
from pimgate_web.devices import check_operator
from pimgate_web.errors import BadForm, retry_words, row_of
from pimgate_web.visit import Visit

MAIL_PASSWORD = "/mail-password"
ALL_MAIL = "/operator/mail"


async def mail_password(visit: Visit) -> Response:
    """Whether a password is kept for this person, and a form for one. NotThere where none are kept."""
    return await _page(visit)


async def keep_mail_password(visit: Visit) -> Response:
    """Try a password at the mail server, and keep it. What goes wrong is said above the form."""
    fields = await visit.form()
    secret, name = fields.get("password", ""), fields.get("name", "").strip()
    if not secret:
        raise BadForm("password")
    entrusting.vault_of(visit.core)
    try:
        await entrusting.entrust(visit.core, visit.account, secret, name=name)
    except (BadCredentials, AwayNow, Throttled) as error:
        return visit.problem(error) if visit.wants_json else await _page(visit, error, name)
    return visit.done(MAIL_PASSWORD, {"kept": True})


async def forget_mail_password(visit: Visit) -> Response:
    """Keep none any more."""
    await entrusting.withdraw(visit.core, visit.account)
    return visit.done(MAIL_PASSWORD, {"kept": False})


async def all_mail(visit: Visit) -> Response:
    """How the mail of each person is watched by this process, those first that something hinders."""
    check_operator(visit)
    room, chosen = visit.core.mail, visit.core.settings.mail
    if room is None:
        raise NotThere("phones see no mail")
    states = room.states()

    def job(work: Work) -> tuple[list[tuple[str, WatchState]], float]:
        people = {account_id: visit.core.people.by_id(work, account_id) for account_id in states}
        return [(each.login, states[key]) for key, each in people.items() if each is not None], work.now

    shown, at = await visit.core.read(job)
    shown.sort(key=lambda each: (each[1].hindrance is None, each[0]))
    if visit.wants_json:
        return JSONResponse({"people": [_document(login, state) for login, state in shown]})
    server = f"{chosen.host}:{chosen.port}"
    return visit.page("all_mail.html", shown=shown, at=at, server=server, tls=chosen.tls.value, way=chosen.login.value)


async def _page(visit: Visit, error: PimgateError | None = None, name: str = "") -> Response:
    account, vault = visit.account, entrusting.vault_of(visit.core)
    is_kept = await visit.core.read(lambda work: vault.holds(work, account.id))
    state = _state(visit, account.id)
    if visit.wants_json:
        return JSONResponse({"kept": is_kept})
    status, key = (200, "") if error is None else row_of(error)
    problem = "" if error is None else visit.words.say("mail.wrong" if isinstance(error, BadCredentials) else key)
    hint = "" if error is None else retry_words(visit.words, error)
    given = {"is_kept": is_kept, "state": state, "problem": problem, "hint": hint, "name": name}
    return visit.page("mail_password.html", status, **given)


def _state(visit: Visit, account_id: AccountId) -> WatchState | None:
    return visit.core.mail.states().get(account_id) if visit.core.mail is not None else None


def _document(login: str, state: WatchState) -> dict[str, object]:
    hindered_at = datetime.fromtimestamp(state.hindered_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "person": login,
        "watched": state.attention.value,
        "waiting": state.waiting,
        "hindrance": state.hindrance.value if state.hindrance else None,
        "words": state.words,
        "hindered_at": hindered_at if state.hindrance else None,
    }
