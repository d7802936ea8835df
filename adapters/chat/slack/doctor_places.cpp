#include "adapters/chat/slack/channel_group.hpp"
#include "adapters/chat/slack/doctor.hpp"
#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/text_in.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;
using Level = Finding::Level;
using Fields = std::vector<net::FormField>;
using Pages = std::vector<std::shared_ptr<const Json>>;

constexpr unsigned k_most_pages = 100;  // 1 000 channels each
constexpr std::string_view k_group_prefix = "slack:usergroup/";

std::string bare(const std::string& name) {
  return name.starts_with('#') ? name.substr(1) : name;
}

Finding unanswered(const ApiFault& fault, std::string what) {
  if (fault.code == "missing_scope") {
    return {Level::warning, std::move(what), "not checked: needs a scope that is missing", ""};
  }
  const std::string why =
      fault.code.empty() ? reason_of(fault.error) : fmt::format("{} ({})", fault.error.message, fault.code);
  const Level level = fault.error.kind == ErrorKind::rate_limited ? Level::warning : Level::failed;
  return {level, std::move(what), "cannot be asked about: " + why,
          "run doctor again; when it stays so, look at status.slack.com"};
}

Finding not_there(std::string what, const std::string& bot) {
  return {
      Level::failed, std::move(what), "Slack shows the bot no such channel",
      fmt::format("check the spelling; a private channel shows once somebody types /invite @{} in it", bot)};
}

void add(std::string& text, std::string_view more) {
  if (!text.empty()) text += "; ";
  text += more;
}

Finding judge(const Json& channel, std::string what, const std::string& bot) {
  std::string words;
  std::string advice;
  if (flag_at(channel, {"is_archived"})) {
    add(words, "is archived");
    add(advice, "unarchive it in Slack, or name another channel");
  }
  const Json* in = member(channel, "is_member");
  if (in == nullptr || !in->is_boolean() || !in->get<bool>()) {
    add(words, "the bot is not in it");
    add(advice, fmt::format("type /invite @{} in that channel", bot));
  }
  if (flag_at(channel, {"is_ext_shared"}) || flag_at(channel, {"is_pending_ext_shared"})) {
    add(words, "is shared with another organisation, or about to be, and so gets no cards");
    add(advice, "name a channel of your own organisation alone");
  }
  if (words.empty()) return {Level::fine, std::move(what), "found, the bot is in it", ""};
  return {Level::failed, std::move(what), std::move(words), std::move(advice)};
}

bool was_called(const Json& channel, const std::string& name) {
  const Json* names = member(channel, "previous_names");
  if (names == nullptr || !names->is_array()) return false;
  for (const Json& old : *names) {
    if (old.is_string() && old.get_ref<const std::string&>() == name) return true;
  }
  return false;
}

// An open channel before an archived one of the same name, as when the bot looks for it.
Finding find_among(const Pages& pages, const WantedChannel& wanted, const std::string& bot) {
  const std::string name = bare(wanted.name_or_id);
  const Json* archived = nullptr;
  const Json* renamed = nullptr;
  for (const auto& page : pages) {
    for (const Json& channel : *member(*page, "channels")) {
      if (text_at(channel, {"name"}) == name) {
        if (!flag_at(channel, {"is_archived"})) return judge(channel, title_of(wanted), bot);
        archived = &channel;
      } else if (was_called(channel, name)) {
        renamed = &channel;
      }
    }
  }
  if (archived != nullptr) return judge(*archived, title_of(wanted), bot);
  if (renamed == nullptr) return not_there(title_of(wanted), bot);
  const std::string now = text_at(*renamed, {"name"});
  return {Level::failed, title_of(wanted), fmt::format("was renamed to #{}", now),
          fmt::format("write #{} instead, or rename it back", now)};
}

}  // namespace

bool is_channel_name(std::string_view name_or_id) {
  return !is_channel_id(name_or_id);
}

std::string title_of(const WantedChannel& channel) {
  return fmt::format("channel {} ({})", channel.name_or_id, channel.used_by);
}

std::string title_of(const WantedGroup& group) {
  return fmt::format("group {} ({})", group.name, group.from);
}

// One list for all names: the running bot lives on the same allowance of calls.
Task<ApiResult<std::vector<std::shared_ptr<const Json>>>> Examiner::list_channels() {
  Pages pages;
  std::string cursor;
  while (pages.size() < k_most_pages) {
    Fields fields;
    fields.push_back({"types", "public_channel,private_channel"});
    fields.push_back({"limit", "1000"});
    if (!cursor.empty()) fields.push_back({"cursor", cursor});
    auto reply = co_await api_.call("conversations.list", std::move(fields));
    if (!reply) co_return tl::unexpected(std::move(reply).error());
    const Json* channels = member(*reply->body, "channels");
    if (channels != nullptr && channels->is_array()) pages.push_back(reply->body);
    cursor = text_at(*reply->body, {"response_metadata", "next_cursor"});
    if (cursor.empty()) break;
  }
  co_return pages;
}

Task<Findings> Examiner::channels_by_name(std::vector<WantedChannel> wanted) {
  Findings found;
  if (wanted.empty()) co_return found;
  const auto pages = co_await list_channels();
  for (const WantedChannel& one : wanted) {
    found.push_back(pages ? find_among(*pages, one, bot_name_) : unanswered(pages.error(), title_of(one)));
  }
  co_return found;
}

Task<Findings> Examiner::channel_by_id(WantedChannel wanted) {
  Fields fields;
  fields.push_back({"channel", wanted.name_or_id});
  const auto reply = co_await api_.call("conversations.info", std::move(fields));
  Findings found;
  const Json* channel = reply ? member(*reply->body, "channel") : nullptr;
  if (channel != nullptr) {
    found.push_back(judge(*channel, title_of(wanted), bot_name_));
  } else if (reply || reply.error().code == "channel_not_found") {
    found.push_back(not_there(title_of(wanted), bot_name_));
  } else {
    found.push_back(unanswered(reply.error(), title_of(wanted)));
  }
  co_return found;
}

// The same questions as a vote asks.
Task<Findings> Examiner::channel_group(WantedGroup wanted, std::string channel) {
  const std::string what = title_of(wanted);
  Fields fields;
  fields.push_back({"channel", channel});
  const auto reply = co_await api_.call("conversations.info", std::move(fields));
  Findings found;
  const Json* described = reply ? member(*reply->body, "channel") : nullptr;
  if (described == nullptr && (reply || reply.error().code == "channel_not_found")) {
    found.push_back(not_there(what, bot_name_));
    co_return found;
  }
  if (described == nullptr) {
    found.push_back(unanswered(reply.error(), what));
    co_return found;
  }
  if (auto wrong = why_no_group(*described)) {
    found.push_back({Level::failed, what, std::move(wrong->why), std::move(wrong->advice)});
    co_return found;
  }
  auto members = co_await members_of_channel(api_, std::move(channel), Self());
  if (!members) {
    found.push_back({Level::failed, what, "cannot be asked about: " + reason_of(members.error()),
                     "run doctor again; when it stays so, look at status.slack.com"});
    co_return found;
  }
  // The bot is one of them, and never counts.
  const std::size_t count = members->empty() ? 0 : members->size() - 1;
  if (count == 0) {
    found.push_back({Level::warning, what, "nobody but the bot is in it", "add people to it in Slack"});
  } else {
    found.push_back({Level::fine, what, fmt::format("{} {}", count, count == 1 ? "member" : "members"), ""});
  }
  co_return found;
}

Task<Findings> Examiner::group(WantedGroup wanted) {
  if (auto channel = channel_of_source(wanted.from))
    co_return co_await channel_group(std::move(wanted), std::move(*channel));
  const std::string what = title_of(wanted);
  Fields fields;
  fields.push_back({"usergroup", wanted.from.substr(std::min(wanted.from.size(), k_group_prefix.size()))});
  const auto reply = co_await api_.call("usergroups.users.list", std::move(fields));
  Findings found;
  if (!reply && reply.error().error.kind == ErrorKind::not_found) {
    found.push_back({Level::failed, what, "Slack has no such user group, or it is disabled",
                     "enable it in Slack (People, User groups), or write another id into the policy"});
    co_return found;
  }
  if (!reply) {
    found.push_back(unanswered(reply.error(), what));
    co_return found;
  }
  const Json* users = member(*reply->body, "users");
  const std::size_t count = users != nullptr && users->is_array() ? users->size() : 0;
  if (count == 0) {
    found.push_back(
        {Level::warning, what, "nobody is in it", "add people to it in Slack (People, User groups)"});
  } else {
    found.push_back({Level::fine, what, fmt::format("{} {}", count, count == 1 ? "member" : "members"), ""});
  }
  co_return found;
}

}  // namespace jitbot::slack
