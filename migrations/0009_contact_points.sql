-- Ways to reach patients, doctors and institutions besides the ones on their own records.

-- owner: contacts
-- The primary of each kind is a member of the record itself, so that there are never two.
CREATE TABLE contact_points (
    id uuid NOT NULL PRIMARY KEY,
    owner_id uuid NOT NULL,
    kind text NOT NULL,
    label text NOT NULL,
    value jsonb NOT NULL,
    key text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CHECK (kind IN ('email', 'phone', 'address'))
);
CREATE INDEX contact_points_of_owner ON contact_points (owner_id, id);
CREATE UNIQUE INDEX contact_points_owner_key ON contact_points (owner_id, kind, key) WHERE kind <> 'address';
CREATE INDEX contact_points_key ON contact_points (kind, key, owner_id);
