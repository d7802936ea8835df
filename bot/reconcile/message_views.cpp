#include "bot/reconcile/message_views.hpp"

#include "bot/cards/waiting.hpp"
#include "bot/reconcile/channel_book.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot {

namespace {

// The channels that show the card to those who may decide, but this one.
std::vector<std::string> other_places(Tx& tx, const CardRow& card) {
  std::vector<std::string> places;
  for (const CardRow& other : tx.cards(card.subject)) {
    if (other.id == card.id || other.face != CardRow::Face::approval || !other.message) continue;
    if (!other.place.direct && channel_state(tx, other.message->channel) == ChannelState::usable)
      places.push_back(other.message->channel);
  }
  return places;
}

// Strangers read a channel that is shared outside. A direct message is for deciding alone: what came of it is
// told, and there is nothing to press any more.
Card approval_face(Tx& tx, const CardRow& card, const SubjectView& view) {
  if (card.message && !card.place.direct && channel_state(tx, card.message->channel) == ChannelState::shared)
    return moved_card(view, other_places(tx, card));
  Card face = approval_card(view);
  if (card.place.direct && view.request.state != RequestState::pending) face.buttons.clear();
  return face;
}

Result<Card> face_of(Recorder& record, const CardRow& card) {
  const auto request = record.tx().request(card.subject);
  if (!request) return fail(ErrorKind::internal, "a card without a subject", to_string(card.subject));
  const SubjectView view = record.view(*request);
  switch (card.face) {
    case CardRow::Face::approval:
      return approval_face(record.tx(), card, view);
    case CardRow::Face::requester:
      return requester_card(view, card.place.direct.value_or(request->asked.beneficiary));
    case CardRow::Face::surplus:
      return surplus_card(view);
  }
  return fail(ErrorKind::internal, "a card of no known face");
}

}  // namespace

bool is_in_channel(const CardRow& card) {
  return card.face == CardRow::Face::approval && !card.place.direct;
}

Task<Result<Card>> card_face(LoopPorts ports, CardRow card) {
  const Time now = ports.clock.now();
  std::function<Result<Card>(Tx&)> work = [&settings = ports.record, now, card](Tx& tx) -> Result<Card> {
    Recorder record(tx, settings, now);
    return face_of(record, card);
  };
  co_return co_await query<Card>(ports.store, std::move(work));
}

Task<Result<Card>> marked_face(LoopPorts ports, CardRow card) {
  const Time now = ports.clock.now();
  std::function<Result<Card>(Tx&)> work = [&settings = ports.record, now, card](Tx& tx) -> Result<Card> {
    Recorder record(tx, settings, now);
    tx.put(card);
    return face_of(record, card);
  };
  co_return co_await transact_soon<Card>(ports.store, std::move(work));
}

Task<Result<Card>> marked_words(LoopPorts ports, NoticeRow notice) {
  const Time now = ports.clock.now();
  std::function<Result<Card>(Tx&)> work = [&settings = ports.record, now, notice](Tx& tx) -> Result<Card> {
    tx.put(notice);
    const auto kind = parse_notice_kind(notice.kind);
    if (!kind) return fail(ErrorKind::invalid, "a notice of an unknown kind", notice.kind);
    Recorder record(tx, settings, now);
    std::optional<SubjectView> view;
    if (!notice.subject.value.empty()) {
      if (const auto request = tx.request(notice.subject)) view = record.view(*request);
    }
    const auto args = nlohmann::json::parse(notice.args);
    Card card = notice_card(*kind, view, args, now);
    if (const auto lost = args.find(k_instead_of); lost != args.end()) {
      card.footer.push_back({Plain{"told to each administrator: "}, ChannelMention{lost->get<std::string>()},
                             Plain{" cannot be used"}});
    }
    return card;
  };
  co_return co_await transact_soon<Card>(ports.store, std::move(work));
}

namespace {

bool is_read_in_channel(Tx& tx, const CardRow& card) {
  return is_in_channel(card) && card.message &&
         channel_state(tx, card.message->channel) == ChannelState::usable;
}

Result<std::optional<Place>> thread_of(Tx& tx, const RequestId& subject) {
  const auto cards = tx.cards(subject);
  const auto shown =
      std::ranges::find_if(cards, [&](const CardRow& card) { return is_read_in_channel(tx, card); });
  if (shown != cards.end())
    return std::optional<Place>(Place{shown->message->channel, shown->message->id, std::nullopt});
  const bool coming = std::ranges::any_of(cards, [](const CardRow& card) {
    return is_in_channel(card) && !card.message && card.problem.empty();
  });
  if (coming) return fail(ErrorKind::unavailable, "the card is not posted yet", to_string(subject));
  return std::optional<Place>();
}

}  // namespace

Task<Result<std::optional<Place>>> card_thread(LoopPorts ports, RequestId subject) {
  std::function<Result<std::optional<Place>>(Tx&)> work = [subject](Tx& tx) {
    return thread_of(tx, subject);
  };
  co_return co_await query<std::optional<Place>>(ports.store, std::move(work));
}

}  // namespace jitbot
