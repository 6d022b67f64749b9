-- Moments are milliseconds since 1970-01-01T00:00:00Z, days are days since then. Ids are 16 bytes that sort as they print.

CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    data_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    keys_generation INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: the log names tenants by id, so that no id is ever given twice.
CREATE TABLE tenant (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE source (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
    id BLOB PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    source_name TEXT,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_day INTEGER,
    revoked_at INTEGER,
    FOREIGN KEY (tenant_id, source_name) REFERENCES source (tenant_id, name)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX api_key_live_name ON api_key (tenant_id, name) WHERE revoked_at IS NULL;
CREATE INDEX api_key_source ON api_key (tenant_id, source_name);

CREATE TABLE webhook (
    id BLOB PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    url TEXT NOT NULL,
    secret BLOB NOT NULL,
    kinds TEXT NOT NULL,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_tenant ON webhook (tenant_id, id);

CREATE TABLE delivery (
    id BLOB PRIMARY KEY,
    webhook_id BLOB NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    kind TEXT NOT NULL,
    tn INTEGER,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER,
    last_attempt_at INTEGER,
    last_status INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (webhook_id, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_listed ON delivery (webhook_id, state, id);
CREATE INDEX delivery_due ON delivery (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX delivery_settled ON delivery (created_at) WHERE next_attempt_at IS NULL;
CREATE INDEX delivery_tn ON delivery (tn) WHERE tn IS NOT NULL;

-- A claim without a status is a request that is being done.
CREATE TABLE claim (
    tenant_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER,
    content_type TEXT,
    body BLOB,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT;
CREATE INDEX claim_expires ON claim (expires_at);

-- The audience is a tenant's id, or -1 for everybody.
CREATE TABLE label_history (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    tn INTEGER NOT NULL,
    engine TEXT NOT NULL,
    audience INTEGER NOT NULL,
    position INTEGER NOT NULL,
    label_from TEXT NOT NULL,
    label_to TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    policy_version TEXT NOT NULL,
    provisional INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    UNIQUE (tn, audience, position, engine)
) STRICT;
CREATE INDEX label_history_tn ON label_history (tn, audience, place);
CREATE INDEX label_history_decided ON label_history (decided_at);

CREATE TABLE import (
    tenant_id INTEGER NOT NULL,
    source_name TEXT NOT NULL,
    file BLOB NOT NULL,
    file_name TEXT NOT NULL,
    position_bytes INTEGER NOT NULL,
    records INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, source_name, file),
    FOREIGN KEY (tenant_id, source_name) REFERENCES source (tenant_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    action TEXT NOT NULL,
    tenant_id INTEGER NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT
) STRICT;
CREATE INDEX audit_subject ON audit (subject, place);
CREATE INDEX audit_tenant ON audit (tenant_id, place);
-- Lines are added and never changed.
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit lines never change'); END;
CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit lines are never deleted'); END;
