#include "bot/reconcile/message_loop.hpp"

#include "bot/model/channel.hpp"
#include "bot/reconcile/message_views.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr int k_batch = 64;
constexpr Millis k_longest_rest = 30s;

struct DueMessages {
  std::vector<CardRow> cards;
  std::vector<NoticeRow> notices;
  std::optional<Time> next;
};

std::string key_of(const CardRow& card) {
  return "card/" + std::to_string(card.id);
}

bool will_not_work(const Error& error) {
  return error.kind == ErrorKind::refused || error.kind == ErrorKind::not_found ||
         error.kind == ErrorKind::invalid;
}

// The place, not what would be said there.
bool is_lost_to_us(const Error& error) {
  return error.kind == ErrorKind::refused || error.kind == ErrorKind::not_found;
}

bool is_instead_of_channel(const NoticeRow& notice) {
  return nlohmann::json::parse(notice.args).contains(k_instead_of);
}

}  // namespace

MessageLoop::MessageLoop(LoopPorts ports, Chat& chat, ChannelBook& channels, Random& random,
                         Administrators administrators)
    : ports_(std::move(ports)),
      chat_(chat),
      channels_(channels),
      random_(random),
      administrators_(std::move(administrators)),
      agenda_(ports_.clock.clock()),
      running_(ports_.clock.clock()) {}

void MessageLoop::poke() {
  agenda_.poke();
}

void MessageLoop::stop() {
  stopping_ = true;
  agenda_.poke();
}

Task<void> MessageLoop::drain() {
  return running_.drain(10s);
}

// Shorter than for targets: people wait for what is shown, and the platform's limits are kept by the adapter.
Millis MessageLoop::pause(int failures) {
  constexpr std::uint64_t k_grain = 1000;
  constexpr Millis k_longest_pause = 30s;
  const double jitter = static_cast<double>(random_.below(k_grain)) / static_cast<double>(k_grain);
  return std::min(back_off(failures, jitter), k_longest_pause);
}

Task<void> MessageLoop::run() {
  while (!stopping_) {
    if (agenda_.due(ports_.clock.now())) {
      agenda_.asking();
      auto next = co_await start_due();
      if (!next) {
        spdlog::error("event=message_loop_failed detail=\"{}\"", next.error().detail);
        co_await agenda_.pause(1s);
        continue;
      }
      // What is due but under way is looked at again when it is done.
      if (*next && **next <= ports_.clock.now()) *next = ports_.clock.now() + 1s;
      agenda_.answered(*next);
    }
    co_await agenda_.rest(ports_.clock, k_longest_rest);
  }
}

// Returns when the next message is to be sent.
Task<Result<std::optional<Time>>> MessageLoop::start_due() {
  const Time now = ports_.clock.now();
  std::function<Result<DueMessages>(Tx&)> ask = [now](Tx& tx) -> Result<DueMessages> {
    return DueMessages{tx.cards_to_send(now, k_batch), tx.notices_to_send(now, k_batch), tx.next_message()};
  };
  auto due = co_await query<DueMessages>(ports_.store, std::move(ask));
  if (!due) co_return tl::unexpected<Error>(due.error());
  if (stopping_) co_return due->next;  // whoever waits for the last to end has counted them
  crowded_ = due->cards.size() == k_batch || due->notices.size() == k_batch;
  for (CardRow& card : due->cards) {
    // One that is under way may have changed while it was sent.
    if (cards_under_way_.contains(card.id) || running_.count() >= k_batch) {
      crowded_ = true;
    } else {
      cards_under_way_.insert(card.id);
      running_.spawn(ports_.executor, show(std::move(card)), "card");
    }
  }
  for (NoticeRow& notice : due->notices) {
    if (notices_under_way_.contains(notice.id)) continue;
    if (running_.count() >= k_batch) {
      crowded_ = true;
      continue;
    }
    notices_under_way_.insert(notice.id);
    running_.spawn(ports_.executor, send(std::move(notice)), "notice");
  }
  co_return due->next;
}

// What is under way is found again by each look at what is due, so it is worth it only for many.
void MessageLoop::look_for_more() {
  constexpr int k_enough = k_batch / 2;
  if (crowded_ && running_.count() <= k_enough) agenda_.poke();
}

// --- cards -------------------------------------------------------------------------------------------------

Task<void> MessageLoop::show(CardRow card) {
  const std::int64_t id = card.id;
  try {
    auto shown = co_await show_newest(card);
    if (!shown) {
      co_await later(std::move(card), std::move(shown).error());
    } else {
      co_await keep(std::move(card));
    }
  } catch (const std::exception& failure) {
    spdlog::error("event=card_failed card={} detail=\"{}\"", id, failure.what());
  }
  cards_under_way_.erase(id);
  look_for_more();
}

// Sends what the store says now, and notes in `card` what is shown after it.
Task<Result<void>> MessageLoop::show_newest(CardRow& card) {
  auto ready = co_await placed(card);
  if (!ready) co_return tl::unexpected<Error>(std::move(ready).error());
  card = std::move(*ready);
  const std::int64_t version = card.wanted;
  auto sent = card.message ? update_shown(card) : post_new(card);
  auto done = co_await std::move(sent);
  if (!done) co_return done;
  if (card.message) card.shown = version;
  card.sending = CardRow::Sending::idle;
  card.failures = 0;
  co_return Result<void>();
}

Task<Result<void>> MessageLoop::update_shown(CardRow& card) {
  auto face = co_await card_face(ports_, card);
  if (!face) co_return tl::unexpected<Error>(std::move(face).error());
  auto updated = co_await chat_.update(*card.message, std::move(*face), key_of(card));
  if (!updated && updated.error().kind == ErrorKind::not_found) {
    // Somebody deleted it: shown anew, because a decision may still hang on it; on a surplus one none does.
    if (card.face != CardRow::Face::surplus) card.message.reset();
    co_return Result<void>();
  }
  co_return updated;
}

Task<Result<void>> MessageLoop::post_new(CardRow& card) {
  auto posted = co_await post_once(card, key_of(card));
  if (posted) {
    card.message = std::move(*posted);
    co_return Result<void>();
  }
  const bool may_be_there = posted.error().kind == ErrorKind::outcome_unknown;
  card.sending = may_be_there ? CardRow::Sending::posting : CardRow::Sending::idle;
  co_return tl::unexpected<Error>(std::move(posted).error());
}

// The place of the card as an id, checked once before the first post.
Task<Result<CardRow>> MessageLoop::placed(CardRow card) {
  if (card.message || card.place.direct) co_return card;
  auto id = co_await channels_.usable(card.place.channel);
  if (!id) co_return tl::unexpected<Error>(id.error());
  card.place.channel = *id;
  co_return card;
}

// Whether an earlier attempt arrived is asked of the place before posting again: never twice.
Task<Result<MessageRef>> MessageLoop::post_once(CardRow card, std::string key) {
  if (card.sending == CardRow::Sending::posting) {
    auto found = co_await chat_.find(card.place, key, card.next_at - 1h);
    if (!found)
      co_return tl::unexpected<Error>(
          Error{ErrorKind::outcome_unknown, found.error().message, found.error().detail});
    if (*found) {
      auto face = co_await card_face(ports_, card);
      if (!face) co_return tl::unexpected<Error>(std::move(face).error());
      auto updated = co_await chat_.update(**found, std::move(*face), key);
      if (!updated) co_return tl::unexpected<Error>(updated.error());
      co_return **found;
    }
  }
  card.sending = CardRow::Sending::posting;
  auto face = co_await marked_face(ports_, card);
  if (!face) co_return tl::unexpected<Error>(std::move(face).error());
  co_return co_await chat_.post(card.place, std::move(*face), key);
}

Task<void> MessageLoop::keep(CardRow card) {
  Store::Work work = [card](Tx& tx) -> Result<void> {
    tx.put(card);
    return {};
  };
  auto kept = co_await ports_.store.write_soon(std::move(work));
  if (!kept) spdlog::error("event=card_not_kept card={} detail=\"{}\"", card.id, kept.error().detail);
}

Task<void> MessageLoop::later(CardRow card, Error why) {
  spdlog::warn("event=card_not_shown card={} subject={} kind={} detail=\"{} {}\"", card.id,
               to_string(card.subject), to_string(why.kind), why.message, why.detail);
  // What is shown already must not go on saying what is not true any more: tried for ever, unless it is
  // malformed.
  const bool give_up = card.message ? why.kind == ErrorKind::invalid : will_not_work(why);
  if (give_up) {
    co_await cannot_show(std::move(card), std::move(why));
    co_return;
  }
  card.next_at = ports_.clock.now() + pause(card.failures);
  ++card.failures;
  co_await keep(std::move(card));
}

namespace {

// What the channel is now is looked at once for all that cannot be shown there.
void look_at_channel(Recorder& record, const std::string& place) {
  const std::string id = record.tx().channel_id(place).value_or(place);
  if (!id.empty() && !is_channel_name(id)) record.nudge({.what = NudgeTask::What::channel, .channel = id});
}

void tell_not_shown(Recorder& record, const CardRow& card) {
  nlohmann::json args{{"place", card.place.channel}, {"problem", card.problem}};
  const std::string key = "card/" + std::to_string(card.id) + "/problem";
  const auto cards = record.tx().cards(card.subject);
  const bool nowhere = std::ranges::none_of(
      cards, [](const CardRow& other) { return is_in_channel(other) && other.problem.empty(); });
  const auto request = record.tx().request(card.subject);
  const bool waits = request && request->state == RequestState::pending;
  if (nowhere && waits) {
    args["nowhere"] = 1;
    record.nudge({.what = NudgeTask::What::direct, .request = card.subject});
  }
  record.notice_admins(NoticeKind::card_not_posted, key, card.subject, args);
  if (nowhere && request)
    record.notice(NoticeKind::card_not_posted, key, direct(request->asked.asker), card.subject, args, 24h);
}

}  // namespace

// One place fails: the administrators hear of it. All places fail: the requester too, and whoever may decide
// gets the card as a direct message. One of those that cannot be sent is told to nobody: the others have
// theirs. Whoever asked and can get no direct message is told in the thread of the card.
Task<void> MessageLoop::cannot_show(CardRow card, Error why) {
  card.problem = why.message.empty() ? "cannot be shown" : why.message;
  std::function<Result<void>(Recorder&)> work = [card](Recorder& record) -> Result<void> {
    record.tx().put(card);
    if (card.face == CardRow::Face::requester) record.not_shown_to_requester(card);
    if (!is_in_channel(card)) return {};
    look_at_channel(record, card.place.channel);
    tell_not_shown(record, card);
    return {};
  };
  (void)co_await record(ports_, std::move(work));
}

// --- notices -----------------------------------------------------------------------------------------------

Task<void> MessageLoop::send(NoticeRow notice) {
  const std::int64_t id = notice.id;
  try {
    auto told = co_await tell(notice);
    if (!told && is_lost_to_us(told.error()) && is_for_administrators(notice))
      told = co_await tell_administrators(notice);
    if (told || will_not_work(told.error())) {
      co_await finish(notice);
    } else {
      co_await later(notice);
    }
    if (!told) {
      spdlog::warn("event=notice_not_sent notice={} about={} kind={} detail=\"{} {}\"", id, notice.kind,
                   to_string(told.error().kind), told.error().message, told.error().detail);
    }
  } catch (const std::exception& failure) {
    spdlog::error("event=notice_failed notice={} detail=\"{}\"", id, failure.what());
  }
  notices_under_way_.erase(id);
  look_for_more();
}

bool MessageLoop::is_for_administrators(const NoticeRow& notice) const {
  return !notice.place.direct && notice.place.channel == ports_.record.admin_channel;
}

// Their channel is lost: each of them is told directly. What is wrong with the channel is looked at, so that
// they hear of that too.
Task<Result<void>> MessageLoop::tell_administrators(NoticeRow notice) {
  auto people = co_await administrators_();
  if (!people) co_return tl::unexpected<Error>(people.error());
  if (people->empty()) {
    spdlog::critical("event=nobody_to_tell notice={} about={} channel={}", notice.id, notice.kind,
                     notice.place.channel);
    co_return fail(ErrorKind::not_found, "no administrator can be told", notice.kind);
  }
  const auto kind = parse_notice_kind(notice.kind);
  if (!kind) co_return fail(ErrorKind::invalid, "a notice of an unknown kind", notice.kind);
  std::function<Result<void>(Recorder&)> work =
      [notice, kind = *kind, people = std::move(*people)](Recorder& record) -> Result<void> {
    auto args = nlohmann::json::parse(notice.args);
    args[k_instead_of] = notice.place.channel;
    for (const Person& person : people) {
      record.notice(kind, notice.key + "/" + to_string(person.id), direct(person.id), notice.subject, args,
                    notice.valid_until - record.now());
    }
    look_at_channel(record, notice.place.channel);
    return {};
  };
  co_return co_await record(ports_, std::move(work));
}

// After its time a notice is replaced by the present truth, which the cards show.
Task<Result<void>> MessageLoop::tell(NoticeRow& notice) {
  if (notice.valid_until <= ports_.clock.now()) co_return Result<void>();
  co_return co_await deliver(notice);
}

Task<Result<void>> MessageLoop::deliver(NoticeRow& notice) {
  Place place = notice.place;
  // In threads too: what is said there is read by whoever is in the channel now.
  if (!place.direct) {
    auto id = co_await channels_.usable(place.channel);
    if (!id) co_return tl::unexpected<Error>(id.error());
    place.channel = *id;
  }
  const std::string key = "notice/" + notice.key;
  if (notice.sending == NoticeRow::Sending::posting) {
    auto found = co_await chat_.find(place, key, notice.created - 1min);
    if (found && *found) co_return Result<void>();
    if (!found)
      co_return tl::unexpected<Error>(
          Error{ErrorKind::outcome_unknown, found.error().message, found.error().detail});
  }
  notice.sending = NoticeRow::Sending::posting;
  put_off(notice);
  auto words = co_await marked_words(ports_, notice);
  if (!words) {
    notice.sending = NoticeRow::Sending::idle;
    co_return tl::unexpected<Error>(std::move(words).error());
  }
  auto posted = co_await chat_.post(place, *words, key);
  if (!posted && place.direct && posted.error().kind == ErrorKind::refused &&
      !is_instead_of_channel(notice)) {
    // No DM possible: the thread of the card, where he is mentioned by the card above.
    auto thread = co_await card_thread(ports_, notice.subject);
    if (!thread) posted = tl::unexpected<Error>(thread.error());
    if (thread && *thread) posted = co_await chat_.post(**thread, *words, key);
  }
  if (posted) co_return Result<void>();
  if (posted.error().kind != ErrorKind::outcome_unknown) notice.sending = NoticeRow::Sending::idle;
  co_return tl::unexpected<Error>(posted.error());
}

void MessageLoop::put_off(NoticeRow& notice) {
  notice.next_at = ports_.clock.now() + pause(notice.failures);
  ++notice.failures;
}

Task<void> MessageLoop::later(NoticeRow notice) {
  put_off(notice);
  Store::Work work = [notice](Tx& tx) -> Result<void> {
    tx.put(notice);
    return {};
  };
  (void)co_await ports_.store.write(std::move(work));
}

Task<void> MessageLoop::finish(NoticeRow notice) {
  Store::Work work = [id = notice.id](Tx& tx) -> Result<void> {
    tx.finish_notice(id);
    return {};
  };
  (void)co_await ports_.store.write_soon(std::move(work));
}

}  // namespace jitbot
