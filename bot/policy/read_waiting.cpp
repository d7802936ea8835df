#include "bot/model/duration.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// What a rule says of requests that wait: when they time out, who is told again, and when.
namespace jitbot {

using yaml::MapReader;
using yaml::Value;

namespace {

constexpr std::size_t k_most_escalations = 5;

// What is due after the time-out never happens.
bool comes_in_time(const Value& value, Millis after, const Rule& rule) {
  if (after < rule.pending_timeout) return true;
  value.fail(fmt::format("must be shorter than pending_timeout ({}), after which nobody is told any more; "
                         "shorten it or lengthen pending_timeout",
                         format_duration(rule.pending_timeout)),
             {"pending-timeout", "shorten it, or lengthen pending_timeout"});
  return false;
}

void read_notify(const Value& value, Rule& rule) {
  constexpr std::array<std::string_view, 1> k_people = {"approvers"};
  const auto items = value.one_or_list();
  if (value.is_list() && items.empty())
    value.fail("must be [approvers]; leave it out to tell nobody directly", {.advice = "leave it out"});
  for (const Value& item : items) {
    if (item.choice(k_people)) rule.remind_where = RemindWhere::direct;
  }
}

void read_remind(const Value& value, Rule& rule) {
  const auto after = value.duration();
  if (after && comes_in_time(value, *after, rule)) rule.remind = *after;
}

Escalation read_escalation(const Value& value, Rule& rule, PolicyDraft& draft) {
  Escalation escalation;
  const MapReader map(value, policy_keys::k_escalation);
  if (!map.readable()) return escalation;
  if (const auto to = map.find("to"))
    escalation.to = read_people(*to, {.groups = true, .owners = true}, draft);
  const auto after = map.find("after");
  const auto duration = after ? after->duration() : std::nullopt;
  if (!duration || !comes_in_time(*after, *duration, rule)) return escalation;
  escalation.after = *duration;
  const bool twice = std::ranges::any_of(
      rule.escalate, [&](const Escalation& other) { return other.after == escalation.after; });
  if (twice) after->fail("two escalations at the same time; name everybody in one", {.advice = "join them"});
  return escalation;
}

void read_escalations(const Value& value, Rule& rule, PolicyDraft& draft) {
  const auto items = value.list();
  if (value.is_list() && items.empty())
    value.fail("must name an escalation with after and to; leave it out to escalate to nobody",
               {.advice = "leave it out"});
  if (items.size() > k_most_escalations)
    value.fail(fmt::format("must be at most {} escalations", k_most_escalations), {.advice = "join some"});
  for (const Value& item : items) rule.escalate.push_back(read_escalation(item, rule, draft));
  std::ranges::sort(rule.escalate, {}, &Escalation::after);
}

void read_timeout(const Value& value, Rule& rule) {
  constexpr Millis k_shortest = 1min;
  constexpr Millis k_longest = 24h * 31;
  const auto timeout = value.duration();
  if (!timeout) return;
  rule.pending_timeout = *timeout;
  const auto warn = [&](std::string message, std::string advice) {
    value.fail(std::move(message), {"pending-timeout", std::move(advice), Severity::warning});
  };
  if (rule.automatic) {
    warn("approval: auto waits for nobody, so nothing times out", "remove it");
  } else if (*timeout < k_shortest) {
    warn("is too short for anybody to read what is asked", "write a minute at least");
  } else if (*timeout > k_longest) {
    warn("is longer than a month: who asked has long forgotten, and may still get it", "shorten it");
  }
}

}  // namespace

void read_waiting(const MapReader& map, Rule& rule, PolicyDraft& draft) {
  if (const auto timeout = map.find("pending_timeout")) read_timeout(*timeout, rule);
  for (const char* key : {"notify", "remind", "escalate"}) {
    const auto value = map.find(key);
    if (value && rule.automatic)
      value->fail("is for rules with steps; approval: auto waits for nobody", {.advice = "remove it"});
  }
  if (const auto people = map.find("notify")) read_notify(*people, rule);
  if (const auto after = map.find("remind")) read_remind(*after, rule);
  if (const auto list = map.find("escalate")) read_escalations(*list, rule, draft);
}

}  // namespace jitbot
