#include "store/sqlite_store.hpp"
#include "tests/scenario/kill/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace jitbot::kill {

namespace {

using Problems = std::vector<std::string>;

// What everybody can see of one request.
struct Seen {
  std::string who;
  std::vector<Message> own;       // cards in the asker's direct messages
  std::vector<Message> approval;  // cards in the channel
};

bool tells_the_end(const Message& card) {
  const std::string text = raw_of(card);
  const bool how = contains(text, "removed and confirmed absent") || contains(text, "kept until") ||
                   contains(text, "kept because of");
  return how && contains(text, "Ended") && !has_buttons(card);
}

std::map<std::string, Seen> all_seen(const Stage& stage, const std::vector<std::string>& people) {
  std::map<std::string, Seen> all;
  for (const std::string& who : people) {
    for (Message& card : stage.cards("@" + who)) {
      Seen& seen = all[id_of(card)];
      seen.who = who;
      seen.own.push_back(std::move(card));
    }
  }
  for (Message& card : stage.cards(k_approvals)) all[id_of(card)].approval.push_back(std::move(card));
  return all;
}

void check_cards(const Stage& stage, const std::map<std::string, Seen>& all, Problems& problems) {
  for (const auto& [id, seen] : all) {
    if (seen.own.size() != 1)
      problems.push_back(fmt::format("{} has {} requester cards", id, seen.own.size()));
    const bool needs_approval = !seen.own.empty() && contains(raw_of(seen.own.front()), "staging");
    if (seen.approval.size() != (needs_approval ? 1U : 0U)) {
      problems.push_back(fmt::format("{} has {} approval cards", id, seen.approval.size()));
    }
    for (const auto* cards : {&seen.own, &seen.approval}) {
      for (const Message& card : *cards) {
        if (!tells_the_end(card)) problems.push_back(fmt::format("a card of {} says: {}", id, raw_of(card)));
      }
    }
    if (seen.who.empty()) continue;
    const int told = notices_among(stage.sandbox->messages("@" + seen.who), id + "/ended");
    if (told != 1) problems.push_back(fmt::format("{} was told {} times how {} ended", seen.who, told, id));
  }
}

// Each step once below its card, whatever was cut off in between.
void check_threads(const Stage& stage, Problems& problems) {
  std::map<std::string, int> told;
  for (const Message& message : stage.sandbox->messages(k_approvals)) {
    if (key_of(message).starts_with("notice/")) ++told[key_of(message)];
  }
  for (const auto& [key, times] : told) {
    if (times != 1) problems.push_back(fmt::format("{} was posted {} times", key, times));
  }
}

void check_target(const Stage& stage, const std::vector<std::string>& people, std::size_t requests,
                  Problems& problems) {
  const TargetLog log = stage.target();
  const auto presents = static_cast<std::size_t>(log.count("present "));
  // Each kill may cut off what was under way for each of them, and that is begun again.
  const std::size_t explained = requests + static_cast<std::size_t>(stage.kills()) * people.size();
  if (presents > explained) {
    problems.push_back(
        fmt::format("{} present for {} requests and {} kills", presents, requests, stage.kills()));
  }
  for (const std::string& who : people) {
    for (const char* role : {"staging_ro", "play"}) {
      if (stage.has_access(who, role)) problems.push_back(fmt::format("{} still has {}", who, role));
      TargetLog own;
      const std::string about = fmt::format(" {} {}", who, role);
      std::ranges::copy_if(log.lines, std::back_inserter(own.lines),
                           [&](const std::string& line) { return line.ends_with(about); });
      if (own.last_change().starts_with("present ")) {
        problems.push_back(fmt::format("the last call for {} is {}", who, own.last_change()));
      }
    }
  }
}

Task<void> check_store(const Stage& stage, Problems& problems) {
  auto opened = open_store(stage.folder() / "jitbot.db");
  if (!opened) {
    problems.push_back("the store cannot be opened: " + opened.error().message);
    co_return;
  }
  const Time now = stage.clock.now();
  auto found = std::make_shared<Problems>();
  Store::Work look = [found, now](Tx& tx) -> Result<void> {
    const auto count = [&found](const char* what, std::size_t size) {
      if (size > 0) found->push_back(fmt::format("{} {} are left in the store", size, what));
    };
    count("pending requests", tx.pending_requests().size());
    count("live grants", tx.live_grants().size());
    count("unread messages", tx.unfinished_inbox(1000).size());
    count("cards to show", tx.cards_to_send(now + 1h, 1000).size());
    count("overdue entitlements", tx.overdue_entitlements().size());
    return {};
  };
  auto read = co_await (*opened)->read(std::move(look));
  if (!read) problems.push_back("the store cannot be read: " + read.error().message);
  problems.insert(problems.end(), found->begin(), found->end());
}

void check_log(const Stage& stage, Problems& problems) {
  const std::string log = stage.bot_log();
  for (const std::string& token : {stage.sandbox->app_token(), stage.sandbox->bot_token()}) {
    if (contains(log, token)) problems.push_back("a token is in the log");
  }
  for (const char* bad :
       {"ERROR: AddressSanitizer", "runtime error:", "WARNING: ThreadSanitizer", "event=task_failed",
        "event=access_failed", "event=card_failed", "event=notice_failed", "event=inbound_failed"}) {
    if (contains(log, bad)) problems.push_back(fmt::format("the log has: {}", bad));
  }
}

}  // namespace

Task<std::vector<std::string>> check_truth(Stage& stage, std::vector<std::string> people) {
  Problems problems;
  const auto all = all_seen(stage, people);
  check_cards(stage, all, problems);
  check_threads(stage, problems);
  check_target(stage, people, all.size(), problems);
  co_await check_store(stage, problems);
  check_log(stage, problems);
  std::vector<std::string> arguments{"audit", "verify", "--config", "jitbot.yaml"};
  const int verified = co_await stage.run_jitbot(std::move(arguments));
  if (verified != 0)
    problems.push_back(fmt::format("audit verify ended with {}: {}", verified, stage.said()));
  co_return problems;
}

}  // namespace jitbot::kill
