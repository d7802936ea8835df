-- Times and durations are milliseconds, flags 0 or 1, principals "workspace/user" (empty: nobody).

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE requests (
  id              TEXT PRIMARY KEY,
  kind            TEXT NOT NULL,
  extends         TEXT,
  asker           TEXT NOT NULL,
  beneficiary     TEXT NOT NULL,
  resource        TEXT NOT NULL,
  role            TEXT NOT NULL,
  connector       TEXT NOT NULL,
  account         TEXT NOT NULL,
  asked_at        INTEGER NOT NULL,
  asked           TEXT NOT NULL,
  digest          TEXT NOT NULL,
  revision        INTEGER NOT NULL,
  state           TEXT NOT NULL,
  times_out_at    INTEGER NOT NULL,
  decided_at      INTEGER,
  decided_by      TEXT NOT NULL,
  decision_reason TEXT NOT NULL
) STRICT;
CREATE INDEX requests_pending ON requests (asked_at, id) WHERE state = 'pending';
CREATE INDEX requests_pending_asker ON requests (asker) WHERE state = 'pending';
CREATE INDEX requests_pending_account ON requests (connector, account) WHERE state = 'pending';
CREATE UNIQUE INDEX requests_one_pending ON requests (beneficiary, resource, role)
  WHERE state = 'pending' AND kind = 'access';
CREATE UNIQUE INDEX requests_one_extension ON requests (extends) WHERE state = 'pending' AND kind = 'extension';

CREATE TABLE votes (
  request TEXT NOT NULL REFERENCES requests (id),
  voter   TEXT NOT NULL,
  kind    TEXT NOT NULL,
  step    INTEGER NOT NULL,
  reason  TEXT NOT NULL,
  digest  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  voided  INTEGER NOT NULL,
  PRIMARY KEY (request, voter)
) STRICT;

CREATE TABLE entitlements (
  id                    INTEGER PRIMARY KEY AUTOINCREMENT,
  connector             TEXT NOT NULL,
  params                TEXT NOT NULL,  -- canonical JSON: equal parameters are equal text
  account               TEXT NOT NULL,
  resource              TEXT NOT NULL,
  role                  TEXT NOT NULL,
  on_existing           TEXT NOT NULL,
  state                 TEXT NOT NULL,
  present_started       INTEGER NOT NULL,
  confirmed             INTEGER NOT NULL,
  asked_until           INTEGER,
  last_present_returned INTEGER,
  lease_call            TEXT,
  lease_started         INTEGER,
  lease_deadline        INTEGER,
  lease_token           INTEGER,
  next_token            INTEGER NOT NULL,
  next_at               INTEGER NOT NULL,
  next_call             TEXT NOT NULL,
  failures              INTEGER NOT NULL,
  absences              INTEGER NOT NULL,
  removal_wanted        INTEGER,
  overdue_since         INTEGER,
  alarm_at              INTEGER NOT NULL,
  alarms                INTEGER NOT NULL,
  last_error            TEXT NOT NULL,
  tries                 INTEGER NOT NULL,
  UNIQUE (connector, params, account)
) STRICT;
CREATE INDEX entitlements_not_at_rest ON entitlements (id) WHERE state <> 'rest';
CREATE INDEX entitlements_overdue ON entitlements (overdue_since, id) WHERE overdue_since IS NOT NULL;

CREATE TABLE grants (
  id            TEXT PRIMARY KEY REFERENCES requests (id),
  entitlement   INTEGER NOT NULL REFERENCES entitlements (id),
  asker         TEXT NOT NULL,
  beneficiary   TEXT NOT NULL,
  resource      TEXT NOT NULL,
  role          TEXT NOT NULL,
  state         TEXT NOT NULL,
  created       INTEGER NOT NULL,
  window_end    INTEGER NOT NULL,
  duration      INTEGER NOT NULL,
  until         INTEGER,
  latest_end    INTEGER NOT NULL,
  confirmed     INTEGER,
  warn_before   TEXT NOT NULL,     -- JSON list
  warned        INTEGER NOT NULL,
  standing      INTEGER NOT NULL,
  failing       INTEGER NOT NULL,
  cause         TEXT,
  ended_by      TEXT NOT NULL,
  end_reason    TEXT NOT NULL,
  end_wanted_at INTEGER,
  ended_as      TEXT,
  ended_at      INTEGER,
  note          TEXT NOT NULL
) STRICT;
CREATE INDEX grants_live ON grants (created, id) WHERE state <> 'ended';
CREATE INDEX grants_live_beneficiary ON grants (beneficiary) WHERE state <> 'ended';
CREATE INDEX grants_live_entitlement ON grants (entitlement, created, id) WHERE state <> 'ended';
CREATE INDEX grants_entitlement ON grants (entitlement, created, id);
CREATE INDEX grants_live_resource ON grants (resource) WHERE state <> 'ended';

CREATE TABLE dues (
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT;
CREATE INDEX dues_at ON dues (kind, at, subject);

CREATE TABLE inbox (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  key      TEXT NOT NULL UNIQUE,
  received INTEGER NOT NULL,
  payload  TEXT NOT NULL,
  failures INTEGER NOT NULL,
  outcome  TEXT NOT NULL
) STRICT;
CREATE INDEX inbox_unfinished ON inbox (id) WHERE outcome = '';
CREATE INDEX inbox_finished ON inbox (received) WHERE outcome <> '';

CREATE TABLE cards (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  subject         TEXT NOT NULL REFERENCES requests (id),
  face            TEXT NOT NULL,
  channel         TEXT NOT NULL,
  thread          TEXT NOT NULL,
  direct          TEXT,
  wanted          INTEGER NOT NULL,
  shown           INTEGER NOT NULL,
  message_channel TEXT,
  message_id      TEXT,
  sending         TEXT NOT NULL,
  next_at         INTEGER NOT NULL,
  failures        INTEGER NOT NULL,
  problem         TEXT NOT NULL
) STRICT;
CREATE INDEX cards_subject ON cards (subject);
CREATE INDEX cards_to_send ON cards (next_at, id) WHERE wanted > shown AND problem = '';
CREATE INDEX cards_message ON cards (message_channel, message_id) WHERE message_id IS NOT NULL;

CREATE TABLE notices (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  key         TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  channel     TEXT NOT NULL,
  thread      TEXT NOT NULL,
  direct      TEXT,
  subject     TEXT REFERENCES requests (id),
  args        TEXT NOT NULL,
  created     INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  sending     TEXT NOT NULL,
  next_at     INTEGER NOT NULL,
  failures    INTEGER NOT NULL,
  finished    INTEGER NOT NULL,
  forget_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX notices_to_send ON notices (next_at, id) WHERE finished = 0;
CREATE INDEX notices_to_forget ON notices (forget_at) WHERE finished = 1;

CREATE TABLE bindings (
  principal TEXT PRIMARY KEY,
  email     TEXT NOT NULL UNIQUE,
  bound_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE channels (
  name TEXT PRIMARY KEY,
  id   TEXT NOT NULL
) STRICT;

CREATE TABLE policies (
  digest    TEXT PRIMARY KEY,
  documents TEXT NOT NULL,
  at        INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  action   TEXT NOT NULL,
  subject  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash     TEXT NOT NULL
) STRICT;
CREATE INDEX audit_subject ON audit (subject, sequence);
