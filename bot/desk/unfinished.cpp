#include "bot/desk/unfinished.hpp"

#include "bot/model/channel.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace jitbot {

namespace {

bool is_one_of_ours(const DeskState& desk, std::string_view platform) {
  return std::ranges::find(desk.settings.platforms, platform) != desk.settings.platforms.end();
}

// The key of what was heard begins with its platform; all of them are Slack's where they name none.
std::string chat_of(const DeskState& desk, const std::string& key) {
  const auto& platforms = desk.settings.platforms;
  const auto named = platform_named(key);
  if (is_one_of_ours(desk, named)) return std::string(named);
  return platforms.empty() || is_one_of_ours(desk, "slack") ? "slack" : platforms.front();
}

bool can_be_worked_on(const DeskState& desk, const InboxRow& row, const Result<Inbound>& inbound) {
  const auto& answering = desk.memory->answering;
  if (!answering.contains(chat_of(desk, row.key))) return false;
  if (!inbound) return true;
  const std::string persons(platform_of(desk.ports.aliases.person_of(inbound->from)));
  return !is_one_of_ours(desk, persons) || answering.contains(persons);
}

}  // namespace

std::vector<Unfinished> take_unfinished(DeskState& desk, std::string chat) {
  desk.memory->answering.insert(std::move(chat));
  std::vector<Unfinished> ready;
  std::vector<InboxRow> waiting;
  for (InboxRow& row : desk.memory->unfinished) {
    auto inbound = inbound_from_json(nlohmann::json::parse(row.payload, nullptr, false));
    if (can_be_worked_on(desk, row, inbound)) {
      ready.push_back({std::move(row), std::move(inbound)});
    } else {
      waiting.push_back(std::move(row));
    }
  }
  desk.memory->unfinished = std::move(waiting);
  return ready;
}

}  // namespace jitbot
