-- What /jit history and /jit active read: each list along an index, newest first, however long the past is.
CREATE INDEX requests_decided ON requests (decided_at, id) WHERE state <> 'pending';
CREATE INDEX requests_decided_beneficiary ON requests (beneficiary, decided_at, id) WHERE state <> 'pending';
CREATE INDEX requests_decided_asker ON requests (asker, decided_at, id) WHERE state <> 'pending';
CREATE INDEX requests_decided_resource ON requests (resource, decided_at, id) WHERE state <> 'pending';
CREATE INDEX grants_live_asker ON grants (asker) WHERE state <> 'ended';
