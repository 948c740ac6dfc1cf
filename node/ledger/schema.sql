-- What has arrived, what is being done with it, where its results went. Times: seconds since 1970, UTC.
-- Plain SQL without a dialect's own types or functions, so that PostgreSQL can follow.

CREATE TABLE IF NOT EXISTS ledger (           -- one row: which of our schemas this is
    version INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS studies (
    study_uid     TEXT PRIMARY KEY,
    state         TEXT NOT NULL,
    edition       INTEGER NOT NULL,           -- grows with each late image that re-opens the study
    calling_ae    TEXT NOT NULL,
    first_arrival DOUBLE PRECISION NOT NULL,
    last_arrival  DOUBLE PRECISION NOT NULL,
    plan          TEXT,                       -- JSON of node.planning.Plan, from PLANNED on
    planned_at    DOUBLE PRECISION,
    released      INTEGER NOT NULL DEFAULT 0, -- 1: a person said that no rule holds it any longer
    reason        TEXT NOT NULL DEFAULT '',   -- why it is where it is, for people
    trace         TEXT NOT NULL DEFAULT '',   -- where a defect of ours came up
    attempts      INTEGER NOT NULL DEFAULT 0,
    due           DOUBLE PRECISION NOT NULL DEFAULT 0,
    lease_until   DOUBLE PRECISION NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS studies_by_state ON studies (state, due);

CREATE TABLE IF NOT EXISTS series (
    series_uid    TEXT PRIMARY KEY,
    study_uid     TEXT NOT NULL REFERENCES studies (study_uid),
    state         TEXT NOT NULL,
    images        INTEGER NOT NULL,
    calling_ae    TEXT NOT NULL,
    last_arrival  DOUBLE PRECISION NOT NULL,
    role          TEXT,                       -- once its headers were looked at
    matters       INTEGER NOT NULL DEFAULT 1, -- 0: no method of the study's rule can use such a series
    reason        TEXT NOT NULL DEFAULT ''    -- the evidence that it is whole, or what is missing
);
CREATE INDEX IF NOT EXISTS series_by_study ON series (study_uid);

CREATE TABLE IF NOT EXISTS instances (
    sop_instance_uid    TEXT PRIMARY KEY,
    series_uid          TEXT NOT NULL REFERENCES series (series_uid),
    sop_class_uid       TEXT NOT NULL,
    transfer_syntax_uid TEXT NOT NULL,
    sha256              TEXT NOT NULL,        -- of the dataset's bytes
    size                INTEGER NOT NULL,
    path                TEXT,                 -- NULL once retention has deleted the file
    received_at         DOUBLE PRECISION NOT NULL
);
CREATE INDEX IF NOT EXISTS instances_by_series ON instances (series_uid);

CREATE TABLE IF NOT EXISTS arrivals (         -- which association brought images of which series, and how it ended
    series_uid  TEXT NOT NULL REFERENCES series (series_uid),
    association TEXT NOT NULL,
    first_at    DOUBLE PRECISION NOT NULL,
    ended_at    DOUBLE PRECISION,
    ending      TEXT NOT NULL,                -- open, released, aborted, lost (the node ended first)
    PRIMARY KEY (series_uid, association)
);

CREATE TABLE IF NOT EXISTS refusals (         -- what was not accepted, for the status page
    at         DOUBLE PRECISION NOT NULL,
    calling_ae TEXT NOT NULL,
    address    TEXT NOT NULL,
    reason     TEXT NOT NULL,
    path       TEXT                           -- of an object in quarantine
);

CREATE TABLE IF NOT EXISTS choices (          -- why each series was taken or not, per edition
    study_uid  TEXT NOT NULL REFERENCES studies (study_uid),
    edition    INTEGER NOT NULL,
    series_uid TEXT,                          -- NULL: a whole method or study
    method     TEXT,
    verdict    TEXT NOT NULL,                 -- chosen, refused, not analysed
    reason     TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS choices_by_study ON choices (study_uid, edition);

CREATE TABLE IF NOT EXISTS objects (          -- results, as valid files
    sop_instance_uid TEXT PRIMARY KEY,
    sop_class_uid    TEXT NOT NULL,
    series_uid       TEXT NOT NULL,
    study_uid        TEXT NOT NULL REFERENCES studies (study_uid),
    kind             TEXT NOT NULL,
    job              TEXT NOT NULL,           -- digest of inputs, methods, weights and settings
    path             TEXT,                    -- NULL once retention has deleted the file
    made_at          DOUBLE PRECISION NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_job ON objects (job);

CREATE TABLE IF NOT EXISTS answers (          -- which objects answer which edition of a study
    study_uid        TEXT NOT NULL REFERENCES studies (study_uid),
    edition          INTEGER NOT NULL,
    sop_instance_uid TEXT NOT NULL REFERENCES objects (sop_instance_uid),
    PRIMARY KEY (study_uid, edition, sop_instance_uid)
);

CREATE TABLE IF NOT EXISTS deliveries (
    sop_instance_uid TEXT NOT NULL REFERENCES objects (sop_instance_uid),
    peer             TEXT NOT NULL,
    state            TEXT NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    first_attempt    DOUBLE PRECISION,
    changed_at       DOUBLE PRECISION NOT NULL,
    due              DOUBLE PRECISION NOT NULL DEFAULT 0,
    lease_until      DOUBLE PRECISION NOT NULL DEFAULT 0,
    words            TEXT NOT NULL DEFAULT '',  -- what the peer said
    PRIMARY KEY (sop_instance_uid, peer)
);
CREATE INDEX IF NOT EXISTS deliveries_by_peer ON deliveries (peer, state, due);

CREATE TABLE IF NOT EXISTS events (           -- what happened, in order; an echo for people, never read back as state
    at        DOUBLE PRECISION NOT NULL,
    study_uid TEXT,
    words     TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_study ON events (study_uid);
