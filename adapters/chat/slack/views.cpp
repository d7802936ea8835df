#include "adapters/chat/slack/views.hpp"

#include "adapters/chat/slack/home_view.hpp"
#include "adapters/chat/slack/modal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;
using PartsPtr = std::shared_ptr<Slack::Parts>;
using WeakParts = std::weak_ptr<Slack::Parts>;

bool open_for_business(const PartsPtr& parts) {
  return parts && !parts->stopping && parts->inbox != nullptr;
}

// A form that takes other shapes takes its next one at once: by what it opens with, and by who opens it.
std::optional<FormChanged> opening_shape(const Heard& heard, const Form& form, const OpenView& open) {
  FormChanged changed{
      heard.inbound.from, open.id, open.hash, {form.kind, form.about, {}}, heard.inbound.reply};
  bool takes_shapes = false;
  for (const Field& field : form.fields) {
    if (!field.initial.empty()) changed.so_far.values.emplace(field.name, field.initial);
    takes_shapes = takes_shapes || field.change == Field::Change::reshapes;
  }
  if (!takes_shapes || open.id.empty()) return std::nullopt;
  return changed;
}

Task<void> reshape_once(PartsPtr parts, FormChanged changed) {
  auto shape = co_await parts->inbox->reshape(changed.who, changed.so_far);
  const auto* entry = parts->forms.find(changed.view);
  if (!shape || entry == nullptr || entry->waiting) co_return;  // overtaken by a newer choice
  OpenView open{changed.view, entry->hash.empty() ? changed.hash : entry->hash};
  auto view = std::make_shared<const Json>(render_modal(*shape, changed.origin, parts->clock.now()));
  auto updated = co_await parts->messenger.update_form(std::move(open), std::move(view));
  auto* after = parts->forms.find(changed.view);
  if (updated && after != nullptr) after->hash = *updated;
  if (!updated) spdlog::debug("slack: form not reshaped: {}", updated.error().detail);
}

Task<void> publish(PartsPtr parts, PrincipalId who) {
  auto home = co_await parts->inbox->home(who);
  if (!home) {
    spdlog::warn("slack: Home not made: {}", home.error().detail);
    co_return;
  }
  auto view = std::make_shared<const Json>(render_home(*home, parts->clock.now()));
  const std::string looks = view->dump(-1, ' ', false, Json::error_handler_t::replace);
  auto* entry = parts->homes.find(who);
  if (entry == nullptr || entry->shown == looks) co_return;
  entry->published = parts->clock.steady();
  const auto published = co_await parts->messenger.publish_home(who.user, std::move(view));
  entry = parts->homes.find(who);
  if (entry != nullptr) entry->shown = published ? looks : std::string();
}

// Until what is shown is what is: one publication after the other, with a pause between.
Task<void> keep_home(WeakParts weak, PrincipalId who) {
  for (;;) {
    auto parts = weak.lock();
    auto* entry = parts ? parts->homes.find(who) : nullptr;
    if (entry == nullptr) co_return;
    if (!entry->stale || !open_for_business(parts)) {
      entry->at_work = false;
      co_return;
    }
    const Millis wait = parts->homes.wait(*entry);
    if (wait > Millis{0}) {
      const auto timer = entry->timer;
      parts.reset();
      co_await timer->wait(wait);
      continue;
    }
    entry->stale = false;
    const Busy busy(parts);
    co_await publish(parts, who);
  }
}

void home_ended(const WeakParts& weak, const PrincipalId& who, const std::exception_ptr& error) {
  if (!error) return;
  const auto parts = weak.lock();
  auto* entry = parts ? parts->homes.find(who) : nullptr;
  if (entry != nullptr) entry->at_work = false;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& problem) {
    spdlog::error("slack: keeping a Home failed: {}", problem.what());
  }
}

void make_anew(const PartsPtr& parts, const PrincipalId& who, Homes::Entry& entry) {
  entry.stale = true;
  if (std::exchange(entry.at_work, true)) return;
  const WeakParts weak = parts;
  boost::asio::co_spawn(parts->executor, keep_home(weak, who),
                        [weak, who](const std::exception_ptr& error) { home_ended(weak, who, error); });
}

}  // namespace

Task<void> open_form(PartsPtr parts, Heard heard, Form form) {
  if (!heard.trigger.empty()) {
    auto view = std::make_shared<const Json>(render_modal(form, heard.inbound.reply, parts->clock.now()));
    const auto opened = co_await parts->messenger.open_form(heard.trigger, std::move(view));
    if (opened) {
      auto shape = opening_shape(heard, form, *opened);
      if (shape) co_await reshape(parts, std::move(*shape));
      co_return;
    }
  }
  Card words = typed_form(form, parts->options.command);
  co_await parts->answers.answer(std::move(heard.inbound), std::move(words));
}

Task<void> suggest(PartsPtr parts, Delivery delivery, WantsOptions wanted) {
  std::vector<Choice> choices;
  if (!wanted.field.empty()) {
    choices = co_await parts->inbox->suggest(std::move(wanted.who), std::move(wanted.field),
                                             std::move(wanted.typed));
  }
  auto options = std::make_shared<const Json>(Json{{"options", render_options(choices)}});
  std::shared_ptr<const Json> payload = std::move(options);
  co_await parts->sockets->acknowledge(std::move(delivery), std::move(payload));
}

Task<void> reshape(PartsPtr parts, FormChanged changed) {
  const std::string view = changed.view;
  auto& form = parts->forms.entry(view);
  form.waiting = std::move(changed);
  if (std::exchange(form.at_work, true)) co_return;
  for (;;) {
    auto* entry = parts->forms.find(view);
    if (entry == nullptr) co_return;
    if (!entry->waiting || !open_for_business(parts)) {
      entry->at_work = false;
      co_return;
    }
    FormChanged next = std::move(*entry->waiting);
    entry->waiting.reset();
    co_await reshape_once(parts, std::move(next));
  }
}

void home_opened(const PartsPtr& parts, const PrincipalId& who) {
  make_anew(parts, who, parts->homes.opened(who));
}

void refresh_home(const PartsPtr& parts, const PrincipalId& who) {
  auto* entry = parts->homes.find(who);
  if (entry != nullptr) make_anew(parts, who, *entry);
}

void refresh_homes(const PartsPtr& parts) {
  if (!open_for_business(parts)) return;
  for (const PrincipalId& who : parts->homes.all()) refresh_home(parts, who);
}

}  // namespace jitbot::slack
