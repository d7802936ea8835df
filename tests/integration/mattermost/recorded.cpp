#include "tests/integration/mattermost/recorded.hpp"

#include "tests/support/recordings.hpp"

namespace jitbot::mattermost_stand_in {

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// The first recorded request in `json`, wherever it is, and its bearer.
std::string bearer_in(const Json& json) {
  if (json.is_object() && json.contains("headers") && json["headers"].contains("Authorization"))
    return json["headers"]["Authorization"].get<std::string>().substr(7);
  if (!json.is_structured()) return {};
  for (const Json& inner : json) {
    std::string found = bearer_in(inner);
    if (!found.empty()) return found;
  }
  return {};
}

std::string recorded_token(const std::string& username) {
  if (username == "sysadmin") return bearer_in(recording("rest_bot_create"));
  if (username == "jitbot") return bearer_in(recording("rest_post_create"));
  if (username == "alice") return bearer_in(recording("ev_posted_by_user"));
  if (username == "bob") return bearer_in(recording("act_click_empty_json")["client_click"]);
  if (username == "carol") return bearer_in(recording("act_ephemeral_click_by_other_user")["client_click"]);
  return bearer_in(recording("act_click_outsider")["client_click"]);
}

NewUser user_from(const Json& json) {
  NewUser user;
  user.username = text_of(json, "username");
  user.id = text_of(json, "id");
  user.first_name = text_of(json, "first_name");
  user.last_name = text_of(json, "last_name");
  user.email = text_of(json, "email");
  user.create_at = number_of(json, "create_at");
  user.description = text_of(json, "bot_description");
  if (flag_of(json, "is_bot")) user.kind = Kind::bot;
  if (text_of(json, "roles").find("system_admin") != std::string::npos) user.kind = Kind::admin;
  user.token = recorded_token(user.username);
  user.password = text_of(recording("rest_login")["request"]["body"], "password");
  return user;
}

NewChannel channel_from(const Json& json) {
  NewChannel channel;
  channel.id = text_of(json, "id");
  channel.name = text_of(json, "name");
  channel.display_name = text_of(json, "display_name");
  channel.type = text_of(json, "type");
  channel.creator = "sysadmin";
  channel.members = {"sysadmin", "alice", "bob", "carol"};
  return channel;
}

}  // namespace

bool have_recordings() {
  return jitbot::testing::have_recordings("mattermost");
}

Json recording(const std::string& name) {
  return jitbot::testing::recording("mattermost", name);
}

World recorded_world(Bot bot) {
  World world;
  const Json team = recording("rest_team_by_name")["response"]["json"];
  world.team = text_of(team, "name");
  world.team_display_name = text_of(team, "display_name");
  world.team_id = text_of(team, "id");
  const Json people = recording("rest_users_in_channel")["response"]["json"];
  for (const Json& each : people) {
    if (!flag_of(each, "is_bot") || bot == Bot::there) world.users.push_back(user_from(each));
  }
  const Json dave = recording("ev_user_deactivated")["bot_ws"][0]["json"]["data"]["user"];
  world.users.push_back(user_from(dave));
  world.users.back().in_team = false;
  world.channels.push_back(channel_from(recording("rest_channel_by_teamname_and_name")["response"]["json"]));
  world.channels.push_back(channel_from(recording("rest_channel_by_id")["response"]["json"]));
  if (bot == Bot::there) {
    for (NewChannel& channel : world.channels) channel.members.emplace_back("jitbot");
  }
  return world;
}

Integration::Integration(Executor executor)
    : server_(std::move(executor), {},
              [this](net::ServerRequest request) { return answer(this, std::move(request)); }) {
  REQUIRE(server_.start());
}

Integration::~Integration() {
  server_.stop();
}

std::string Integration::url() const {
  return "http://127.0.0.1:" + std::to_string(server_.port());
}

Task<net::ServerResponse> Integration::answer(Integration* self, net::ServerRequest request) {
  self->received.push_back(request);
  Json responded;
  if (!self->answers_.empty()) {
    responded = self->answers_.front();
    self->answers_.pop_front();
  }
  if (self->before_answer) co_await self->before_answer(request);
  net::ServerResponse response;
  if (!responded.is_object()) {
    response.headers.push_back({"Content-Type", "application/json"});
    response.body = "{}";
    co_return response;
  }
  response.status = responded["status"].get<int>();
  bool typed = false;
  if (responded.contains("headers")) {
    for (const auto& [name, value] : responded["headers"].items()) {
      response.headers.push_back({name, value.get<std::string>()});
      typed = typed || name == "Content-Type";
    }
  }
  if (!typed) response.headers.push_back({"Content-Type", "application/json"});
  const Json& body = responded["body"];
  response.body = body.is_string() ? body.get<std::string>() : body.dump();
  co_return response;
}

Replay::Replay(World world, Options options)
    : server(loop.executor(), clock, random, world, std::move(options)), bot(loop.executor()) {
  REQUIRE(server.start());
  for (const NewUser& user : world.users) {
    comparison.bind(user.id, user.id);
    if (!user.token.empty()) comparison.bind(user.token, user.token);
  }
  for (const NewChannel& channel : world.channels) comparison.bind(channel.id, channel.id);
  comparison.bind(world.team_id, world.team_id);
}

Replay::~Replay() {
  server.stop();
  (void)loop.run_until([] { return false; }, std::chrono::milliseconds(20));
}

std::string Replay::here(std::string text) const {
  text = replaced(std::move(text), "http://127.0.0.1:9099", bot.url());
  return replaced(std::move(text), "http://127.0.0.1:8065", server.url());
}

net::HttpResponse Replay::send(const Json& recorded_request) {
  net::HttpRequest request;
  request.method = text_of(recorded_request, "method");
  request.url = server.url() + comparison.ours(text_of(recorded_request, "path"));
  if (recorded_request.contains("headers")) {
    for (const auto& [name, value] : recorded_request["headers"].items()) {
      if (value.is_string()) request.headers.push_back({name, comparison.ours(value.get<std::string>())});
    }
  }
  if (recorded_request.contains("body")) {
    const Json& body = recorded_request["body"];
    const std::string text = body.is_string() ? body.get<std::string>() : body.dump();
    request.body = here(comparison.ours(text));
  }
  const auto response = loop.run(http.send(std::move(request)));
  REQUIRE(response);
  return *response;
}

void Replay::exchange(const Json& recorded, const std::string& name) {
  INFO(name);
  comparison.forget_times();
  clock.advance(1s);
  const net::HttpResponse response = send(recorded["request"]);
  INFO(response.body);
  CHECK(response.status == recorded["response"]["status"].get<int>());
  const std::string kind = text_of(recorded["response"]["headers"], "content-type");
  const std::string kind_of_ours(net::find_header(response.headers, "Content-Type").value_or(""));
  CHECK(kind_of_ours == kind);
  const bool cookie = recorded["response"]["headers"].contains("set-cookie");
  CHECK(net::find_header(response.headers, "Set-Cookie").has_value() == cookie);
  if (recorded["response"].contains("text")) {
    CHECK(response.body == recorded["response"]["text"].get<std::string>());
  } else {
    CHECK(same(comparison, here(recorded["response"]["json"]), Json::parse(response.body, nullptr, false))
              .empty());
  }
}

Json Replay::call(const std::string& user, const std::string& method, const std::string& path, Json body) {
  clock.advance(1s);
  const Answer answer = server.as(user).call(method, path, std::move(body));
  INFO(method << " " << path << " " << answer.json.dump());
  REQUIRE(answer.status < 300);
  return answer.json;
}

std::string same(Comparison& comparison, const Json& recorded, const Json& ours) {
  std::string found = comparison.difference(recorded, ours);
  if (!found.empty()) UNSCOPED_INFO(found);
  return found;
}

}  // namespace jitbot::mattermost_stand_in
