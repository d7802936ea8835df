#include "adapters/chat/mattermost/asked.hpp"
#include "adapters/chat/mattermost/dialog.hpp"
#include "adapters/chat/mattermost/introduction.hpp"
#include "adapters/chat/mattermost/parts.hpp"
#include "adapters/chat/mattermost/render.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/networks.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

// What the server sends when somebody types the slash command, presses a button or fills in a dialog. It
// waits for an answer: a quick one travels in it, and nothing but 200 reaches the person (mattermost.md §4.2,
// §5.3).
namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;

constexpr Millis k_answer_within = 1500ms;  // the person waits so long for a sign of life
constexpr Millis k_spent_for = 15min;       // longer than a trigger is fresh and a form is open

net::ServerResponse json_answer(const Json& body) {
  net::ServerResponse response;
  response.headers = {{"content-type", "application/json"}};
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

net::ServerResponse nothing() {
  return json_answer(Json::object());
}

net::ServerResponse status(int code) {
  net::ServerResponse response;
  response.status = code;
  return response;
}

std::string header_of(const net::ServerRequest& request, std::string_view name) {
  return std::string(net::find_header(request.headers, name).value_or(""));
}

RefusedCallback refused_as(const Refused& refused) {
  return {std::string(to_string(refused.why)), {}, refused.who.user, refused.channel, refused.post};
}

RefusedCallback refused_as(std::string why, const Inbound& inbound) {
  return {std::move(why), {}, inbound.from.user, inbound.reply.channel, inbound.reply.message};
}

std::string words_for(Refusal why, const std::string& command) {
  switch (why) {
    case Refusal::expired:
      return "That is too old to press. Type it instead: " + command + " help shows how";
    case Refusal::trigger_stale:
      return "That came too late to count; do it again";
    case Refusal::another_user:
      return "That form was opened for somebody else";
    case Refusal::malformed:
    case Refusal::unauthenticated:
    case Refusal::forged:
    case Refusal::elsewhere:
    case Refusal::relayed:
    case Refusal::trigger_forged:
      return "That is not one of mine; nothing was done";
  }
  return "Nothing was done";
}

void forget_old(Mattermost::Parts& parts) {
  const Millis now = parts.clock.steady();
  std::erase_if(parts.spent, [now](const auto& entry) { return now - entry.second > k_spent_for; });
}

// The same click again is nobody's: each press has a trigger of its own.
bool is_replayed(Mattermost::Parts& parts, std::string_view what, const Inbound& inbound) {
  forget_old(parts);
  if (!parts.spent.contains(inbound.key)) return false;
  tell_refused(parts, what, refused_as("replayed", inbound));
  return true;
}

void spend(Mattermost::Parts& parts, const std::string& key) {
  parts.spent.insert_or_assign(key, parts.clock.steady());
}

// From the moment it came in: two at once are one and its repetition.
bool is_first(Mattermost::Parts& parts, std::string_view what, const Inbound& inbound) {
  if (is_replayed(parts, what, inbound)) return false;
  spend(parts, inbound.key);
  return true;
}

// What was said, and when it came in (monotonic).
struct Came {
  Heard heard;
  Millis at{0};
};

// The form that it opens; null: none, or we are stopping, whatever was asked of the server meanwhile.
FormToOpenPtr form_for(const PartsPtr& parts, const Heard& heard) {
  if (parts->inbox == nullptr) return nullptr;
  auto form = parts->inbox->form_for(for_the_bot(heard.inbound));
  return form ? prepare_form(parts, heard, std::move(*form)) : nullptr;
}

Task<Dress> private_dress(PartsPtr parts, Card card, Inbound to) {
  Occasion occasion;
  occasion.channel = to.reply.channel;
  occasion.reader = to.from;
  co_return co_await parts->messenger.dress(std::move(card), std::move(occasion));
}

// Taken, and answered in the callback where the answer is there in time. An error: not taken.
Task<Result<std::optional<Card>>> take(PartsPtr parts, Inbound inbound) {
  const Millis deadline = parts->clock.steady() + k_answer_within;
  const std::string key = for_the_bot(inbound).key;
  const auto slot = parts->open.open(key);
  auto accepted = co_await accept(parts, std::move(inbound));
  if (!slot) co_return std::optional<Card>();
  if (!accepted) {
    parts->open.close(slot);
    co_return tl::unexpected<Error>(accepted.error());
  }
  co_return co_await parts->open.wait(slot, parts->stopping ? Millis{0} : deadline);
}

using Rendered = Json (*)(const Card& card, const Dress& dress);

// The form that it opens, or what comes of taking it as it is.
Task<net::ServerResponse> open_or_take(PartsPtr parts, Came came, FormToOpenPtr form, Rendered rendered,
                                       net::ServerResponse not_taken) {
  Heard heard = std::move(came.heard);
  if (form) {
    const bool opened = co_await open_form(parts, heard, std::move(form), came.at);
    if (opened) co_return nothing();
  }
  Inbound to = heard.inbound;
  auto taken = co_await take(parts, std::move(heard.inbound));
  if (!taken) co_return not_taken;
  if (!*taken) co_return nothing();
  const auto dress = co_await private_dress(parts, **taken, std::move(to));
  co_return json_answer(rendered(**taken, dress));
}

bool is_stale(const DecodedCallback& decoded) {
  const auto* refused = std::get_if<Refused>(&decoded);
  return refused != nullptr && refused->why == Refusal::trigger_stale;
}

// What the server signs is dated by its clock, from which ours may be far: where that seems stale, its clock
// is asked, and counts from then on.
Task<void> compare_clocks(PartsPtr parts) {
  auto told = co_await server_time_of(parts->rest);
  if (!told) co_return;
  parts->server_time = *told;
  parts->server_time_told = parts->clock.steady();
}

// --- the slash command

Task<net::ServerResponse> take_command(PartsPtr parts, Came came) {
  if (!is_first(*parts, "command", came.heard.inbound)) co_return nothing();
  // No form opens where somebody is named, so there is time.
  if (!came.heard.names.empty()) {
    auto names = came.heard.names;
    auto ids = co_await parts->names.ids_of(std::move(names));
    if (ids) resolve(came.heard, *ids);
  }
  auto form = form_for(parts, came.heard);
  auto not_taken = status(503);
  co_return co_await open_or_take(std::move(parts), std::move(came), std::move(form), command_answer,
                                  std::move(not_taken));
}

Task<net::ServerResponse> serve_command(PartsPtr parts, net::ServerRequest request, Millis arrived) {
  const std::string kind = header_of(request, "content-type");
  if (!kind.starts_with("application/x-www-form-urlencoded")) {
    RefusedCallback strange;
    strange.why = to_string(Refusal::malformed);
    tell_refused(*parts, "command", std::move(strange));
    co_return status(415);
  }
  const std::string authorization = header_of(request, "authorization");
  auto decoded = decode_command(authorization, request.body, parts->trust(), parts->clock.now());
  if (is_stale(decoded)) {
    co_await compare_clocks(parts);
    decoded = decode_command(authorization, request.body, parts->trust(), parts->clock.now());
  }
  if (auto* heard = std::get_if<Heard>(&decoded)) {
    if (!heard->command.empty()) parts->options.command = heard->command;
    Came said{std::move(*heard), arrived};
    co_return co_await take_command(parts, std::move(said));
  }
  if (const auto* refused = std::get_if<Refused>(&decoded)) {
    tell_refused(*parts, "command", refused_as(*refused));
    if (refused->why == Refusal::unauthenticated) co_return status(401);
    co_return json_answer(
        {{"response_type", "ephemeral"}, {"text", words_for(refused->why, parts->options.command)}});
  }
  co_return nothing();
}

// --- buttons

// A button's context could have been copied from the server's database into another post.
Task<Result<bool>> is_on_our_post(PartsPtr parts, Heard heard) {
  const Busy busy(parts);
  auto post = co_await parts->messenger.message(heard.inbound.reply.message);
  if (!post) {
    // Gone, it is nobody's. That we may not see it now proves nothing: whoever pressed it may be in the
    // right.
    if (post.error().kind == ErrorKind::not_found) co_return false;
    co_return tl::unexpected<Error>(post.error());
  }
  const bool ours = chat::text_at(**post, {"user_id"}) == parts->self.user;
  const bool here = chat::text_at(**post, {"channel_id"}) == heard.inbound.reply.channel;
  const bool its_button = key_of_post(**post) == heard.message_key;
  co_return ours&& here&& its_button;
}

net::ServerResponse told(const std::string& words) {
  return json_answer({{"ephemeral_text", words}});
}

constexpr Millis k_looked_within = 25s;  // the server waits 30

Task<net::ServerResponse> take_click(PartsPtr parts, Came came) {
  if (!is_first(*parts, "button", came.heard.inbound)) co_return nothing();
  const Asked<Result<bool>> looked(parts->executor, parts->clock, is_on_our_post(parts, came.heard));
  auto form = form_for(parts, came.heard);
  const Millis until = came.at + (form ? k_checked_within : k_looked_within);
  const auto ours = co_await looked.by(until);
  if (!ours || !*ours) co_return told("I cannot see that card now; try again, or type it");
  if (!**ours) {
    tell_refused(*parts, "button", refused_as("not_our_post", came.heard.inbound));
    co_return told(words_for(Refusal::forged, parts->options.command));
  }
  auto not_taken = told("I could not take that down; try again");
  co_return co_await open_or_take(std::move(parts), std::move(came), std::move(form), click_answer,
                                  std::move(not_taken));
}

Task<net::ServerResponse> serve_click(PartsPtr parts, net::ServerRequest request, Millis arrived) {
  auto decoded = decode_click(request.body, parts->trust(), parts->clock.now());
  if (is_stale(decoded)) {
    co_await compare_clocks(parts);
    decoded = decode_click(request.body, parts->trust(), parts->clock.now());
  }
  if (auto* heard = std::get_if<Heard>(&decoded)) {
    Came clicked{std::move(*heard), arrived};
    co_return co_await take_click(parts, std::move(clicked));
  }
  if (const auto* refused = std::get_if<Refused>(&decoded)) {
    tell_refused(*parts, "button", refused_as(*refused));
    co_return told(words_for(refused->why, parts->options.command));
  }
  co_return nothing();
}

// --- dialogs

Task<net::ServerResponse> take_dialog(PartsPtr parts, Heard heard) {
  if (is_replayed(*parts, "dialog", heard.inbound))
    co_return json_answer({{"error", "That form was sent already"}});
  auto problems = co_await parts->inbox->check(for_the_bot(heard.inbound));
  if (!problems.empty()) co_return json_answer(dialog_answer(problems, heard.fields, parts->options.command));
  const std::string nonce = heard.inbound.key.substr(heard.inbound.key.find(':') + 1);
  if (const auto kept = parts->form_addresses.extract(nonce)) heard.inbound.reply.url = kept.mapped().url;
  const std::string key = heard.inbound.key;
  auto accepted = co_await accept(parts, std::move(heard.inbound));
  if (!accepted) co_return json_answer({{"error", "I could not take that down; send it again"}});
  spend(*parts, key);
  co_return nothing();
}

Task<net::ServerResponse> serve_dialog(PartsPtr parts, net::ServerRequest request) {
  auto decoded = decode_dialog(request.body, parts->trust(), parts->clock.now());
  if (auto* heard = std::get_if<Heard>(&decoded)) {
    Heard filled = std::move(*heard);
    co_return co_await take_dialog(parts, std::move(filled));
  }
  if (const auto* refused = std::get_if<Refused>(&decoded)) {
    tell_refused(*parts, "dialog", refused_as(*refused));
    co_return json_answer({{"error", words_for(refused->why, parts->options.command)}});
  }
  co_return nothing();  // cancelled
}

// While it lives, the server waits for our answer.
class Unanswered {
 public:
  explicit Unanswered(PartsPtr parts) : parts_(std::move(parts)) { ++parts_->unanswered; }
  ~Unanswered() { --parts_->unanswered; }
  Unanswered(const Unanswered&) = delete;
  Unanswered& operator=(const Unanswered&) = delete;

 private:
  PartsPtr parts_;
};

bool may_call(const Mattermost::Parts& parts, const std::string& peer) {
  const auto& callers = parts.options.callbacks->from;
  return callers.empty() || std::ranges::any_of(callers, [&](const std::string& network) {
           return net::is_in_network(peer, network);
         });
}

}  // namespace

Task<net::ServerResponse> serve(PartsPtr parts, net::ServerRequest request) {
  const Unanswered unanswered(parts);
  if (request.method != "POST") co_return status(405);  // also to whoever looks whether we are here
  if (!may_call(*parts, request.peer)) {
    RefusedCallback stranger;
    stranger.why = "not_from_the_server";
    tell_refused(*parts, "call", std::move(stranger));
    co_return status(403);
  }
  if (parts->inbox == nullptr || !parts->known()) co_return status(503);
  const Busy busy(parts);
  const Millis arrived = parts->clock.steady();
  if (request.path.ends_with("/command"))
    co_return co_await serve_command(parts, std::move(request), arrived);
  if (request.path.ends_with("/action")) co_return co_await serve_click(parts, std::move(request), arrived);
  if (request.path.ends_with("/dialog")) co_return co_await serve_dialog(parts, std::move(request));
  co_return status(404);
}

}  // namespace jitbot::mattermost
