#include "adapters/chat/mattermost/messenger.hpp"
#include "adapters/chat/mattermost/render.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

#include <algorithm>
#include <set>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

const std::string k_create = "POST /posts";
const std::string k_patch = "PUT /posts/" + k_post + "/patch";
const std::string k_history = "GET /channels/" + k_channel + "/posts";
const Place k_place{"mattermost:" + k_channel, "", std::nullopt};

Json our_post(const std::string& key, std::int64_t created) {
  return {{"id", k_post},         {"user_id", k_bot},     {"channel_id", k_channel},
          {"create_at", created}, {"update_at", created}, {"delete_at", 0},
          {"original_id", ""},    {"message", "hello"},   {"props", {{k_key_prop, key}}}};
}

Json list(const std::vector<Json>& posts) {
  Json body{{"order", Json::array()}, {"posts", Json::object()}};
  for (const Json& one : posts) {
    body["order"].push_back(one.at("id"));
    body["posts"][one.at("id").get<std::string>()] = one;
  }
  return body;
}

struct MessengerStage : WireStage {
  MessengerStage() : names(clock, rest), messenger(clock, random, rest, names) {
    messenger.know(Self{"s1", k_bot, "jitbot", k_team});
    messenger.dress_by([this](const Occasion& occasion) {
      occasions.push_back(occasion);
      return Dress{};
    });
  }
  std::int64_t now() const { return to_ms(clock.now()); }
  Result<MessageRef> post() { return finish(messenger.post(k_place, answer("hello"), "key1")); }

  std::vector<Occasion> occasions;
  NameBook names;
  Messenger messenger;
};

}  // namespace

TEST_CASE("a post carries its key and an attempt of its own", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.always(k_create, {201, our_post("key1", stage.now())});
  const auto posted = stage.post();
  REQUIRE(posted);
  CHECK(*posted == MessageRef{"mattermost:" + k_channel, k_post});
  REQUIRE(stage.post());
  const auto calls = stage.server.calls_of(k_create);
  REQUIRE(calls.size() == 2);
  const Json& body = calls.front().body;
  CHECK(body.at("channel_id") == k_channel);
  CHECK(body.at("props").at(k_key_prop) == "key1");
  CHECK(body.at("message").get<std::string>().find("hello") != std::string::npos);
  CHECK_FALSE(body.contains("root_id"));
  const auto attempt = body.at("pending_post_id").get<std::string>();
  CHECK(attempt.size() == k_bot.size() + 1 + 32);
  CHECK(attempt != calls.back().body.at("pending_post_id").get<std::string>());
  CHECK(stage.occasions.front().channel == k_channel);
  CHECK(stage.occasions.front().key == "key1");
}

TEST_CASE("a post into a thread names what it hangs on", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.always(k_create, {201, our_post("key1", stage.now())});
  const Place place{k_channel, k_other_post, std::nullopt};
  REQUIRE(stage.finish(stage.messenger.post(place, answer("hello"), "key1")));
  CHECK(stage.server.calls_of(k_create).front().body.at("root_id") == k_other_post);
}

TEST_CASE("a post whose answer was lost is found and not made again", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.next(k_create, {500, "oops"});
  stage.server.next(k_history, {200, list({our_post("key1", stage.now())})});
  const auto posted = stage.post();
  REQUIRE(posted);
  CHECK(posted->id == k_post);
  CHECK(stage.server.calls_of(k_create).size() == 1);
}

TEST_CASE("a post that is not there is made again, as the same attempt", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.next(k_create, refusal(500, "api.post.deduplicate_create_post.pending"));
  stage.server.next(k_create, {502, "<html>"});
  stage.server.next(k_create, {201, our_post("key1", stage.now())});
  stage.server.always(k_history, {200, list({})});
  REQUIRE(stage.post());
  std::set<std::string> attempts;
  for (const Call& call : stage.server.calls_of(k_create))
    attempts.insert(call.body.at("pending_post_id").get<std::string>());
  CHECK(stage.server.calls_of(k_create).size() == 3);
  CHECK(attempts.size() == 1);
}

TEST_CASE("an attempt is repeated for 25 seconds and no longer", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.always(k_create, {500, "oops"});
  stage.server.always(k_history, {200, list({})});
  const Millis begun = stage.clock.steady();
  const auto posted = stage.post();
  REQUIRE_FALSE(posted);
  CHECK(posted.error().kind == ErrorKind::outcome_unknown);
  CHECK(stage.clock.steady() - begun <= 26s);
  CHECK(stage.clock.steady() - begun >= 20s);
}

TEST_CASE("an answer with somebody else's message is no success", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  Json foreign = our_post("key1", stage.now());
  foreign["user_id"] = k_alice;
  const Json answered = GENERATE_COPY(as<Json>{}, foreign, our_post("another key", 0), Json::object());
  stage.server.always(k_create, {201, answered});
  const auto posted = stage.post();
  REQUIRE_FALSE(posted);
  CHECK(posted.error().kind == ErrorKind::outcome_unknown);
}

TEST_CASE("a refused post is refused at once", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.always(k_create, refusal(400, "api.post.create_post.can_not_post_to_deleted.error"));
  const auto posted = stage.post();
  REQUIRE_FALSE(posted);
  CHECK(posted.error().kind == ErrorKind::refused);
  CHECK(posted.error().message == "the channel is archived");
}

TEST_CASE("a message that this server finds too long goes out shorter", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  Card card = answer("facts");
  card.quote = std::string(20'000, 'q');
  stage.server.next(k_create, refusal(400, "model.post.is_valid.props.app_error"));
  stage.server.next(k_create, refusal(400, "model.post.is_valid.props.app_error"));
  stage.server.next(k_create, {201, our_post("key1", stage.now())});
  REQUIRE(stage.finish(stage.messenger.post(k_place, card, "key1")));
  const auto calls = stage.server.calls_of(k_create);
  REQUIRE(calls.size() == 3);
  CHECK(calls[1].body.dump().size() < calls[0].body.dump().size());
  CHECK(calls[2].body.dump().size() < calls[1].body.dump().size());
}

TEST_CASE("a direct message is in the channel of the two", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.always("POST /channels/direct", {201, {{"id", k_channel}, {"type", "D"}}});
  stage.server.always(k_create, {201, our_post("key1", stage.now())});
  const Place place{"", "", PrincipalId{"mattermost:s1", k_alice}};
  for (int i = 0; i < 2; ++i) REQUIRE(stage.finish(stage.messenger.post(place, answer("hello"), "key1")));
  const auto calls = stage.server.calls_of("POST /channels/direct");
  REQUIRE(calls.size() == 1);
  CHECK(calls.front().body == Json::array({k_bot, k_alice}));
  CHECK(stage.occasions.front().reader == place.direct);

  for (const PrincipalId& stranger : {PrincipalId{"mattermost:s2", k_alice}, PrincipalId{"slack:T1", "U1"},
                                      PrincipalId{"mattermost:s1", "../x"}}) {
    const auto refused = stage.finish(stage.messenger.post(Place{"", "", stranger}, answer("hello"), "key1"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::refused);
  }
}

TEST_CASE("a place without a channel is none", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  const auto posted = stage.finish(stage.messenger.post(Place{"#ops", "", {}}, answer("hello"), "key1"));
  REQUIRE_FALSE(posted);
  CHECK(posted.error().kind == ErrorKind::invalid);
  CHECK(stage.server.calls() == 0);
}

TEST_CASE("an update sends message and props whole", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.next(k_patch, {500, "oops"});
  stage.server.next(k_patch, {200, our_post("key1", stage.now())});
  const MessageRef message{"mattermost:" + k_channel, k_post};
  REQUIRE(stage.finish(stage.messenger.update(message, answer("later"), "key1")));
  const auto calls = stage.server.calls_of(k_patch);
  REQUIRE(calls.size() == 2);
  CHECK(calls.back().body.at("props").at(k_key_prop) == "key1");
  CHECK(calls.back().body.at("message").get<std::string>().find("later") != std::string::npos);
  CHECK(stage.occasions.back().channel == k_channel);
}

TEST_CASE("updates of one message arrive in the order of the calls", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.next(k_patch, {500, "oops"});
  stage.server.always(k_patch, {200, our_post("key1", stage.now())});
  const MessageRef message{k_channel, k_post};
  Beside<Result<void>> first(stage.loop.executor(),
                             stage.messenger.update(message, answer("version one"), "key1"));
  Beside<Result<void>> second(stage.loop.executor(),
                              stage.messenger.update(message, answer("version two"), "key1"));
  REQUIRE(stage.steps_until([&] { return first.done() && second.done(); }, 10) <= 10);
  const auto calls = stage.server.calls_of(k_patch);
  REQUIRE(calls.size() == 3);
  const auto text = [&calls](std::size_t i) { return calls[i].body.at("message").get<std::string>(); };
  CHECK(text(0).find("one") != std::string::npos);
  CHECK(text(1).find("one") != std::string::npos);
  CHECK(text(2).find("two") != std::string::npos);
}

TEST_CASE("ours is found by its key and its author", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  const std::int64_t now = stage.now();
  Json forged = our_post("key1", now);
  forged["id"] = k_other_post;
  forged["user_id"] = k_alice;
  Json deleted = our_post("key1", now);
  deleted["id"] = "gcyirt9motdzbfsyqwoiq9h9ie";
  deleted["delete_at"] = now;
  stage.server.next(k_history, {200, list({forged, deleted, our_post("key1", now)})});
  auto found = stage.finish(stage.messenger.find(k_place, "key1", stage.clock.now()));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->id == k_post);
  stage.server.next(k_history, {200, list({forged, deleted, our_post("another", now)})});
  found = stage.finish(stage.messenger.find(k_place, "key1", stage.clock.now()));
  REQUIRE(found);
  CHECK_FALSE(*found);
}

TEST_CASE("looking for a message ends at its earliest time", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  std::vector<Json> page;
  for (int i = 0; i < 200; ++i) {
    Json one = our_post("other", stage.now() - i);
    one["id"] = "p" + std::to_string(i);
    page.push_back(one);
  }
  stage.server.next(k_history + "?page=0&per_page=200", {200, list(page)});
  page.back() = our_post("other", stage.now() - 130'000);
  stage.server.next(k_history + "?page=1&per_page=200", {200, list(page)});
  const auto found = stage.finish(stage.messenger.find(k_place, "key1", stage.clock.now()));
  REQUIRE(found);
  CHECK_FALSE(*found);
  CHECK(stage.server.calls_of(k_history).size() == 2);
}

TEST_CASE("a channel is described by id and by name", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  const Json described{
      {"id", k_channel}, {"type", "P"}, {"name", "inc-42"}, {"delete_at", 0}, {"shared", nullptr}};
  stage.server.always("GET /channels/" + k_channel, {200, described});
  stage.server.always("GET /teams/" + k_team + "/channels/name/inc-42", {200, described});
  const std::string member = "GET /channels/" + k_channel + "/members/" + k_bot;
  stage.server.next(member, {200, {{"user_id", k_bot}}});
  for (const char* name : {"#inc-42", "mattermost:#inc-42", "inc-42", k_channel.c_str()}) {
    const auto info = stage.finish(stage.messenger.channel(name));
    REQUIRE(info);
    CHECK(info->id == "mattermost:" + k_channel);
    CHECK(info->name == "inc-42");
    CHECK(info->is_private);
    CHECK_FALSE(info->archived);
    CHECK_FALSE(info->shared_outside);
    CHECK(info->member == (std::string(name) == "#inc-42"));
  }
}

TEST_CASE("a channel that is archived, shared or unknown says so", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.always("GET /channels/" + k_channel,
                      {200, {{"id", k_channel}, {"type", "O"}, {"delete_at", 7}, {"shared", true}}});
  const auto info = stage.finish(stage.messenger.channel(k_channel));
  REQUIRE(info);
  CHECK(info->archived);
  CHECK(info->shared_outside);
  CHECK_FALSE(info->is_private);
  for (const char* name : {"#nosuch", "#../../users", "#No Such"}) {
    const auto unknown = stage.finish(stage.messenger.channel(name));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == ErrorKind::not_found);
  }
}

TEST_CASE("a private channel that we are not in is to us not there", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.always("GET /channels/" + k_channel, refusal(403, "api.context.permissions.app_error"));
  const auto hidden = stage.finish(stage.messenger.channel(k_channel));
  REQUIRE_FALSE(hidden);
  CHECK(hidden.error().kind == ErrorKind::not_found);
}

TEST_CASE("the reactions on a post are those that are there", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  const std::string route = "GET /posts/" + k_post + "/reactions";
  const Json one{
      {"user_id", k_alice}, {"post_id", k_post}, {"emoji_name", "x"}, {"create_at", 17}, {"delete_at", 0}};
  Json gone = one;
  gone["delete_at"] = 18;
  stage.server.next(route, {200, Json::array({one, gone, Json::object()})});
  const auto reactions = stage.finish(stage.messenger.reactions(k_post));
  REQUIRE(reactions);
  REQUIRE(reactions->size() == 1);
  CHECK(reactions->front().user == k_alice);
  CHECK(reactions->front().emoji == "x");
  CHECK(reactions->front().at == time_from_ms(17));
  stage.server.next(route, {200, nullptr});
  CHECK(stage.finish(stage.messenger.reactions(k_post))->empty());
  stage.server.next(route, {200, Json::object()});
  CHECK_FALSE(stage.finish(stage.messenger.reactions(k_post)));
}

TEST_CASE("when a reaction was put there last the server says, and not whoever reacted",
          "[mattermost][wire][messenger]") {
  MessengerStage stage;
  const Json again{{"user_id", k_alice}, {"post_id", k_post}, {"emoji_name", "x"},
                   {"create_at", 17},    {"update_at", 40},   {"delete_at", 0}};
  Json claimed = again;
  claimed["create_at"] = 9'000'000'000'000;
  stage.server.next("GET /posts/" + k_post + "/reactions", {200, Json::array({again, claimed})});
  const auto reactions = stage.finish(stage.messenger.reactions(k_post));
  REQUIRE(reactions);
  REQUIRE(reactions->size() == 2);
  for (const Reacted& one : *reactions) CHECK(one.at == time_from_ms(40));
}

TEST_CASE("a dialog is opened once, by its trigger alone", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  const std::string route = "POST /actions/dialogs/open";
  stage.server.next(route, {200, {{"status", "OK"}}});
  REQUIRE(stage.run(stage.messenger.open_dialog(body_of({{"trigger_id", "t"}}), 3s)));
  CHECK(stage.server.calls_of(route).front().authorization.empty());
  stage.server.next(route, refusal(400, "interactive_message.decode_trigger_id.expired"));
  const auto late = stage.run(stage.messenger.open_dialog(body_of({{"trigger_id", "t"}}), 3s));
  REQUIRE_FALSE(late);
  CHECK(late.error().kind == ErrorKind::refused);
  CHECK(stage.server.calls() == 2);
}

TEST_CASE("a dialog does not wait for a pause that outlasts its trigger", "[mattermost][wire][messenger]") {
  MessengerStage stage;
  const std::string route = "GET /posts/" + k_post + "/reactions";
  stage.server.always(route, {429, "limit exceeded\n", {{"Retry-After", "10"}}});
  Beside<Result<std::vector<Reacted>>> waiting(stage.loop.executor(), stage.messenger.reactions(k_post));
  stage.until([&] { return stage.clock.until_next().has_value(); });
  const auto opened = stage.run(stage.messenger.open_dialog(body_of({{"trigger_id", "t"}}), 3s));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::rate_limited);
  CHECK(stage.server.calls() == 1);
  stage.rest.close();
  stage.until([&] { return waiting.done(); });
}

TEST_CASE("people and channels on a card are shown by the names they have now",
          "[mattermost][wire][messenger]") {
  MessengerStage stage;
  stage.server.always("POST /users/ids", {200, Json::array({{{"id", k_alice}, {"username", "alice"}}})});
  stage.server.always("GET /channels/" + k_channel, {200, {{"id", k_channel}, {"name", "inc-42"}}});
  Card card;
  card.facts.push_back({Mention{{"mattermost:s1", k_alice}}, Mention{{"slack:T1", "U1"}},
                        ChannelMention{"mattermost:" + k_channel}});
  card.footer.push_back({Mention{{"mattermost:s1", k_bob}}});
  const Time before = stage.clock.now();
  const auto dress = stage.finish(stage.messenger.dress(card, Occasion{k_channel, "key1", std::nullopt}));
  CHECK(dress.key == "key1");
  CHECK(dress.now >= before);
  CHECK(dress.now <= stage.clock.now());
  CHECK(dress.names == Names{{k_alice, "alice"}});
  CHECK(dress.channels == Names{{"mattermost:" + k_channel, "inc-42"}});
  auto asked = stage.server.calls_of("POST /users/ids").front().body.get<std::vector<std::string>>();
  std::ranges::sort(asked);
  CHECK(asked == std::vector<std::string>{k_alice, k_bob});
}

TEST_CASE("names are known for a minute", "[mattermost][wire][names]") {
  MessengerStage stage;
  stage.server.next("POST /users/ids", {200, Json::array({{{"id", k_alice}, {"username", "alice"}}})});
  stage.server.next("POST /users/ids", {200, Json::array({{{"id", k_alice}, {"username", "alicia"}}})});
  const auto ask = [&stage] { return stage.finish(stage.names.users({k_alice, k_bob, "no id"})); };
  CHECK(ask() == Names{{k_alice, "alice"}});
  stage.clock.advance(59s);
  CHECK(ask() == Names{{k_alice, "alice"}});
  CHECK(stage.server.calls_of("POST /users/ids").size() == 1);
  stage.clock.advance(2s);
  CHECK(ask() == Names{{k_alice, "alicia"}});
}

TEST_CASE("a name that cannot be learned is left out", "[mattermost][wire][names]") {
  MessengerStage stage;
  stage.server.always("POST /users/ids", refusal(403, "api.context.permissions.app_error"));
  CHECK(stage.finish(stage.names.users({k_alice})).empty());
  CHECK(stage.finish(stage.names.channels({k_channel, "#ops"})).empty());
}

TEST_CASE("whom a name means is asked each time", "[mattermost][wire][names]") {
  MessengerStage stage;
  stage.server.always("POST /users/usernames",
                      {200, Json::array({{{"id", k_alice}, {"username", "alice"}}})});
  for (int i = 0; i < 2; ++i) {
    const auto ids = stage.finish(stage.names.ids_of({"alice", "nobody", "no name!"}));
    REQUIRE(ids);
    CHECK(*ids == Ids{{"alice", k_alice}});
  }
  const auto calls = stage.server.calls_of("POST /users/usernames");
  REQUIRE(calls.size() == 2);
  CHECK(calls.front().body == Json::array({"alice", "nobody"}));
  CHECK(stage.finish(stage.names.ids_of({}))->empty());
}
