#pragma once

#include "adapters/net/http_client.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/task.hpp"
#include "tests/support/mattermost/answer.hpp"
#include "tests/support/mattermost/crypto.hpp"
#include "tests/support/mattermost/faults.hpp"
#include "tests/support/mattermost/options.hpp"
#include "tests/support/mattermost/records.hpp"
#include "tests/support/mattermost/sockets.hpp"
#include "tests/support/mattermost/world.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot::mattermost_stand_in {

// One REST call that came by HTTP, in the order they were answered.
struct CallRecord {
  std::string method;
  std::string route;  // "/posts/{}/patch"; empty: no such route
  std::string path;   // as it came
  std::string user;   // the caller's id
  int status = 0;
};

// One POST of ours to an integration, and what it said.
struct Callback {
  std::string method;
  std::string url;
  net::Headers headers;
  std::string body;
  int status = 0;  // 0: no answer
  std::string answer;
};

// Everything the server is, shared by its coroutines. Belongs to one loop.
struct Core : std::enable_shared_from_this<Core> {
  Core(Executor on, Clock& with_clock, Random& with_random, const World& world, Options with);

  Executor executor;
  Clock& clock;
  Random& random;
  Options options;
  net::HttpClient http;
  Signer signer;
  Faults faults;
  Sockets sockets;
  std::string site_url;

  std::string team;  // the one team
  Json team_json;
  Json config;  // as GET /config gives it to admins
  std::set<std::string> team_members;
  std::map<std::string, User> users;
  std::vector<Token> tokens;
  std::map<std::string, Channel> channels;
  std::deque<Post> posts;  // in the order they were made; never shrinks, so that references hold
  std::vector<Command> commands;
  std::map<std::string, Hook> hooks;
  std::vector<Group> groups;
  std::vector<Ephemeral> ephemerals;
  std::map<std::string, Json> cookies;  // what a cookie of an ephemeral button stands for
  std::vector<OpenDialog> dialogs;
  std::map<std::string, std::string> places;  // user id → the channel their client shows
  std::map<std::string, std::pair<std::string, Millis>> pending_posts;  // pending_post_id → post, made when
  std::set<std::string> posts_in_flight;
  std::set<std::string> warm;  // tokens whose session is in the cache
  std::vector<CallRecord> calls;
  std::vector<Callback> callbacks;
  bool over = false;  // nothing of the clock's or the loop's may be touched any more

  void add_user(const NewUser& spec);
  std::string new_id();
  std::int64_t stamp();  // now, and later than any before: what happens has an order

  User* user_named(std::string_view username);
  const User* user(const std::string& id) const;
  User* user(const std::string& id);
  Channel* channel(const std::string& id);
  Channel* channel_named(std::string_view name);
  Channel* direct_channel(const std::string& one, const std::string& other);
  Post* post(const std::string& id);  // deleted ones too
  // Whose session or access token this is, when it may be used.
  std::optional<std::string> session(const std::string& token) const;

  bool member(const std::string& channel, const std::string& user) const;
  bool may_read(const Channel& channel, const User& user) const;

  // The one team, from its name, and its channels for everybody.
  void make_team(const World& world);
  void add_common_channels();

 private:
  void add_channel(const NewChannel& spec);
  std::int64_t last_stamp_ = 0;
};

bool is_id(std::string_view text);
// The caller where the path says "me".
std::string whom(const Call& call, std::size_t part);

}  // namespace jitbot::mattermost_stand_in
