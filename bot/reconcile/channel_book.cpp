#include "bot/reconcile/channel_book.hpp"

#include "bot/model/channel.hpp"

#include <algorithm>
#include <array>

namespace jitbot {

namespace {

constexpr Millis k_fresh = 60s;
constexpr Millis k_patience = 30s;  // for another one's question; every call of the chat ends by itself
constexpr std::array k_states{ChannelState::usable, ChannelState::shared, ChannelState::archived,
                              ChannelState::left,   ChannelState::gone,   ChannelState::swapped};

ChannelState state_in(const ChannelInfo& info) {
  if (info.shared_outside) return ChannelState::shared;
  if (info.archived) return ChannelState::archived;
  return info.member ? ChannelState::usable : ChannelState::left;
}

std::string meta_name(const std::string& id) {
  return "channel_state/" + id;
}

Error refusal(ChannelState state, const std::string& name) {
  switch (state) {
    case ChannelState::shared:
      return {ErrorKind::refused,
              "the channel is shared with another organisation; cards are not shown there",
              {}};
    case ChannelState::archived:
      return {ErrorKind::refused, "the channel is archived", {}};
    case ChannelState::swapped:
      return {ErrorKind::refused,
              name + " means another channel than when the policy was loaded; cards are not shown there",
              {}};
    case ChannelState::left:
    case ChannelState::gone:
    case ChannelState::usable:
      break;
  }
  return {ErrorKind::refused, "cards cannot be shown there", {}};
}

}  // namespace

std::string_view to_string(ChannelState state) {
  switch (state) {
    case ChannelState::usable:
      return "usable";
    case ChannelState::shared:
      return "shared";
    case ChannelState::archived:
      return "archived";
    case ChannelState::left:
      return "left";
    case ChannelState::gone:
      return "gone";
    case ChannelState::swapped:
      return "swapped";
  }
  return "usable";
}

std::optional<ChannelState> parse_channel_state(std::string_view text) {
  for (const ChannelState state : k_states) {
    if (to_string(state) == text) return state;
  }
  return std::nullopt;
}

ChannelState channel_state(Tx& tx, const std::string& id) {
  return parse_channel_state(tx.meta(meta_name(id)).value_or("")).value_or(ChannelState::usable);
}

void put_channel_state(Tx& tx, const std::string& id, ChannelState state) {
  tx.put_meta(meta_name(id), std::string(to_string(state)));
}

struct ChannelBook::Question {
  std::optional<Result<ChannelInfo>> answer;
  Millis at{0};  // monotonic, when it was put
  std::vector<std::shared_ptr<Timer>> waiting;
};

ChannelBook::ChannelBook(LoopPorts ports, Chat& chat) : ports_(std::move(ports)), chat_(chat) {}

bool ChannelBook::is_fresh(const Question& question) const {
  if (question.answer && !*question.answer && (*question.answer).error().kind != ErrorKind::not_found)
    return false;  // not an answer about the channel
  return ports_.clock.clock().steady() - question.at < k_fresh;
}

Task<void> ChannelBook::put_question(std::string what, std::shared_ptr<Question> question) {
  auto answer = co_await chat_.channel(what);
  question->answer = std::move(answer);
  for (const auto& timer : question->waiting) timer->poke();
}

Task<Result<ChannelInfo>> ChannelBook::ask(std::string what) {
  const auto known = asked_.find(what);
  std::shared_ptr<Question> question = known == asked_.end() ? nullptr : known->second;
  if (question && is_fresh(*question)) {
    if (!question->answer) {
      auto timer = std::shared_ptr<Timer>(ports_.clock.clock().make_timer());
      question->waiting.push_back(timer);
      co_await timer->wait(k_patience);
    }
    if (question->answer) co_return *question->answer;
  }
  question = std::make_shared<Question>();
  question->at = ports_.clock.clock().steady();
  asked_.insert_or_assign(what, question);
  co_await put_question(std::move(what), question);
  co_return *question->answer;
}

Task<Result<ChannelInfo>> ChannelBook::look(std::string id) {
  return ask(std::move(id));
}

Task<Result<ChannelInfo>> ChannelBook::look_up(std::string name) {
  return ask(std::move(name));
}

// A name's answer may be about any channel, so all of them go.
void ChannelBook::forget(const std::string& id) {
  std::erase_if(asked_, [&](const auto& entry) { return entry.first == id || is_channel_name(entry.first); });
}

Task<Result<ChannelState>> ChannelBook::state_of(std::string id, std::vector<std::string> names) {
  auto info = co_await look(id);
  if (!info && info.error().kind == ErrorKind::not_found) co_return ChannelState::gone;
  if (!info) co_return tl::unexpected<Error>(info.error());
  const ChannelState state = state_in(*info);
  if (state != ChannelState::usable) co_return state;
  for (const std::string& name : names) {
    if (!is_channel_name(name) || name == "#" + info->name) continue;
    auto other = co_await look_up(name);
    // Where nothing has the name any more, or it cannot be asked now, the id is as good as before.
    if (other && other->id != id) co_return ChannelState::swapped;
  }
  co_return ChannelState::usable;
}

Task<Result<std::string>> ChannelBook::usable(std::string name_or_id) {
  std::string id = name_or_id;
  if (is_channel_name(name_or_id)) {
    std::function<Result<std::optional<std::string>>(Tx&)> ask_store =
        [name_or_id](Tx& tx) -> Result<std::optional<std::string>> { return tx.channel_id(name_or_id); };
    auto known = co_await query<std::optional<std::string>>(ports_.store, std::move(ask_store));
    if (!known) co_return tl::unexpected<Error>(known.error());
    if (*known) {
      id = **known;
    } else {
      auto found = co_await look_up(name_or_id);
      if (!found) co_return tl::unexpected<Error>(found.error());
      const ChannelState state = state_in(*found);
      if (state == ChannelState::shared || state == ChannelState::archived)
        co_return tl::unexpected<Error>(refusal(state, name_or_id));
      Store::Work keep = [name_or_id, found_id = found->id](Tx& tx) -> Result<void> {
        tx.put_channel(name_or_id, found_id);
        return {};
      };
      auto kept = co_await ports_.store.write(std::move(keep));
      if (!kept) co_return tl::unexpected<Error>(kept.error());
      // The answer is about the id, too.
      if (const auto asked = asked_.find(name_or_id); asked != asked_.end())
        asked_.insert_or_assign(found->id, asked->second);
      co_return found->id;
    }
  }
  auto info = co_await look(id);
  if (!info) co_return tl::unexpected<Error>(info.error());
  std::vector<std::string> names;
  names.push_back(name_or_id);
  auto state = co_await state_of(id, std::move(names));
  if (!state) co_return tl::unexpected<Error>(state.error());
  // Where we are no member the platform says so itself, or lets us.
  if (*state != ChannelState::usable && *state != ChannelState::left)
    co_return tl::unexpected<Error>(refusal(*state, name_or_id));
  co_return id;
}

}  // namespace jitbot
