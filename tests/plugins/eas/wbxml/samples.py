"""Documents of the size that phones really fetch: a window of contacts and a window of mail."""

from pimgate_eas.wbxml.element import Element

_WORDS = "the meeting moves to Thursday, please bring Łukasz's drawings of the new stairwell and the old tender. "


def _sync_of(collection_id: str, adds: list[Element]) -> Element:
    return Element(
        "AirSync:Sync",
        Element(
            "AirSync:Collections",
            Element(
                "AirSync:Collection",
                Element("AirSync:SyncKey", text="1700000042"),
                Element("AirSync:CollectionId", text=collection_id),
                Element("AirSync:Status", text="1"),
                Element("AirSync:MoreAvailable"),
                Element("AirSync:Commands", *adds),
            ),
        ),
    )


def _add(server_id: str, *data: Element) -> Element:
    return Element(
        "AirSync:Add",
        Element("AirSync:ServerId", text=server_id),
        Element("AirSync:ApplicationData", *data),
    )


def _body(kind: str, data: str) -> Element:
    return Element(
        "AirSyncBase:Body",
        Element("AirSyncBase:Type", text=kind),
        Element("AirSyncBase:EstimatedDataSize", text=str(len(data.encode()))),
        Element("AirSyncBase:Data", text=data),
    )


def contact(number: int) -> Element:
    """One contact as a server sends it: a filled-in card with a short note."""
    fields = {
        "FileAs": f"Müller, Anna {number}",
        "FirstName": "Anna",
        "MiddleName": "Maria",
        "LastName": f"Müller {number}",
        "CompanyName": "Stadtwerke Süd GmbH",
        "Department": "Netzplanung",
        "JobTitle": "Bauleiterin",
        "Email1Address": f"anna.mueller{number}@stadtwerke.example",
        "Email2Address": f"anna{number}@home.example",
        "BusinessPhoneNumber": f"+49 89 5550 {number:04}",
        "MobilePhoneNumber": f"+49 171 555 {number:04}",
        "HomePhoneNumber": f"+49 89 5551 {number:04}",
        "BusinessAddressStreet": "Am Kanal 17",
        "BusinessAddressCity": "München",
        "BusinessAddressPostalCode": "80331",
        "BusinessAddressCountry": "Deutschland",
        "HomeAddressStreet": "Lindenweg 4",
        "HomeAddressCity": "Freising",
        "Birthday": "1980-03-14T00:00:00.000Z",
        "WebPage": f"https://people.example/{number}",
    }
    return _add(
        f"c{number}",
        *(Element(f"Contacts:{tag}", text=text) for tag, text in fields.items()),
        Element("Contacts:Categories", Element("Contacts:Category", text="Work")),
        Element("Contacts2:NickName", text="Anni"),
        _body("1", "Met at the fair in Leipzig."),
    )


def mail(number: int, body_size: int = 4096) -> Element:
    """One mail as a server sends it, with the body cut at `body_size` characters."""
    fields = {
        "To": '"Łukasz Nowak" <lukasz@office.example>',
        "From": f'"Anna Müller" <anna.mueller{number}@stadtwerke.example>',
        "Subject": f"Re: stairwell drawings, part {number}",
        "DateReceived": "2026-02-03T09:17:44.000Z",
        "DisplayTo": "Łukasz Nowak",
        "ThreadTopic": "stairwell drawings",
        "Importance": "1",
        "Read": "0",
        "MessageClass": "IPM.Note",
        "InternetCPID": "65001",
        "ContentClass": "urn:content-classes:message",
    }
    text = (_WORDS * (body_size // len(_WORDS) + 1))[:body_size]
    return _add(
        f"5:{number}",
        *(Element(f"Email:{tag}", text=value) for tag, value in fields.items()),
        Element("Email:Flag"),
        _body("2", text),
        Element("AirSyncBase:NativeBodyType", text="2"),
        Element("Email2:ConversationId", opaque=number.to_bytes(16, "big")),
        Element("Email2:ConversationIndex", opaque=b"\x01\xd4\x00\xff" + bytes([number % 256])),
    )


def contacts_sync(count: int = 100) -> Element:
    """The answer to a Sync with a window of contacts."""
    return _sync_of("7", [contact(number) for number in range(count)])


def mail_sync(count: int = 512, body_size: int = 4096) -> Element:
    """The answer to a Sync with a window of mail."""
    return _sync_of("5", [mail(number, body_size) for number in range(count)])
