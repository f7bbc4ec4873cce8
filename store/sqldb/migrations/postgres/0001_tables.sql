-- Tables of okrkit. The tenant stands in every primary key of what is a tenant's.
-- Instants are microseconds since 1970 UTC; text is compared byte by byte.

-- What belongs to the database as a whole, such as its identity.
CREATE TABLE okr_meta (
    key   text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    PRIMARY KEY (key)
);

-- turn counts what was written to a row, and what only meets there.
CREATE TABLE okr_cycle (
    tenant  text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    turn    bigint NOT NULL DEFAULT 0,
    key     text COLLATE "C" NOT NULL,
    doc     text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX okr_cycle_key ON okr_cycle (tenant, key) WHERE key <> '';

CREATE TABLE okr_person (
    tenant  text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    team    text COLLATE "C" NOT NULL,
    doc     text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX okr_person_team ON okr_person (tenant, team);

CREATE TABLE okr_team (
    tenant  text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    lead    text COLLATE "C" NOT NULL,
    parent  text COLLATE "C" NOT NULL,
    doc     text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE okr_objective (
    tenant  text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    cycle   text COLLATE "C" NOT NULL,
    key     text COLLATE "C" NOT NULL,
    rank    bigint NOT NULL,
    team    text COLLATE "C" NOT NULL,
    owner   text COLLATE "C" NOT NULL,
    state   text COLLATE "C" NOT NULL,
    doc     text COLLATE "C" NOT NULL,
    private bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX okr_objective_private ON okr_objective (tenant, rank, id) WHERE private = 1;
CREATE UNIQUE INDEX okr_objective_key ON okr_objective (tenant, cycle, key) WHERE key <> '';
CREATE INDEX okr_objective_rank ON okr_objective (tenant, cycle, rank, id);
CREATE INDEX okr_objective_team ON okr_objective (tenant, team, cycle, rank, id);

-- Which objective contributes to which.
CREATE TABLE okr_objective_parent (
    tenant    text COLLATE "C" NOT NULL,
    parent    text COLLATE "C" NOT NULL,
    objective text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, parent, objective)
);
CREATE INDEX okr_objective_parent_child ON okr_objective_parent (tenant, objective);

-- What is known now stands in the row, so that reading many is cheap; doc holds what most rows lack.
CREATE TABLE okr_key_result (
    tenant        text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    version       bigint NOT NULL,
    cycle         text COLLATE "C" NOT NULL,
    objective     text COLLATE "C" NOT NULL,
    key           text COLLATE "C" NOT NULL,
    title         text COLLATE "C" NOT NULL,
    owner         text COLLATE "C" NOT NULL,
    state         text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    unit          text COLLATE "C" NOT NULL,
    baseline      double precision,
    target        double precision,
    curve         text COLLATE "C" NOT NULL,
    weight        double precision,
    due           text COLLATE "C" NOT NULL,
    activated_at  bigint,
    current_value double precision,
    current_at    bigint,
    kpi           text COLLATE "C" NOT NULL,
    reading       text COLLATE "C" NOT NULL,
    confidence    double precision,
    stated        text COLLATE "C" NOT NULL,
    last_checkin  bigint,
    doc           text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX okr_key_result_key ON okr_key_result (tenant, objective, key) WHERE key <> '';
CREATE INDEX okr_key_result_objective ON okr_key_result (tenant, objective, id);
CREATE INDEX okr_key_result_owner ON okr_key_result (tenant, owner, cycle);
CREATE INDEX okr_key_result_kpi ON okr_key_result (tenant, kpi, cycle) WHERE kpi <> '';
CREATE INDEX okr_key_result_cycle ON okr_key_result (tenant, cycle, objective, id);

-- Which work items, and whose help, the initiatives of a key result name.
CREATE TABLE okr_key_result_link (
    tenant     text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    value      text COLLATE "C" NOT NULL,
    key_result text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, kind, value, key_result)
);
CREATE INDEX okr_key_result_link_of ON okr_key_result_link (tenant, key_result);

-- Clustered by key result and time: the newest of one lie together. seq is what the key result's events had
-- reached when it was written.
CREATE TABLE okr_reading (
    tenant      text COLLATE "C" NOT NULL,
    key_result  text COLLATE "C" NOT NULL,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    id          text COLLATE "C" NOT NULL,
    value       double precision,
    source      text COLLATE "C" NOT NULL,
    corrects    text COLLATE "C" NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (tenant, key_result, occurred_at, recorded_at, id)
);
CREATE UNIQUE INDEX okr_reading_id ON okr_reading (tenant, id);

-- Clustered and numbered like the readings.
CREATE TABLE okr_checkin (
    tenant      text COLLATE "C" NOT NULL,
    key_result  text COLLATE "C" NOT NULL,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    id          text COLLATE "C" NOT NULL,
    author_kind text COLLATE "C" NOT NULL,
    author      text COLLATE "C" NOT NULL,
    reading     text COLLATE "C" NOT NULL,
    value       double precision,
    confidence  double precision,
    stated      text COLLATE "C" NOT NULL,
    doc         text COLLATE "C" NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (tenant, key_result, occurred_at, recorded_at, id)
);
CREATE UNIQUE INDEX okr_checkin_id ON okr_checkin (tenant, id);

CREATE TABLE okr_blocker (
    tenant     text COLLATE "C" NOT NULL,
    key_result text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    doc        text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, key_result, id)
);

-- Rows that concern others and are read whole: KPIs, waivers, comments, decisions, sessions, reviews, grants.
CREATE TABLE okr_item (
    tenant       text COLLATE "C" NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    cycle        text COLLATE "C" NOT NULL,
    doc          text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX okr_item_subject ON okr_item (tenant, subject, kind, id);
CREATE INDEX okr_item_cycle ON okr_item (tenant, cycle, kind, id) WHERE cycle <> '';

-- What was last announced of a subject, and when to look at it again.
CREATE TABLE okr_standing (
    tenant       text COLLATE "C" NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    value        text COLLATE "C" NOT NULL,
    since        bigint NOT NULL,
    next_look    bigint,
    PRIMARY KEY (tenant, subject_kind, subject, kind, key)
);
CREATE INDEX okr_standing_next_look ON okr_standing (next_look, tenant, subject_kind, subject) WHERE next_look IS NOT NULL;

-- Subjects to be looked at soon. Rows are only added and deleted, so that writers do not meet.
CREATE TABLE okr_look (
    tenant       text COLLATE "C" NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    asked        text COLLATE "C" NOT NULL,
    at           bigint NOT NULL,
    PRIMARY KEY (tenant, subject_kind, subject, asked)
);
CREATE INDEX okr_look_at ON okr_look (at, tenant, subject_kind, subject);

-- Subjects that somebody is looking at.
CREATE TABLE okr_lease (
    tenant       text COLLATE "C" NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    attempt      bigint NOT NULL,
    until        bigint NOT NULL,
    PRIMARY KEY (tenant, subject_kind, subject)
);

-- What was decided. Rows are only ever added; state and data hold words by reference.
CREATE TABLE okr_ledger (
    tenant      text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    seq         bigint NOT NULL,
    event       text COLLATE "C" NOT NULL,
    type        text COLLATE "C" NOT NULL,
    at          bigint NOT NULL,
    actor_kind  text COLLATE "C" NOT NULL,
    actor       text COLLATE "C" NOT NULL,
    entity_kind text COLLATE "C" NOT NULL,
    entity      text COLLATE "C" NOT NULL,
    state       text COLLATE "C" NOT NULL,
    whole       text COLLATE "C" NOT NULL,
    stood       text COLLATE "C" NOT NULL,
    data        text COLLATE "C" NOT NULL,
    hash        bytea NOT NULL,
    PRIMARY KEY (tenant, kind, id, seq)
);
CREATE UNIQUE INDEX okr_ledger_event ON okr_ledger (event);
CREATE INDEX okr_ledger_at ON okr_ledger (tenant, at);
-- The versions of an aggregate itself, and of what within it changes.
CREATE INDEX okr_ledger_entity ON okr_ledger (tenant, kind, id, entity_kind, entity, seq)
    WHERE entity_kind NOT IN ('reading', 'checkin', 'standing', 'source', 'notice');
CREATE INDEX okr_ledger_stood ON okr_ledger (tenant, kind, id, seq) WHERE stood <> '';

-- Ledger rows that have no seal yet.
CREATE TABLE okr_unsealed (
    tenant text COLLATE "C" NOT NULL,
    kind   text COLLATE "C" NOT NULL,
    id     text COLLATE "C" NOT NULL,
    seq    bigint NOT NULL,
    PRIMARY KEY (tenant, kind, id, seq)
);

-- The chain over the ledger: hash is H(previous hash, hash of the event's row). at marks the positions between
-- transactions: all that was committed at that instant stands at or before it.
CREATE TABLE okr_seal (
    tenant text COLLATE "C" NOT NULL,
    pos    bigint NOT NULL,
    event  text COLLATE "C" NOT NULL,
    kind   text COLLATE "C" NOT NULL,
    id     text COLLATE "C" NOT NULL,
    seq    bigint NOT NULL,
    hash   bytea NOT NULL,
    at     bigint,
    PRIMARY KEY (tenant, pos)
);
CREATE UNIQUE INDEX okr_seal_aggregate ON okr_seal (tenant, kind, id, pos, seq);
CREATE INDEX okr_seal_at ON okr_seal (tenant, at, pos) WHERE at IS NOT NULL;

-- Which rows have ever belonged to which, where that may change.
CREATE TABLE okr_member (
    tenant   text COLLATE "C" NOT NULL,
    relation text COLLATE "C" NOT NULL,
    within   text COLLATE "C" NOT NULL,
    id       text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, relation, within, id)
);

-- Texts of a person's own. Erasing empties salt and content.
CREATE TABLE okr_word (
    tenant      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    entity_kind text COLLATE "C" NOT NULL,
    entity      text COLLATE "C" NOT NULL,
    field       text COLLATE "C" NOT NULL,
    salt        bytea,
    content     bytea,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX okr_word_entity ON okr_word (tenant, entity_kind, entity);

-- Events that are not published yet, and nothing else.
CREATE TABLE okr_outbox (
    tenant  text COLLATE "C" NOT NULL,
    kind    text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    event   text COLLATE "C" NOT NULL,
    type    text COLLATE "C" NOT NULL,
    wire    bytea NOT NULL,
    at      bigint NOT NULL,
    due     bigint NOT NULL,
    attempt bigint NOT NULL,
    cause   text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, kind, id, seq)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX okr_outbox_event ON okr_outbox (event);

-- Decisions by idempotency key.
CREATE TABLE okr_remembered (
    tenant   text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,
    content  text COLLATE "C" NOT NULL,
    decision text COLLATE "C" NOT NULL,
    at       bigint NOT NULL,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX okr_remembered_at ON okr_remembered (at);

-- Packs in force.
CREATE TABLE okr_pack (
    tenant  text COLLATE "C" NOT NULL,
    name    text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    digest  text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- Texts of packs, once each.
CREATE TABLE okr_pack_text (
    tenant  text COLLATE "C" NOT NULL,
    digest  text COLLATE "C" NOT NULL,
    content text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, digest)
);

-- Events that an adapter was done with.
CREATE TABLE okr_inbox (
    adapter text COLLATE "C" NOT NULL,
    event   text COLLATE "C" NOT NULL,
    at      bigint NOT NULL,
    PRIMARY KEY (adapter, event)
);
CREATE INDEX okr_inbox_at ON okr_inbox (at);

-- Events that an adapter could not be given.
CREATE TABLE okr_dead_letter (
    adapter  text COLLATE "C" NOT NULL,
    event    text COLLATE "C" NOT NULL,
    tenant   text COLLATE "C" NOT NULL,
    type     text COLLATE "C" NOT NULL,
    wire     bytea NOT NULL,
    attempts bigint NOT NULL,
    error    text COLLATE "C" NOT NULL,
    at       bigint NOT NULL,
    PRIMARY KEY (adapter, event)
);
CREATE INDEX okr_dead_letter_at ON okr_dead_letter (at);
