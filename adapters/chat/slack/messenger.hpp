#pragma once

#include "adapters/chat/slack/decode.hpp"
#include "adapters/chat/slack/web_api.hpp"
#include "bot/ports/chat.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace jitbot::slack {

// A form that somebody has open, as Slack names it.
struct OpenView {
  std::string id;
  std::string hash;
};

// Messages, channels, forms and Home by the Web API. Belongs to the loop; `api` and `clock` outlive it.
class Messenger {
 public:
  Messenger(Clock& clock, WebApi& api) : clock_(clock), api_(api) {}

  void know(Self self) { self_ = std::move(self); }

  Task<Result<MessageRef>> post(Place place, Card card, std::string key);
  Task<Result<void>> update(MessageRef message, Card card, std::string key);
  Task<Result<std::optional<MessageRef>>> find(Place place, std::string key, Time since);
  Task<Result<void>> post_privately(std::string channel, std::string thread, std::string user, Card card);
  Task<Result<OpenView>> open_form(std::string trigger, std::shared_ptr<const nlohmann::json> view);
  // The new hash. `conflict`: the view is not any more what the hash is of.
  Task<Result<std::string>> update_form(OpenView form, std::shared_ptr<const nlohmann::json> view);
  Task<Result<void>> publish_home(std::string user, std::shared_ptr<const nlohmann::json> view);
  Task<Result<ChannelInfo>> channel(std::string name_or_id);

 private:
  Task<Result<std::string>> direct_channel(PrincipalId who);
  Task<Result<std::string>> channel_of(Place place);
  // The message as well as Slack takes it: full, else bare, else text alone.
  Task<ApiResult<ApiReply>> send(std::string method, std::vector<net::FormField> fields, Card card);
  Task<Result<std::string>> id_of_name(std::string name);
  std::optional<MessageRef> ours_with(const nlohmann::json& messages, const std::string& channel,
                                      const std::string& key) const;

  Clock& clock_;
  WebApi& api_;
  Self self_;
  std::map<std::string, std::string> direct_channels_;  // by user id; they never change
};

}  // namespace jitbot::slack
