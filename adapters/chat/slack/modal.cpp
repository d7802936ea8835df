#include "adapters/chat/slack/modal.hpp"

#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/text_in.hpp"
#include "adapters/chat/slack/text_object.hpp"
#include "adapters/chat/slack/text_out.hpp"
#include "adapters/chat/slack/utf.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

// docs.slack.dev, "Reference: views and block elements".
constexpr std::size_t k_title = 24;
constexpr std::size_t k_label = 2000;
constexpr std::size_t k_option = 75;
constexpr std::size_t k_most_options = 100;
constexpr std::size_t k_intro = 3000;
constexpr std::size_t k_private_metadata = 3000;
constexpr std::size_t k_error = 2000;
constexpr int k_input = 3000;

constexpr std::string_view k_callback = "jitbot:";
constexpr std::string_view k_block = "field:";
constexpr std::string_view k_action = "value";
constexpr std::size_t k_placeholder = 150;

std::string block_id(std::string_view field) {
  return std::string(k_block) + std::string(field);
}

Json option(const Choice& choice) {
  return {{"text", plain_text(choice.label, k_option)}, {"value", choice.value}};
}

// A menu with other choices is another menu: under the same id Slack would keep what was chosen before
// (docs.slack.dev, "Modals": what was entered is kept where block_id and action_id are alike). FNV-1a.
std::string action_of(const Json& options) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const Json& one : options) {
    for (const char c : text_at(one, {"value"}) + '\n')
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  }
  return fmt::format("{}:{:016x}", k_action, hash);
}

Json text_input(const Field& field) {
  const int most = std::clamp(field.max_length, 1, k_input);
  Json element{{"type", "plain_text_input"},
               {"action_id", k_action},
               {"multiline", field.kind == Field::Kind::paragraph},
               {"max_length", most}};
  if (field.min_length > 0) element["min_length"] = std::min(field.min_length, most);
  const std::string initial = cut_utf16(clean_text(field.initial), static_cast<std::size_t>(most));
  if (!initial.empty()) element["initial_value"] = initial;
  return element;
}

Json select_input(const Field& field, Json options) {
  Json element{{"type", "static_select"}, {"action_id", action_of(options)}};
  for (const Json& one : options) {
    if (text_at(one, {"value"}) == field.initial) element["initial_option"] = one;
  }
  element["options"] = std::move(options);
  return element;
}

Json search_input(const Field& field) {
  Json element{{"type", "external_select"},
               {"action_id", k_action},
               {"min_query_length", 0},
               {"placeholder", plain_text("Search…", k_placeholder)}};
  for (const Json& one : render_options(field.choices)) {
    if (text_at(one, {"value"}) == field.initial) element["initial_option"] = one;
  }
  return element;
}

Json person_input(const Field& field) {
  Json element{{"type", "users_select"}, {"action_id", k_action}};
  if (is_user_id(field.initial)) element["initial_user"] = field.initial;
  return element;
}

Json element_of(const Field& field) {
  switch (field.kind) {
    case Field::Kind::choice: {
      Json options = render_options(field.choices);
      if (!options.empty()) return select_input(field, std::move(options));
      return text_input(field);  // an empty menu is no menu: typing still works
    }
    case Field::Kind::search:
      return search_input(field);
    case Field::Kind::person:
      return person_input(field);
    case Field::Kind::text:
    case Field::Kind::paragraph:
      break;
  }
  return text_input(field);
}

Json input_block(const Field& field) {
  Json block{{"type", "input"},
             {"block_id", block_id(field.name)},
             {"label", plain_text(field.label, k_label)},
             {"optional", field.need == Field::Need::optional},
             {"element", element_of(field)}};
  if (field.change == Field::Change::reshapes) block["dispatch_action"] = true;
  if (!clean_text(field.hint).empty()) block["hint"] = plain_text(field.hint, k_label);
  return block;
}

std::string metadata_of(const Form& form, const ReplyTo& origin) {
  Json json{{"form", to_string(form.kind)}};
  if (form.about) json["about"] = encode(*form.about);
  json["channel"] = origin.channel;
  json["thread"] = origin.thread;
  json["message"] = origin.message;
  json["direct"] = origin.where == ReplyTo::Where::direct;
  std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= k_private_metadata ? text : "{}";
}

ReplyTo origin_of(const Json& metadata) {
  ReplyTo origin;
  origin.channel = text_at(metadata, {"channel"});
  origin.thread = text_at(metadata, {"thread"});
  origin.message = text_at(metadata, {"message"});
  const Json* direct = member(metadata, "direct");
  if (direct != nullptr && direct->is_boolean() && direct->get<bool>()) origin.where = ReplyTo::Where::direct;
  return origin;
}

std::map<std::string, std::string> values_of(const Json& view) {
  std::map<std::string, std::string> values;
  const Json* blocks = member(view, {"state", "values"});
  if (blocks == nullptr || !blocks->is_object()) return values;
  for (const auto& [id, elements] : blocks->items()) {
    if (!id.starts_with(k_block)) continue;
    if (!elements.is_object()) continue;
    for (const auto& [action, element] : elements.items()) {
      if (action != k_action && !action.starts_with(std::string(k_action) + ":")) continue;
      std::string value = read_value(element);
      if (!value.empty()) values.emplace(field_named(id), std::move(value));
    }
  }
  return values;
}

}  // namespace

std::string read_value(const Json& element) {
  std::string value = text_at(element, {"value"});
  if (value.empty()) value = text_at(element, {"selected_option", "value"});
  if (value.empty()) value = text_at(element, {"selected_user"});
  return clean_text(value);
}

std::string field_named(std::string_view id) {
  return id.starts_with(k_block) ? std::string(id.substr(k_block.size())) : std::string();
}

// One with a value too long is left out: cut, it would be another one.
Json render_options(const std::vector<Choice>& choices) {
  Json options = Json::array();
  for (const auto& choice : choices) {
    const std::size_t units = utf16_units(choice.value);
    if (units > 0 && units <= k_option && options.size() < k_most_options) options.push_back(option(choice));
  }
  return options;
}

Json render_modal(const Form& form, const ReplyTo& origin, Time now) {
  Json blocks = Json::array();
  Mrkdwn intro(k_intro);
  for (const auto& line : form.intro) intro.line(line, now);
  if (const std::string text = intro.take(); !is_blank(text)) {
    blocks.push_back({{"type", "section"}, {"text", mrkdwn(text)}});
  }
  for (const auto& field : form.fields) blocks.push_back(input_block(field));
  // Without inputs a view needs no submit button, and there is nothing to cancel.
  const bool sends = !form.fields.empty();
  Json view{{"type", "modal"},
            {"callback_id", std::string(k_callback) + std::string(to_string(form.kind))},
            {"title", plain_text(form.title, k_title)},
            {"close", plain_text(sends ? "Cancel" : "Close", k_title)},
            {"private_metadata", metadata_of(form, origin)},
            {"blocks", std::move(blocks)}};
  if (sends) view["submit"] = plain_text(form.submit, k_title);
  return view;
}

std::optional<ReadForm> read_submission(const Json& view) {
  const std::string callback = text_at(view, {"callback_id"});
  if (!callback.starts_with(k_callback)) return std::nullopt;
  const auto kind = parse_form_kind(std::string_view(callback).substr(k_callback.size()));
  if (!kind) return std::nullopt;
  const Json metadata = Json::parse(text_at(view, {"private_metadata"}), nullptr, false);
  ReadForm form;
  form.submitted.form = *kind;
  form.submitted.about = decode_button(text_at(metadata, {"about"}));
  form.submitted.values = values_of(view);
  form.origin = origin_of(metadata);
  return form;
}

std::optional<Json> form_errors(const std::vector<FieldProblem>& problems,
                                const std::vector<std::string>& input_blocks) {
  if (problems.empty() || input_blocks.empty()) return std::nullopt;
  Json errors = Json::object();
  for (const auto& problem : problems) {
    const std::string id = block_id(problem.field);
    const bool there = std::ranges::find(input_blocks, id) != input_blocks.end();
    const std::string& place = there ? id : input_blocks.front();
    const std::string words = cut_utf16(clean_text(problem.message), k_error);
    const std::string before = text_at(errors, {place});
    errors[place] = before.empty() ? words : cut_utf16(fmt::format("{} · {}", before, words), k_error);
  }
  return Json{{"response_action", "errors"}, {"errors", std::move(errors)}};
}

Card typed_form(const Form& form, const std::string& command) {
  if (form.fields.empty() && !form.intro.empty()) {
    Card told;
    told.facts = form.intro;
    return told;
  }
  const std::string id = form.about ? typed_id(*form.about) : "ID";
  Line line = plain("I could not open the form here. Type ");
  switch (form.kind) {
    case FormKind::request:
      line.emplace_back(Code{command + " request RESOURCE:ROLE DURATION REASON"});
      break;
    case FormKind::confirm:
      line.emplace_back(Code{command + " approve " + id + " RESOURCE"});
      break;
    case FormKind::deny:
      line.emplace_back(Code{command + " deny " + id + " REASON"});
      break;
    case FormKind::shorter:
      line.emplace_back(Code{command + " revise " + id + " DURATION because REASON"});
      break;
    case FormKind::question:
      line.emplace_back(Code{command + " ask " + id + " QUESTION"});
      break;
    case FormKind::extend:
      line.emplace_back(Code{command + " extend " + id + " DURATION"});
      break;
    case FormKind::end:
      line.emplace_back(Code{command + " done " + id});
      line.emplace_back(Plain{", or to take it away from somebody "});
      line.emplace_back(Code{command + " revoke " + id + " REASON"});
      break;
  }
  line.emplace_back(Plain{" instead."});
  return answer(std::move(line));
}

}  // namespace jitbot::slack
