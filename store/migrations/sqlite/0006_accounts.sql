-- Whose account it is, and what waits for or by somebody: asked at each request, however many there are.
CREATE INDEX entitlements_account ON entitlements (connector, account);
CREATE INDEX requests_pending_beneficiary ON requests (beneficiary) WHERE state = 'pending';
-- grants_entitlement answers the same questions.
DROP INDEX grants_live_entitlement;
