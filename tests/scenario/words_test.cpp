#include "tests/scenario/harness.hpp"

// What people write is shown, and does nothing.
namespace jitbot::scenario {

namespace {

const std::string k_override = "\xE2\x80\xAE";  // U+202E, right-to-left override
const std::string k_isolate = "\xE2\x81\xA6";   // U+2066

// Everything the bot ever sent, as it went over the wire.
std::string everything_sent(const Stage& stage) {
  std::string all;
  for (const auto& call : stage.sandbox->api_calls()) all += call.args.dump() + "\n";
  for (const auto& envelope : stage.sandbox->envelopes()) all += envelope.ack.dump() + "\n";
  return all;
}

// The texts that Slack parses: everything but rich text and plain text.
void parsed_texts(const Json& json, std::string& out) {
  if (json.is_array()) {
    for (const Json& one : json) parsed_texts(one, out);
  } else if (json.is_object()) {
    if (json.value("type", "") == "mrkdwn") out += json.value("text", "") + "\n";
    for (const auto& [key, value] : json.items()) {
      if (key != "text" || value.is_object()) parsed_texts(value, out);
    }
  }
}

}  // namespace

TEST_CASE("invariant 9: words of people ping nobody and imitate nothing", "[slack]") {
  Stage stage;
  stage.start();
  sandbox::CommandInput input;
  input.user = "alice";
  input.channel = "#general";
  input.wire_text =
      "request staging 1h INC-7 <!channel> *Approved by <@U0CAROL01|carol>* <!here> @everyone " + k_override +
      "evil" + k_isolate + " <https://evil.example|click> `code` ```x``` >quote :tada:";
  const auto outcome = stage.begin(stage.sandbox->run_command(input));
  stage.until([&] { return outcome->has_value() && !stage.alice.told().empty(); });
  const std::string id = id_in(stage.alice.told().back());
  REQUIRE(!id.empty());
  stage.settle();

  const auto look = [&](const Message& message) {
    const std::string& raw = message.raw;
    const Json blocks = stage.blocks_of(message);
    CHECK_FALSE(contains(raw, k_override));
    CHECK_FALSE(contains(raw, k_isolate));
    std::string parsed = raw.substr(0, raw.find('\n') + 1);
    parsed_texts(blocks, parsed);
    CHECK_FALSE(contains(parsed, "<!channel>"));
    CHECK_FALSE(contains(parsed, "<!here>"));
    CHECK_FALSE(contains(parsed, "evil.example"));
    CHECK_FALSE(contains(parsed, "Approved by"));
    CHECK_FALSE(contains(parsed, "@everyone"));
    for (const Json& block : blocks) {
      if (block.value("type", "") != "rich_text") continue;
      REQUIRE(block["elements"].size() == 1);
      CHECK(block["elements"][0]["type"] == "rich_text_quote");
      for (const Json& part : block["elements"][0]["elements"]) CHECK(part["type"] == "text");
    }
  };
  REQUIRE(stage.card_message(id).has_value());
  look(*stage.card_message(id));
  CHECK(contains(stage.card(id), "Approved by"));  // it is shown, in the quote
  for (const Message& message : stage.alice.dms()) look(message);

  stage.carol.denies(id, "<!channel> *Approved by <@U0DAVE001>* " + k_override + "no");
  look(*stage.card_message(id));
  for (const Message& message : stage.alice.dms()) look(message);
  CHECK(contains(stage.card(id), "⛔ Denied"));
  const std::string sent = everything_sent(stage);
  CHECK_FALSE(contains(sent, k_override));
  CHECK_FALSE(contains(sent, "\\u202e"));
}

TEST_CASE("invariant 9: names, targets' words and wrong words do no harm either", "[slack]") {
  StageOptions options;
  options.world.find_person("alice")->real_name = "<!channel> Carol";
  Stage stage(std::move(options));
  stage.target("play-db").presenting = Manner::refusing;
  stage.target("play-db").words = "<!channel> *you were granted* <@U0CAROL01> " + k_override;
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_ended(id, 30s);
  CHECK(stage.told_admins("you were granted") == 1);
  CHECK_FALSE(stage.alice.says("request <!channel> 1h").empty());
  sandbox::CommandInput input;
  input.user = "alice";
  input.channel = "#general";
  input.wire_text = "<!channel> <@U0CAROL01>";
  const auto outcome = stage.begin(stage.sandbox->run_command(input));
  stage.until([&] { return outcome->has_value(); });
  stage.advance(5s);
  std::string parsed;
  for (const auto& call : stage.sandbox->api_calls()) {
    if (call.method != "chat.postMessage" && call.method != "chat.update") continue;
    parsed += call.args.value("text", "") + "\n";
    const Json blocks = call.args.value("blocks", Json::array());
    parsed_texts(blocks.is_string() ? Json::parse(blocks.get<std::string>()) : blocks, parsed);
  }
  for (const sandbox::Message& message : stage.sandbox->ephemerals("alice")) {
    parsed += message.text + "\n";
    parsed_texts(message.blocks, parsed);
  }
  CHECK_FALSE(contains(parsed, "<!channel>"));
  CHECK_FALSE(contains(parsed, k_override));
}

TEST_CASE("a person mentioned in a reason is not called by it", "[slack]") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 @bob asked");
  stage.until([&] { return stage.card_message(id).has_value(); });
  CHECK(contains(stage.card(id), "INC-7 @" + stage.bob.id().user + " asked"));
  CHECK_FALSE(contains(stage.card_message(id)->raw, R"("type":"user","user_id":")" + stage.bob.id().user));
}

TEST_CASE("a misspelled option is no part of the reason") {
  Stage stage;
  stage.start();
  CHECK(contains(stage.bob.says("request staging 1h INC-7 --tiket X"), "did you mean --ticket?"));
  CHECK(contains(stage.bob.says("request staging 1h \"INC-7 --tiket X\""), "asked"));
}

}  // namespace jitbot::scenario
