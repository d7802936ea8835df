#include "bot/model/channel.hpp"
#include "bot/reconcile/nudge_loop.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

// Channels that are archived, left, shared outside or not what their name says any more: told once, and what
// stands or waits there follows.
namespace jitbot {

namespace {

using What = NudgeTask::What;

// A request whose card stands in the channel, or should.
struct There {
  RequestId request;
  bool pending = false;
  bool elsewhere = false;  // another channel shows it
};

struct Known {
  std::vector<std::string> names;  // as the policy and the settings call the channel
  std::vector<std::string> rules;  // that post there
  bool admins = false;             // it is where administrators are told
};

// A name that was never resolved is that of the channel which has it now.
bool is_called(Tx& tx, const std::string& configured, const std::string& id, const std::string& name_now) {
  const auto kept = is_channel_name(configured) ? tx.channel_id(configured) : std::nullopt;
  return kept ? *kept == id : means_channel(configured, id, name_now);
}

Known what_is_known(Tx& tx, const Policy& policy, const std::string& admins, const std::string& id,
                    const std::string& name_now) {
  Known known;
  const auto add_name = [&](const std::string& name) {
    if (std::ranges::find(known.names, name) == known.names.end()) known.names.push_back(name);
  };
  for (const Rule& rule : policy.rules) {
    for (const std::string& channel : rule.post_to) {
      if (!is_called(tx, channel, id, name_now)) continue;
      known.rules.push_back(rule.name);
      add_name(channel);
    }
  }
  known.admins = is_called(tx, admins, id, name_now);
  if (known.admins) add_name(admins);
  return known;
}

bool is_card_in(Tx& tx, const CardRow& card, const std::string& id, const std::string& name_now) {
  if (card.face != CardRow::Face::approval || card.place.direct) return false;
  if (card.message) return card.message->channel == id;
  return is_called(tx, card.place.channel, id, name_now);
}

bool is_shown_elsewhere(Tx& tx, const CardRow& card, const std::string& id) {
  return card.face == CardRow::Face::approval && !card.place.direct && card.message &&
         card.message->channel != id && card.problem.empty() &&
         channel_state(tx, card.message->channel) == ChannelState::usable;
}

// Reading alone: of all that still lives it may be much.
std::vector<There> what_stands_there(Tx& tx, const std::string& id, const std::string& name_now) {
  std::vector<There> all;
  const auto look = [&](const RequestId& request, bool pending) {
    There there{request, pending, false};
    bool any = false;
    for (const CardRow& card : tx.cards(request)) {
      any = any || is_card_in(tx, card, id, name_now);
      there.elsewhere = there.elsewhere || is_shown_elsewhere(tx, card, id);
    }
    if (any) all.push_back(there);
  };
  for (const Request& request : tx.pending_requests()) look(request.id, true);
  for (const Grant& grant : tx.live_grants()) look(grant.id, false);
  return all;
}

struct Words {
  std::string why;
  std::string fix;
};

Words words_for(ChannelState state, const std::vector<std::string>& names) {
  switch (state) {
    case ChannelState::shared:
      return {"it is shared with another organisation, or about to be",
              "stop sharing it, or name a channel of your own in post_to"};
    case ChannelState::archived:
      return {"it is archived", "unarchive it, or name another channel in post_to"};
    case ChannelState::left:
      return {"I am not in it", "invite me, or name another channel in post_to"};
    case ChannelState::gone:
      return {"it is gone, or I am not in it", "invite me, or name another channel in post_to"};
    case ChannelState::swapped:
      return {fmt::format("{} means another channel than when the policy was loaded", fmt::join(names, ", ")),
              "give the name back, or put the id of the channel that you mean into post_to"};
    case ChannelState::usable:
      break;
  }
  return {};
}

void tell(Recorder& record, const std::string& id, ChannelState state, const Known& known) {
  std::vector<std::string> rules = known.rules;
  if (known.admins) {
    rules.emplace_back("what administrators are told");
    // They are told directly; see MessageLoop.
    if (state != ChannelState::usable)
      spdlog::critical("event=admin_channel_lost channel={} state={}", id, to_string(state));
  }
  nlohmann::json args{{"channel", id}, {"rules", fmt::format("{}", fmt::join(rules, ", "))}};
  const Words words = words_for(state, known.names);
  if (state != ChannelState::usable) {
    args["why"] = words.why;
    args["fix"] = words.fix;
  }
  const std::string key = fmt::format("channel/{}/{}/{}", id, to_string(state), to_ms(record.now()));
  record.notice_admins(state == ChannelState::usable ? NoticeKind::channel_back : NoticeKind::channel_lost,
                       key, {}, args);
}

// Cards there are drawn anew: hidden where strangers read them, whole where they may stand again. Whoever
// could decide there gets the card directly.
void follow(Recorder& record, ChannelState state, const std::vector<There>& all) {
  for (const There& there : all) {
    const bool redrawn = state == ChannelState::usable || state == ChannelState::shared;
    if (redrawn) record.tx().want_cards(there.request);
    if (!there.pending || state == ChannelState::usable) continue;
    if (state == ChannelState::shared || !there.elsewhere)
      record.nudge({.what = What::direct, .request = there.request});
  }
}

bool is_one_of_ours(Tx& tx, const std::string& id) {
  const auto ours = tx.known_channels();
  return std::ranges::find(ours, id) != ours.end();
}

struct Looked {
  ChannelState before = ChannelState::usable;
  bool matters = false;  // the policy or the settings name it, a card stands there, or it was lost to us
  Known known;
  std::vector<There> there;
};

Task<Result<Looked>> read_known(NudgePorts ports, std::string id, std::string name_now, ChannelState state) {
  std::function<Result<Looked>(Tx&)> ask = [policy = ports.policy, admins = ports.loop.record.admin_channel,
                                            id, name_now, state](Tx& tx) -> Result<Looked> {
    Looked looked;
    looked.before = channel_state(tx, id);
    looked.known = what_is_known(tx, *policy, admins, id, name_now);
    looked.matters =
        !looked.known.names.empty() || looked.before != ChannelState::usable || is_one_of_ours(tx, id);
    if (looked.matters && looked.before != state) looked.there = what_stands_there(tx, id, name_now);
    return looked;
  };
  return query<Looked>(ports.loop.store, std::move(ask));
}

// What it is now; its name, where that could be read.
struct Present {
  ChannelState state = ChannelState::usable;
  std::string name;
};

Task<Result<Present>> present(NudgePorts ports, std::string id) {
  Present present;
  auto info = co_await ports.channels.look(id);
  if (info) present.name = info->name;
  auto known = co_await read_known(ports, id, present.name, ChannelState::usable);
  if (!known) co_return tl::unexpected<Error>(known.error());
  auto state = co_await ports.channels.state_of(id, known->known.names);
  if (!state) co_return tl::unexpected<Error>(state.error());
  present.state = *state;
  co_return present;
}

Task<Result<void>> look_at(NudgePorts ports, std::string id) {
  auto now = co_await present(ports, id);
  if (!now) co_return tl::unexpected<Error>(now.error());
  auto looked = co_await read_known(ports, id, now->name, now->state);
  if (!looked) co_return tl::unexpected<Error>(looked.error());
  // The chat tells of every channel that it lets us see.
  if (!looked->matters || looked->before == now->state) co_return Result<void>();
  std::function<Result<void>(Recorder&)> work =
      [id, state = now->state, looked = std::move(*looked)](Recorder& record) -> Result<void> {
    put_channel_state(record.tx(), id, state);
    record.audit(system_principal("nudge"), "channel.state", id, {{"state", to_string(state)}});
    if (!looked.known.rules.empty() || looked.known.admins) tell(record, id, state, looked.known);
    follow(record, state, looked.there);
    return {};
  };
  co_return co_await record(ports.loop, std::move(work));
}

// Those that the policy and the settings give by id need no resolving, so the store does not know them.
std::set<std::string> configured_ids(const Policy& policy, const std::string& admins) {
  std::set<std::string> ids;
  const auto add = [&](const std::string& channel) {
    if (!channel.empty() && !is_channel_name(channel)) ids.insert(channel);
  };
  for (const Rule& rule : policy.rules) std::ranges::for_each(rule.post_to, add);
  add(admins);
  return ids;
}

Task<Result<std::set<std::string>>> all_channels(NudgePorts ports) {
  using Ids = std::set<std::string>;
  std::function<Result<Ids>(Tx&)> ask =
      [ids = configured_ids(*ports.policy, ports.loop.record.admin_channel)](Tx& tx) -> Result<Ids> {
    Ids all = ids;
    for (std::string& id : tx.known_channels()) all.insert(std::move(id));
    return all;
  };
  return query<Ids>(ports.loop.store, std::move(ask));
}

}  // namespace

Task<Result<void>> watch_channels(NudgePorts ports, NudgeTask task, Time claimed) {
  // By its name alone a private channel that we were taken out of could not be recognised.
  const auto& admins = ports.loop.record.admin_channel;
  if (!admins.empty()) (void)co_await ports.channels.usable(admins);
  auto ids = co_await all_channels(ports);
  if (!ids) co_return tl::unexpected<Error>(ids.error());
  Result<void> all;
  for (const std::string& id : *ids) {
    auto looked = co_await look_at(ports, id);
    if (looked) continue;
    if (looked.error().kind == ErrorKind::unavailable) co_return looked;
    all = std::move(looked);
  }
  if (!all) co_return all;
  co_return co_await finish(ports, std::move(task), claimed);
}

Task<Result<void>> watch_channel(NudgePorts ports, NudgeTask task, Time claimed) {
  const std::string id = task.channel;
  ports.channels.forget(id);
  auto looked = co_await look_at(ports, id);
  if (!looked) co_return looked;
  auto info = co_await ports.channels.look(id);
  const std::string name = info ? "#" + info->name : std::string();
  std::function<Result<std::optional<std::string>>(Tx&)> ask =
      [name](Tx& tx) -> Result<std::optional<std::string>> { return tx.channel_id(name); };
  // A channel that took a name of the policy's changes what the channel is that had it.
  auto meant = co_await query<std::optional<std::string>>(ports.loop.store, std::move(ask));
  if (!meant) co_return tl::unexpected<Error>(meant.error());
  if (*meant && **meant != id) {
    auto other = co_await look_at(ports, **meant);
    if (!other) co_return other;
  }
  co_return co_await finish(ports, std::move(task), claimed);
}

}  // namespace jitbot
