#include "adapters/chat/sandbox/block_kit.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace jitbot::sandbox;
using Json = nlohmann::json;

namespace {

std::string repeat(std::size_t count, const std::string& what = "x") {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += what;
  return out;
}

Json plain(const std::string& text) {
  return {{"type", "plain_text"}, {"text", text}};
}
Json mrkdwn(const std::string& text) {
  return {{"type", "mrkdwn"}, {"text", text}};
}
Json section(const std::string& text) {
  return {{"type", "section"}, {"text", mrkdwn(text)}};
}
Json button(const std::string& id) {
  return {{"type", "button"}, {"action_id", id}, {"text", plain("Go")}};
}
Json list(Json items) {
  return items.is_array() ? items : Json::array({items});
}
Json actions(Json elements) {
  return {{"type", "actions"}, {"elements", list(std::move(elements))}};
}
Json option(const std::string& value) {
  return {{"text", plain(value)}, {"value", value}};
}
Json with(Json object, const char* key, Json value) {
  object[key] = std::move(value);
  return object;
}
Json many(std::size_t count, const Json& item) {
  Json out = Json::array();
  for (std::size_t i = 0; i < count; ++i) out.push_back(item);
  return out;
}

struct Case {
  std::string what;
  Json block;
  std::string problem;  // empty: Slack takes it
};

Json select(Json options) {
  return {{"type", "static_select"}, {"action_id", "s"}, {"options", list(std::move(options))}};
}
Json input(Json element) {
  return {{"type", "input"}, {"block_id", "b"}, {"label", plain("L")}, {"element", std::move(element)}};
}
Json confirm(const std::string& title) {
  return {{"title", plain(title)}, {"text", plain("t")}, {"confirm", plain("y")}, {"deny", plain("n")}};
}
Json rich(Json inline_element) {
  return {{"type", "rich_text"},
          {"elements",
           Json::array({{{"type", "rich_text_quote"}, {"elements", Json::array({inline_element})}}})}};
}

}  // namespace

TEST_CASE("the Block Kit check words each limit as Slack does") {
  const auto c = GENERATE(values<Case>({
      {"a full section", section(repeat(3000)), ""},
      {"section text", section(repeat(3001)),
       "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
      {"empty section text", section(""),
       "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
      {"astral characters count twice", section(repeat(1501, "\xF0\x9F\x98\x80")),
       "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
      {"1500 astral characters fit", section(repeat(1500, "\xF0\x9F\x98\x80")), ""},
      {"section without content",
       {{"type", "section"}},
       "[ERROR] must provide one of text or fields [json-pointer:/blocks/0]"},
      {"text as a string",
       {{"type", "section"}, {"text", "hello"}},
       "[ERROR] must provide an object [json-pointer:/blocks/0/text]"},
      {"markdown as text type",
       {{"type", "section"}, {"text", {{"type", "markdown"}, {"text", "x"}}}},
       "[ERROR] must be one of: plain_text, mrkdwn [json-pointer:/blocks/0/text/type]"},
      {"eleven fields",
       {{"type", "section"}, {"fields", many(11, mrkdwn("x"))}},
       "[ERROR] no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
      {"a long field",
       {{"type", "section"}, {"fields", Json::array({mrkdwn(repeat(2001))})}},
       "[ERROR] must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"},
      {"an unknown field", with(section("x"), "colour", "red"),
       "[ERROR] invalid additional property: colour [json-pointer:/blocks/0]"},
      {"an unknown block",
       {{"type", "carousel"}},
       "[ERROR] unsupported type: carousel [json-pointer:/blocks/0/type]"},
      {"no type", Json::object(), "[ERROR] missing required field: type [json-pointer:/blocks/0]"},
      {"a string for a block", "section", "[ERROR] must provide an object [json-pointer:/blocks/0]"},
      {"header of 150", {{"type", "header"}, {"text", plain(repeat(150))}}, ""},
      {"header of 151",
       {{"type", "header"}, {"text", plain(repeat(151))}},
       "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
      {"mrkdwn header",
       {{"type", "header"}, {"text", mrkdwn("x")}},
       "[ERROR] must be one of: plain_text [json-pointer:/blocks/0/text/type]"},
      {"long block_id", with(section("x"), "block_id", repeat(256)),
       "[ERROR] must be less than 256 characters [json-pointer:/blocks/0/block_id]"},
      {"context of 11",
       {{"type", "context"}, {"elements", many(11, mrkdwn("x"))}},
       "[ERROR] no more than 10 items allowed [json-pointer:/blocks/0/elements]"},
      {"a button in a context",
       {{"type", "context"}, {"elements", Json::array({button("a")})}},
       "[ERROR] unsupported type: button [json-pointer:/blocks/0/elements/0/type]"},
      {"no actions", actions(Json::array()),
       "[ERROR] no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"},
      {"the same action_id twice", actions({button("a"), button("a")}),
       "[ERROR] `action_id` \"a\" already exists in this block "
       "[json-pointer:/blocks/0/elements/1/action_id]"},
      {"button label", actions({with(button("a"), "text", plain(repeat(76)))}),
       "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"},
      {"button value", actions({with(button("a"), "value", repeat(2001))}),
       "[ERROR] must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
      {"button style", actions({with(button("a"), "style", "success")}),
       "[ERROR] must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]"},
      {"button url", actions({with(button("a"), "url", repeat(3001))}),
       "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]"},
      {"action_id", actions({button(repeat(256))}),
       "[ERROR] must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"},
      {"confirm title", actions({with(button("a"), "confirm", confirm(repeat(101)))}),
       "[ERROR] must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]"},
      {"a text input in actions", actions({{{"type", "plain_text_input"}, {"action_id", "i"}}}),
       "[ERROR] unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"},
      {"a hundred options", input(select(many(100, option("o")))), ""},
      {"more options", input(select(many(101, option("o")))),
       "[ERROR] no more than 100 items allowed [json-pointer:/blocks/0/element/options]"},
      {"no options", input(select(Json::array())),
       "[ERROR] no fewer than 1 items allowed [json-pointer:/blocks/0/element/options]"},
      {"option text", input(select({{{"text", plain(repeat(76))}, {"value", "v"}}})),
       "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/element/options/0/text/text]"},
      {"a preset that is not offered", input(with(select({option("a")}), "initial_option", option("b"))),
       "[ERROR] must match one of the provided options [json-pointer:/blocks/0/element/initial_option]"},
      {"a button as input", input(button("a")),
       "[ERROR] unsupported type: button [json-pointer:/blocks/0/element/type]"},
      {"input without label",
       {{"type", "input"}, {"element", {{"type", "plain_text_input"}}}},
       "[ERROR] missing required field: label [json-pointer:/blocks/0]"},
      {"max_length", input({{"type", "plain_text_input"}, {"max_length", 3001}}),
       "[ERROR] must be at most 3000 [json-pointer:/blocks/0/element/max_length]"},
      {"placeholder", input({{"type", "plain_text_input"}, {"placeholder", plain(repeat(151))}}),
       "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/element/placeholder/text]"},
      {"a looked-up menu",
       input({{"type", "external_select"}, {"min_query_length", 0}, {"initial_option", option("a")}}), ""},
      {"a looked-up menu with options",
       input({{"type", "external_select"}, {"options", many(1, option("a"))}}),
       "[ERROR] invalid additional property: options [json-pointer:/blocks/0/element]"},
      {"a looked-up menu with several presets",
       input({{"type", "external_select"}, {"initial_options", many(1, option("a"))}}),
       "[ERROR] invalid additional property: initial_options [json-pointer:/blocks/0/element]"},
      {"min_query_length", input({{"type", "external_select"}, {"min_query_length", -1}}),
       "[ERROR] must be at least 0 [json-pointer:/blocks/0/element/min_query_length]"},
      {"a long preset", input({{"type", "external_select"}, {"initial_option", option(repeat(76))}}),
       "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/element/initial_option/text/text]"},
      {"a person", input({{"type", "users_select"}, {"initial_user", "U0ALICE01"}}), ""},
      {"several people in a menu for one",
       input({{"type", "users_select"}, {"initial_users", Json::array({"U1"})}}),
       "[ERROR] invalid additional property: initial_users [json-pointer:/blocks/0/element]"},
      {"a preset person that is no string", input({{"type", "users_select"}, {"initial_user", 7}}),
       "[ERROR] must provide a string [json-pointer:/blocks/0/element/initial_user]"},
      {"dispatch_action", with(input({{"type", "plain_text_input"}}), "dispatch_action", "yes"),
       "[ERROR] must provide a boolean [json-pointer:/blocks/0/dispatch_action]"},
      {"a dispatching text",
       with(input({{"type", "plain_text_input"},
                   {"dispatch_action_config", {{"trigger_actions_on", Json::array({"on_enter_pressed"})}}}}),
            "dispatch_action", true),
       ""},
      {"an unknown trigger",
       input({{"type", "plain_text_input"},
              {"dispatch_action_config", {{"trigger_actions_on", Json::array({"on_blur"})}}}}),
       "[ERROR] must be one of: on_enter_pressed, on_character_entered "
       "[json-pointer:/blocks/0/element/dispatch_action_config/trigger_actions_on/0]"},
      {"quoted text", rich({{"type", "text"}, {"text", "<!channel> *bold*"}}), ""},
      {"an empty rich text", rich({{"type", "text"}, {"text", ""}}),
       "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]"},
      {"an unknown rich element", rich({{"type", "blink"}, {"text", "x"}}),
       "[ERROR] unsupported type: blink [json-pointer:/blocks/0/elements/0/elements/0/type]"},
      {"a divider", {{"type", "divider"}}, ""},
  }));
  CAPTURE(c.what);
  const auto problems = check_blocks(Json::array({c.block}), Surface::message);
  if (c.problem.empty()) {
    CHECK(problems.empty());
  } else {
    REQUIRE_FALSE(problems.empty());
    CHECK(problems.front() == c.problem);
  }
}

TEST_CASE("a message takes fifty blocks, a view a hundred") {
  CHECK(check_blocks(many(50, section("x")), Surface::message).empty());
  CHECK(check_blocks(many(51, section("x")), Surface::message) ==
        std::vector<std::string>{"[ERROR] no more than 50 items allowed [json-pointer:/blocks]"});
  CHECK(check_blocks(many(100, section("x")), Surface::modal).empty());
  CHECK(check_blocks(many(101, section("x")), Surface::modal).size() == 1);
}

TEST_CASE("block_ids may not repeat and all problems are reported in order") {
  const Json twice = Json::array({with(section("x"), "block_id", "b"), with(section(""), "block_id", "b")});
  CHECK(
      check_blocks(twice, Surface::message) ==
      std::vector<std::string>{"[ERROR] must be more than 0 characters [json-pointer:/blocks/1/text/text]",
                               "[ERROR] `block_id` \"b\" already exists [json-pointer:/blocks/1/block_id]"});
}

TEST_CASE("a modal needs a short title, and submit where it has inputs") {
  Json view = {{"type", "modal"}, {"title", plain("Deny")}, {"blocks", Json::array({section("x")})}};
  CHECK(check_view(view).empty());
  view["title"] = plain(repeat(25));
  CHECK(check_view(view) ==
        std::vector<std::string>{"[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"});
  view["title"] = plain("Deny");
  view["blocks"] = Json::array({input({{"type", "plain_text_input"}, {"action_id", "a"}})});
  REQUIRE(check_view(view).size() == 1);
  CHECK(check_view(view).front().find("`submit` is required") != std::string::npos);
  view["submit"] = plain("Send");
  CHECK(check_view(view).empty());
  view["private_metadata"] = repeat(3001);
  CHECK(check_view(view).front() ==
        "[ERROR] must be less than 3001 characters [json-pointer:/view/private_metadata]");
}

TEST_CASE("one element of a view may take the focus") {
  const Json focused = {{"type", "plain_text_input"}, {"focus_on_load", true}};
  Json view = {{"type", "modal"},
               {"title", plain("Ask")},
               {"submit", plain("Send")},
               {"blocks", Json::array({with(input(focused), "block_id", "one")})}};
  CHECK(check_view(view).empty());
  view["blocks"].push_back(with(input(focused), "block_id", "two"));
  CHECK(check_view(view) ==
        std::vector<std::string>{
            "[ERROR] `focus_on_load` can only be set on one element [json-pointer:/view/blocks/1/element]"});
}

TEST_CASE("a Home view has no title") {
  const Json blocks = Json::array({section("x")});
  CHECK(check_view({{"type", "home"}, {"blocks", blocks}}).empty());
  CHECK(check_view({{"type", "home"}, {"title", plain("x")}, {"blocks", blocks}}).size() == 1);
  CHECK(check_view({{"type", "workflow_step"}, {"blocks", blocks}}).size() == 1);
}

TEST_CASE("text is measured and cut in UTF-16 units at whole characters") {
  CHECK(utf16_length("ab") == 2);
  CHECK(utf16_length("\xC3\xA4\xE2\x82\xAC") == 2);
  CHECK(utf16_length("\xF0\x9F\x98\x80") == 2);
  CHECK(cut_to_utf16("a\xF0\x9F\x98\x80z", 2) == "a");
  CHECK(cut_to_utf16("a\xF0\x9F\x98\x80z", 3) == "a\xF0\x9F\x98\x80");
  CHECK(cut_to_utf16("abc", 10) == "abc");
}

TEST_CASE("the text of all blocks together is counted") {
  const Json blocks =
      Json::array({section("abc"), actions({button("a")}), rich({{"type", "text"}, {"text", "12345"}})});
  CHECK(total_characters(blocks) == 3 + 2 + 5);
}
