"""Settings: what a phone says of itself, whose addresses it asks for, and what is answered while its person is away."""

import pytest

from pimgate.api import Audience, AwayNow, Refused, absences, device_notes
from pimgate.settings import Mail, Security
from pimgate_eas.policy_settings import PolicySettings
from pimgate_eas.settings import EasSettings
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire

START, END = "2030-07-01T08:00:00.000Z", "2030-07-14T18:00:00.000Z"
APPLIES = ("AppliesToInternal", "AppliesToExternalKnown", "AppliesToExternalUnknown")


def s(name: str, *children: Element, text: str | None = None) -> Element:
    return Element(f"Settings:{name}", *children, text=text)


def ask(wire: Wire, *parts: Element) -> Element:
    answer = wire.ask("Settings", s("Settings", *parts))
    assert answer is not None
    return answer


def part(wire: Wire, asked: Element) -> Element:
    """The answer's part for this part of the question."""
    answer = ask(wire, asked)
    assert answer.text_of("Settings:Status") == "1"
    found = answer.find(asked.name)
    assert found is not None
    return found


def status(wire: Wire, asked: Element) -> str | None:
    return part(wire, asked).text_of("Settings:Status")


def oof(state: str, *more: Element) -> Element:
    return s("Oof", s("Set", s("OofState", text=state), *more))


def between(start: str = START, end: str = END) -> tuple[Element, Element]:
    return s("StartTime", text=start), s("EndTime", text=end)


def message(audience: str, text: str | None = "Back soon.", form: str = "Text", enabled: str = "1") -> Element:
    words = [s("ReplyMessage", text=text), s("BodyType", text=form)] if text is not None else []
    return s("OofMessage", s(audience), s("Enabled", text=enabled), *words)


def get_oof(wire: Wire, form: str = "Text") -> Element:
    found = part(wire, s("Oof", s("Get", s("BodyType", text=form)))).find("Settings:Get")
    assert found is not None
    return found


def replies(got: Element) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Audience -> (enabled, words, form)."""
    return {
        each.children[0].tag: tuple(
            each.text_of(f"Settings:{name}") for name in ("Enabled", "ReplyMessage", "BodyType")
        )
        for each in got.find_all("Settings:OofMessage")
    }


def test_what_a_phone_says_of_itself_is_kept(wire):
    facts = s("Set", s("Model", text="SM-G991B"), s("PhoneNumber", text="+49 30 1"), s("MobileOperator", text="D"))
    assert status(wire, s("DeviceInformation", facts)) == "1"
    assert status(wire, s("DeviceInformation")) == "2"
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        told = device_notes.notes_of(work, device.id).information
    assert (told.model, told.phone_number, told.mobile_operator) == ("SM-G991B", "+49 30 1", "D")


def test_addresses_have_the_shape_of_the_version(wire):
    asked = s("UserInformation", s("Get"))
    new = part(wire, asked).path("Settings:Get", "Settings:Accounts", "Settings:Account", "Settings:EmailAddresses")
    assert [each.text_of("Settings:PrimarySmtpAddress") for each in new] == ["anna@example.org"]
    for version in ("12.1", "14.0"):
        old = part(wire.twin(version=version), asked).path("Settings:Get", "Settings:EmailAddresses")
        assert [[child.tag for child in each.children] for each in old] == [["SMTPAddress"]]


def test_nobody_is_away_at_first(wire):
    got = get_oof(wire)
    assert got.text_of("Settings:OofState") == "0"
    assert replies(got) == dict.fromkeys(APPLIES, ("0", None, None))


@pytest.mark.parametrize("form", ["Text", "HTML"])
def test_answer_while_away_is_given_back_word_for_word(wire, form):
    words = "<p>Back on the <b>15th</b> &amp; rested.</p>" if form == "HTML" else "Back on the 15th\nRegards <Anna>"
    set_ = oof("2", *between(), *(message(each, f"{words}{each}", form) for each in APPLIES))
    assert status(wire, set_) == "1"
    got = get_oof(wire, form)
    assert [got.text_of(f"Settings:{name}") for name in ("OofState", "StartTime", "EndTime")] == ["2", START, END]
    assert replies(got) == {each: ("1", f"{words}{each}", form) for each in APPLIES}


def test_answer_is_turned_into_the_form_that_the_phone_asks_for(wire):
    part(wire, oof("1", message("AppliesToInternal", "<p>Back &amp; rested</p>", "HTML")))
    part(wire, oof("1", message("AppliesToExternalKnown", "1 < 2\nBye", "Text")))
    assert replies(get_oof(wire, "Text"))["AppliesToInternal"] == ("1", "Back & rested", "Text")
    assert replies(get_oof(wire, "HTML"))["AppliesToExternalKnown"] == ("1", "1 &lt; 2<br>\nBye", "HTML")


def test_message_that_is_not_mentioned_stays_and_one_without_words_keeps_them(wire):
    part(wire, oof("1", message("AppliesToInternal", "In"), message("AppliesToExternalKnown", "Out")))
    part(wire, oof("0", message("AppliesToInternal", None, enabled="0")))
    got = get_oof(wire)
    assert got.text_of("Settings:OofState") == "0"
    assert replies(got)["AppliesToInternal"] == ("0", "In", "Text")
    assert replies(got)["AppliesToExternalKnown"] == ("1", "Out", "Text")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (oof("3"), "5"),
        (oof("2"), "2"),
        (oof("1", s("StartTime", text=START)), "2"),
        (oof("2", *between(END, START)), "6"),
        (oof("2", *between("soon", END)), "5"),
        (oof("1", s("OofMessage", s("Enabled", text="1"))), "5"),
        (oof("1", message("AppliesToInternal", "x" * 17_000)), "5"),
        (oof("1", message("AppliesToInternal", "x", "RTF")), "5"),
        (s("Oof"), "2"),
        (s("Oof", s("Get", s("BodyType", text="RTF"))), "5"),
    ],
)
def test_absence_that_makes_no_sense_is_refused_in_the_words_of_the_protocol(wire, asked, expected):
    assert status(wire, asked) == expected
    assert get_oof(wire).text_of("Settings:OofState") == "0"


def test_absence_is_offered_to_plugins_and_what_breaks_there_stays_there(wire, monkeypatch):
    told = []
    monkeypatch.setattr(
        wire.core.plugins, "out_of_office", lambda core, account, absence: told.append((account, absence))
    )
    part(wire, oof("1", message("AppliesToInternal")))
    [(account, absence)] = told
    assert account.login == "anna@example.org"
    assert absence.replies[Audience.INTERNAL].text == "Back soon."
    with wire.core.database.read() as work:
        assert absences.absence_of(work, account.id) == absence


@pytest.mark.parametrize(("problem", "expected"), [(Refused(), "3"), (AwayNow(), "4")])
def test_absence_that_the_mail_server_does_not_take_is_refused_and_all_is_as_before(
    make_core, monkeypatch, problem, expected
):
    with Wire(make_core("eas", mail=Mail(host="127.0.0.1", tls=Security.NONE))) as wire:

        async def refuse(account: object, absence: object) -> None:
            raise problem

        monkeypatch.setattr(wire.core.mail.vacations, "carry_out", refuse)
        assert status(wire, oof("1", message("AppliesToInternal"))) == expected
        assert get_oof(wire).text_of("Settings:OofState") == "0"


def password(text: str) -> Element:
    return s("DevicePassword", s("Set", s("Password", text=text)))


def test_recovery_password_is_kept_only_where_the_policy_asks_for_one(wire, make_core):
    assert status(wire, password("4711")) == "7"
    asking = EasSettings(policy=PolicySettings(password=True, password_recovery=True))
    with Wire(make_core("eas", **{"plugins.eas": asking})) as other:
        assert status(other, password("x" * 257)) == "5"
        assert status(other, s("DevicePassword")) == "2"
        assert status(other, password("4711")) == "1"
        with other.core.database.read() as work:
            [device] = work.devices.all()
            assert device_notes.recovery_password(work, device.id) == "4711"


def test_there_is_no_rights_management(wire):
    assert status(wire, s("RightsManagementInformation", s("Get"))) == "168"


def test_several_parts_are_answered_in_their_order_and_fail_alone(wire):
    answer = ask(wire, s("UserInformation", s("Get")), password("1"), s("Oof", s("Get")))
    assert [each.tag for each in answer.children] == ["Status", "UserInformation", "DevicePassword", "Oof"]
    assert [each.text_of("Settings:Status") for each in answer.children[1:]] == ["1", "7", "1"]


@pytest.mark.parametrize("parts", [(), (s("Oof", s("Get")), s("Oof", s("Get"))), (s("Password"),)])
def test_question_that_is_none_is_refused(wire, parts):
    assert ask(wire, *parts).text_of("Settings:Status") == "2"
