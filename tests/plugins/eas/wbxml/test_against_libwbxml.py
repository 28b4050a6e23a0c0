"""A second opinion: Debian's wbxml2xml (libwbxml2-utils) reads what we write, every tag of every page.

Its table and ours were made apart. Where they differ, the table below says how; in each case Microsoft's schema is
with us: libwbxml uses prefixes and spellings of old drafts, and knows neither page 25 nor the last tags of 16.1.
"""

import base64
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

from pimgate_eas.wbxml.codec import encode
from pimgate_eas.wbxml.codepages import PAGES, Page
from pimgate_eas.wbxml.element import Element
from plugins.eas.wbxml import samples

UNKNOWN = "unknown"

# Our name: the tag libwbxml 0.11.8 gives to the same byte.
LIBWBXML_SAYS = {
    "Contacts:AssistantPhoneNumber": "AssistantTelephoneNumber",
    "Contacts:BusinessAddressCity": "BusinessCity",
    "Contacts:BusinessAddressCountry": "BusinessCountry",
    "Contacts:BusinessAddressPostalCode": "BusinessPostalCode",
    "Contacts:BusinessAddressState": "BusinessState",
    "Contacts:BusinessAddressStreet": "BusinessStreet",
    "Contacts:HomeAddressCity": "HomeCity",
    "Contacts:HomeAddressCountry": "HomeCountry",
    "Contacts:HomeAddressPostalCode": "HomePostalCode",
    "Contacts:HomeAddressState": "HomeState",
    "Contacts:HomeAddressStreet": "HomeStreet",
    "Contacts:OtherAddressCity": "OtherCity",
    "Contacts:OtherAddressCountry": "OtherCountry",
    "Contacts:OtherAddressPostalCode": "OtherPostalCode",
    "Contacts:OtherAddressState": "OtherState",
    "Contacts:OtherAddressStreet": "OtherStreet",
    "Email:ReplyTo": "Reply-To",
    "Email:DtStamp": "DTStamp",
    "Email:Type": "Recurrence_Type",
    "Email:Until": "Recurrence_Until",
    "Email:Occurrences": "Recurrence_Occurrences",
    "Email:Interval": "Recurrence_Interval",
    "Email:DayOfWeek": "Recurrence_DayOfWeek",
    "Email:DayOfMonth": "Recurrence_DayOfMonth",
    "Email:WeekOfMonth": "Recurrence_WeekOfMonth",
    "Email:MonthOfYear": "Recurrence_MonthOfYear",
    "Email:Status": "FlagStatus",
    "Calendar:Timezone": "TimeZone",
    "Calendar:Email": "Attendee_Email",
    "Calendar:Name": "Attendee_Name",
    "Calendar:DtStamp": "DTStamp",
    "Calendar:Deleted": "Exception_Deleted",
    "Calendar:ExceptionStartTime": "Exception_StartTime",
    "Calendar:OrganizerEmail": "Organizer_Email",
    "Calendar:OrganizerName": "Organizer_Name",
    "Calendar:Type": "Recurrence_Type",
    "Calendar:Until": "Recurrence_Until",
    "Calendar:Occurrences": "Recurrence_Occurrences",
    "Calendar:Interval": "Recurrence_Interval",
    "Calendar:DayOfWeek": "Recurrence_DayOfWeek",
    "Calendar:DayOfMonth": "Recurrence_DayOfMonth",
    "Calendar:WeekOfMonth": "Recurrence_WeekOfMonth",
    "Calendar:MonthOfYear": "Recurrence_MonthOfYear",
    "Calendar:AttendeeStatus": "Attendee_Status",
    "Calendar:AttendeeType": "Attendee_Type",
    "MeetingResponse:ProposedStartTime": UNKNOWN,
    "MeetingResponse:ProposedEndTime": UNKNOWN,
    "Tasks:UtcDueDate": "UTCDueDate",
    "Tasks:Type": "Recurrence_Type",
    "Tasks:Start": "Recurrence_Start",
    "Tasks:Until": "Recurrence_Until",
    "Tasks:Occurrences": "Recurrence_Occurrences",
    "Tasks:Interval": "Recurrence_Interval",
    "Tasks:DayOfMonth": "Recurrence_DayOfMonth",
    "Tasks:DayOfWeek": "Recurrence_DayOfWeek",
    "Tasks:WeekOfMonth": "Recurrence_WeekOfMonth",
    "Tasks:MonthOfYear": "Recurrence_MonthOfYear",
    "Tasks:Regenerate": "Recurrence_Regenerate",
    "Tasks:DeadOccur": "Recurrence_DeadOccur",
    "Tasks:UtcStartDate": "UTCStartDate",
    "ValidateCert:CheckCrl": "CheckCRL",
    "Provision:RequireStorageCardEncryption": "DeviceEncryptionEnabled",
    "Provision:AccountOnlyRemoteWipe": UNKNOWN,
    "Settings:SMTPAddress": "SmtpAddress",
    "Settings:RightsManagementInformation": "ihsManagementInformation",
    "ComposeMail:Mime": "MIME",
    "RightsManagement:Owner": "RMOwner",
    "RightsManagement:RemoveRightsManagementProtection": "RemoveRightsManagementDistribution",
    "Find:Find": UNKNOWN,
    "Find:SearchId": UNKNOWN,
    "Find:ExecuteSearch": UNKNOWN,
    "Find:MailBoxSearchCriterion": UNKNOWN,
    "Find:Query": UNKNOWN,
    "Find:Status": UNKNOWN,
    "Find:FreeText": UNKNOWN,
    "Find:Options": UNKNOWN,
    "Find:Range": UNKNOWN,
    "Find:DeepTraversal": UNKNOWN,
    "Find:Response": UNKNOWN,
    "Find:Result": UNKNOWN,
    "Find:Properties": UNKNOWN,
    "Find:Preview": UNKNOWN,
    "Find:HasAttachments": UNKNOWN,
    "Find:Total": UNKNOWN,
    "Find:DisplayCc": UNKNOWN,
    "Find:DisplayBcc": UNKNOWN,
    "Find:GALSearchCriterion": UNKNOWN,
    "Find:MaxPictures": UNKNOWN,
    "Find:MaxSize": UNKNOWN,
    "Find:Picture": UNKNOWN,
}

# "unknown" comes out on the page of the last known element, so its namespace says nothing.
AS_UNKNOWN = f"AirSync:{UNKNOWN}"


def read_by_libwbxml(document: bytes) -> ET.Element:
    program = shutil.which("wbxml2xml")
    if program is None:
        pytest.fail("wbxml2xml is missing: install the package libwbxml2-utils (apt-get install libwbxml2-utils)")
    run = subprocess.run(
        [program, "-l", "ACTIVESYNC", "-m", "0", "-k", "-o", "-", "-"],
        input=document,
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert run.returncode == 0, run.stderr
    # Our own writing, so no hostile XML. The program adds a line about its success behind the document.
    return ET.fromstring(run.stdout[: run.stdout.rindex(b">") + 1])


def our_name(xml: ET.Element) -> str:
    """ "{AirSync:}Sync" as "AirSync:Sync"."""
    return xml.tag.removeprefix("{").replace(":}", ":")


def expected_name(name: str) -> str:
    said = LIBWBXML_SAYS.get(name)
    if said == UNKNOWN:
        return AS_UNKNOWN
    return f"{name.partition(':')[0]}:{said}" if said else name


def shown_by_libwbxml(element: Element) -> str:
    """Octets come out in base64."""
    return base64.b64encode(element.opaque).decode() if element.opaque else element.text or ""


@pytest.mark.parametrize("page", [page for page in PAGES if page.tags], ids=lambda page: page.namespace)
def test_libwbxml_reads_every_tag_under_the_same_name(page: Page) -> None:
    names = [name for _, name, _ in page.rows()]
    # One parent for each, so that a page switch comes before each.
    document = Element("AirSync:Sync", *(Element("AirSync:Add", Element(name)) for name in names))
    xml = read_by_libwbxml(encode(document))
    assert [our_name(parent[0]) for parent in xml] == [expected_name(name) for name in names]


@pytest.mark.parametrize(
    "document",
    [samples.contacts_sync(20), samples.mail_sync(20, body_size=4096)],
    ids=["contacts", "mail"],
)
def test_libwbxml_reads_the_same_tree_and_the_same_texts(document: Element) -> None:
    xml = read_by_libwbxml(encode(document))
    pairs = [(document, xml)]
    while pairs:
        ours, theirs = pairs.pop()
        assert our_name(theirs) == expected_name(ours.name)
        assert len(theirs) == len(ours.children)
        assert (theirs.text or "") == shown_by_libwbxml(ours)
        pairs.extend(zip(ours.children, theirs, strict=True))


def test_libwbxml_reads_octets_whatever_their_length() -> None:
    for size in (1, 127, 128, 16_383, 16_384, 100_000):
        mime = Element("ComposeMail:Mime", opaque=b"\x00" * size)
        xml = read_by_libwbxml(encode(Element("ComposeMail:SendMail", mime)))
        assert xml[0].text == shown_by_libwbxml(mime)
