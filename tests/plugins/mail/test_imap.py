"""The embedded server in conversation, as Thunderbird, isync, neomutt and phones hold it."""

import imaplib
import re
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from plugins.mail.conversation import Conversation
from plugins.mail.village import Village, village

ALICE, BOB = "alice@example.org", "bob@example.org"
PLAIN = (
    b"From: Bob <bob@example.org>\r\nTo: alice@example.org\r\nSubject: Lunch?\r\n"
    b"Date: Mon, 2 Feb 2026 10:00:00 +0100\r\n\r\nAt noon.\r\n"
)
MIXED = (
    b"From: =?utf-8?q?B=C3=B6b?= <bob@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\nfor old readers\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nZ3LDvG4=\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nFrom: x@example.org\r\n\r\ninner body\r\n"
    b'--b\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"\r\n\r\n%PDF\r\n'
    b"--b--\r\n"
)


@pytest.fixture
def port(home: Village) -> int:
    return home.server.imap_port


def uid_validity(talk: Conversation, name: str) -> str:
    found = re.search(r"UIDVALIDITY (\d+)", talk.ask(f"STATUS {name} (UIDVALIDITY)")[0])
    assert found is not None
    return found.group(1)


def test_newcomer_finds_the_usual_folders(port: int) -> None:
    with Conversation(port) as talk:
        assert talk.ask('LIST "" "*"')[:-1] == [
            '* LIST (\\HasNoChildren \\Archive) "/" "Archive"',
            '* LIST (\\HasNoChildren \\Drafts) "/" "Drafts"',
            '* LIST (\\HasNoChildren) "/" "INBOX"',
            '* LIST (\\HasNoChildren \\Junk) "/" "Junk"',
            '* LIST (\\HasNoChildren \\Sent) "/" "Sent"',
            '* LIST (\\HasNoChildren \\Trash) "/" "Trash"',
        ]


def test_mail_stays_between_runs(tmp_path: object) -> None:
    with village(tmp_path) as first:  # type: ignore[arg-type]
        first.deliver(ALICE, PLAIN, flags=("$Work", "\\Flagged"))
        with Conversation(first.server.imap_port) as talk:
            before = talk.ask("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)")[0]
    with village(tmp_path) as second, Conversation(second.server.imap_port) as talk:  # type: ignore[arg-type]
        assert talk.ask("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)")[0] == before
        talk.ask("SELECT INBOX")
        assert talk.ask("FETCH 1 (FLAGS)")[0] == "* 1 FETCH (FLAGS ($Work \\Flagged))"


def test_mail_comes_back_byte_for_byte(port: int) -> None:
    with imaplib.IMAP4("127.0.0.1", port, timeout=10) as program:
        program.login(ALICE, "wonder land")
        odd = bytes(set(range(1, 256)) - {10, 13})  # imaplib itself rewrites line ends.
        for message in (PLAIN, MIXED, odd, b"no header", b"\r\nonly body", b""):
            assert program.append("INBOX", "", "", message)[0] == "OK"
            program.select("INBOX")
            number = program.search(None, "ALL")[1][0].split()[-1].decode()
            assert program.fetch(number, "(BODY.PEEK[])")[1][0][1] == message
        program.close()


SECTIONS = {
    "BODY.PEEK[HEADER.FIELDS (SUBJECT x-none)]": b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n",
    "BODY.PEEK[1]": b"Z3LDvG4=",
    "BODY.PEEK[1.MIME]": b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    "BODY.PEEK[2]": b"Subject: inner\r\nFrom: x@example.org\r\n\r\ninner body",
    "BODY.PEEK[2.HEADER]": b"Subject: inner\r\nFrom: x@example.org\r\n\r\n",
    "BODY.PEEK[2.TEXT]": b"inner body",
    "BODY.PEEK[2.1]": b"inner body",
    "BODY.PEEK[3]": b"%PDF",
    "BODY.PEEK[3]<1.2>": b"PD",
    "BODY.PEEK[3]<99.5>": b"",
    "BODY.PEEK[TEXT]<0.15>": b"for old readers",
    "RFC822.HEADER": MIXED.partition(b"for old")[0],
}


@pytest.mark.parametrize(("section", "octets"), SECTIONS.items(), ids=SECTIONS.keys())
def test_part_of_a_message(home: Village, port: int, section: str, octets: bytes) -> None:
    home.deliver(ALICE, MIXED)
    with imaplib.IMAP4("127.0.0.1", port, timeout=10) as program:
        program.login(ALICE, "wonder land")
        program.select("INBOX")
        assert program.fetch("1", f"({section})")[1][0][1] == octets
        assert b"Seen" not in program.fetch("1", "(FLAGS)")[1][0]


def test_missing_part_is_nil(home: Village, port: int) -> None:
    home.deliver(ALICE, MIXED)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        assert talk.ask("FETCH 1 BODY.PEEK[7]")[0] == "* 1 FETCH (BODY[7] NIL)"


def test_structure_names_the_attachment(home: Village, port: int) -> None:
    home.deliver(ALICE, MIXED)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        structure = talk.ask("FETCH 1 BODYSTRUCTURE")[0]
    assert (
        '("application" "pdf" ("name" "a.pdf") NIL NIL "7bit" 4 NIL ("attachment" ("filename" "a.pdf")) NIL NIL)'
        in structure
    )
    assert structure.endswith('"mixed" ("boundary" "b") NIL NIL NIL))')


def test_envelope_shows_who_wrote(home: Village, port: int) -> None:
    home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        bob = '(("Bob" NIL "bob" "example.org"))'
        assert talk.ask("FETCH 1 ENVELOPE")[0] == (
            '* 1 FETCH (ENVELOPE ("Mon, 2 Feb 2026 10:00:00 +0100" "Lunch?" '
            f'{bob} {bob} {bob} ((NIL NIL "alice" "example.org")) NIL NIL NIL NIL))'
        )


def test_words_that_came_as_utf_8_are_shown_and_found(home: Village, port: int) -> None:
    home.deliver(ALICE, "From: Jörg <joerg@example.org>\r\nSubject: Grüße\r\n\r\nHello.\r\n".encode())
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        assert '"=?utf-8?b?R3LDvMOfZQ==?=" (("=?utf-8?b?SsO2cmc=?=" NIL' in talk.ask("FETCH 1 ENVELOPE")[0]
        assert talk.ask("SEARCH CHARSET UTF-8 SUBJECT {7+}\r\nGrüße".encode())[0] == "* SEARCH 1"


def test_reading_marks_seen_and_says_so(home: Village, port: int) -> None:
    home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        assert talk.ask("FETCH 1 BODY[TEXT]")[0].startswith("* 1 FETCH (FLAGS (\\Seen) BODY[TEXT] {10}")
        talk.ask("EXAMINE INBOX")
        talk.ask("STORE 1 -FLAGS (\\Seen)")
        assert talk.ask("STATUS INBOX (UNSEEN)")[0] == '* STATUS "INBOX" (UNSEEN 0)', "EXAMINE changes nothing"


SEARCHES = {
    "ALL": "1 2",
    "SUBJECT lunch": "1",
    'SUBJECT "grüße"': "2",
    'BODY "grün"': "2",
    "TEXT inner": "2",
    "FROM bob NOT SUBJECT lunch": "2",
    "OR SUBJECT lunch KEYWORD $work": "1 2",
    "(UNSEEN FLAGGED)": "2",
    "SENTON 2-Feb-2026": "1",
    "SENTBEFORE 2-Feb-2026": "",
    "SINCE 1-Jan-2020": "1 2",
    "BEFORE 1-Jan-2020": "",
    "LARGER 400": "2",
    "SMALLER 400": "1",
    "HEADER MIME-Version 1.0": "2",
    'HEADER MIME-Version ""': "2",
    "UID 2:*": "2",
    "2": "2",
    "NEW": "",
    "CHARSET UTF-8 UNDELETED": "1 2",
}


@pytest.mark.parametrize(("criteria", "found"), SEARCHES.items(), ids=SEARCHES.keys())
def test_search(home: Village, port: int, criteria: str, found: str) -> None:
    home.deliver(ALICE, PLAIN)
    home.deliver(ALICE, MIXED, flags=("$Work", "\\Flagged"))
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        literal = re.sub(r'"([^"]*[^\x00-\x7f][^"]*)"', lambda m: f"{{{len(m[1].encode())}+}}\r\n{m[1]}", criteria)
        assert talk.ask(f"SEARCH {literal}")[0] == f"* SEARCH {found}".rstrip()


def test_search_answers_in_short(home: Village, port: int) -> None:
    for _ in range(5):
        home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        talk.ask("UID STORE 3 +FLAGS.SILENT (\\Deleted)")
        assert talk.ask("UID SEARCH RETURN (MIN MAX COUNT ALL) UNDELETED")[0].partition(") ")[2] == (
            "UID MIN 1 MAX 5 COUNT 4 ALL 1:2,4:5"
        )


def test_keywords_are_kept_and_announced(home: Village, port: int) -> None:
    home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        assert talk.ask("STORE 1 FLAGS ($Forwarded NonJunk)")[0] == "* 1 FETCH (FLAGS ($Forwarded NonJunk))"
        assert any("PERMANENTFLAGS ($Forwarded NonJunk" in line for line in talk.ask("SELECT INBOX"))


def test_waiting_program_hears_of_new_mail_flags_and_expunges(home: Village, port: int) -> None:
    home.deliver(ALICE, PLAIN)
    with Conversation(port) as waiting, Conversation(port) as other:
        waiting.ask("SELECT INBOX")
        waiting.send(b"w IDLE\r\n")
        assert waiting.line() == "+ idling"
        home.deliver(ALICE, MIXED)
        assert [waiting.line(), waiting.line()] == ["* 2 EXISTS", "* 0 RECENT"]
        other.ask("SELECT INBOX")
        other.ask("STORE 1 +FLAGS (\\Deleted)")
        assert waiting.line() == "* 1 FETCH (FLAGS (\\Deleted))"
        other.ask("EXPUNGE")
        assert waiting.line() == "* 1 EXPUNGE"
        waiting.send(b"DONE\r\n")
        assert waiting.line() == "w OK IDLE completed."


def test_numbers_do_not_shift_under_a_command_by_number(home: Village, port: int) -> None:
    for _ in range(3):
        home.deliver(ALICE, PLAIN)
    with Conversation(port) as reader, Conversation(port) as other:
        reader.ask("SELECT INBOX")
        other.ask("SELECT INBOX")
        other.ask("STORE 1 +FLAGS (\\Deleted)")
        other.ask("EXPUNGE")
        answer = reader.ask("FETCH 3 (UID)")
        assert answer[0] == "* 3 FETCH (UID 3)"
        assert not any("EXPUNGE" in line for line in answer)
        assert reader.ask("NOOP")[0] == "* 1 EXPUNGE"
        assert reader.ask("FETCH 2 (UID)")[0] == "* 2 FETCH (UID 3)"


def test_uidplus_tells_the_new_uids(home: Village, port: int) -> None:
    for _ in range(3):
        home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        archive, trash = uid_validity(talk, "Archive"), uid_validity(talk, "Trash")
        talk.ask("SELECT INBOX")
        assert talk.ask("UID COPY 1,3 Archive")[-1] == f"OK [COPYUID {archive} 1,3 1:2] COPY completed."
        assert talk.ask("MOVE 1:2 Trash")[:-1] == [
            f"* OK [COPYUID {trash} 1:2 1:2] Moved.",
            "* 2 EXPUNGE",
            "* 1 EXPUNGE",
        ]
        appended = talk.ask(b'APPEND Archive (\\Seen) " 1-Feb-2026 12:00:00 +0100" {5+}\r\nA: b\n')
        assert appended[-1] == f"OK [APPENDUID {archive} 3] APPEND completed."
        talk.ask("STORE 1 +FLAGS.SILENT (\\Deleted)")
        assert talk.ask("UID EXPUNGE 1,2")[:-1] == []
        assert talk.ask("UID EXPUNGE 3")[0] == "* 1 EXPUNGE"
        assert talk.ask("COPY 1 Nowhere")[-1].startswith("BAD")
        talk.ask("SELECT Archive")
        assert talk.ask("FETCH 3 INTERNALDATE")[0] == '* 3 FETCH (INTERNALDATE " 1-Feb-2026 11:00:00 +0000")'
        assert talk.ask("COPY 1 Nowhere")[-1].startswith("NO [TRYCREATE]")


def test_condstore_tells_what_changed(home: Village, port: int) -> None:
    for _ in range(3):
        home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX (CONDSTORE)")
        assert talk.ask("STORE 2 +FLAGS.SILENT (\\Flagged)")[0] == "* 2 FETCH (FLAGS (\\Flagged) UID 2 MODSEQ (5))"
        assert talk.ask("FETCH 1:* (FLAGS) (CHANGEDSINCE 4)")[:-1] == ["* 2 FETCH (FLAGS (\\Flagged) MODSEQ (5))"]
        answer = talk.ask("STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS (\\Seen)")
        assert answer[-1].startswith("OK [MODIFIED 2]")
        assert talk.ask("SEARCH MODSEQ 5")[0] == "* SEARCH 1 2 3 (MODSEQ 6)"


def test_folders_are_made_renamed_listed_and_removed(port: int) -> None:
    with Conversation(port) as talk:
        assert talk.ask("CREATE Trips/2026/Oslo")[-1].startswith("OK")
        assert talk.ask('LIST "" "Trips*"')[0] == '* LIST (\\HasChildren) "/" "Trips"'
        assert talk.ask('LIST "" "Trips/%"')[:-1] == ['* LIST (\\HasChildren) "/" "Trips/2026"']
        assert talk.ask("RENAME Trips Journeys")[-1].startswith("OK")
        assert talk.ask('LIST "Journeys/" "*"')[1] == '* LIST (\\HasNoChildren) "/" "Journeys/2026/Oslo"'
        assert talk.ask("RENAME Journeys Journeys/below")[-1].startswith("NO [CANNOT]")
        assert talk.ask("DELETE Journeys")[-1].startswith("NO [HASCHILDREN]")
        assert talk.ask("DELETE Journeys/2026/Oslo")[-1].startswith("OK")
        assert talk.ask("CREATE inbox")[-1].startswith("NO [ALREADYEXISTS]")
        assert talk.ask("DELETE INBOX")[-1].startswith("NO [CANNOT]")
        assert talk.ask("CREATE Work (USE (\\Important))")[-1].startswith("NO [USEATTR]")


def test_name_used_again_is_another_mailbox(port: int) -> None:
    with Conversation(port) as talk:
        talk.ask("CREATE Once")
        before = uid_validity(talk, "Once")
        talk.ask("DELETE Once")
        talk.ask("CREATE Once")
        assert uid_validity(talk, "Once") != before


def test_extended_list_answers_with_status(home: Village, port: int) -> None:
    home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        talk.ask("CREATE Q/B")
        talk.ask("UNSUBSCRIBE Q")
        answer = talk.ask('LIST (SUBSCRIBED) "" (INBOX Q*) RETURN (SUBSCRIBED STATUS (MESSAGES UNSEEN))')
        assert answer[:-1] == [
            '* LIST (\\HasNoChildren \\Subscribed) "/" "INBOX"',
            '* STATUS "INBOX" (MESSAGES 1 UNSEEN 1)',
            '* LIST (\\HasNoChildren \\Subscribed) "/" "Q/B"',
            '* STATUS "Q/B" (MESSAGES 0 UNSEEN 0)',
        ]
        assert talk.ask('LIST (SUBSCRIBED RECURSIVEMATCH) "" "Q"')[0] == (
            '* LIST (\\HasChildren) "/" "Q" ("CHILDINFO" ("SUBSCRIBED"))'
        )
        assert talk.ask('LSUB "" "Q*"')[:-1] == ['* LSUB () "/" "Q/B"']


def test_inbox_renamed_gives_its_mail_away(home: Village, port: int) -> None:
    home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        assert talk.ask("RENAME INBOX Old")[-1].startswith("OK")
        assert talk.ask("STATUS Old (MESSAGES)")[0] == '* STATUS "Old" (MESSAGES 1)'
        assert talk.ask("STATUS INBOX (MESSAGES)")[0] == '* STATUS "INBOX" (MESSAGES 0)'


def test_people_see_their_own_mail_only(home: Village, port: int) -> None:
    home.deliver(ALICE, PLAIN)
    with Conversation(port, "", "") as talk:
        assert talk.ask(b"LOGIN bob@example.org {12+}\r\n" + "grün-geheim".encode())[-1].startswith("OK")
        assert talk.ask("STATUS INBOX (MESSAGES)")[0] == '* STATUS "INBOX" (MESSAGES 0)'


def test_master_opens_a_mailbox_and_nobody_else_does(port: int) -> None:
    import base64

    def plain(*parts: str) -> str:
        return base64.b64encode("\0".join(parts).encode()).decode()

    with Conversation(port, "") as talk:
        assert talk.ask(f"AUTHENTICATE PLAIN {plain(ALICE, 'pimgate', 'wrong')}")[-1].startswith("NO [AUTHENTICATION")
        assert talk.ask(f"AUTHENTICATE PLAIN {plain(ALICE, BOB, 'grün-geheim')}")[-1].startswith("NO [AUTHORIZATION")
        assert talk.ask(f"AUTHENTICATE PLAIN {plain('eve@example.org', 'pimgate', 'master key')}")[-1].startswith("NO")
        assert talk.ask(f"AUTHENTICATE PLAIN {plain(ALICE, 'pimgate', 'master key')}")[-1].startswith("OK")


BAD = [
    "FETCH 1 (FLAGS", "FETCH 0 FLAGS", "FETCH 9 FLAGS", "FETCH 1 BODY[0]", "FETCH 1 BODY[HEADER.FIELDS ()]",
    'FETCH 1 BODY[HEADER.FIELDS ("a\\"b")]', "FETCH 1 XYZZY", "FETCH 1:2:3 FLAGS", "FETCH , FLAGS", "SEARCH",
    "SEARCH XYZZY", "SEARCH SINCE yesterday", "SEARCH SINCE 31-Feb-2026", "SEARCH " + "(" * 50 + "ALL" + ")" * 50,
    "STORE 1 FLAGS (\\Seen", "STORE 1 COLOURS (red)", "COPY 1", "UID XYZZY 1", "UID FETCH", "LIST", "STATUS INBOX ()",
    "STATUS INBOX (COLOUR)", "APPEND INBOX", "SELECT", "NOOP now", "ENABLE", "XYZZY", "LOGIN a b", "IDLE now",
]  # fmt: skip


@pytest.mark.parametrize("command", BAD)
def test_nonsense_is_answered_with_one_sentence(home: Village, port: int, command: str) -> None:
    home.deliver(ALICE, PLAIN)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        assert re.match(r"(BAD|NO) [\w\[]", talk.ask(command)[-1])
        assert talk.ask("NOOP")[-1] == "OK NOOP completed."


@pytest.mark.parametrize("name", ["a//b", "/a", "a*", "a%", '"a\\\\b"', "x" * 300, '"a\tb"'])
def test_impossible_names_are_refused(port: int, name: str) -> None:
    with Conversation(port) as talk:
        assert re.match(r"(BAD|NO) ", talk.ask(f"CREATE {name}")[-1])


def test_message_beyond_the_limit_is_refused_before_it_is_sent(tmp_path: object) -> None:
    with village(tmp_path, max_message_bytes=1024) as home, Conversation(home.server.imap_port) as talk:  # type: ignore[arg-type]
        assert talk.ask("APPEND INBOX {900000}")[-1].startswith("NO [TOOBIG]")
        assert talk.ask(b"APPEND INBOX {2000+}\r\n" + b"x" * 2000)[-1].startswith("NO [TOOBIG]")
        assert talk.ask("NOOP")[-1].startswith("OK")


def test_overlong_line_is_an_end_not_a_fault(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with Conversation(port) as talk:
        talk.send(b"a NOOP " + b"x" * 200_000)
        assert talk.line() == "* BYE The line is too long."
    assert "fault of ours" not in caplog.text


COMMANDS = st.one_of(
    st.sampled_from([f"x {command}".encode() for command in BAD]),
    st.binary(max_size=80).map(lambda octets: b"x " + octets.replace(b"{", b"")),
    st.tuples(
        st.sampled_from([b"FETCH", b"SEARCH", b"STORE", b"LIST", b"UID", b"CREATE", b"STATUS", b"APPEND"]),
        st.text(alphabet='()[]<>{}"\\.*%:,0129 ABODYFLGSHEADRTXUINP\xfc', max_size=40),
    ).map(lambda pair: b"x " + pair[0] + b" " + pair[1].encode().replace(b"{", b"")),
)


@settings(max_examples=examples(20, 180), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(COMMANDS, max_size=8))
def test_no_command_brings_the_server_down(
    home: Village, port: int, caplog: pytest.LogCaptureFixture, commands: list[bytes]
) -> None:
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        talk.send(b"\r\n".join([*commands, b"x LOGOUT", b""]))
        talk.socket.shutdown(socket.SHUT_WR)
        while talk._file.readline():
            pass
    assert "fault of ours" not in caplog.text


HOSTILE = {
    "many parts": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 20000,
    "nested parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(2000)
    ),
    "nested messages": b"Content-Type: message/rfc822\r\n\r\n" * 5000,
    "many addresses": b"To: " + b"a@example.org, " * 20000 + b"\r\n\r\n",
    "a long header": b"Subject: " + b"x " * 500_000 + b"\r\n\r\n",
    "strange parameters": b'Content-Type: text/plain; a*0*=%ff; a*1=x; charset="\x80\xff"; =; ;;"\r\n\r\nx',
    "broken addresses": b'From: <<>>,,;:"\\\x80 @@ (((\r\nTo: undisclosed:;\r\n\r\n',
    "a broken date": b"Date: Mon, 99 Foo 0000 25:61:61 +9999\r\n\r\n",
    "a broken charset": b"Subject: =?x-none?b?!!!?= =?utf-8?q?=ZZ?=\r\nContent-Type: text/plain; charset=none\r\n\r\nx",
}


@pytest.mark.parametrize("octets", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_message_can_still_be_listed_and_searched(
    home: Village, port: int, caplog: pytest.LogCaptureFixture, octets: bytes
) -> None:
    home.deliver(ALICE, octets)
    with Conversation(port) as talk:
        talk.ask("SELECT INBOX")
        assert talk.ask("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[1.1.1.1])")[-1] == "OK FETCH completed."
        assert talk.ask("SEARCH OR TEXT zzz SENTSINCE 1-Jan-2020")[-1] == "OK SEARCH completed."
    assert "fault of ours" not in caplog.text
