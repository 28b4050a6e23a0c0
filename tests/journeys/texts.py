"""Texts that desktop programs write in the journeys."""


def card(uid: str, given: str, family: str, *more: str) -> str:
    """A vCard with what a phone cannot express."""
    lines = (
        *("BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{given} {family}", f"N:{family};{given};;;"),
        *("item1.URL:https://example.com/", "item1.X-ABLabel:boat", "X-SHOE-SIZE:39"),
        *more,
        *("END:VCARD", ""),
    )
    return "\r\n".join(lines)


def event(uid: str, summary: str, *more: str, start: str = "20261201T090000Z", end: str = "20261201T100000Z") -> str:
    """A VEVENT with what a phone cannot express."""
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//journeys//EN", "BEGIN:VEVENT", f"UID:{uid}"),
        *("DTSTAMP:20260101T000000Z", f"DTSTART:{start}", f"DTEND:{end}", f"SUMMARY:{summary}"),
        *("X-MOOD:curious", "URL:https://example.com/"),
        *more,
        *("END:VEVENT", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines)


def task(uid: str, summary: str, *more: str) -> str:
    """A VTODO with what a phone cannot express."""
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//journeys//EN", "BEGIN:VTODO", f"UID:{uid}"),
        *("DTSTAMP:20260101T000000Z", f"SUMMARY:{summary}", "RELATED-TO:parent", "X-MOOD:curious"),
        *more,
        *("END:VTODO", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines)


def note(uid: str, summary: str, words: str, *more: str) -> str:
    """A VJOURNAL with what a phone cannot express."""
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//journeys//EN", "BEGIN:VJOURNAL", f"UID:{uid}"),
        *("DTSTAMP:20260101T000000Z", f"SUMMARY:{summary}", f"DESCRIPTION:{words}", "COLOR:green"),
        *more,
        *("END:VJOURNAL", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines)
