#include "store/past.hpp"

#include "bot/model/json.hpp"
#include "store/open_parts.hpp"
#include "store/query.hpp"
#include "store/votes.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>

namespace jitbot {

namespace {

using store::Driver;
using store::Query;

constexpr Millis k_busy_timeout{5000};

std::vector<PastRequest> requests(Driver& driver, Time since, Time until) {
  std::vector<PastRequest> all;
  Query query(driver,
              "SELECT id, asked, state FROM requests WHERE asked_at >= $1 AND asked_at < $2"
              " ORDER BY asked_at, id");
  query.with(since).with(until);
  while (query.next()) {
    PastRequest past;
    past.id = to_string(RequestId{query.text()});
    auto asked = asked_from_json(nlohmann::json::parse(query.text(), nullptr, false));
    if (!asked) throw store::SqlError(store::SqlError::Kind::corrupt, past.id + ": " + asked.error().detail);
    past.asked = std::move(*asked);
    const std::string state = query.text();
    past.state = store::known_word(parse_request_state(state), state);
    all.push_back(std::move(past));
  }
  return all;
}

// What a refusal keeps of the question; nothing: it keeps none (it was about a vote, or an older version's).
std::optional<PastRequest> refusal(Query& row) {
  PastRequest past;
  past.asked.asked_at = row.time();
  past.asked.asker = row.principal();
  const auto detail = nlohmann::json::parse(row.text(), nullptr, false);
  if (!detail.is_object() || !detail.contains("resource") || !detail.contains("email")) return std::nullopt;
  if (detail.value("kind", "") == to_string(ErrorKind::unavailable))
    return std::nullopt;  // nothing was decided
  Asked& asked = past.asked;
  past.refusal = detail.value("why", "");
  past.state = RequestState::denied;
  asked.beneficiary = detail.contains("for") ? store::principal_of(detail.value("for", "")) : asked.asker;
  asked.beneficiary_email = detail.value("email", "");
  asked.resource = detail.value("resource", "");
  asked.role = detail.value("role", "");
  asked.duration = Millis{detail.value("duration_ms", std::int64_t{0})};
  asked.reason = detail.value("reason", "");
  asked.ticket = detail.value("ticket", "");
  asked.policy_digest = detail.value("policy", "");
  if (detail.contains("start")) asked.start = time_from_ms(detail.value("start", std::int64_t{0}));
  if (detail.contains("until")) {
    asked.until = time_from_ms(detail.value("until", std::int64_t{0}));
    asked.duration = *asked.until - asked.start.value_or(asked.asked_at);
  }
  if (detail.contains("was_in")) detail.at("was_in").get_to(asked.was_in);
  return past;
}

void add_refusals(Driver& driver, Time since, Time until, std::vector<PastRequest>& all) {
  Query query(driver,
              "SELECT at, actor, detail FROM audit WHERE action = 'request.refused' AND at >= $1 AND at < $2"
              " ORDER BY sequence");
  query.with(since).with(until);
  while (query.next()) {
    if (auto past = refusal(query)) all.push_back(std::move(*past));
  }
}

Activity activity_at(Driver& driver, const PrincipalId& who, Time at) {
  constexpr Millis k_looked_back = 24h;
  Activity activity;
  Query active(driver,
               "SELECT count(*) FROM grants WHERE beneficiary = $1 AND state <> 'scheduled' AND created < $2"
               " AND (end_wanted_at IS NULL OR end_wanted_at > $2) AND (ended_at IS NULL OR ended_at > $2)");
  active.with(who).with(at);
  if (active.next()) activity.active_grants = active.small();
  Query denied(driver,
               "SELECT count(*) FROM requests WHERE beneficiary = $1 AND state = 'denied' AND decided_at < $2"
               " AND decided_at >= $3");
  denied.with(who).with(at).with(at - k_looked_back);
  if (denied.next()) activity.denied_24h = denied.small();
  return activity;
}

void add_email(Driver& driver, const PrincipalId& who, PastRequest& past) {
  Query query(driver, "SELECT email FROM bindings WHERE principal = $1");
  if (query.with(who).next()) past.emails.emplace(who, query.text());
}

std::vector<PastRequest> read(Driver& driver, Time since, Time until) {
  driver.execute("BEGIN");  // one snapshot, whatever the bot writes meanwhile
  auto all = requests(driver, since, until);
  for (PastRequest& past : all) past.votes = store::read_votes(driver, *parse_request_id(past.id));
  add_refusals(driver, since, until, all);
  for (PastRequest& past : all) {
    past.activity = activity_at(driver, past.asked.beneficiary, past.asked.asked_at);
    add_email(driver, past.asked.asker, past);
    for (const Vote& vote : past.votes) add_email(driver, vote.voter, past);
  }
  driver.execute("ROLLBACK");
  std::ranges::sort(all, {}, [](const PastRequest& past) { return std::tie(past.asked.asked_at, past.id); });
  return all;
}

}  // namespace

Result<std::vector<PastRequest>> read_past(const std::filesystem::path& store, Time since, Time until) {
  auto driver = store::open_to_read(store, k_busy_timeout);
  if (!driver) return tl::unexpected<Error>(std::move(driver).error());
  try {
    return read(**driver, since, until);
  } catch (const store::SqlError& error) {
    return fail(ErrorKind::invalid, fmt::format("{}: it cannot be read: {}", store.string(), error.what()),
                error.what());
  }
}

}  // namespace jitbot
