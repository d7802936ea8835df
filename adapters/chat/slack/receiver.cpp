#include "adapters/chat/slack/modal.hpp"
#include "adapters/chat/slack/parts.hpp"
#include "adapters/chat/slack/views.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;
using PartsPtr = std::shared_ptr<Slack::Parts>;

constexpr Millis k_answer_in_ack = 1s;  // after that the person has waited long enough for a sign of life

Task<Result<void>> acknowledge(PartsPtr parts, Delivery delivery, std::shared_ptr<const Json> payload) {
  co_return co_await parts->sockets->acknowledge(std::move(delivery), std::move(payload));
}

Task<void> acknowledge_empty(PartsPtr parts, Delivery delivery) {
  std::shared_ptr<const Json> nothing;
  co_await acknowledge(parts, std::move(delivery), std::move(nothing));
}

auto logged(std::string what) {
  return [what](const std::exception_ptr& error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& problem) {
      spdlog::error("slack: {} failed: {}", what, problem.what());
    }
  };
}

std::string all_problems(const std::vector<FieldProblem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += (text.empty() ? "" : "\n") + problem.message;
  return text;
}

enum class Taken { yes, no, answered };

// A form with errors is answered in its acknowledgement, where the person sees them, and not accepted.
Task<Taken> check_form(PartsPtr parts, Delivery delivery, Heard heard) {
  const auto problems = co_await parts->inbox->check(heard.inbound);
  if (problems.empty()) co_return Taken::yes;
  const auto errors = form_errors(problems, heard.input_blocks);
  if (!errors) {
    co_await acknowledge_empty(parts, std::move(delivery));
    Card words = answer(all_problems(problems));
    co_await parts->answers.answer(std::move(heard.inbound), std::move(words));
    co_return Taken::answered;
  }
  auto payload = std::make_shared<const Json>(*errors);
  co_await acknowledge(parts, std::move(delivery), std::move(payload));
  co_return Taken::answered;
}

Task<Taken> accept(PartsPtr parts, Inbound inbound) {
  const std::string key = inbound.key;
  Inbox* const inbox = parts->inbox;
  if (inbox == nullptr) co_return Taken::no;  // stopped while the form was looked at: Slack tells him so
  const auto accepted = co_await inbox->accept(std::move(inbound));
  if (accepted) co_return Taken::yes;
  spdlog::error("slack: {} not kept, not acknowledged: {}", key, accepted.error().detail);
  co_return Taken::no;
}

// A command's answer may travel in its acknowledgement.
Task<void> handle_command(PartsPtr parts, Delivery delivery, Heard heard) {
  auto slot = parts->answers.open(heard.inbound.key, [parts, delivery](std::shared_ptr<const Json> payload) {
    return acknowledge(parts, delivery, std::move(payload));
  });
  const Taken taken = co_await accept(parts, heard.inbound);
  if (taken == Taken::no) {
    if (slot) parts->answers.withdraw(slot);
    co_return;
  }
  if (slot) {
    co_await parts->answers.finish(slot, parts->stopping ? Millis{0} : delivery.received + k_answer_in_ack);
  } else {
    co_await acknowledge_empty(parts, std::move(delivery));
  }
}

// Words that could open a form are answered as words where none can open.
bool worth_opening(const Heard& heard) {
  const auto* said = std::get_if<Said>(&heard.inbound.what);
  return !heard.trigger.empty() || said == nullptr || said->text.empty();
}

Task<void> handle_all(PartsPtr parts, Delivery delivery, std::vector<Heard> all) {
  for (const auto& heard : all) {
    const auto form = parts->inbox->form_for(heard.inbound);
    if (form && worth_opening(heard)) {
      // Beside the acknowledgement: the trigger lives 3 s.
      boost::asio::co_spawn(parts->executor, open_form(parts, heard, *form), logged("opening a form"));
      continue;
    }
    if (delivery.envelope.type == EnvelopeType::slash_commands && delivery.envelope.accepts_response) {
      co_await handle_command(parts, delivery, heard);
      co_return;  // a command comes alone
    }
    Taken taken = Taken::yes;
    if (std::holds_alternative<Submitted>(heard.inbound.what))
      taken = co_await check_form(parts, delivery, heard);
    if (taken == Taken::yes) taken = co_await accept(parts, heard.inbound);
    if (taken != Taken::yes) co_return;
    if (from_home(heard.inbound.reply)) refresh_home(parts, heard.inbound.from);
  }
  co_await acknowledge_empty(parts, std::move(delivery));
}

// An event could be late or mistaken: Slack itself is asked whether our token still works.
Task<void> verify_tokens(PartsPtr parts, std::string why) {
  spdlog::error("slack: {}", why);
  const auto reply = co_await parts->api.call("auth.test", std::vector<net::FormField>());
  if (reply || !is_fatal(reply.error().code)) co_return;
  Error error = reply.error().error;
  error.kind = ErrorKind::refused;
  parts->sockets->give_up(std::move(error));
}

Task<void> dispatch(PartsPtr parts, Delivery delivery) {
  Decoded decoded = decode(delivery.envelope, parts->self, parts->clock.now());
  if (auto* heard = std::get_if<std::vector<Heard>>(&decoded)) {
    co_await handle_all(parts, std::move(delivery), std::move(*heard));
  } else if (auto* wanted = std::get_if<WantsOptions>(&decoded)) {
    co_await suggest(parts, std::move(delivery), std::move(*wanted));
  } else if (auto* changed = std::get_if<FormChanged>(&decoded)) {
    co_await acknowledge_empty(parts, std::move(delivery));
    co_await reshape(parts, std::move(*changed));
  } else if (const auto* opened = std::get_if<HomeOpened>(&decoded)) {
    home_opened(parts, opened->who);
    co_await acknowledge_empty(parts, std::move(delivery));
  } else if (const auto* lost = std::get_if<TokensLost>(&decoded)) {
    co_await acknowledge_empty(parts, std::move(delivery));
    co_await verify_tokens(parts, lost->why);
  } else {
    if (const auto* ignored = std::get_if<Ignored>(&decoded))
      spdlog::debug("slack: ignored: {}", ignored->why);
    co_await acknowledge_empty(parts, std::move(delivery));
  }
}

}  // namespace

Task<void> receive(PartsPtr parts, Delivery delivery) {
  if (parts->inbox == nullptr) co_return;  // nobody to tell: not acknowledged
  const Busy busy(parts);
  co_await dispatch(parts, std::move(delivery));
}

}  // namespace jitbot::slack
