"""Status codes, by command. Source: MS-ASCMD, "Status" of each command and "Common Status Codes"."""

from __future__ import annotations

from enum import IntEnum


class Common(IntEnum):
    """What any command may answer from 14.0 on."""

    INVALID_CONTENT = 101
    INVALID_WBXML = 102
    INVALID_XML = 103
    INVALID_DATE_TIME = 104
    INVALID_IDS = 105
    INVALID_MIME = 107
    DEVICE_ID_MISSING = 108
    SERVER_ERROR = 110
    SERVER_ERROR_RETRY = 111
    QUOTA_EXCEEDED = 113
    MAILBOX_OFFLINE = 114
    SEND_QUOTA_EXCEEDED = 115
    MESSAGE_RECIPIENT_UNRESOLVED = 116
    MESSAGE_PREVIOUSLY_SENT = 118
    MESSAGE_HAS_NO_RECIPIENT = 119
    MAIL_SUBMISSION_FAILED = 120
    ATTACHMENT_TOO_LARGE = 122
    USER_DISABLED = 126
    DEVICE_BLOCKED = 129
    ACCESS_DENIED = 130
    STATE_NOT_FOUND = 132
    COMMAND_NOT_SUPPORTED = 137
    VERSION_NOT_SUPPORTED = 138
    NOT_FULLY_PROVISIONABLE = 139
    REMOTE_WIPE = 140
    NOT_PROVISIONED = 142
    POLICY_REFRESH = 143
    INVALID_POLICY_KEY = 144
    EXTERNALLY_MANAGED = 145
    NO_RECURRENCE = 146
    ITEM_NOT_FOUND = 150
    DEVICE_INFORMATION_REQUIRED = 165
    INVALID_ACCOUNT_ID = 166
    RIGHTS_MANAGEMENT_OFF = 168
    TOO_MANY_DEVICES = 177


class Nothing(IntEnum):
    """SendMail, SmartReply and SmartForward have no statuses of their own: what went well has an empty answer."""


class MeetingResponse(IntEnum):
    OK = 1
    INVALID = 2
    MAILBOX = 3
    SERVER = 4


class Sync(IntEnum):
    OK = 1
    INVALID_KEY = 3
    PROTOCOL = 4
    SERVER = 5
    CONVERSION = 6
    CONFLICT = 7
    NOT_FOUND = 8
    NO_SPACE = 9
    HIERARCHY_CHANGED = 12
    SEND_FULL_REQUEST = 13
    WAIT_OUT_OF_RANGE = 14
    TOO_MANY_COLLECTIONS = 15
    RETRY = 16


class Ping(IntEnum):
    NO_CHANGES = 1
    CHANGES = 2
    MISSING_PARAMETERS = 3
    SYNTAX = 4
    HEARTBEAT_OUT_OF_RANGE = 5
    TOO_MANY_FOLDERS = 6
    HIERARCHY_CHANGED = 7
    SERVER = 8


class FolderSync(IntEnum):
    OK = 1
    SERVER = 6
    INVALID_KEY = 9
    MALFORMED = 10


class FolderChange(IntEnum):
    """FolderCreate, FolderUpdate and FolderDelete. SPECIAL_TO_UPDATE is what FolderUpdate calls a default folder."""

    OK = 1
    EXISTS = 2
    SPECIAL_TO_UPDATE = 2
    SPECIAL = 3
    NOT_FOUND = 4
    PARENT_NOT_FOUND = 5
    SERVER = 6
    INVALID_KEY = 9
    MALFORMED = 10


class MoveItems(IntEnum):
    """OK is 3."""

    BAD_SOURCE = 1
    BAD_DESTINATION = 2
    OK = 3
    SAME_FOLDER = 4
    FAILED = 5
    LOCKED = 7


class Estimate(IntEnum):
    OK = 1
    BAD_COLLECTION = 2
    NOT_PRIMED = 3
    INVALID_KEY = 4


class ItemOperations(IntEnum):
    OK = 1
    PROTOCOL = 2
    SERVER = 3
    NOT_FOUND = 6
    BAD_RANGE = 8
    UNKNOWN_STORE = 9
    TOO_LARGE = 11
    CONVERSION = 14
    BAD_ATTACHMENT = 15
    DENIED = 16
    NEEDS_MOVE_ALWAYS = 155
    BAD_DESTINATION = 156


class ValidateCert(IntEnum):
    OK = 1
    PROTOCOL = 2
    BAD_SIGNATURE = 3
    UNTRUSTED = 4
    BAD_CHAIN = 5
    NOT_FOR_SIGNING = 6
    NOT_VALID_NOW = 7
    CHAIN_NOT_VALID_NOW = 8
    USED_INCORRECTLY = 9
    CHAIN_USED_INCORRECTLY = 11
    REVOCATION_UNKNOWN = 16
    SERVER = 17


class Provision(IntEnum):
    OK = 1
    PROTOCOL = 2
    SERVER = 3


class Policy(IntEnum):
    OK = 1
    NONE = 2
    UNKNOWN_TYPE = 3
    CORRUPT = 4
    WRONG_KEY = 5


class Settings(IntEnum):
    OK = 1
    PROTOCOL = 2
    ACCESS_DENIED = 3
    SERVER = 4
    INVALID_ARGUMENTS = 5
    CONFLICTING_ARGUMENTS = 6
    DENIED_BY_POLICY = 7
    RIGHTS_MANAGEMENT_OFF = 168


class Search(IntEnum):
    OK = 1
    INVALID_REQUEST = 2
    SERVER = 3
    NOT_REACHED = 7
    TOO_COMPLEX = 8
    TIMED_OUT = 10
    FOLDERS_CHANGED = 11
    END_OF_RANGE = 12
    BLOCKED = 13


class Find(IntEnum):
    OK = 1
    INVALID_REQUEST = 2
    FOLDERS_CHANGED = 3
    RANGE_MUST_START_AT_0 = 4


class Picture(IntEnum):
    """Of one person, in Search, Find and ResolveRecipients."""

    OK = 1
    NONE = 173
    TOO_LARGE = 174
    TOO_MANY = 175


class ResolveRecipients(IntEnum):
    OK = 1
    PROTOCOL = 5
    SERVER = 6


class Recipient(IntEnum):
    """Of one name or address."""

    RESOLVED = 1
    AMBIGUOUS = 2
    AMBIGUOUS_AND_MORE = 3
    UNKNOWN = 4


class Certificates(IntEnum):
    OK = 1
    NONE = 7
    TOO_MANY = 8


class Availability(IntEnum):
    OK = 1
    TOO_MANY_RECIPIENTS = 160
    GROUP_TOO_LARGE = 161
    RETRY = 162
    FAILED = 163
