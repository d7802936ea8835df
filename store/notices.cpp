#include "store/places.hpp"
#include "store/transaction.hpp"

#include <algorithm>

namespace jitbot::store {

namespace {

constexpr Millis k_key_known_for = 30 * 24h;

#define JITBOT_NOTICE_COLUMNS \
  "id, key, kind, channel, thread, direct, subject, args, created, valid_until, sending, next_at, failures"

NoticeRow read_notice(Query& row) {
  NoticeRow notice;
  notice.id = row.integer();
  notice.key = row.text();
  notice.kind = row.text();
  notice.place = read_place(row);
  notice.subject.value = row.optional_text().value_or("");
  notice.args = row.text();
  notice.created = row.time();
  notice.valid_until = row.time();
  notice.sending = sending_of<NoticeRow::Sending>(row.text());
  notice.next_at = row.time();
  notice.failures = row.small();
  return notice;
}

std::optional<std::string> subject_of(const NoticeRow& notice) {
  if (notice.subject.value.empty()) return std::nullopt;
  return notice.subject.value;
}

}  // namespace

bool Transaction::add(const NoticeRow& notice) {
  news_.add_message(notice.next_at);
  // A new notice tells the time: what is told and over for long is forgotten here.
  if (!notices_forgotten_)
    Query(driver_, "DELETE FROM notices WHERE finished = 1 AND forget_at < $1").with(notice.created).run();
  notices_forgotten_ = true;
  Query query(
      driver_,
      "INSERT INTO notices (key, kind, channel, thread, direct, subject, args, created, valid_until, sending,"
      " next_at, failures, finished, forget_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13) ON CONFLICT (key) DO NOTHING");
  query.with(notice.key).with(notice.kind);
  bind_place(query, notice.place);
  return query.with(subject_of(notice))
             .with(notice.args)
             .with(notice.created)
             .with(notice.valid_until)
             .with(sending_word(notice.sending))
             .with(notice.next_at)
             .with(notice.failures)
             .with(std::max(notice.created, notice.valid_until) + k_key_known_for)
             .run_changed() == 1;
}

void Transaction::put(const NoticeRow& notice) {
  news_.add_message(notice.next_at);
  Query query(
      driver_,
      "UPDATE notices SET channel = $1, thread = $2, direct = $3, args = $4, valid_until = $5, sending = $6,"
      " next_at = $7, failures = $8 WHERE id = $9");
  bind_place(query, notice.place);
  const auto changed = query.with(notice.args)
                           .with(notice.valid_until)
                           .with(sending_word(notice.sending))
                           .with(notice.next_at)
                           .with(notice.failures)
                           .with(notice.id)
                           .run_changed();
  if (changed != 1)
    throw SqlError(SqlError::Kind::constraint, "there is no notice " + std::to_string(notice.id));
}

void Transaction::finish_notice(std::int64_t id) {
  Query query(driver_, "UPDATE notices SET finished = 1 WHERE id = $1 RETURNING thread");
  const bool in_thread = query.with(id).next() && !query.text().empty();
  query.run();
  if (in_thread) news_.add_message(Time{});  // what follows it there may be sent now
}

// A thread is a story: what happened later waits until what happened before is told.
std::vector<NoticeRow> Transaction::notices_to_send(Time now, int limit) {
  std::vector<NoticeRow> notices;
  Query query(driver_,
              "SELECT " JITBOT_NOTICE_COLUMNS
              " FROM notices AS one WHERE finished = 0 AND next_at <= $1 AND (thread = '' OR NOT EXISTS"
              " (SELECT 1 FROM notices AS earlier WHERE earlier.channel = one.channel"
              " AND earlier.thread = one.thread AND earlier.finished = 0 AND earlier.id < one.id))"
              " ORDER BY next_at, id LIMIT $2");
  query.with(now).with(std::max(limit, 0));
  while (query.next()) notices.push_back(read_notice(query));
  return notices;
}

std::optional<Time> Transaction::next_message() {
  Query cards(driver_, "SELECT min(next_at) FROM cards WHERE wanted > shown AND problem = ''");
  Query notices(driver_, "SELECT min(next_at) FROM notices WHERE finished = 0");
  std::optional<Time> next;
  if (cards.next()) next = cards.optional_time();
  if (notices.next()) {
    const auto notice = notices.optional_time();
    if (notice && (!next || *notice < *next)) next = notice;
  }
  return next;
}

void bind_place(Query& query, const Place& place) {
  query.with(place.channel).with(place.thread).with(place.direct);
}

Place read_place(Query& row) {
  Place place;
  place.channel = row.text();
  place.thread = row.text();
  place.direct = row.optional_principal();
  return place;
}

}  // namespace jitbot::store
