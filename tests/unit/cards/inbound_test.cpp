#include "bot/cards/inbound.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace jitbot;
using Json = nlohmann::json;

namespace {

Inbound inbound(decltype(Inbound::what) what) {
  Inbound inbound;
  inbound.key = "click:1/U1";
  inbound.from = PrincipalId{"slack:T1", "U1"};
  inbound.at = time_from_ms(1'772'330'400'123);
  inbound.reply.channel = "C1";
  inbound.reply.thread = "9.1";
  inbound.reply.message = "10.1";
  inbound.reply.url = Secret("https://hooks.slack.com/actions/1");
  inbound.reply.where = ReplyTo::Where::direct;
  inbound.what = std::move(what);
  return inbound;
}

const ButtonValue k_button{RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::deny};

}  // namespace

TEST_CASE("whatever came in comes out of the store as it was", "[cards]") {
  const std::vector<Inbound> all{
      inbound(Said{"request staging 1h \"x\"\n"}),
      inbound(Clicked{k_button}),
      inbound(Submitted{FormKind::deny, k_button, {{"reason", "no"}, {"ticket", "T-1"}}}),
      inbound(Submitted{FormKind::request, std::nullopt, {}}),
      inbound(PersonChanged{{"slack:T1", "U2"}}),
      inbound(GroupChanged{"slack:usergroup/S1"}),
      inbound(ChannelChanged{"C1", "archived"})};
  for (const auto& one : all) {
    const Json json = to_json(one);
    CAPTURE(json.dump());
    const auto back = inbound_from_json(Json::parse(json.dump()));
    REQUIRE(back);
    CHECK(back->key == one.key);
    CHECK(back->from == one.from);
    CHECK(back->at == one.at);
    CHECK(back->reply.url.reveal() == one.reply.url.reveal());
    CHECK(back->reply.thread == one.reply.thread);
    CHECK(back->reply.where == ReplyTo::Where::direct);
    CHECK(back->what.index() == one.what.index());
    CHECK(to_json(*back) == json);
  }
}

TEST_CASE("a damaged message from the store is an error, never a crash", "[cards]") {
  const Json sound = to_json(inbound(Submitted{FormKind::deny, k_button, {{"reason", "no"}}}));
  const Json flat = sound.flatten();
  for (const auto& [path, value] : flat.items()) {
    for (const Json& junk : {Json(nullptr), Json(7), Json("x"), Json::array()}) {
      Json damaged = sound;
      damaged[Json::json_pointer(path)] = junk;
      CAPTURE(damaged.dump());
      const auto read = inbound_from_json(damaged);
      if (!read) CHECK(read.error().kind == ErrorKind::invalid);
    }
  }
  for (const Json& json : {Json(nullptr), Json(7), Json::array(), Json::object()})
    CHECK_FALSE(inbound_from_json(json));
}

TEST_CASE("a button carries a lookup key and reads back exactly", "[cards]") {
  CHECK(encode(k_button) == "7K3F|1a2b3c4d5e6f|deny");
  for (const Act act : {Act::approve, Act::deny, Act::cancel, Act::done, Act::end, Act::extend}) {
    const ButtonValue value{RequestId{"7K3F"}, "1a2b3c4d5e6f", act};
    CHECK(decode_button(encode(value)) == value);
  }
  // An approval without a digest would fit every version of a request.
  CHECK_FALSE(decode_button("7K3F||approve"));
  CHECK(decode_button("7K3F||done"));
}

TEST_CASE("a button about a revised request carries the id that people type, and one of before none") {
  const ButtonValue revised{RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::deny, 1};
  CHECK(encode(revised) == "7K3F.2|1a2b3c4d5e6f|deny");
  CHECK(decode_button(encode(revised)) == revised);
  CHECK(shown_id(revised) == "JIT-7K3F.2");
  CHECK(shown_id(ButtonValue{RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::deny}) == "JIT-7K3F");
  for (const char* forged :
       {"7K3F.1|1a2b3c4d5e6f|deny", "7K3F.0|1a2b3c4d5e6f|deny", "7K3F.|1a2b3c4d5e6f|deny",
        "7K3F.02|1a2b3c4d5e6f|deny", "7K3F.x|1a2b3c4d5e6f|deny", "7K3F.99999999999|1a2b3c4d5e6f|deny",
        "7k3f.2|1a2b3c4d5e6f|deny"})
    CHECK_FALSE(decode_button(forged));
}
