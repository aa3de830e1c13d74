-- Text is compared by its bytes everywhere: BINARY is the collation of a column that
-- names none. Times are microseconds since 1970 in UTC; NULL is never, or not yet.

CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL
) STRICT;
INSERT INTO head (one, seq) VALUES (1, 0);

CREATE TABLE feed (
  seq     INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  touched TEXT NOT NULL -- [["topic", "name", ...], ...]
) STRICT;

CREATE TABLE audit (
  seq      INTEGER PRIMARY KEY REFERENCES feed (seq),
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  origin   TEXT NOT NULL,
  action   TEXT NOT NULL,
  object   TEXT NOT NULL,
  reason   TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash     TEXT NOT NULL
) STRICT;

CREATE TABLE principal (
  key      INTEGER PRIMARY KEY,
  id       TEXT NOT NULL UNIQUE,
  kind     TEXT NOT NULL,
  name     TEXT NOT NULL,
  login    TEXT NOT NULL,
  verifier TEXT NOT NULL,
  subject  TEXT NOT NULL,
  tenant   TEXT NOT NULL,
  role     TEXT NOT NULL,
  user     TEXT NOT NULL,
  scopes   TEXT NOT NULL, -- a JSON list, or '' for none
  claims   TEXT NOT NULL, -- a JSON object, or '' for none
  disabled INTEGER NOT NULL,
  UNIQUE (kind, name)
) STRICT;

-- A token outlives its owner, since an ended one is never forgotten: owner refers to
-- principal.id without being a foreign key.
CREATE TABLE token (
  key      INTEGER PRIMARY KEY,
  id       TEXT NOT NULL UNIQUE,
  prefix   TEXT NOT NULL,
  lookup   TEXT NOT NULL,
  verifier TEXT NOT NULL,
  name     TEXT NOT NULL,
  owner    TEXT NOT NULL,
  subject  TEXT NOT NULL,
  tenant   TEXT NOT NULL,
  role     TEXT NOT NULL,
  user     TEXT NOT NULL,
  scopes   TEXT NOT NULL,
  claims   TEXT NOT NULL,
  created  INTEGER NOT NULL,
  expires  INTEGER,
  revoked  INTEGER,
  reason   TEXT NOT NULL,
  UNIQUE (prefix, lookup)
) STRICT;
CREATE INDEX token_created ON token (created, id);
CREATE INDEX token_owner ON token (owner) WHERE owner <> '';
CREATE INDEX token_tenant ON token (tenant) WHERE tenant <> '';

-- Uses have a table of their own: noting many of them writes few pages.
CREATE TABLE token_use (
  token INTEGER PRIMARY KEY REFERENCES token (key),
  at    INTEGER NOT NULL
) STRICT;

CREATE TABLE organization (
  id   TEXT PRIMARY KEY,
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
  organization TEXT NOT NULL REFERENCES organization (id),
  subject      TEXT NOT NULL,
  role         TEXT NOT NULL,
  scopes       TEXT NOT NULL,
  PRIMARY KEY (organization, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_subject ON member (subject);

CREATE TABLE domain (
  name         TEXT PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organization (id),
  verified     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX domain_organization ON domain (organization);

CREATE TABLE server_key (
  id      TEXT PRIMARY KEY,
  checked TEXT NOT NULL
) STRICT, WITHOUT ROWID;
