#include "adapters/chat/mattermost/decode_parts.hpp"
#include "tests/unit/mattermost/decoding.hpp"

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

Json post(Json more = Json::object()) {
  Json made{{"id", k_post},
            {"create_at", 1'772'330'399'000},
            {"update_at", 1'772'330'399'000},
            {"edit_at", 0},
            {"delete_at", 0},
            {"user_id", k_alice},
            {"channel_id", k_inc_42},
            {"root_id", ""},
            {"original_id", ""},
            {"message", "@jitbot request staging 1h"},
            {"type", ""},
            {"props", Json::object()}};
  made.update(more);
  return made;
}

Json event(const std::string& name, Json data, const std::string& channel = k_inc_42) {
  return {{"event", name},
          {"data", std::move(data)},
          {"broadcast", {{"omit_users", nullptr}, {"user_id", ""}, {"channel_id", channel}, {"team_id", ""}}},
          {"seq", 7}};
}

DecodedEvent decoded(const Json& json) {
  return decode_event(json, "conn1", k_self, k_received);
}

DecodedEvent in_channel(const Json& json) {
  return decode_post(json, "O", k_self, k_received);
}

}  // namespace

TEST_CASE("what is said to the bot in a channel is heard, with who, where and when", "[mattermost]") {
  const Heard heard =
      heard_of(in_channel(post({{"root_id", k_team}, {"message", "@jitbot request db for @bob"}})));
  CHECK(heard.inbound.key == "post:" + k_post);
  CHECK(heard.inbound.from == who(k_alice));
  CHECK(heard.inbound.at == time_from_ms(1'772'330'399'000));
  CHECK(heard.inbound.reply.channel == k_inc_42);
  CHECK(heard.inbound.reply.thread == k_team);
  CHECK(heard.inbound.reply.where == ReplyTo::Where::channel);
  CHECK(std::get<Said>(heard.inbound.what).text == "request db for @bob");
  CHECK(heard.names == std::vector<std::string>{"bob"});
  CHECK(heard.trigger.empty());
}

TEST_CASE("names that were looked up are mentions, the others stay as typed", "[mattermost]") {
  Heard heard = heard_of(in_channel(post({{"message", "@jitbot request db for @bob @nosuch"}})));
  resolve(heard, Ids{{"bob", k_bob}});
  CHECK(std::get<Said>(heard.inbound.what).text == "request db for " + mention(k_bob) + " @nosuch");
  CHECK(heard.names.empty());
}

TEST_CASE("in a direct conversation everything is for the bot", "[mattermost]") {
  const auto direct = [](const std::string& text) {
    return decode_post(post({{"message", text}}), "D", k_self, k_received);
  };
  CHECK(said_in(direct("mine")) == "mine");
  CHECK(said_in(direct("@jitbot mine")) == "mine");
  CHECK(heard_of(direct("mine")).inbound.reply.where == ReplyTo::Where::direct);
  // Not in a conversation of several.
  CHECK(ignored(decode_post(post({{"message", "mine"}}), "G", k_self, k_received)));
}

TEST_CASE("what nobody says to the bot is ignored", "[mattermost]") {
  const Json silent =
      GENERATE(Json{{"message", "no mention"}}, Json{{"user_id", k_bot}}, Json{{"user_id", "x"}},
               Json{{"id", ""}}, Json{{"channel_id", nullptr}}, Json{{"type", "system_join_channel"}},
               Json{{"type", "custom_jit"}}, Json{{"edit_at", 5}}, Json{{"delete_at", 5}},
               Json{{"original_id", k_team}}, Json{{"props", {{"from_webhook", "true"}}}},
               Json{{"props", {{"from_bot", "true"}}}}, Json{{"props", {{"from_plugin", true}}}},
               Json{{"props", {{"from_oauth_app", "true"}}}}, Json{{"message", 5}});
  CAPTURE(silent);
  CHECK(ignored(in_channel(post(silent))));
}

TEST_CASE("a message cannot name itself somebody else's", "[mattermost]") {
  const Json forged = post({{"props", {{"override_username", "jitbot"}, {"user_id", k_bob}}},
                            {"message", "@jitbot approve 7K3F " + mention(k_bob)}});
  const Heard heard = heard_of(in_channel(forged));
  CHECK(heard.inbound.from == who(k_alice));
  CHECK(std::get<Said>(heard.inbound.what).text == "approve 7K3F " + k_bob);
}

TEST_CASE("a time that is none is when it came", "[mattermost]") {
  const std::int64_t strange = GENERATE(std::int64_t{-5}, std::int64_t{0}, INT64_MAX);
  CHECK(heard_of(in_channel(post({{"create_at", strange}}))).inbound.at == k_received);
}

TEST_CASE("a posted event is its post, in a conversation of its type", "[mattermost]") {
  const Json direct = event("posted", {{"post", post({{"message", "mine"}}).dump()}, {"channel_type", "D"}});
  CHECK(said_in(decoded(direct)) == "mine");
  const Json open = event("posted", {{"post", post({{"message", "mine"}}).dump()}, {"channel_type", "O"}});
  CHECK(ignored(decoded(open)));
  CHECK(ignored(decoded(event("posted", {{"post", "{broken"}, {"channel_type", "D"}}))));
  CHECK(ignored(decoded(event("post_edited", {{"post", post().dump()}}))));
}

TEST_CASE("reactions are told as they come and go", "[mattermost]") {
  const Json inner{{"user_id", k_bob},
                   {"post_id", k_post},
                   {"emoji_name", "white_check_mark"},
                   {"create_at", 1000},
                   {"update_at", 2000}};
  const auto added = std::get<Reaction>(decoded(event("reaction_added", {{"reaction", inner.dump()}})));
  CHECK(added.user == who(k_bob));
  CHECK(added.post == k_post);
  CHECK(added.channel == k_inc_42);
  CHECK(added.emoji == "white_check_mark");
  CHECK(added.added);
  CHECK(added.at == time_from_ms(1000));
  const auto removed = std::get<Reaction>(decoded(event("reaction_removed", {{"reaction", inner.dump()}})));
  CHECK_FALSE(removed.added);
  CHECK(removed.at == time_from_ms(2000));
  Json own = inner;
  own["user_id"] = k_bot;
  CHECK(ignored(decoded(event("reaction_added", {{"reaction", own.dump()}}))));
  Json bare = inner;
  bare["emoji_name"] = "";
  CHECK(ignored(decoded(event("reaction_added", {{"reaction", bare.dump()}}))));
  CHECK(std::get<Reaction>(decode_reaction(inner, k_inc_42, k_self)).added);
}

TEST_CASE("who comes and goes refreshes what a channel names, ours where we may post", "[mattermost]") {
  const auto what = [](const Json& json) { return heard_of(decoded(json)).inbound.what; };
  CHECK(std::get<GroupChanged>(what(event("user_added", {{"user_id", k_bob}}))).source ==
        "mattermost:channel/" + k_inc_42);
  CHECK(std::get<ChannelChanged>(what(event("user_added", {{"user_id", k_bot}}))).what == "joined");
  CHECK(std::get<GroupChanged>(what(event("user_removed", {{"user_id", k_bob}}))).source ==
        "mattermost:channel/" + k_inc_42);
  Json us = event("user_removed", {{"channel_id", k_inc_42}}, "");
  us["broadcast"]["user_id"] = k_bot;
  CHECK(std::get<ChannelChanged>(what(us)).what == "left");
  CHECK(std::get<ChannelChanged>(what(us)).channel == k_inc_42);
  CHECK(ignored(decoded(event("user_added", {{"user_id", k_bob}}, ""))));
}

TEST_CASE("what only refreshes is told once for each time it happened", "[mattermost]") {
  const Json json = event("channel_deleted", {{"channel_id", k_inc_42}}, "");
  const Heard heard = heard_of(decoded(json));
  CHECK(heard.inbound.key == "event:conn1/7");
  CHECK(heard.inbound.from == system_principal("mattermost"));
  CHECK(heard.inbound.at == k_received);
  CHECK(std::get<ChannelChanged>(heard.inbound.what).what == "archived");
  CHECK(heard_of(decode_event(json, "conn2", k_self, k_received)).inbound.key == "event:conn2/7");
}

TEST_CASE("a channel that others share is told as shared", "[mattermost]") {
  const auto what_of = [](const Json& shared) {
    const Json channel{{"id", k_inc_42}, {"shared", shared}};
    const Heard heard = heard_of(decoded(event("channel_updated", {{"channel", channel.dump()}})));
    return std::get<ChannelChanged>(heard.inbound.what).what;
  };
  CHECK(what_of(true) == "shared");
  CHECK(what_of(false) == "renamed");
  CHECK(what_of(nullptr) == "renamed");
}

TEST_CASE("events and members that nobody knows change nothing", "[mattermost]") {
  for (const char* name : {"typing", "hello", "multiple_channels_viewed", "posted_again", ""})
    CHECK(ignored(decoded(event(name, {{"post", post().dump()}}))));
  Json more = event("posted", {{"post", post({{"new_member", {1, 2}}}).dump()}, {"channel_type", "O"}});
  more["surprise"] = true;
  CHECK(said_in(decoded(more)) == "request staging 1h");
  for (const Json& none :
       {Json(), Json::array(), Json("posted"), Json{{"event", 5}}, Json{{"event", "posted"}}})
    CHECK(ignored(decoded(none)));
}

TEST_CASE("forms are read as browsers send them", "[mattermost]") {
  const FormValues form = read_form("a=1+2&b=%E2%82%AC%26%3D%2B%2520&c&a=3&&=x&d=%zz");
  CHECK(form.at("a") == std::vector<std::string>{"1 2", "3"});
  CHECK(first_of(form, "b") == "€&=+%20");
  CHECK(first_of(form, "c").empty());
  CHECK(first_of(form, "d") == "%zz");
  CHECK(first_of(form, "nothing").empty());
  CHECK(first_of(read_form("a=x%FF\xFFy"), "a") == "x\uFFFD\uFFFDy");
}
