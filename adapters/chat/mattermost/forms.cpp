#include "adapters/chat/mattermost/asked.hpp"
#include "adapters/chat/mattermost/dialog.hpp"
#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/chat/mattermost/parts.hpp"
#include "adapters/chat/mattermost/seal.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <optional>

// Dialogs are opened before the click or command is answered.
namespace jitbot::mattermost {

namespace {

// On older servers (dlg_open_expired.json).
constexpr Millis k_trigger_life = 3s;
constexpr Millis k_form_life = 15min;
constexpr std::size_t k_nonce = 16;  // bytes
constexpr std::size_t k_most_kept = 1000;

Task<std::vector<Choice>> choices_for(PartsPtr parts, PrincipalId who, std::string field) {
  const Busy busy(parts);
  Inbox* const inbox = parts->inbox;
  if (inbox == nullptr) co_return std::vector<Choice>();
  std::string nothing_typed;
  co_return co_await inbox->suggest(std::move(who), std::move(field), std::move(nothing_typed));
}

Task<Dress> dress_intro(PartsPtr parts, Card intro, Occasion occasion) {
  const Busy busy(parts);
  co_return co_await parts->messenger.dress(std::move(intro), std::move(occasion));
}

Occasion occasion_of(const Heard& heard) {
  Occasion occasion;
  occasion.channel = heard.inbound.reply.channel;
  occasion.reader = heard.inbound.from;
  return occasion;
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

struct FormToOpen {
  Form form;
  std::map<std::string, Asked<std::vector<Choice>>> choices;  // by field
  std::optional<Asked<Dress>> dress;
};

FormToOpenPtr prepare_form(const PartsPtr& parts, const Heard& heard, Form form) {
  auto made = std::make_shared<FormToOpen>();
  made->form = std::move(form);
  if (heard.trigger.empty() || made->form.fields.empty()) return made;
  add_what_follows(made->form);
  // Nothing is looked up while one types, so what there is to choose is put into the menu.
  for (const Field& field : made->form.fields) {
    if (field.kind != Field::Kind::search) continue;
    made->choices.try_emplace(field.name, parts->executor, parts->clock,
                              choices_for(parts, heard.inbound.from, field.name));
  }
  Card intro;
  intro.facts = made->form.intro;
  made->dress.emplace(parts->executor, parts->clock,
                      dress_intro(parts, std::move(intro), occasion_of(heard)));
  return made;
}

Task<bool> open_form(PartsPtr parts, Heard heard, FormToOpenPtr form, Millis arrived) {
  if (!form->dress) co_return false;
  for (Field& field : form->form.fields) {
    const auto asked = form->choices.find(field.name);
    if (asked == form->choices.end()) continue;
    auto offered = co_await asked->second.by(arrived + k_extras_within);
    if (offered && !offered->empty()) field.choices = std::move(*offered);
  }
  auto dressed = co_await form->dress->by(arrived + k_extras_within);
  const Dress dress = dressed ? std::move(*dressed) : parts->messenger.nameless(occasion_of(heard));
  const FormSeal state = seal_of(*parts, heard, form->form);
  const Opening opening{heard.trigger, parts->options.callbacks->url + "/dialog",
                        seal(state, parts->options.seal_key)};
  auto body = std::make_shared<const nlohmann::json>(open_dialog(form->form, opening, dress));
  const Millis left = std::max(arrived + k_trigger_life - parts->clock.steady(), Millis{1});
  auto opened = co_await parts->messenger.open_dialog(std::move(body), left);
  if (!opened) {
    spdlog::warn("mattermost: no dialog: {}", opened.error().detail);
    co_return false;
  }
  keep_address(*parts, state.nonce, heard.inbound.reply);
  co_return true;
}

}  // namespace jitbot::mattermost
