"""Status codes, by command. Source: MS-ASCMD, "Status" of each command and "Common Status Codes"."""

from __future__ import annotations

from enum import IntEnum


class Common(IntEnum):
    """What any command may answer from 14.0 on."""

    INVALID_WBXML = 102
    INVALID_XML = 103
    DEVICE_ID_MISSING = 108
    SERVER_ERROR = 110
    SERVER_ERROR_RETRY = 111
    USER_DISABLED = 126
    DEVICE_BLOCKED = 129
    ACCESS_DENIED = 130
    STATE_NOT_FOUND = 132
    COMMAND_NOT_SUPPORTED = 137
    VERSION_NOT_SUPPORTED = 138
    NOT_PROVISIONED = 142
    POLICY_REFRESH = 143
    INVALID_POLICY_KEY = 144
    DEVICE_INFORMATION_REQUIRED = 165
    TOO_MANY_DEVICES = 177


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


class Search(IntEnum):
    OK = 1
    INVALID_REQUEST = 2
    SERVER = 3
    BAD_STORE = 8
