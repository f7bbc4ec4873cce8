-- Tables of okrkit. The tenant stands in every primary key of what is a tenant's.
-- Instants are microseconds since 1970 UTC; text is compared byte by byte.

-- What belongs to the database as a whole, such as its identity.
CREATE TABLE okr_meta (
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

-- turn counts what was written to a row, and what only meets there.
CREATE TABLE okr_cycle (
    tenant  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    turn    INTEGER NOT NULL DEFAULT 0,
    key     TEXT NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE UNIQUE INDEX okr_cycle_key ON okr_cycle (tenant, key) WHERE key <> '';

CREATE TABLE okr_person (
    tenant  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    team    TEXT NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX okr_person_team ON okr_person (tenant, team);

CREATE TABLE okr_team (
    tenant  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    lead    TEXT NOT NULL,
    parent  TEXT NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE okr_objective (
    tenant  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    cycle   TEXT NOT NULL,
    key     TEXT NOT NULL,
    rank    INTEGER NOT NULL,
    team    TEXT NOT NULL,
    owner   TEXT NOT NULL,
    state   TEXT NOT NULL,
    doc     TEXT NOT NULL,
    private INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX okr_objective_private ON okr_objective (tenant, rank, id) WHERE private = 1;
CREATE UNIQUE INDEX okr_objective_key ON okr_objective (tenant, cycle, key) WHERE key <> '';
CREATE INDEX okr_objective_rank ON okr_objective (tenant, cycle, rank, id);
CREATE INDEX okr_objective_team ON okr_objective (tenant, team, cycle, rank, id);

-- Which objective contributes to which.
CREATE TABLE okr_objective_parent (
    tenant    TEXT NOT NULL,
    parent    TEXT NOT NULL,
    objective TEXT NOT NULL,
    PRIMARY KEY (tenant, parent, objective)
) STRICT, WITHOUT ROWID;
CREATE INDEX okr_objective_parent_child ON okr_objective_parent (tenant, objective);

-- What is known now stands in the row, so that reading many is cheap; doc holds what most rows lack.
CREATE TABLE okr_key_result (
    tenant        TEXT NOT NULL,
    id            TEXT NOT NULL,
    version       INTEGER NOT NULL,
    cycle         TEXT NOT NULL,
    objective     TEXT NOT NULL,
    key           TEXT NOT NULL,
    title         TEXT NOT NULL,
    owner         TEXT NOT NULL,
    state         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    unit          TEXT NOT NULL,
    baseline      REAL,
    target        REAL,
    curve         TEXT NOT NULL,
    weight        REAL,
    due           TEXT NOT NULL,
    activated_at  INTEGER,
    current_value REAL,
    current_at    INTEGER,
    kpi           TEXT NOT NULL,
    reading       TEXT NOT NULL,
    confidence    REAL,
    stated        TEXT NOT NULL,
    last_checkin  INTEGER,
    doc           TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE UNIQUE INDEX okr_key_result_key ON okr_key_result (tenant, objective, key) WHERE key <> '';
CREATE INDEX okr_key_result_objective ON okr_key_result (tenant, objective, id);
CREATE INDEX okr_key_result_owner ON okr_key_result (tenant, owner, cycle);
CREATE INDEX okr_key_result_kpi ON okr_key_result (tenant, kpi, cycle) WHERE kpi <> '';
CREATE INDEX okr_key_result_cycle ON okr_key_result (tenant, cycle, objective, id);

-- Which work items, and whose help, the initiatives of a key result name.
CREATE TABLE okr_key_result_link (
    tenant     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    key_result TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, value, key_result)
) STRICT, WITHOUT ROWID;
CREATE INDEX okr_key_result_link_of ON okr_key_result_link (tenant, key_result);

-- Clustered by key result and time: the newest of one lie together. seq is what the key result's events had
-- reached when it was written.
CREATE TABLE okr_reading (
    tenant      TEXT NOT NULL,
    key_result  TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    id          TEXT NOT NULL,
    value       REAL,
    source      TEXT NOT NULL,
    corrects    TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (tenant, key_result, occurred_at, recorded_at, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX okr_reading_id ON okr_reading (tenant, id);

-- Clustered and numbered like the readings.
CREATE TABLE okr_checkin (
    tenant      TEXT NOT NULL,
    key_result  TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    id          TEXT NOT NULL,
    author_kind TEXT NOT NULL,
    author      TEXT NOT NULL,
    reading     TEXT NOT NULL,
    value       REAL,
    confidence  REAL,
    stated      TEXT NOT NULL,
    doc         TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (tenant, key_result, occurred_at, recorded_at, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX okr_checkin_id ON okr_checkin (tenant, id);

CREATE TABLE okr_blocker (
    tenant     TEXT NOT NULL,
    key_result TEXT NOT NULL,
    id         TEXT NOT NULL,
    doc        TEXT NOT NULL,
    PRIMARY KEY (tenant, key_result, id)
) STRICT, WITHOUT ROWID;

-- Rows that concern others and are read whole: KPIs, waivers, comments, decisions, sessions, reviews, grants.
CREATE TABLE okr_item (
    tenant       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    id           TEXT NOT NULL,
    version      INTEGER NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    cycle        TEXT NOT NULL,
    doc          TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) STRICT;
CREATE INDEX okr_item_subject ON okr_item (tenant, subject, kind, id);
CREATE INDEX okr_item_cycle ON okr_item (tenant, cycle, kind, id) WHERE cycle <> '';

-- What was last announced of a subject, and when to look at it again.
CREATE TABLE okr_standing (
    tenant       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    kind         TEXT NOT NULL,
    key          TEXT NOT NULL,
    value        TEXT NOT NULL,
    since        INTEGER NOT NULL,
    next_look    INTEGER,
    PRIMARY KEY (tenant, subject_kind, subject, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX okr_standing_next_look ON okr_standing (next_look, tenant, subject_kind, subject) WHERE next_look IS NOT NULL;

-- Subjects to be looked at soon. Rows are only added and deleted, so that writers do not meet.
CREATE TABLE okr_look (
    tenant       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    asked        TEXT NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject_kind, subject, asked)
) STRICT, WITHOUT ROWID;
CREATE INDEX okr_look_at ON okr_look (at, tenant, subject_kind, subject);

-- Subjects that somebody is looking at.
CREATE TABLE okr_lease (
    tenant       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    attempt      INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject_kind, subject)
) STRICT, WITHOUT ROWID;

-- What was decided. Rows are only ever added; state and data hold words by reference.
CREATE TABLE okr_ledger (
    tenant      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    id          TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    event       TEXT NOT NULL,
    type        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor       TEXT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity      TEXT NOT NULL,
    state       TEXT NOT NULL,
    whole       TEXT NOT NULL,
    stood       TEXT NOT NULL,
    data        TEXT NOT NULL,
    hash        BLOB NOT NULL,
    PRIMARY KEY (tenant, kind, id, seq)
) STRICT;
CREATE UNIQUE INDEX okr_ledger_event ON okr_ledger (event);
CREATE INDEX okr_ledger_at ON okr_ledger (tenant, at);
-- The versions of an aggregate itself, and of what within it changes.
CREATE INDEX okr_ledger_entity ON okr_ledger (tenant, kind, id, entity_kind, entity, seq)
    WHERE entity_kind NOT IN ('reading', 'checkin', 'standing', 'source', 'notice');
CREATE INDEX okr_ledger_stood ON okr_ledger (tenant, kind, id, seq) WHERE stood <> '';

-- Ledger rows that have no seal yet.
CREATE TABLE okr_unsealed (
    tenant TEXT NOT NULL,
    kind   TEXT NOT NULL,
    id     TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind, id, seq)
) STRICT, WITHOUT ROWID;

-- The chain over the ledger: hash is H(previous hash, hash of the event's row). at marks the positions between
-- transactions: all that was committed at that instant stands at or before it.
CREATE TABLE okr_seal (
    tenant TEXT NOT NULL,
    pos    INTEGER NOT NULL,
    event  TEXT NOT NULL,
    kind   TEXT NOT NULL,
    id     TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    at     INTEGER,
    PRIMARY KEY (tenant, pos)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX okr_seal_aggregate ON okr_seal (tenant, kind, id, pos, seq);
CREATE INDEX okr_seal_at ON okr_seal (tenant, at, pos) WHERE at IS NOT NULL;

-- Which rows have ever belonged to which, where that may change.
CREATE TABLE okr_member (
    tenant   TEXT NOT NULL,
    relation TEXT NOT NULL,
    within   TEXT NOT NULL,
    id       TEXT NOT NULL,
    PRIMARY KEY (tenant, relation, within, id)
) STRICT, WITHOUT ROWID;

-- Texts of a person's own. Erasing empties salt and content.
CREATE TABLE okr_word (
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity      TEXT NOT NULL,
    field       TEXT NOT NULL,
    salt        BLOB,
    content     BLOB,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX okr_word_entity ON okr_word (tenant, entity_kind, entity);

-- Events that are not published yet, and nothing else.
CREATE TABLE okr_outbox (
    tenant  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    id      TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    event   TEXT NOT NULL,
    type    TEXT NOT NULL,
    wire    BLOB NOT NULL,
    at      INTEGER NOT NULL,
    due     INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    cause   TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id, seq)
) STRICT;
CREATE UNIQUE INDEX okr_outbox_event ON okr_outbox (event);

-- Decisions by idempotency key.
CREATE TABLE okr_remembered (
    tenant   TEXT NOT NULL,
    key      TEXT NOT NULL,
    content  TEXT NOT NULL,
    decision TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT;
CREATE INDEX okr_remembered_at ON okr_remembered (at);

-- Packs in force.
CREATE TABLE okr_pack (
    tenant  TEXT NOT NULL,
    name    TEXT NOT NULL,
    version TEXT NOT NULL,
    digest  TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

-- Texts of packs, once each.
CREATE TABLE okr_pack_text (
    tenant  TEXT NOT NULL,
    digest  TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (tenant, digest)
) STRICT;

-- Events that an adapter was done with.
CREATE TABLE okr_inbox (
    adapter TEXT NOT NULL,
    event   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (adapter, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX okr_inbox_at ON okr_inbox (at);

-- Events that an adapter could not be given.
CREATE TABLE okr_dead_letter (
    adapter  TEXT NOT NULL,
    event    TEXT NOT NULL,
    tenant   TEXT NOT NULL,
    type     TEXT NOT NULL,
    wire     BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    error    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (adapter, event)
) STRICT;
CREATE INDEX okr_dead_letter_at ON okr_dead_letter (at);
