"""Cards and events as clients send them, as small as they can be."""


def card(uid: str, name: str = "Ada Lovelace", email: str = "", *more: str) -> str:
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", f"N:{name.split()[-1]};{name.split()[0]};;;"]
    lines += [f"EMAIL;TYPE=INTERNET:{email}"] if email else []
    return "\r\n".join([*lines, *more, "END:VCARD", ""])


def card_without_uid(name: str = "Nobody") -> str:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nN:{name};;;;\r\nEND:VCARD\r\n"


def event(uid: str, start: str = "20261121T090000Z", summary: str = "Breakfast", *more: str) -> str:
    lines = [f"UID:{uid}", "DTSTAMP:20261101T000000Z", f"DTSTART:{start}", "DURATION:PT1H", f"SUMMARY:{summary}", *more]
    return calendar("VEVENT", lines)


def task(uid: str, *more: str) -> str:
    return calendar("VTODO", [f"UID:{uid}", "DTSTAMP:20261101T000000Z", "SUMMARY:Buy bread", *more])


def calendar(component: str, lines: list[str]) -> str:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//pimgate//tests//EN", f"BEGIN:{component}"]
    return "\r\n".join([*head, *lines, f"END:{component}", "END:VCALENDAR", ""])
