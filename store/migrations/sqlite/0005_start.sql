-- Calls that were under way when the bot ended: looked for at each start, among all there ever were.
CREATE INDEX entitlements_leased ON entitlements (id) WHERE lease_call IS NOT NULL;
