#include "bot/desk/state.hpp"

#include <nlohmann/json.hpp>

// Cards that are there and that we do not know of: a click tells where one is.
namespace jitbot {

namespace {

void add_surplus(Recorder& record, const CardRow& shown, const MessageRef& message) {
  CardRow surplus;
  surplus.subject = shown.subject;
  surplus.face = CardRow::Face::surplus;
  surplus.place = shown.place;
  surplus.message = message;
  surplus.next_at = record.now();
  record.tx().add(surplus);
  record.audit(system_principal("desk"), "card.surplus", to_string(shown.subject), {{"message", message.id}});
}

}  // namespace

void adopt_card(Recorder& record, const RequestId& id, const ReplyTo& from) {
  if (from.message.empty()) return;
  const MessageRef message{from.channel, from.message};
  if (record.tx().card_at(message)) return;
  for (CardRow card : record.tx().cards(id)) {
    if (card.face != CardRow::Face::approval || card.place.channel != from.channel) continue;
    if (card.message) return add_surplus(record, card, message);
    if (card.sending != CardRow::Sending::posting) continue;
    card.message = message;
    card.sending = CardRow::Sending::idle;
    record.tx().put(card);
    record.audit(system_principal("desk"), "card.adopted", to_string(id), {{"message", from.message}});
    return;
  }
}

}  // namespace jitbot
