"""Which kind of client is this: what real ones say of themselves."""

from pathlib import Path

import pytest

from pimgate.errors import SettingsProblem
from pimgate.model.devices import DeviceFacts
from pimgate.profiles import Profiles


@pytest.mark.parametrize(
    ("facts", "profile", "kind"),
    [
        (DeviceFacts("eas", "A", "iPhone", "Apple-iPhone16C1/2201.123"), "iphone", "eas-ios"),
        (DeviceFacts("eas", "A", "iPad", "Apple-iPad13C1/2201.123"), "iphone", "eas-ios"),
        (DeviceFacts("eas", "A", "SamsungDevice", "SAMSUNG-SM-S911B/101.14"), "samsung", "eas-other"),
        (DeviceFacts("eas", "A", "Android", "Android/14-EAS-2.0"), "android", "eas-other"),
        (DeviceFacts("eas", "A", "WP8", "MSFT-WP/8.10.14219"), "windows-phone", "eas-other"),
        (DeviceFacts("eas", "A", "WindowsOutlook15", "Outlook/16.0"), "outlook-windows", "eas-other"),
        (DeviceFacts("eas", "A", "", ""), "eas", "eas-other"),
        (DeviceFacts("eas", "A", "NotAniPhone", "Apple-iPhone"), "eas", "eas-other"),
        (DeviceFacts("dav", "A", "", "Mozilla/5.0 (X11; Linux) Gecko/20100101 Thunderbird/140.0"), "thunderbird", "thunderbird"),
        (DeviceFacts("dav", "A", "", "CalDavSynchronizer/4.4"), "outlook-caldav", "outlook"),
        (DeviceFacts("dav", "A", "", "DAVx5/4.4.3-ose (2025/01/01) Android/14"), "dav-android", "dav"),
        (DeviceFacts("dav", "A", "", "Mozilla/5.0 (Android) Thunderbird/1.0"), "dav-android", "dav"),
        (DeviceFacts("dav", "A", "", "iOS/17.4 (21E219) dataaccessd/1.0"), "apple", "dav"),
        (DeviceFacts("dav", "A", "", "macOS/14.4 (23E214) CalendarAgent/1025"), "apple", "dav"),
        (DeviceFacts("dav", "A", "", "Evolution/3.50.2"), "evolution", "dav"),
        (DeviceFacts("dav", "A", "", "curl/8.5"), "dav", "dav"),
        (DeviceFacts("imap", "A", "", ""), "imap", "imap"),
        (DeviceFacts("web", "A", "", "Mozilla/5.0"), "browser", "web"),
        (DeviceFacts("gopher", "A", "", ""), "unknown", "gopher"),
    ],
)  # fmt: skip
def test_client_is_known_by_what_it_says_of_itself(facts: DeviceFacts, profile: str, kind: str) -> None:
    found = Profiles().match(facts)
    assert (found.name, found.client_kind) == (profile, kind)


def test_several_calendars_are_the_operators_word_for_all_but_the_iphone() -> None:
    assert {each.name for each in Profiles().all() if each.has_many_calendars} == {"iphone"}
    assert {each.name for each in Profiles(multicalendar=["samsung", "eas"]).all() if each.has_many_calendars} == {
        "iphone",
        "samsung",
    }


def test_operators_own_profiles_come_first_and_do_not_replace_the_others(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        "[[profile]]\nname = 'odd'\nprotocol = 'eas'\ndevice_type = 'oddphone'\nclient_kind = 'eas-other'\n"
        "always_show_default = true\nmax_version = '14.1'\n",
        encoding="utf-8",
    )
    profiles = Profiles(own)
    found = profiles.match(DeviceFacts("eas", "A", "OddPhone"))
    assert (found.name, found.always_show_default, found.max_protocol_version) == ("odd", True, "14.1")
    assert profiles.match(DeviceFacts("eas", "A", "iPhone")).name == "iphone"
    assert profiles.named("odd") == found
    assert profiles.named("none") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("profile = [", "cannot be read"),
        ("[[profile]]\nname = 'x'\n", "client_kind"),
        ("[[profile]]\nname = 'x'\nprotocol = 'eas'\nclient_kind = 'dav'\nadvice = 1\n", "advice"),
        ("[[profile]]\nname = 'x'\nprotocol = 'eas'\nclient_kind = 'dav'\nagent = '('\n", "expression"),
        ("[[profile]]\nname = 'x'\nprotocol = 'eas'\nclient_kind = 'dav'\nagent = 1\n", "agent"),
        ("profile = 1\n", "profile"),
        ("profile = [1]\n", "profile"),
    ],
)
def test_profile_that_makes_no_sense_stops_the_start_with_a_reason(tmp_path: Path, text: str, words: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsProblem, match=words) as problem:
        Profiles(own)
    assert str(own) in str(problem.value)


def test_hostile_description_costs_no_time() -> None:
    found = Profiles().match(DeviceFacts("dav", "A" * 10**6, "x" * 10**6, "(" * 10**6))
    assert found.name == "dav"
