CREATE TABLE IF NOT EXISTS mailbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid_next INTEGER NOT NULL DEFAULT 1,
    modseq INTEGER NOT NULL DEFAULT 1,
    special_use TEXT NOT NULL DEFAULT '',
    is_subscribed INTEGER NOT NULL DEFAULT 1,
    UNIQUE (login, name)
);
-- The latest UIDVALIDITY ever given, so that a name used again never looks like the mailbox that had it before.
CREATE TABLE IF NOT EXISTS validity (
    latest INTEGER NOT NULL
);
-- The octets, kept once however many mailboxes hold a copy; the header apart, because lists need only that.
CREATE TABLE IF NOT EXISTS content (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    header BLOB NOT NULL,
    rest BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS message (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    content_id INTEGER NOT NULL REFERENCES content (id),
    flags TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    PRIMARY KEY (mailbox_id, uid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS message_by_modseq ON message (mailbox_id, modseq);
CREATE INDEX IF NOT EXISTS message_by_date ON message (mailbox_id, received_at, content_id);
CREATE INDEX IF NOT EXISTS message_by_content ON message (content_id);
-- Who stands in From and To of a message: what a search for people reads instead of mail.
CREATE TABLE IF NOT EXISTS correspondent (
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (content_id, address)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expunged (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    PRIMARY KEY (mailbox_id, modseq, uid)
) WITHOUT ROWID;
