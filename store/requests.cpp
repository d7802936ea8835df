#include "bot/model/audit_event.hpp"
#include "bot/model/json.hpp"
#include "store/lately.hpp"
#include "store/query.hpp"
#include "store/transaction.hpp"
#include "store/votes.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::store {

namespace {

#define JITBOT_REQUEST_COLUMNS \
  "id, asked, digest, revision, state, times_out_at, decided_at, decided_by, decision_reason, nudges, stuck"

Asked read_asked(const std::string& text, const RequestId& id) {
  // A request is read often while it lives, and what was asked stays: each thread remembers what it made of
  // the last texts.
  constexpr std::size_t k_many = 256;
  thread_local Lately<std::string, Asked, k_many> lately;
  if (const Asked* known = lately.find(text)) return *known;
  auto asked = asked_from_json(nlohmann::json::parse(text, nullptr, false));
  if (!asked) throw SqlError(SqlError::Kind::corrupt, to_string(id) + ": " + asked.error().detail);
  return lately.keep(text, std::move(*asked));
}

std::vector<std::string> names_of(const std::string& text) {
  if (text == "[]") return {};
  return nlohmann::json::parse(text).get<std::vector<std::string>>();
}

std::string text_of(const std::vector<std::string>& names) {
  if (names.empty()) return "[]";
  return nlohmann::json(names).dump();
}

Request request_of(Query& row) {
  Request request;
  request.id.value = row.text();
  request.asked = read_asked(row.text(), request.id);
  request.digest = row.text();
  request.revision = row.small();
  const std::string state = row.text();
  request.state = known_word(parse_request_state(state), state);
  request.times_out_at = row.time();
  request.decided_at = row.optional_time();
  request.decided_by = row.principal();
  request.decision_reason = row.text();
  request.nudges = row.small();
  request.stuck = names_of(row.text());
  return request;
}

// state, times_out_at, decided_at, decided_by, decision_reason, nudges, stuck: what changes while the digest
// stays.
void bind_progress(Query& query, const Request& request) {
  query.with(to_string(request.state))
      .with(request.times_out_at)
      .with(request.decided_at)
      .with(request.decided_by)
      .with(request.decision_reason)
      .with(request.nudges)
      .with(text_of(request.stuck));
}

std::vector<Request> all(Query& query) {
  std::vector<Request> requests;
  while (query.next()) requests.push_back(request_of(query));
  return requests;
}

}  // namespace

std::optional<Request> Transaction::request(const RequestId& id) {
  if (const auto* known = memory_.requests.find(id.value)) return *known;
  return memory_.requests.keep(id.value, read_request(id));
}

std::optional<Request> Transaction::read_request(const RequestId& id) {
  Query query(driver_, "SELECT " JITBOT_REQUEST_COLUMNS " FROM requests WHERE id = $1");
  if (!query.with(id.value).next()) return std::nullopt;
  return request_of(query);
}

void Transaction::put(const Request& request) {
  memory_.requests.forget(request.id.value);
  if (update(request)) return;
  const Asked& asked = request.asked;
  Query query(
      driver_,
      "INSERT INTO requests (state, times_out_at, decided_at, decided_by, decision_reason, nudges, stuck,"
      " id, kind, extends, asker, beneficiary, resource, role, connector, account, asked_at, asked, digest,"
      " revision)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
      " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, extends = excluded.extends,"
      " asker = excluded.asker, beneficiary = excluded.beneficiary, resource = excluded.resource,"
      " role = excluded.role, connector = excluded.connector, account = excluded.account,"
      " asked_at = excluded.asked_at, asked = excluded.asked, digest = excluded.digest,"
      " revision = excluded.revision, state = excluded.state, times_out_at = excluded.times_out_at,"
      " decided_at = excluded.decided_at, decided_by = excluded.decided_by,"
      " decision_reason = excluded.decision_reason, nudges = excluded.nudges, stuck = excluded.stuck");
  bind_progress(query, request);
  query.with(request.id.value)
      .with(to_string(asked.kind))
      .with(asked.extends ? std::optional(asked.extends->value) : std::nullopt)
      .with(asked.asker)
      .with(asked.beneficiary)
      .with(asked.resource)
      .with(asked.role)
      .with(asked.connector)
      .with(asked.account)
      .with(asked.asked_at)
      .with(canonical_json(to_json(asked)))
      .with(request.digest)
      .with(request.revision)
      .run();
}

// While the digest stays, so does what was asked.
bool Transaction::update(const Request& request) {
  Query query(driver_,
              "UPDATE requests SET state = $1, times_out_at = $2, decided_at = $3, decided_by = $4,"
              " decision_reason = $5, nudges = $6, stuck = $7 WHERE id = $8 AND digest = $9"
              " AND revision = $10");
  bind_progress(query, request);
  return query.with(request.id.value).with(request.digest).with(request.revision).run_changed() == 1;
}

std::vector<Request> Transaction::pending_requests() {
  Query query(driver_, "SELECT " JITBOT_REQUEST_COLUMNS
                       " FROM requests WHERE state = 'pending' ORDER BY asked_at, id");
  return all(query);
}

std::vector<Request> Transaction::pending_of(const PrincipalId& beneficiary) {
  Query query(
      driver_,
      "SELECT " JITBOT_REQUEST_COLUMNS
      " FROM requests WHERE id IN (SELECT id FROM requests WHERE state = 'pending' AND beneficiary = $1"
      " UNION SELECT id FROM requests WHERE state = 'pending' AND asker = $1)"
      " ORDER BY asked_at, id");
  query.with(beneficiary);
  return all(query);
}

std::optional<Request> Transaction::pending_extension(const RequestId& grant) {
  Query query(driver_, "SELECT " JITBOT_REQUEST_COLUMNS
                       " FROM requests WHERE state = 'pending' AND kind = 'extension' AND extends = $1");
  if (!query.with(grant.value).next()) return std::nullopt;
  return request_of(query);
}

// One literal for each: the statements are kept prepared, and each goes along an index of its own, newest
// first.
std::vector<Request> Transaction::decided_requests(const Narrowed& to, Time since, int limit) {
  if (to.concerns) {
    Query query(driver_,
                "SELECT " JITBOT_REQUEST_COLUMNS
                " FROM requests WHERE id IN ("
                " SELECT id FROM (SELECT id FROM requests WHERE state <> 'pending' AND beneficiary = $1"
                "  AND decided_at >= $2 AND ($3 = '' OR resource = $3)"
                "  ORDER BY decided_at DESC, id DESC LIMIT $4) AS had"
                " UNION"
                " SELECT id FROM (SELECT id FROM requests WHERE state <> 'pending' AND asker = $1"
                "  AND decided_at >= $2 AND ($3 = '' OR resource = $3)"
                "  ORDER BY decided_at DESC, id DESC LIMIT $4) AS wanted"
                ") ORDER BY decided_at DESC, id DESC LIMIT $4");
    query.with(*to.concerns).with(since).with(to.resource).with(limit);
    return all(query);
  }
  if (!to.resource.empty()) {
    Query query(driver_, "SELECT " JITBOT_REQUEST_COLUMNS
                         " FROM requests WHERE state <> 'pending' AND resource = $1 AND decided_at >= $2"
                         " ORDER BY decided_at DESC, id DESC LIMIT $3");
    query.with(to.resource).with(since).with(limit);
    return all(query);
  }
  Query query(driver_, "SELECT " JITBOT_REQUEST_COLUMNS
                       " FROM requests WHERE state <> 'pending' AND decided_at >= $1"
                       " ORDER BY decided_at DESC, id DESC LIMIT $2");
  query.with(since).with(limit);
  return all(query);
}

std::vector<Vote> Transaction::votes(const RequestId& id) {
  if (const auto* known = memory_.votes.find(id.value)) return *known;
  return memory_.votes.keep(id.value, read_votes(driver_, id));
}

std::vector<Vote> read_votes(Driver& driver, const RequestId& id) {
  std::vector<Vote> votes;
  Query query(driver,
              "SELECT request, voter, kind, step, reason, digest, at, voided FROM votes WHERE request = $1"
              " ORDER BY at, voter");
  query.with(id.value);
  while (query.next()) {
    Vote vote;
    vote.request.value = query.text();
    vote.voter = query.principal();
    const std::string kind = query.text();
    vote.kind = known_word(parse_vote_kind(kind), kind);
    vote.step = query.small();
    vote.reason = query.text();
    vote.digest = query.text();
    vote.at = query.time();
    vote.voided = query.flag();
    votes.push_back(std::move(vote));
  }
  return votes;
}

void Transaction::put(const Vote& vote) {
  memory_.votes.forget(vote.request.value);
  Query(driver_,
        "INSERT INTO votes (request, voter, kind, step, reason, digest, at, voided)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (request, voter) DO UPDATE SET kind = excluded.kind, step = excluded.step,"
        " reason = excluded.reason, digest = excluded.digest, at = excluded.at, voided = excluded.voided")
      .with(vote.request.value)
      .with(vote.voter)
      .with(to_string(vote.kind))
      .with(vote.step)
      .with(vote.reason)
      .with(vote.digest)
      .with(vote.at)
      .with(vote.voided)
      .run();
}

}  // namespace jitbot::store
