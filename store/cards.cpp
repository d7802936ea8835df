#include "store/places.hpp"
#include "store/transaction.hpp"

#include <algorithm>

namespace jitbot::store {

namespace {

#define JITBOT_CARD_COLUMNS                                                                          \
  "id, subject, face, channel, thread, direct, wanted, shown, message_channel, message_id, sending," \
  " next_at, failures, problem"

std::string_view face_word(CardRow::Face face) {
  switch (face) {
    case CardRow::Face::approval:
      return "approval";
    case CardRow::Face::requester:
      return "requester";
    case CardRow::Face::surplus:
      return "surplus";
  }
  return "approval";
}

CardRow::Face face_of(const std::string& text) {
  if (text == "approval") return CardRow::Face::approval;
  if (text == "requester") return CardRow::Face::requester;
  if (text == "surplus") return CardRow::Face::surplus;
  throw SqlError(SqlError::Kind::corrupt, "unknown word in the store: " + text);
}

CardRow read_card(Query& row) {
  CardRow card;
  card.id = row.integer();
  card.subject.value = row.text();
  card.face = face_of(row.text());
  card.place = read_place(row);
  card.wanted = row.integer();
  card.shown = row.integer();
  auto channel = row.optional_text();
  auto id = row.optional_text();
  if (channel && id) card.message = MessageRef{std::move(*channel), std::move(*id)};
  card.sending = sending_of<CardRow::Sending>(row.text());
  card.next_at = row.time();
  card.failures = row.small();
  card.problem = row.text();
  return card;
}

std::vector<CardRow> all(Query& query) {
  std::vector<CardRow> cards;
  while (query.next()) cards.push_back(read_card(query));
  return cards;
}

// shown, message_channel, message_id, sending, next_at, failures, problem
void bind_progress(Query& query, const CardRow& card) {
  query.with(card.shown);
  if (card.message) {
    query.with(card.message->channel).with(card.message->id);
  } else {
    query.with_null().with_null();
  }
  query.with(sending_word(card.sending)).with(card.next_at).with(card.failures).with(card.problem);
}

}  // namespace

std::vector<CardRow> Transaction::cards(const RequestId& subject) {
  Query query(driver_, "SELECT " JITBOT_CARD_COLUMNS " FROM cards WHERE subject = $1 ORDER BY id");
  query.with(subject.value);
  return all(query);
}

void Transaction::add(const CardRow& card) {
  news_.add_message(card.next_at);
  Query query(
      driver_,
      "INSERT INTO cards (subject, face, channel, thread, direct, wanted, shown, message_channel, message_id,"
      " sending, next_at, failures, problem)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
  query.with(card.subject.value).with(face_word(card.face));
  bind_place(query, card.place);
  query.with(card.wanted);
  bind_progress(query, card);
  query.run();
}

void Transaction::put(const CardRow& card) {
  if (card.wanted > card.shown && card.problem.empty()) news_.add_message(card.next_at);
  Query query(driver_,
              "UPDATE cards SET channel = $1, thread = $2, direct = $3,"
              " wanted = CASE WHEN wanted > $4 THEN wanted ELSE $4 END, shown = $5, message_channel = $6,"
              " message_id = $7, sending = $8, next_at = $9, failures = $10, problem = $11 WHERE id = $12");
  bind_place(query, card.place);
  query.with(card.wanted);
  bind_progress(query, card);
  query.with(card.id);
  if (query.run_changed() != 1) {
    throw SqlError(SqlError::Kind::constraint, "there is no card " + std::to_string(card.id));
  }
}

void Transaction::want_cards(const RequestId& subject) {
  news_.add_message(Time{});
  Query(driver_, "UPDATE cards SET wanted = wanted + 1, problem = '' WHERE subject = $1")
      .with(subject.value)
      .run();
}

std::vector<CardRow> Transaction::cards_to_send(Time now, int limit) {
  Query query(driver_,
              "SELECT " JITBOT_CARD_COLUMNS
              " FROM cards WHERE wanted > shown AND problem = '' AND next_at <= $1 ORDER BY next_at, id"
              " LIMIT $2");
  query.with(now).with(std::max(limit, 0));
  return all(query);
}

std::optional<CardRow> Transaction::card_at(const MessageRef& message) {
  Query query(driver_, "SELECT " JITBOT_CARD_COLUMNS
                       " FROM cards WHERE message_id IS NOT NULL AND message_channel = $1 AND message_id = $2"
                       " ORDER BY id");
  if (!query.with(message.channel).with(message.id).next()) return std::nullopt;
  return read_card(query);
}

}  // namespace jitbot::store
