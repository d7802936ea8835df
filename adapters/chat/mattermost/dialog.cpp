#include "adapters/chat/mattermost/dialog.hpp"

#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/literal.hpp"
#include "adapters/chat/mattermost/text_in.hpp"
#include "adapters/chat/mattermost/text_out.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "bot/cards/clean.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;

// What clients take (developers.mattermost.com, "Interactive dialogs").
constexpr std::size_t k_title = 24;
constexpr std::size_t k_help = 150;
constexpr int k_text = 150;
constexpr int k_textarea = 3000;
constexpr std::size_t k_option = 100;
constexpr std::size_t k_value = 300;
constexpr std::size_t k_full = 100;  // choices: as many as are looked up, so there may be more
constexpr std::size_t k_intro = 3000;
constexpr std::size_t k_intro_line = 1000;
constexpr std::size_t k_error = 500;

// At most `most` code points with the … of the cut.
std::string words(std::string_view text, std::size_t most) {
  return cut(one_line(text, k_intro), most);
}

std::string titled(std::string_view text, std::string_view otherwise) {
  std::string title = words(text, k_title);
  return title.empty() ? std::string(otherwise) : title;
}

// A value that is too long is left out: cut, it would be another one.
Json options_of(const std::vector<Choice>& choices) {
  Json options = Json::array();
  for (const Choice& choice : choices) {
    if (choice.value.empty() || length_of(choice.value) > k_value) continue;
    std::string label = words(choice.label, k_option);
    options.push_back({{"text", label.empty() ? choice.value : label}, {"value", choice.value}});
  }
  return options;
}

void make_text(Json& element, const Field& field) {
  const std::string initial = clean_text(field.initial);
  // One line holds no more than k_text: what is there already must fit.
  const bool area =
      field.kind == Field::Kind::paragraph || length_of(initial) > static_cast<std::size_t>(k_text);
  const int most = std::clamp(field.max_length, 1, area ? k_textarea : k_text);
  element["type"] = area ? "textarea" : "text";
  element["max_length"] = most;
  if (field.min_length > 0) element["min_length"] = std::min(field.min_length, most);
  if (!initial.empty()) element["default"] = cut(initial, static_cast<std::size_t>(most));
}

void make_menu(Json& element, const Field& field, Json options) {
  element["type"] = "select";
  for (const Json& option : options) {
    if (chat::text_at(option, {"value"}) == field.initial) element["default"] = field.initial;
  }
  element["options"] = std::move(options);
}

void make_input(Json& element, const Field& field) {
  Json options = options_of(field.choices);
  switch (field.kind) {
    case Field::Kind::choice:
      if (!options.empty()) return make_menu(element, field, std::move(options));
      break;
    case Field::Kind::search:
      // One choice is what stands there already; as a menu it could not be changed. And what a full list
      // leaves out could not be chosen.
      if (options.size() > 1 && field.choices.size() < k_full)
        return make_menu(element, field, std::move(options));
      break;
    case Field::Kind::person:
      element["type"] = "select";
      element["data_source"] = "users";
      if (is_id(field.initial)) element["default"] = field.initial;
      return;
    case Field::Kind::text:
    case Field::Kind::paragraph:
      break;
  }
  make_text(element, field);
}

Json element_of(const Field& field, const std::string& command) {
  Json element{{"display_name", titled(field.label, field.name)},
               {"name", field.name},
               {"optional", field.need == Field::Need::optional}};
  if (const std::string hint = words(with_command(field.hint, command), k_help); !hint.empty())
    element["help_text"] = hint;
  make_input(element, field);
  return element;
}

}  // namespace

Json open_dialog(const Form& form, const Opening& opening, const Dress& dress) {
  std::vector<std::string> intro;
  for (const Line& line : form.intro) intro.push_back(markdown(line, dress, k_intro_line));
  Json elements = Json::array();
  for (const Field& field : form.fields) elements.push_back(element_of(field, dress.command));
  return {{"trigger_id", opening.trigger},
          {"url", opening.url},
          {"dialog",
           {{"callback_id", "jitbot"},
            {"title", titled(form.title, "jitbot")},
            {"introduction_text", joined(intro, k_intro)},
            {"elements", std::move(elements)},
            {"submit_label", titled(form.submit, "OK")},
            {"notify_on_cancel", false},
            {"state", opening.state}}}};
}

Json dialog_answer(const std::vector<FieldProblem>& problems, const std::vector<std::string>& fields,
                   const std::string& command) {
  Json answer = Json::object();
  const auto add = [&command](Json& place, const std::string& message) {
    const std::string before = place.is_string() ? place.get<std::string>() + " · " : std::string();
    place = words(before + with_command(message, command), k_error);
  };
  for (const FieldProblem& problem : problems) {
    const bool there = std::ranges::find(fields, problem.field) != fields.end();
    add(there ? answer["errors"][problem.field] : answer["error"], problem.message);
  }
  return answer;
}

}  // namespace jitbot::mattermost
