#include "adapters/chat/slack/modal.hpp"

#include "adapters/chat/sandbox/block_kit.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace jitbot;
using namespace jitbot::slack;
using Json = nlohmann::json;

namespace {

const Time k_now = time_from_ms(1'772'330'400'000);

Field field(const std::string& name, Field::Kind kind) {
  Field field;
  field.name = name;
  field.label = name;
  field.kind = kind;
  return field;
}

Form request_form() {
  Form form;
  form.kind = FormKind::request;
  form.title = "Request access";
  form.submit = "Ask";
  form.intro.push_back(plain("What do you need?"));
  Field resource = field("resource", Field::Kind::choice);
  resource.choices = {{"prod-db", "prod-db"}, {"staging", "staging"}};
  resource.initial = "staging";
  form.fields.push_back(resource);
  Field reason = field("reason", Field::Kind::paragraph);
  reason.hint = "INC-…";
  reason.max_length = 300;
  reason.initial = "because";
  form.fields.push_back(reason);
  Field ticket = field("ticket", Field::Kind::text);
  ticket.need = Field::Need::optional;
  form.fields.push_back(ticket);
  return form;
}

}  // namespace

TEST_CASE("a form is a modal that Slack takes", "[slack]") {
  const Json view = render_modal(request_form(), ReplyTo{}, k_now);
  CHECK(sandbox::check_view(view) == std::vector<std::string>{});
  CHECK(view.at("callback_id") == "jitbot:request");
  const Json& blocks = view.at("blocks");
  REQUIRE(blocks.size() == 4);
  CHECK(blocks[1].at("element").at("initial_option").at("value") == "staging");
  CHECK(blocks[2].at("block_id") == "field:reason");
  CHECK(blocks[2].at("element").at("multiline") == true);
  CHECK(blocks[2].at("element").at("max_length") == 300);
  CHECK(blocks[2].at("element").at("initial_value") == "because");
  CHECK(blocks[3].at("optional") == true);
}

TEST_CASE("a form with anything in it stays within the limits", "[slack]") {
  Form form = request_form();
  form.title = std::string(200, 't');
  form.submit = "";
  form.intro.assign(50, plain(std::string(500, '<')));
  form.fields[0].choices.assign(300, Choice{std::string(300, 'l'), "v"});
  form.fields[0].choices.push_back({"long", std::string(200, 'v')});
  form.fields[0].initial = "none of them";
  form.fields[1].max_length = 100'000;
  form.fields[1].initial = std::string(50'000, 'i');
  form.fields[1].hint = std::string(5000, 'h');
  form.fields[2].label = "";
  form.fields[2].max_length = 0;
  form.fields.push_back(field("menu", Field::Kind::choice));  // without choices: typed
  const Json view = render_modal(form, ReplyTo{}, k_now);
  CHECK(sandbox::check_view(view) == std::vector<std::string>{});
  CHECK(view.at("blocks").back().at("element").at("type") == "plain_text_input");
}

TEST_CASE("a search looks its options up from the first letter on, and tells what is chosen", "[slack]") {
  Form form = request_form();
  Field& resource = form.fields[0];
  resource.kind = Field::Kind::search;
  resource.change = Field::Change::reshapes;
  resource.choices = {{"staging — Staging cluster", "staging"}};
  const Json view = render_modal(form, ReplyTo{}, k_now);
  CHECK(sandbox::check_view(view) == std::vector<std::string>{});
  const Json& block = view.at("blocks")[1];
  CHECK(block.at("dispatch_action") == true);
  CHECK(block.at("element").at("type") == "external_select");
  CHECK(block.at("element").at("min_query_length") == 0);
  CHECK(block.at("element").at("initial_option").at("value") == "staging");
  CHECK_FALSE(view.at("blocks")[2].contains("dispatch_action"));
}

TEST_CASE("a person is chosen from the workspace", "[slack]") {
  Form form = request_form();
  Field person = field("for_user", Field::Kind::person);
  person.initial = "U2";
  form.fields.push_back(person);
  const Json view = render_modal(form, ReplyTo{}, k_now);
  CHECK(sandbox::check_view(view) == std::vector<std::string>{});
  CHECK(view.at("blocks").back().at("element").at("initial_user") == "U2");
  form.fields.back().initial = "<!channel>";
  const Json strange = render_modal(form, ReplyTo{}, k_now);
  CHECK_FALSE(strange.at("blocks").back().at("element").contains("initial_user"));
}

TEST_CASE("a menu with other choices is another menu, so that nothing old stays chosen in it", "[slack]") {
  const auto action_with = [](std::vector<Choice> choices) {
    Form form = request_form();
    form.fields[0].choices = std::move(choices);
    const Json view = render_modal(form, ReplyTo{}, k_now);
    return view.at("blocks")[1].at("element").at("action_id").get<std::string>();
  };
  CHECK(action_with({{"a", "1"}, {"b", "2"}}) == action_with({{"other words", "1"}, {"b", "2"}}));
  CHECK(action_with({{"a", "1"}, {"b", "2"}}) != action_with({{"a", "1"}, {"b", "3"}}));
  CHECK(action_with({{"a", "12"}, {"b", "3"}}) != action_with({{"a", "1"}, {"b", "23"}}));
}

TEST_CASE("the least length of a text stays within its greatest", "[slack]") {
  Form form = request_form();
  form.fields[1].min_length = 5000;
  const Json view = render_modal(form, ReplyTo{}, k_now);
  CHECK(sandbox::check_view(view) == std::vector<std::string>{});
  CHECK(view.at("blocks")[2].at("element").at("min_length") == 300);
}

TEST_CASE("no more options than a menu holds are offered", "[slack]") {
  std::vector<Choice> choices(300, Choice{std::string(300, 'l'), "v"});
  choices.push_back({"", "w"});
  const Json options = render_options(choices);
  CHECK(options.size() == 100);
  CHECK(options[0].at("text").at("text").get<std::string>().size() <= 80);
  CHECK(render_options({{"label", std::string(76, 'v')}, {"label", ""}}).empty());
}

TEST_CASE("errors stand at their fields, and at the first one where there is no such field", "[slack]") {
  const std::vector<std::string> inputs{"field:resource", "field:reason"};
  const auto errors =
      form_errors({{"reason", "too short"}, {"role", "no such role"}, {"resource", "unknown"}}, inputs);
  REQUIRE(errors);
  CHECK(*errors ==
        Json{{"response_action", "errors"},
             {"errors", {{"field:reason", "too short"}, {"field:resource", "no such role · unknown"}}}});
  CHECK_FALSE(form_errors({}, inputs));
  CHECK_FALSE(form_errors({{"reason", "too short"}}, {}));
}

TEST_CASE("where no form opens, the words to type are told", "[slack]") {
  Form form;
  form.kind = FormKind::deny;
  form.about = ButtonValue{RequestId{"7K3F"}, "1a2b3c4d", Act::deny};
  CHECK(to_plain_text(typed_form(form, "/jit")).find("/jit deny 7K3F REASON") != std::string::npos);
  form.kind = FormKind::end;
  CHECK(to_plain_text(typed_form(form, "/jit")).find("/jit done 7K3F") != std::string::npos);
  form.kind = FormKind::request;
  CHECK(to_plain_text(typed_form(form, "/jit")).find("/jit request") != std::string::npos);
}

TEST_CASE("a damaged view is no form, or one about nothing", "[slack]") {
  CHECK_FALSE(read_submission(Json{{"callback_id", "other"}}));
  CHECK_FALSE(read_submission(Json{{"callback_id", "jitbot:grant"}}));
  CHECK_FALSE(read_submission(Json::array()));
  const auto form = read_submission(Json{{"callback_id", "jitbot:deny"}, {"private_metadata", "{broken"}});
  REQUIRE(form);
  CHECK_FALSE(form->submitted.about);
  CHECK(form->submitted.values.empty());
}

TEST_CASE("a form without fields only tells something: nothing is sent from it", "[slack]") {
  Form form;
  form.title = "Request access";
  form.intro = {plain("Guests cannot ask for access")};
  const Json view = render_modal(form, ReplyTo{}, k_now);
  CHECK(sandbox::check_view(view) == std::vector<std::string>{});
  CHECK_FALSE(view.contains("submit"));
  CHECK(view.at("close").at("text") == "Close");
  CHECK(to_plain_text(typed_form(form, "/jit")) == "Guests cannot ask for access");
}

TEST_CASE("what is typed where no form opens names the revision that was shown", "[slack]") {
  Form form;
  form.kind = FormKind::shorter;
  form.fields = {field("duration", Field::Kind::text)};
  form.about = ButtonValue{RequestId{"7K3F"}, "1a2b3c4d", Act::shorter, 1};
  CHECK(to_plain_text(typed_form(form, "/jit")).find("/jit revise 7K3F.2 DURATION because REASON") !=
        std::string::npos);
  const auto read = read_submission(render_modal(form, ReplyTo{}, k_now));
  REQUIRE(read);
  CHECK(read->submitted.about == form.about);
}
