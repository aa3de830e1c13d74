-- From which networks a grant may be used: a JSON list of CIDR blocks, or '' for
-- everywhere, which is what all had before.
ALTER TABLE principal ADD COLUMN networks TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN networks TEXT NOT NULL DEFAULT '';
