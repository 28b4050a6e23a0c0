"""Bytes beside the document they are. Written by hand from the code pages, so that a wrong table shows."""

import pytest

from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element as E
from plugins.eas.wbxml.notation import octets

FOLDER_SYNC_FIRST = (
    """ 03 01 6A 00
        00 07        (page FolderHierarchy)
        56           (FolderSync)
          52 03 "0" 00 01   (SyncKey)
        01
    """,
    E("FolderHierarchy:FolderSync", E("FolderHierarchy:SyncKey", text="0")),
)

FOLDER_SYNC_ANSWER = (
    """ 03 01 6A 00
        00 07
        56                          (FolderSync)
          4C 03 "1" 00 01           (Status)
          52 03 "1700000001" 00 01  (SyncKey)
          4E                        (Changes)
            57 03 "2" 00 01         (Count)
            4F                      (Add)
              48 03 "c1" 00 01      (ServerId)
              49 03 "0" 00 01       (ParentId)
              47 03 "Kontakte für Łódź" 00 01   (DisplayName)
              4A 03 "9" 00 01       (Type)
            01
            50                      (Delete)
              48 03 "c7" 00 01
            01
          01
        01
    """,
    E(
        "FolderHierarchy:FolderSync",
        E("FolderHierarchy:Status", text="1"),
        E("FolderHierarchy:SyncKey", text="1700000001"),
        E(
            "FolderHierarchy:Changes",
            E("FolderHierarchy:Count", text="2"),
            E(
                "FolderHierarchy:Add",
                E("FolderHierarchy:ServerId", text="c1"),
                E("FolderHierarchy:ParentId", text="0"),
                E("FolderHierarchy:DisplayName", text="Kontakte für Łódź"),
                E("FolderHierarchy:Type", text="9"),
            ),
            E("FolderHierarchy:Delete", E("FolderHierarchy:ServerId", text="c7")),
        ),
    ),
)

SYNC_WITH_CONTACTS = (
    """ 03 01 6A 00
        45                          (Sync, page 0 from the start)
          5C                        (Collections)
            4F                      (Collection)
              4B 03 "1700000042" 00 01   (SyncKey)
              52 03 "c1" 00 01      (CollectionId)
              4E 03 "1" 00 01       (Status)
              14                    (MoreAvailable, empty)
              56                    (Commands)
                47                  (Add)
                  4D 03 "c1:5" 00 01     (ServerId)
                  5D                (ApplicationData)
                    00 01           (page Contacts)
                    5F 03 "Zoë" 00 01    (FirstName)
                    69 03 "Öztürk" 00 01 (LastName)
                    5B 03 "zoe@home.example" 00 01  (Email1Address)
                    55 56 03 "Work" 00 01 01        (Categories, Category)
                    00 0C           (page Contacts2)
                    4D 03 "Zo" 00 01     (NickName)
                    00 11           (page AirSyncBase)
                    4A              (Body)
                      46 03 "1" 00 01    (Type)
                      4B 03 "two
lines" 00 01                             (Data)
                    01
                  01
                01                  (the page is still AirSyncBase here)
                00 00               (page AirSync)
                49                  (Delete)
                  4D 03 "c1:2" 00 01
                01
              01
            01
          01
        01
    """,
    E(
        "AirSync:Sync",
        E(
            "AirSync:Collections",
            E(
                "AirSync:Collection",
                E("AirSync:SyncKey", text="1700000042"),
                E("AirSync:CollectionId", text="c1"),
                E("AirSync:Status", text="1"),
                E("AirSync:MoreAvailable"),
                E(
                    "AirSync:Commands",
                    E(
                        "AirSync:Add",
                        E("AirSync:ServerId", text="c1:5"),
                        E(
                            "AirSync:ApplicationData",
                            E("Contacts:FirstName", text="Zoë"),
                            E("Contacts:LastName", text="Öztürk"),
                            E("Contacts:Email1Address", text="zoe@home.example"),
                            E("Contacts:Categories", E("Contacts:Category", text="Work")),
                            E("Contacts2:NickName", text="Zo"),
                            E(
                                "AirSyncBase:Body",
                                E("AirSyncBase:Type", text="1"),
                                E("AirSyncBase:Data", text="two\nlines"),
                            ),
                        ),
                    ),
                    E("AirSync:Delete", E("AirSync:ServerId", text="c1:2")),
                ),
            ),
        ),
    ),
)

PING = (
    """ 03 01 6A 00
        00 0D                       (page Ping)
        45                          (Ping)
          48 03 "470" 00 01         (HeartbeatInterval)
          49                        (Folders)
            4A                      (Folder)
              4B 03 "m2" 00 01      (Id)
              4C 03 "Email" 00 01   (Class)
            01
            4A 4B 03 "c1" 00 01 4C 03 "Contacts" 00 01 01
          01
        01
    """,
    E(
        "Ping:Ping",
        E("Ping:HeartbeatInterval", text="470"),
        E(
            "Ping:Folders",
            E("Ping:Folder", E("Ping:Id", text="m2"), E("Ping:Class", text="Email")),
            E("Ping:Folder", E("Ping:Id", text="c1"), E("Ping:Class", text="Contacts")),
        ),
    ),
)

PROVISION = (
    """ 03 01 6A 00
        00 0E                       (page Provision)
        45                          (Provision)
          00 12                     (page Settings)
          56                        (DeviceInformation)
            48                      (Set)
              57 03 "iPhone14C2" 00 01   (Model)
              5A 03 "iOS 18.2" 00 01     (OS)
            01
          01
          00 0E
          46                        (Policies)
            47                      (Policy)
              48 03 "MS-EAS-Provisioning-WBXML" 00 01   (PolicyType)
              49 03 "3942919513" 00 01                  (PolicyKey)
              4B 03 "1" 00 01                           (Status)
            01
          01
        01
    """,
    E(
        "Provision:Provision",
        E(
            "Settings:DeviceInformation",
            E("Settings:Set", E("Settings:Model", text="iPhone14C2"), E("Settings:OS", text="iOS 18.2")),
        ),
        E(
            "Provision:Policies",
            E(
                "Provision:Policy",
                E("Provision:PolicyType", text="MS-EAS-Provisioning-WBXML"),
                E("Provision:PolicyKey", text="3942919513"),
                E("Provision:Status", text="1"),
            ),
        ),
    ),
)

CALENDAR_16_1 = (
    """ 03 01 6A 00
        45 5C 4F                    (Sync, Collections, Collection)
          4B 03 "7" 00 01           (SyncKey)
          52 03 "k3" 00 01          (CollectionId)
          56                        (Commands)
            48                      (Change)
              4D 03 "k3:9" 00 01    (ServerId)
              00 11                 (page AirSyncBase)
              6D 03 "20260210T090000Z" 00 01    (InstanceId)
              00 00
              5D                    (ApplicationData)
                00 04               (page Calendar)
                66 03 "Baustelle" 00 01         (Subject)
                67 03 "20260210T100000Z" 00 01  (StartTime)
                52 03 "20260210T110000Z" 00 01  (EndTime)
                46 03 "0" 00 01                 (AllDayEvent)
                7C 03 "0A1B2C" 00 01            (ClientUid)
                00 11
                60                  (Location)
                  50 03 "Halle 4" 00 01         (DisplayName)
                  67 03 "48.14" 00 01           (Latitude)
                01
                4E 5C               (Attachments, Add)
                  5E 03 "a1" 00 01              (ClientId)
                  5F C3 03 00 FF 01 01          (Content, three octets)
                01 01
              01
            01
          01
        01 01 01
    """,
    E(
        "AirSync:Sync",
        E(
            "AirSync:Collections",
            E(
                "AirSync:Collection",
                E("AirSync:SyncKey", text="7"),
                E("AirSync:CollectionId", text="k3"),
                E(
                    "AirSync:Commands",
                    E(
                        "AirSync:Change",
                        E("AirSync:ServerId", text="k3:9"),
                        E("AirSyncBase:InstanceId", text="20260210T090000Z"),
                        E(
                            "AirSync:ApplicationData",
                            E("Calendar:Subject", text="Baustelle"),
                            E("Calendar:StartTime", text="20260210T100000Z"),
                            E("Calendar:EndTime", text="20260210T110000Z"),
                            E("Calendar:AllDayEvent", text="0"),
                            E("Calendar:ClientUid", text="0A1B2C"),
                            E(
                                "AirSyncBase:Location",
                                E("AirSyncBase:DisplayName", text="Halle 4"),
                                E("AirSyncBase:Latitude", text="48.14"),
                            ),
                            E(
                                "AirSyncBase:Attachments",
                                E(
                                    "AirSyncBase:Add",
                                    E("AirSyncBase:ClientId", text="a1"),
                                    E("AirSyncBase:Content", opaque=b"\x00\xff\x01"),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)

SEND_MAIL = (
    """ 03 01 6A 00
        00 15                       (page ComposeMail)
        45                          (SendMail)
          51 03 "m-1" 00 01         (ClientId)
          08                        (SaveInSentItems, empty)
          50 C3 81 00               (Mime, 128 octets: a length of two bytes)
          "To: a@home.example" 0A 0A                     (20)
          "a line of thirty-eight octets in all." 0A     (38)
          "a line of thirty-eight octets in all." 0A     (38)
          "and thirty-two octets to the end"             (32)
          01
        01
    """,
    E(
        "ComposeMail:SendMail",
        E("ComposeMail:ClientId", text="m-1"),
        E("ComposeMail:SaveInSentItems"),
        E(
            "ComposeMail:Mime",
            opaque=b"To: a@home.example\n\n"
            b"a line of thirty-eight octets in all.\n"
            b"a line of thirty-eight octets in all.\n"
            b"and thirty-two octets to the end",
        ),
    ),
)

EMPTY_PING_ANSWER = ("03 01 6A 00  00 0D  05", E("Ping:Ping"))

CAPTURES = [
    pytest.param(*FOLDER_SYNC_FIRST, id="first FolderSync"),
    pytest.param(*FOLDER_SYNC_ANSWER, id="answer to FolderSync"),
    pytest.param(*SYNC_WITH_CONTACTS, id="Sync with contacts"),
    pytest.param(*PING, id="Ping"),
    pytest.param(*PROVISION, id="Provision"),
    pytest.param(*CALENDAR_16_1, id="occurrence of a 16.1 calendar"),
    pytest.param(*SEND_MAIL, id="SendMail"),
    pytest.param(*EMPTY_PING_ANSWER, id="empty root"),
]


@pytest.mark.parametrize(("written", "document"), CAPTURES)
def test_bytes_are_read_as_the_document_they_mean(written: str, document: E) -> None:
    assert decode(octets(written)) == document


@pytest.mark.parametrize(("written", "document"), CAPTURES)
def test_a_document_is_written_as_exactly_these_bytes(written: str, document: E) -> None:
    assert encode(document) == octets(written)
