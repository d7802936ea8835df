#include "adapters/chat/mattermost/dialog.hpp"
#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/chat/mattermost/parts.hpp"
#include "adapters/chat/mattermost/seal.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

// Dialogs are opened before the click or command is answered: what opens one is good for 3 seconds.
namespace jitbot::mattermost {

namespace {

constexpr Millis k_form_life = 15min;
constexpr std::size_t k_nonce = 16;  // bytes
constexpr std::size_t k_most_kept = 1000;

// Nothing is looked up while one types, so what there is to choose is put into the menu.
Task<Form> with_choices(PartsPtr parts, PrincipalId who, Form form) {
  for (Field& field : form.fields) {
    if (field.kind != Field::Kind::search || parts->inbox == nullptr) continue;
    auto person = who;
    auto name = field.name;
    std::string nothing_typed;
    auto offered =
        co_await parts->inbox->suggest(std::move(person), std::move(name), std::move(nothing_typed));
    if (!offered.empty()) field.choices = std::move(offered);
  }
  co_return form;
}

// A dialog stays as it opened: what a choice would add to the form elsewhere is there from the start, to be
// typed or left out.
void add_what_follows(Form& form) {
  const auto named = [&](std::string_view name) {
    return std::ranges::find(form.fields, name, &Field::name);
  };
  const auto resource = named("resource");
  if (form.kind != FormKind::request || resource == form.fields.end() || named("role") != form.fields.end())
    return;
  Field role;
  role.name = "role";
  role.label = "Role";
  role.hint = "Left empty: the usual one";
  role.need = Field::Need::optional;
  form.fields.insert(resource + 1, std::move(role));
}

FormSeal seal_of(const Mattermost::Parts& parts, const Heard& heard, const Form& form) {
  FormSeal state;
  state.form = form.kind;
  state.about = form.about;
  state.user = heard.inbound.from.user;
  state.nonce = to_base64url(parts.random.bytes(k_nonce));
  state.channel = heard.inbound.reply.channel;
  state.thread = heard.inbound.reply.thread;
  state.message = heard.inbound.reply.message;
  state.where = heard.inbound.reply.where;
  state.expires = parts.clock.now() + k_form_life;
  return state;
}

void keep_address(Mattermost::Parts& parts, const std::string& nonce, const ReplyTo& reply) {
  const Time now = parts.clock.now();
  std::erase_if(parts.form_addresses,
                [now](const auto& kept) { return now - kept.second.given > k_form_life; });
  if (reply.url.empty() || parts.form_addresses.size() >= k_most_kept) return;
  parts.form_addresses.insert_or_assign(nonce, Mattermost::Parts::KeptAddress{reply.url, now});
}

}  // namespace

Task<bool> open_form(PartsPtr parts, Heard heard, Form form) {
  if (heard.trigger.empty() || form.fields.empty()) co_return false;
  auto who = heard.inbound.from;
  add_what_follows(form);
  form = co_await with_choices(parts, std::move(who), std::move(form));
  const FormSeal state = seal_of(*parts, heard, form);
  Card intro;
  intro.facts = form.intro;
  Occasion occasion;
  occasion.channel = heard.inbound.reply.channel;
  occasion.reader = heard.inbound.from;
  const Dress dress = co_await parts->messenger.dress(std::move(intro), std::move(occasion));
  const Opening opening{heard.trigger, parts->options.callbacks->url + "/dialog",
                        seal(state, parts->options.seal_key)};
  auto body = std::make_shared<const nlohmann::json>(open_dialog(form, opening, dress));
  auto opened = co_await parts->messenger.open_dialog(std::move(body));
  if (!opened) {
    spdlog::warn("mattermost: no dialog: {}", opened.error().detail);
    co_return false;
  }
  keep_address(*parts, state.nonce, heard.inbound.reply);
  co_return true;
}

}  // namespace jitbot::mattermost
