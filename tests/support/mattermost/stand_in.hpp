#pragma once

#include "bot/model/result.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/task.hpp"
#include "tests/support/mattermost/client.hpp"
#include "tests/support/mattermost/core.hpp"
#include "tests/support/mattermost/faults.hpp"
#include "tests/support/mattermost/options.hpp"
#include "tests/support/mattermost/world.hpp"

#include <memory>
#include <string>
#include <vector>

namespace jitbot::mattermost_stand_in {

// A Mattermost server on loopback: REST, WebSocket, and the calls it makes to integrations, answering as a
// real one was captured to. Everything runs on the given executor, which must be one thread's; call every
// member on it. Clock and Random must outlive the loop's last turn. Deadlines and lifetimes follow the Clock,
// all but how long an integration may take. Times of what happens rise by at least a millisecond, so that no
// two are the same. After stop() the loop must run until what was under way has come to its end.
class StandIn {
 public:
  StandIn(Executor executor, Clock& clock, Random& random, const World& world = small_world(),
          Options options = {});
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  Result<void> start();
  void stop();  // breaks every connection, none can be resumed; what was stored stays

  const std::string& url() const;  // http://127.0.0.1:PORT, also the SiteURL
  const std::string& team_id() const;
  std::string id_of(std::string_view username) const;                     // throws where nobody has that name
  std::string channel_id(std::string_view name) const;                    // "approvals" or "#approvals"
  std::string dm_id(std::string_view one, std::string_view other) const;  // empty: there is none yet
  std::string token_of(std::string_view username) const;                  // the first that may be used
  std::string command_token(std::string_view trigger) const;

  void add_user(const NewUser& user);         // into the team and its open channels
  void move_away(std::string_view username);  // to another server, which shares a channel with this one
  // The client of that user.
  Client as(std::string_view username);
  // Any call that an administrator makes, below /api/v4: members, archiving, settings…
  Answer as_admin(const std::string& method, const std::string& path, Json body = {});
  // The slash command of the bot, as an administrator makes it.
  Result<std::string> add_command(const std::string& trigger, const std::string& url);  // its token

  // --- what can be seen
  std::vector<Message> messages(const std::string& channel_id) const;  // oldest first, deleted ones left out
  std::optional<Message> message(const std::string& post_id) const;
  const std::vector<CallRecord>& calls() const;
  std::size_t calls(std::string_view method, std::string_view route) const;  // "PUT", "/posts/{}/patch"
  const std::vector<Callback>& callbacks() const;
  std::size_t sockets() const;       // live and authenticated
  unsigned calls_under_way() const;  // of its own, to integrations

  // --- what happens to servers
  void restart();  // at the same address: sockets, resume states, sessions' cache and pending posts are lost
  void drop_sockets();  // no Close frame; they can be resumed
  void lose_resume();   // drops, and nothing can be resumed
  void hang_sockets();  // open, and neither pings nor requests are answered
  void lose_database(Database how);
  void restore_database();
  void limit_rate(RateLimit limit);
  void lift_limit();
  void be_slow(Millis each);  // 0: no more
  void plan(PlannedAnswer answer);
  void forget_plans();
  void lose_next_post();  // stores the next POST /posts, and breaks the connection before it is answered
  void disable_bot(std::string_view username);
  void enable_bot(std::string_view username);
  void revoke_tokens(std::string_view username);   // 401 from now on
  void restore_tokens(std::string_view username);  // the same ones

  // --- what strangers can do, who reach the integration's port
  // That callback once more, as it was.
  Task<Outcome> send_again(Callback callback);
  Task<Outcome> send_forged(std::string url, net::Headers headers, std::string body);

 private:
  void open();

  std::shared_ptr<Core> core_;
  std::unique_ptr<net::HttpServer> server_;
  std::uint16_t port_ = 0;
};

}  // namespace jitbot::mattermost_stand_in
