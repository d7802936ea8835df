#include "adapters/chat/mattermost/name_book.hpp"

#include "adapters/chat/mattermost/channel_id.hpp"
#include "adapters/chat/mattermost/directory.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <variant>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;

using chat::text_at;

constexpr Millis k_fresh_for = 60s;
constexpr std::size_t k_most_known = 10'000;
constexpr std::size_t k_at_once = 100;  // ids in one question

std::shared_ptr<const Json> list_of(const std::vector<std::string>& texts) {
  return std::make_shared<const Json>(texts);
}

}  // namespace

const NameBook::Known* NameBook::fresh(const Page& page, const std::string& id) const {
  const auto found = page.find(id);
  return found != page.end() && found->second.until > clock_.steady() ? &found->second : nullptr;
}

Task<void> NameBook::learn_users(std::vector<std::string> ids) {
  const auto reply = co_await rest_.post("/users/ids", list_of(ids));
  if (!reply || !reply->body->is_array()) co_return;
  const Millis until = clock_.steady() + k_fresh_for;
  if (users_.size() > k_most_known) users_.clear();
  for (const std::string& id : ids) users_[id] = Known{{}, until};
  for (const Json& user : *reply->body) {
    const std::string id = text_at(user, {"id"});
    std::string name = text_at(user, {"username"});
    if (is_username(name)) users_[id] = Known{std::move(name), until, zone_in(user)};
  }
}

Task<Names> NameBook::users(std::set<std::string> ids) {
  std::vector<std::string> unknown;
  for (const std::string& id : ids) {
    if (is_id(id) && fresh(users_, id) == nullptr) unknown.push_back(id);
  }
  for (std::size_t at = 0; at < unknown.size(); at += k_at_once) {
    const auto first = unknown.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = unknown.begin() + static_cast<std::ptrdiff_t>(std::min(at + k_at_once, unknown.size()));
    std::vector<std::string> some(first, last);
    co_await learn_users(std::move(some));
  }
  Names names;
  for (const std::string& id : ids) {
    const Known* known = fresh(users_, id);
    if (known != nullptr && !known->name.empty()) names[id] = known->name;
  }
  co_return names;
}

Task<std::string> NameBook::zone_of(std::string user) {
  if (!is_id(user)) co_return std::string();
  if (fresh(users_, user) == nullptr) {
    std::vector<std::string> one(1, user);
    co_await learn_users(std::move(one));
  }
  const Known* known = fresh(users_, user);
  co_return known == nullptr ? std::string() : known->zone;
}

Task<void> NameBook::learn_channel(std::string id) {
  const auto reply = co_await rest_.get("/channels/" + id);
  if (channels_.size() > k_most_known) channels_.clear();
  Known known{{}, clock_.steady() + k_fresh_for};
  if (reply && is_channel_name(text_at(*reply->body, {"name"}))) known.name = text_at(*reply->body, {"name"});
  channels_[id] = std::move(known);
}

Task<Names> NameBook::channels(std::set<std::string> given) {
  Names names;
  for (const std::string& one : given) {
    std::string id = bare_channel(one);
    if (!is_id(id)) continue;
    if (fresh(channels_, id) == nullptr) co_await learn_channel(id);
    const Known* known = fresh(channels_, id);
    if (known != nullptr && !known->name.empty()) names[one] = known->name;
  }
  co_return names;
}

Task<Result<Ids>> NameBook::ids_of(std::vector<std::string> usernames) {
  std::erase_if(usernames, [](const std::string& name) { return !is_username(name); });
  if (usernames.size() > k_at_once) usernames.resize(k_at_once);
  if (usernames.empty()) co_return Ids{};
  const auto reply = co_await rest_.post("/users/usernames", list_of(usernames));
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  if (!reply->body->is_array()) {
    co_return fail(ErrorKind::unavailable, "Mattermost does not list the people", "users/usernames: no list");
  }
  Ids ids;
  for (const Json& user : *reply->body) {
    std::string id = text_at(user, {"id"});
    if (is_id(id)) ids[text_at(user, {"username"})] = std::move(id);
  }
  co_return ids;
}

namespace {

void add_mentions(const Line& line, const std::string& workspace, Mentioned& mentioned) {
  for (const Span& span : line) {
    if (const auto* mention = std::get_if<Mention>(&span)) {
      if (mention->who.workspace == workspace) mentioned.users.insert(mention->who.user);
    } else if (const auto* channel = std::get_if<ChannelMention>(&span)) {
      mentioned.channels.insert(channel->channel);
    }
  }
}

}  // namespace

bool tells_time(const Card& card) {
  const auto has_moment = [](const Line& line) {
    return std::ranges::any_of(line, [](const Span& span) { return std::holds_alternative<Moment>(span); });
  };
  return has_moment(card.timed_headline) || std::ranges::any_of(card.facts, has_moment) ||
         std::ranges::any_of(card.footer, has_moment);
}

Mentioned mentioned_in(const Card& card, const std::string& workspace) {
  Mentioned mentioned;
  add_mentions(card.timed_headline, workspace, mentioned);
  for (const Line& line : card.facts) add_mentions(line, workspace, mentioned);
  for (const Line& line : card.footer) add_mentions(line, workspace, mentioned);
  return mentioned;
}

}  // namespace jitbot::mattermost
