#include "bot/record/policy_in_force.hpp"

#include <nlohmann/json.hpp>

namespace jitbot {

namespace {

constexpr const char* k_digest = "policy_in_force";  // by itself: every decision reads it
constexpr const char* k_details = "policy_details";

}  // namespace

std::optional<PolicyRecord> recorded_policy(Tx& tx) {
  const auto digest = tx.meta(k_digest);
  if (!digest) return std::nullopt;
  PolicyRecord record;
  record.digest = *digest;
  const auto details = nlohmann::json::parse(tx.meta(k_details).value_or("{}"), nullptr, false);
  if (!details.is_object()) return record;
  record.commit = {details.value("commit", std::string()), details.value("changed", 0) != 0};
  record.since = time_from_ms(details.value("since", std::int64_t{0}));
  record.by = {details.value("workspace", std::string()), details.value("user", std::string())};
  return record;
}

void record_policy(Tx& tx, const PolicyRecord& record) {
  tx.put_meta(k_digest, record.digest);
  const nlohmann::json details{{"commit", record.commit.id},
                               {"changed", record.commit.changed ? 1 : 0},
                               {"since", to_ms(record.since)},
                               {"workspace", record.by.workspace},
                               {"user", record.by.user}};
  tx.put_meta(k_details, details.dump());
}

bool is_in_force(Tx& tx, const Policy& policy) {
  const auto digest = tx.meta(k_digest);
  return !digest || *digest == policy.digest;
}

}  // namespace jitbot
