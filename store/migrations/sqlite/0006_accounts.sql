-- Whose account it is, and what waits for or by somebody: asked at each request, however many there are.
CREATE INDEX entitlements_account ON entitlements (connector, account);
CREATE INDEX requests_pending_beneficiary ON requests (beneficiary) WHERE state = 'pending';
-- Made anew, for of two that serve alike the newer is taken: the live ones are few, whatever was.
DROP INDEX grants_live_entitlement;
CREATE INDEX grants_live_entitlement ON grants (entitlement, created, id) WHERE state <> 'ended';
