#include "bot/reconcile/message_views.hpp"

#include "bot/cards/waiting.hpp"
#include "bot/reconcile/channel_book.hpp"

#include <nlohmann/json.hpp>

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
      return requester_card(view);
    case CardRow::Face::surplus:
      return surplus_card(view);
  }
  return fail(ErrorKind::internal, "a card of no known face");
}

}  // namespace

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
    return notice_card(*kind, view, nlohmann::json::parse(notice.args), now);
  };
  co_return co_await transact_soon<Card>(ports.store, std::move(work));
}

Task<std::optional<Place>> card_thread(LoopPorts ports, RequestId subject) {
  std::function<Result<std::optional<Place>>(Tx&)> work = [subject](Tx& tx) -> Result<std::optional<Place>> {
    for (const CardRow& card : tx.cards(subject)) {
      if (card.face != CardRow::Face::approval || card.place.direct || !card.message) continue;
      if (channel_state(tx, card.message->channel) != ChannelState::usable) continue;
      Place place;
      place.channel = card.message->channel;
      place.thread = card.message->id;
      return std::optional<Place>(place);
    }
    return std::optional<Place>();
  };
  auto place = co_await query<std::optional<Place>>(ports.store, std::move(work));
  co_return place ? *place : std::nullopt;
}

}  // namespace jitbot
