-- Written for SQLite; PostgreSQL gets it with BIGINT for INTEGER and without STRICT. Times are microseconds since 1970, UTC.
-- Text from outside is kept by outside(): see text.go.

-- One row for each entry of the signed log, up to the last that was recorded.
CREATE TABLE entries (
	sequence INTEGER PRIMARY KEY, -- in the log, from 0
	kind     TEXT NOT NULL,
	run      TEXT NOT NULL,
	begun    INTEGER NOT NULL,    -- of the attempt
	time     INTEGER NOT NULL,    -- of the entry
	manifest TEXT NOT NULL,       -- SHA-256, empty for a heartbeat
	reason   TEXT NOT NULL,
	problem  TEXT NOT NULL        -- why nothing of the run is known; empty: it is
) STRICT;

CREATE TABLE runs (
	sequence   INTEGER PRIMARY KEY REFERENCES entries (sequence),
	ended      INTEGER NOT NULL,
	observed   INTEGER NOT NULL,
	conclusion TEXT NOT NULL,
	complete   INTEGER NOT NULL,
	policies   TEXT NOT NULL,
	config     TEXT NOT NULL,
	tool       TEXT NOT NULL,
	build      TEXT NOT NULL,
	verdicts   TEXT NOT NULL,
	passed     INTEGER NOT NULL,
	failed     INTEGER NOT NULL,
	waived     INTEGER NOT NULL,
	unknown    INTEGER NOT NULL,
	unconcerned INTEGER NOT NULL, -- not applicable
	stores     INTEGER NOT NULL,
	gaps       INTEGER NOT NULL,
	first_gap  TEXT NOT NULL
) STRICT;

-- Verdicts that failed, were waived or are unknown, each text once.
CREATE TABLE verdicts (
	id     INTEGER PRIMARY KEY,
	digest TEXT NOT NULL UNIQUE,
	line   TEXT NOT NULL
) STRICT;

CREATE TABLE violations (
	id       INTEGER PRIMARY KEY,
	digest   TEXT NOT NULL UNIQUE, -- of the seven that make its identity
	control  TEXT NOT NULL,
	resource TEXT NOT NULL,
	zone     TEXT NOT NULL,
	role     TEXT NOT NULL,
	region   TEXT NOT NULL,
	account  TEXT NOT NULL,
	target   TEXT NOT NULL,
	kind     TEXT NOT NULL
) STRICT;

-- A violation from the run that opened it to the run that proved it ended.
CREATE TABLE spells (
	violation INTEGER NOT NULL REFERENCES violations (id),
	opened    INTEGER NOT NULL REFERENCES runs (sequence),
	closed    INTEGER REFERENCES runs (sequence), -- NULL: it is open
	last_seen INTEGER,                            -- of a closed one
	ending    TEXT NOT NULL,
	PRIMARY KEY (violation, opened)
) STRICT;
CREATE INDEX spells_opened ON spells (opened);
CREATE INDEX spells_closed ON spells (closed) WHERE closed IS NOT NULL;

-- How a violation stands, from one run up to and without another. What does not change has one row, however many runs see it.
CREATE TABLE states (
	violation        INTEGER NOT NULL REFERENCES violations (id),
	since            INTEGER NOT NULL,
	until            INTEGER,         -- NULL: it stands so now
	state            TEXT NOT NULL,
	severity         TEXT NOT NULL,
	resource_account TEXT NOT NULL,
	resource_region  TEXT NOT NULL,
	last_seen        INTEGER,         -- NULL: every run of the interval saw it
	detail           TEXT NOT NULL,
	verdict          INTEGER REFERENCES verdicts (id),
	PRIMARY KEY (violation, since)
) STRICT;
CREATE INDEX states_now ON states (violation) WHERE until IS NULL;
CREATE INDEX states_since ON states (since);
CREATE INDEX states_until ON states (until) WHERE until IS NOT NULL;

CREATE TABLE matters (
	id       INTEGER PRIMARY KEY,
	digest   TEXT NOT NULL UNIQUE,
	control  TEXT NOT NULL,
	resource TEXT NOT NULL,
	zone     TEXT NOT NULL
) STRICT;

-- Matters that are unknown, as intervals of runs.
CREATE TABLE unknowns (
	matter  INTEGER NOT NULL REFERENCES matters (id),
	since   INTEGER NOT NULL,
	until   INTEGER,
	verdict INTEGER NOT NULL REFERENCES verdicts (id),
	PRIMARY KEY (matter, since)
) STRICT;
CREATE INDEX unknowns_now ON unknowns (matter) WHERE until IS NULL;
CREATE INDEX unknowns_since ON unknowns (since);
CREATE INDEX unknowns_until ON unknowns (until) WHERE until IS NOT NULL;

-- Gaps in coverage, without the resources that they name.
CREATE TABLE gaps (
	id      INTEGER PRIMARY KEY,
	digest  TEXT NOT NULL UNIQUE,
	scanner TEXT NOT NULL,
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	call    TEXT NOT NULL,
	class   TEXT NOT NULL
) STRICT;

CREATE TABLE uncovered (
	gap   INTEGER NOT NULL REFERENCES gaps (id),
	since INTEGER NOT NULL,
	until INTEGER,
	PRIMARY KEY (gap, since)
) STRICT;

-- The nights of the schedule, with the lease of whoever runs one. This alone is not in the log.
CREATE TABLE nights (
	due      INTEGER PRIMARY KEY,
	state    TEXT NOT NULL,
	holder   TEXT NOT NULL,
	lease    INTEGER NOT NULL, -- when it ends
	attempts INTEGER NOT NULL,
	begun    INTEGER NOT NULL, -- of the last attempt; 0: none
	ended    INTEGER NOT NULL, -- of the last attempt; 0: it has not
	run      TEXT NOT NULL,
	problem  TEXT NOT NULL
) STRICT;
