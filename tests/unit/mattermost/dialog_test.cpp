#include "adapters/chat/mattermost/dialog.hpp"

#include "bot/cards/clean.hpp"
#include "tests/unit/mattermost/decoding.hpp"

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

Field field(const std::string& name, Field::Kind kind) {
  Field field;
  field.name = name;
  field.label = name;
  field.kind = kind;
  return field;
}

Form request_form() {
  Form form;
  form.title = "Request access";
  form.submit = "Ask";
  form.intro = {{Plain{"What do "}, Strong{"you"}, Plain{" need?"}}};
  Field resource = field("resource", Field::Kind::search);
  resource.choices = {{"prod-db — Production", "prod-db"}, {"staging", "staging"}};
  resource.initial = "staging";
  Field reason = field("reason", Field::Kind::paragraph);
  reason.hint = "INC-…";
  reason.min_length = 5;
  reason.max_length = 300;
  reason.initial = "because";
  Field ticket = field("ticket", Field::Kind::text);
  ticket.need = Field::Need::optional;
  Field person = field("for_user", Field::Kind::person);
  person.initial = k_bob;
  form.fields = {resource, reason, ticket, person};
  return form;
}

Json opened(const Form& form) {
  Dress dress;
  dress.now = k_received;
  return open_dialog(form, Opening{"a trigger", "http://jitbot.internal:8066/mattermost/dialog", "a state"},
                     dress);
}

Json element(const Field& one) {
  Form form = request_form();
  form.fields = {one};
  return opened(form).at("dialog").at("elements")[0];
}

void check_limits(const Json& body) {
  const Json& dialog = body.at("dialog");
  CHECK(length_of(dialog.at("title").get<std::string>()) <= 24);
  CHECK_FALSE(dialog.at("title").get<std::string>().empty());
  CHECK(length_of(dialog.at("submit_label").get<std::string>()) <= 24);
  for (const Json& one : dialog.at("elements")) {
    CHECK(length_of(one.at("display_name").get<std::string>()) <= 24);
    CHECK(length_of(one.value("help_text", "")) <= 150);
    const std::string type = one.at("type").get<std::string>();
    if (type == "text") CHECK(one.at("max_length").get<int>() <= 150);
    if (type == "textarea") CHECK(one.at("max_length").get<int>() <= 3000);
    if (type != "select") {
      CHECK(length_of(one.value("default", "")) <= one.at("max_length").get<std::size_t>());
      CHECK(one.value("min_length", 0) <= one.at("max_length").get<int>());
    }
  }
}

}  // namespace

TEST_CASE("a form is a dialog that Mattermost takes", "[mattermost]") {
  const Json body = opened(request_form());
  check_limits(body);
  CHECK(body.at("trigger_id") == "a trigger");
  CHECK(body.at("url") == "http://jitbot.internal:8066/mattermost/dialog");
  const Json& dialog = body.at("dialog");
  CHECK(dialog.at("title") == "Request access");
  CHECK(dialog.at("submit_label") == "Ask");
  CHECK(dialog.at("introduction_text") == "What do **you** need?");
  CHECK(dialog.at("state") == "a state");
  const Json& elements = dialog.at("elements");
  REQUIRE(elements.size() == 4);
  CHECK(elements[0] == Json{{"display_name", "resource"},
                            {"name", "resource"},
                            {"optional", false},
                            {"type", "select"},
                            {"default", "staging"},
                            {"options",
                             {{{"text", "prod-db — Production"}, {"value", "prod-db"}},
                              {{"text", "staging"}, {"value", "staging"}}}}});
  CHECK(elements[1] == Json{{"display_name", "reason"},
                            {"name", "reason"},
                            {"optional", false},
                            {"type", "textarea"},
                            {"help_text", "INC-…"},
                            {"min_length", 5},
                            {"max_length", 300},
                            {"default", "because"}});
  CHECK(elements[2].at("type") == "text");
  CHECK(elements[2].at("max_length") == 150);
  CHECK(elements[2].at("optional") == true);
  CHECK(elements[3].at("type") == "select");
  CHECK(elements[3].at("data_source") == "users");
  CHECK(elements[3].at("default") == k_bob);
}

TEST_CASE("a search without choices, or with the one that stands there, is typed", "[mattermost]") {
  Field resource = field("resource", Field::Kind::search);
  CHECK(element(resource).at("type") == "text");
  resource.choices = {{"prod-db — Production", "prod-db"}};
  resource.initial = "prod-db";
  CHECK(element(resource).at("type") == "text");
  CHECK(element(resource).at("default") == "prod-db");
  Field role = field("role", Field::Kind::choice);
  CHECK(element(role).at("type") == "text");
  role.choices = {{"viewer", "viewer"}};
  CHECK(element(role).at("type") == "select");
  CHECK_FALSE(element(role).contains("default"));
}

TEST_CASE("a person who is no id is not chosen, and a value that is too long is not offered",
          "[mattermost]") {
  Field person = field("for_user", Field::Kind::person);
  person.initial = "@all";
  CHECK_FALSE(element(person).contains("default"));
  Field role = field("role", Field::Kind::choice);
  role.choices = {{"long", std::string(400, 'v')}, {"", "w"}, {"empty", ""}};
  CHECK(element(role).at("options") == Json::array({{{"text", "w"}, {"value", "w"}}}));
}

TEST_CASE("a form with anything in it stays within what clients take", "[mattermost]") {
  Form form = request_form();
  form.title = std::string(200, 't');
  form.submit = "";
  form.intro.assign(50, plain(std::string(500, '<')));
  for (Field& one : form.fields) {
    one.label = std::string(100, 'l');
    one.hint = std::string(5000, 'h');
    one.initial = std::string(50'000, 'i');
    one.max_length = 100'000;
    one.min_length = 200'000;
  }
  check_limits(opened(form));
  form.fields[2].max_length = -1;
  form.fields[2].initial.clear();
  check_limits(opened(form));
}

TEST_CASE("what is wrong stands at its field, and otherwise above them all", "[mattermost]") {
  CHECK(
      dialog_answer({{"reason", "too short"}, {"role", "no such role"}, {"reason", "no ticket"}, {"x", "y"}},
                    {"resource", "reason"}, "/jit") ==
      Json{{"errors", {{"reason", "too short · no ticket"}}}, {"error", "no such role · y"}});
  CHECK(dialog_answer({{"reason", "too short"}}, {}, "/jit") == Json{{"error", "too short"}});
  CHECK(dialog_answer({}, {"reason"}, "/jit") == Json::object());
  CHECK(dialog_answer({{"reason", "say why: /jit deny 7K3F <reason>"}}, {}, "/access") ==
        Json{{"error", "say why: /access deny 7K3F <reason>"}});
}
