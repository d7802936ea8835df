#pragma once

#include "adapters/chat/mattermost/rest.hpp"
#include "adapters/net/http_client.hpp"
#include "adapters/net/proxy.hpp"
#include "adapters/net/web_socket.hpp"
#include "bot/app/demo/mattermost/town.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::town {

// How the demo's people reach the server, as their browsers would.
struct Line {
  Clock& clock;
  Random& random;
  net::HttpClient& http;
  std::string url;
  std::string ca_file;
  net::Proxies proxies;
};

// One person, logged in: calls with a session of their own, and the WebSocket that tells them what happens. A
// lost socket is dialled again, and what was missed is read. Belongs to the loop; the Line's parts must
// outlive its last turn.
class Member : public std::enable_shared_from_this<Member> {
 public:
  struct Hooks {
    std::function<void(const nlohmann::json& post)> on_post;     // as it is now
    std::function<void(const nlohmann::json& post)> on_whisper;  // for this person's eyes
    std::function<void()> on_dialog;
  };
  Member(std::shared_ptr<const Line> line, Resident resident, Hooks hooks);

  Task<Result<void>> log_in(std::string bot);
  // Until leave(). Channels by id: what was written there since the login is read whenever the socket is new.
  Task<void> listen(std::vector<std::string> channels);
  void leave();

  Task<mattermost::RestResult<mattermost::RestReply>> send(std::string method, std::string path,
                                                           nlohmann::json body);
  const std::string& id() const { return resident_.id; }
  const std::string& direct() const { return direct_; }  // the channel with the bot
  std::optional<nlohmann::json> take_dialog();           // the newest that opened; it counts once
  bool has_dialog() const { return !dialogs_.empty(); }

 private:
  Task<bool> hear();
  Task<void> catch_up();
  void take(const std::string& frame);

  std::shared_ptr<const Line> line_;
  Resident resident_;
  Hooks hooks_;
  Secret session_;
  std::optional<mattermost::Rest> rest_;
  std::string direct_;
  std::vector<std::string> channels_;
  Time since_;
  std::deque<nlohmann::json> dialogs_;
  std::shared_ptr<Timer> pause_;
  std::shared_ptr<net::WebSocket> socket_;
  bool left_ = false;
};

}  // namespace jitbot::town
