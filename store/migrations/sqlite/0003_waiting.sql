-- What a pending request has behind it: how many reminders and escalations, and the steps (JSON list) that
-- nobody could satisfy when it was last looked at.
ALTER TABLE requests ADD COLUMN nudges INTEGER NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN stuck TEXT NOT NULL DEFAULT '[]';
