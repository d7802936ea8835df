#pragma once

#include "adapters/chat/slack/web_api.hpp"
#include "bot/model/finding.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot::slack {

struct NeededScope {
  std::string_view name;
  std::string_view purpose;  // what does not work without it
};
// Of the bot token: those that deploy/slack/manifest.yaml asks for.
std::span<const NeededScope> needed_scopes();

struct ExaminerOptions {
  Secret app_token;
  Secret bot_token;
  std::string api_url;   // ends with '/'
  Millis attempt = 4s;   // one exchange
  Millis patience = 8s;  // one call with all its tries
};

struct WantedChannel {
  std::string name_or_id;
  std::string used_by;  // "administrators", "rule staging"
};

struct WantedGroup {
  std::string name;  // in the policy
  std::string from;  // "slack:usergroup/S…", "slack:channel/C…"
};

// What only Slack can say of our settings, in the words of its own pages. Asks and changes nothing: no socket
// is opened, because Slack would send it a share of what people say. Belongs to the loop; clock, random and
// http outlive it.
class Examiner {
 public:
  Examiner(Clock& clock, Random& random, net::HttpClient& http, ExaminerOptions options);

  // Whether Slack answers at all, and how far its clock is from ours; without any token. Only when it does
  // not answer is the first finding a failed one.
  Task<Findings> reach();
  // Whether the bot token is accepted, and whether it has the scopes. The other members below are of use only
  // when the first finding is a fine one.
  Task<Findings> bot_token();
  // Whether the app token is accepted; independent of the bot token.
  Task<Findings> app_token();
  // Whether both tokens are those of one app.
  Task<Findings> same_app();
  // Each found, open, with the bot in it and of our own company alone: one finding each, in order.
  Task<Findings> channels_by_name(std::vector<WantedChannel> wanted);
  Task<Findings> channel_by_id(WantedChannel wanted);
  Task<Findings> group(WantedGroup wanted);
  Task<Findings> channel_group(WantedGroup wanted, std::string channel);

 private:
  Task<ApiResult<std::vector<std::shared_ptr<const nlohmann::json>>>> list_channels();

  Clock& clock_;
  net::HttpClient& http_;
  ExaminerOptions options_;
  WebApi api_;
  std::string bot_id_;
  std::string bot_name_;
};

// With what the log would say of it, unless that could repeat the address of a proxy, password and all.
std::string reason_of(const Error& error);
bool is_channel_name(std::string_view name_or_id);  // else an id
std::string title_of(const WantedChannel& channel);
std::string title_of(const WantedGroup& group);

}  // namespace jitbot::slack
