-- What waits to be told in one thread, in the order in which it happened.
CREATE INDEX notices_in_thread ON notices (channel, thread, id) WHERE finished = 0;
