// status, debt, policy: for administrators.
#include "bot/cards/phrases.hpp"
#include "bot/model/duration.hpp"
#include "commands/answers.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace jitbot::grammar {

namespace {

struct PolicyWord {
  std::string_view word;
  PolicyIntent::What what;
};
constexpr std::array k_policy_words{PolicyWord{"show", PolicyIntent::What::show},
                                    PolicyWord{"diff", PolicyIntent::What::diff},
                                    PolicyWord{"reload", PolicyIntent::What::reload}};

constexpr std::string_view k_abandon_usage = "/jit debt abandon 12 <reason>";

// "12" or "#12", as the list of debts shows them.
std::optional<EntitlementId> entitlement_of(std::string_view text) {
  if (text.starts_with('#')) text.remove_prefix(1);
  constexpr std::size_t k_most_digits = 18;  // of a 64-bit number without overflow
  if (text.empty() || text.size() > k_most_digits) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  if (number == 0) return std::nullopt;
  return EntitlementId{number};
}

}  // namespace

Result<Intent> parse_status(Words& words) {
  if (const auto end = expect_end(words, "status"); !end) return tl::unexpected<Error>(end.error());
  return Intent{StatusIntent{}};
}

Result<Intent> parse_debt(Words& words) {
  const Word* word = words.peek();
  if (word == nullptr) return Intent{DebtIntent{}};
  if (lower(word->text) != "abandon") {
    return misunderstood(
        fmt::format("debt does not know {}; there is /jit debt, and {}", echo(word->text), k_abandon_usage));
  }
  words.skip();
  word = words.peek();
  if (word == nullptr)
    return misunderstood(fmt::format("which one? /jit debt lists them: {}", k_abandon_usage));
  const auto entitlement = entitlement_of(word->text);
  if (!entitlement) {
    return misunderstood(fmt::format("{} is not the number of an entitlement; /jit debt lists them: {}",
                                     echo(word->text), k_abandon_usage));
  }
  words.skip();
  auto reason = take_reason(words);
  if (!reason) return tl::unexpected<Error>(reason.error());
  if (reason->empty())
    return misunderstood(fmt::format("say why: /jit debt abandon {} <reason>", entitlement->value));
  return Intent{AbandonIntent{*entitlement, std::move(*reason)}};
}

Result<Intent> parse_policy(Words& words) {
  using What = PolicyIntent::What;
  const Word* word = words.peek();
  if (word == nullptr) return Intent{PolicyIntent{What::show}};
  const std::string typed = lower(word->text);
  const auto found = std::ranges::find(k_policy_words, typed, &PolicyWord::word);
  if (found == k_policy_words.end()) {
    return misunderstood(
        fmt::format("policy does not know {}; there is /jit policy show, diff and reload", echo(word->text)));
  }
  words.skip();
  if (const auto end = expect_end(words, fmt::format("policy {}", typed)); !end)
    return tl::unexpected<Error>(end.error());
  return Intent{PolicyIntent{found->what}};
}

}  // namespace jitbot::grammar

namespace jitbot {

namespace {

constexpr std::size_t k_most_listed = 10;

Line entitlement_line(const Entitlement& entitlement) {
  return {Plain{fmt::format("#{} ", entitlement.id.value)},
          Strong{access_name(entitlement.resource, entitlement.role)},
          Plain{" · account "},
          Code{entitlement.key.account},
          Plain{" · connector "},
          Code{entitlement.key.connector}};
}

}  // namespace

Card status_answer(const StatusView& status) {
  Card card;
  card.emoji = status.chat_live && status.overdue == 0 ? "✅" : "🚨";
  card.headline = fmt::format("jitbot {}", status.version);
  card.facts.push_back({Plain{"running since "}, Moment{status.started},
                        Plain{fmt::format(" ({})", format_duration(status.now - status.started))}});
  card.facts.push_back(plain(status.chat_live ? "the chat reaches me" : "the chat does not reach me now"));
  card.facts.push_back(plain(
      fmt::format("{} waiting · {} live · {} overdue", status.pending, status.live_grants, status.overdue)));
  card.facts.push_back({Plain{"policy "}, Code{status.policy_digest.substr(0, 12)}});
  if (const std::string commit = to_string(status.policy_commit); !commit.empty())
    card.facts.back().emplace_back(Plain{" · commit " + commit});
  if (status.overdue > 0) card.footer.push_back({Plain{"more with "}, Code{"/jit debt"}});
  return card;
}

Card debt_answer(const std::vector<Entitlement>& overdue, Time now) {
  if (overdue.empty()) return answer("no debt: every end is proven, or not due yet");
  Card card;
  card.emoji = "🚨";
  card.headline = fmt::format("{} overdue at {}", overdue.size(), format_clock_utc(now));
  card.timed_headline = {Plain{fmt::format("{} overdue at ", overdue.size())}, Moment{now}};
  for (std::size_t i = 0; i < std::min(overdue.size(), k_most_listed); ++i) {
    card.facts.push_back(entitlement_line(overdue[i]));
    for (Line& line : overdue_lines(overdue[i])) card.facts.push_back(std::move(line));
  }
  if (overdue.size() > k_most_listed)
    card.facts.push_back(plain(fmt::format("and {} more", overdue.size() - k_most_listed)));
  card.footer.push_back(
      {Plain{"the only way out that proves nothing: "}, Code{"/jit debt abandon <number> <reason>"}});
  return card;
}

}  // namespace jitbot
