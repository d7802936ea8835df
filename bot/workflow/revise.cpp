#include "bot/workflow/revise.hpp"

#include "bot/model/duration.hpp"
#include "bot/policy/decide.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot {

namespace {

Error not_shorter(const Asked& asked) {
  if (asked.until) {
    return {ErrorKind::refused,
            fmt::format("that is not shorter: it ends at {} as it is asked", format_clock_utc(*asked.until)),
            {}};
  }
  const std::string length = format_duration(asked.duration);
  return {ErrorKind::refused,
          fmt::format("that is not shorter than {}; name less than that, or a role that {} includes", length,
                      asked.role),
          {}};
}

Error not_included(const Asked& asked, const std::string& role, const std::vector<std::string>& included) {
  const std::string what = included.empty() ? "no other role" : fmt::format("{}", fmt::join(included, ", "));
  return {ErrorKind::refused,
          fmt::format("{} is not less than {}, which includes {}; a revision can only narrow", role,
                      asked.role, what),
          {}};
}

// The end that the narrower duration means where the request ends at a fixed time.
Result<LessTerms> until_earlier(const Asked& asked, LessTerms out, Millis wanted, Time now) {
  const Time start = std::max(now, asked.start.value_or(now));
  const Time end = wanted > Millis{0} ? std::min(*asked.until, start + wanted) : *asked.until;
  if (out.role == asked.role && end >= *asked.until) return tl::unexpected<Error>(not_shorter(asked));
  if (end <= start) return fail(ErrorKind::refused, "its end has passed; it can only be denied");
  out.until = end;
  out.duration = end - start;
  return out;
}

bool is_same(const std::vector<Subject>& some, const std::vector<Subject>& others) {
  return some.size() == others.size() && std::ranges::is_permutation(some, others);
}

// "owners 2" is a step that was named owners in another rule.
bool is_called(const Step& step, const std::string& name) {
  if (step.name == name) return true;
  if (!step.name.starts_with(name + " ")) return false;
  const std::string_view rest = std::string_view(step.name).substr(name.size() + 1);
  return !rest.empty() && std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; });
}

std::string free_name(const std::vector<Step>& steps, const std::string& name) {
  const auto taken = [&](const std::string& wanted) {
    return std::ranges::find(steps, wanted, &Step::name) != steps.end();
  };
  std::string free = name;
  for (int number = 2; taken(free); ++number) free = fmt::format("{} {}", name, number);
  return free;
}

template <class T>
void add_missing(std::vector<T>& to, const std::vector<T>& from) {
  for (const T& one : from) {
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
  }
}

// "production + viewers": both rules' steps hold.
std::string both_rules(const Asked& asked, const Asked& fresh) {
  constexpr std::string_view k_and = " + ";
  if (fresh.automatic || fresh.rule == asked.rule) return asked.rule;
  const std::string known = fmt::format("{}{}{}", k_and, asked.rule, k_and);
  if (known.find(fmt::format("{}{}{}", k_and, fresh.rule, k_and)) != std::string::npos) return asked.rule;
  return fmt::format("{}{}{}", asked.rule, k_and, fresh.rule);
}

void give_other_role(Asked& out, const Asked& fresh) {
  out.role = fresh.role;
  out.connector = fresh.connector;
  out.account = fresh.account;
  out.params = fresh.params;
  out.risk = fresh.risk;
  out.on_existing = fresh.on_existing;
  out.howto = fresh.howto;
}

nlohmann::json terms_of(const Request& request) {
  const Asked& asked = request.asked;
  nlohmann::json steps = nlohmann::json::array();
  for (const Step& step : asked.steps) {
    nlohmann::json from = nlohmann::json::array();
    for (const Subject& subject : step.from) from.push_back(to_string(subject));
    steps.push_back({{"name", step.name}, {"from", from}, {"count", step.count}});
  }
  nlohmann::json terms{{"digest", request.digest}, {"role", asked.role},
                       {"account", asked.account}, {"duration_ms", asked.duration.count()},
                       {"rule", asked.rule},       {"policy", asked.policy_digest},
                       {"steps", steps},           {"deny_threshold", asked.deny_threshold}};
  if (asked.until) terms["until"] = to_ms(*asked.until);
  return terms;
}

}  // namespace

std::vector<std::string> included_roles(const Resource& resource, const std::string& role) {
  std::vector<std::string> found;
  std::vector<std::string> open{role};
  while (!open.empty()) {
    const auto it = resource.roles.find(open.back());
    open.pop_back();
    if (it == resource.roles.end()) continue;
    for (const std::string& less : it->second.includes) {
      if (less == role || std::ranges::find(found, less) != found.end()) continue;
      found.push_back(less);
      open.push_back(less);
    }
  }
  return found;
}

Result<LessTerms> narrow(const Request& request, const Narrower& to, const Policy& policy, Time now) {
  const Asked& asked = request.asked;
  const auto named = resolve(policy, asked.resource, to.role.empty() ? asked.role : to.role);
  if (!named) return tl::unexpected<Error>(named.error());
  LessTerms out{named->role->name, to.duration > Millis{0} ? to.duration : asked.duration, std::nullopt};
  const bool other_role = out.role != asked.role;
  if (other_role && asked.kind == RequestKind::extension)
    return fail(ErrorKind::refused,
                "an extension prolongs the role that is there; only its time can be less");
  if (other_role) {
    const auto included = included_roles(*named->resource, asked.role);
    if (std::ranges::find(included, out.role) == included.end())
      return tl::unexpected<Error>(not_included(asked, out.role, included));
  }
  if (asked.until) return until_earlier(asked, std::move(out), to.duration, now);
  if (out.duration > asked.duration || (!other_role && out.duration == asked.duration))
    return tl::unexpected<Error>(not_shorter(asked));
  return out;
}

std::vector<Step> all_steps(const std::vector<Step>& held, const std::vector<Step>& fresh) {
  // The steps that held keep their places: votes name a step by its place.
  std::vector<Step> steps = held;
  std::vector<bool> met(held.size(), false);
  for (const Step& step : fresh) {
    bool found = false;
    for (std::size_t i = 0; i < met.size() && !found; ++i) {
      if (met[i] || !is_called(steps[i], step.name) || !is_same(steps[i].from, step.from)) continue;
      steps[i].count = std::max(steps[i].count, step.count);
      met[i] = found = true;
    }
    if (!found) steps.push_back({free_name(steps, step.name), step.from, step.count});
  }
  return steps;
}

Asked stricter(const Asked& asked, const LessTerms& to, const Asked& fresh) {
  Asked out = asked;
  if (fresh.role != asked.role) {
    give_other_role(out, fresh);
  } else if (fresh.risk == Risk::high) {
    out.risk = Risk::high;
  }
  out.duration = to.duration;
  out.until = to.until;
  out.rule = both_rules(asked, fresh);
  out.automatic = false;
  out.steps = all_steps(asked.steps, fresh.steps);
  for (const std::string& condition : fresh.approve_when) {
    if (std::ranges::find(out.approve_when, condition) == out.approve_when.end())
      out.approve_when.push_back(condition);
  }
  out.deny_threshold = std::min(asked.deny_threshold, fresh.deny_threshold);
  out.needs_reason = asked.needs_reason || fresh.needs_reason;
  add_missing(out.owners, fresh.owners);
  add_missing(out.post_to, fresh.post_to);
  out.extend.max = std::min(asked.extend.max, fresh.extend.max);
  out.extend.total = std::min(asked.extend.total, fresh.extend.total);
  out.extend.automatic = asked.extend.automatic && fresh.extend.automatic;
  out.warn_before = fresh.warn_before;
  out.tags = fresh.tags;
  out.was_in = fresh.was_in;
  out.policy_digest = fresh.policy_digest;
  out.policy_commit = fresh.policy_commit;
  out.explanation = fresh.explanation;
  if (out.rule != fresh.rule) out.explanation.push_back("what rule " + asked.rule + " demanded holds, too");
  return out;
}

Result<Asked> propose_revision(const Request& request, const Narrower& to, const Policy& policy, Time now,
                               const Afresh& afresh) {
  const auto narrowed = narrow(request, to, policy, now);
  if (!narrowed) return tl::unexpected<Error>(narrowed.error());
  const auto fresh = afresh(*narrowed);
  if (!fresh) return tl::unexpected<Error>(fresh.error());
  return stricter(request.asked, *narrowed, *fresh);
}

nlohmann::json revision_detail(const Request& before, const Request& after, const std::string& reason) {
  nlohmann::json detail{{"revision", after.revision},
                        {"resource", after.asked.resource},
                        {"from", terms_of(before)},
                        {"to", terms_of(after)}};
  if (!reason.empty()) detail["reason"] = reason;
  return detail;
}

}  // namespace jitbot
