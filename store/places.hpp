#pragma once

#include "bot/ports/chat.hpp"
#include "store/query.hpp"

namespace jitbot::store {

// The columns channel, thread, direct of cards and notices.
void bind_place(Query& query, const Place& place);
Place read_place(Query& row);

// The column sending, for a row type's own enum of idle and posting.
template <class Sending>
std::string_view sending_word(Sending sending) {
  return sending == Sending::posting ? "posting" : "idle";
}
template <class Sending>
Sending sending_of(const std::string& text) {
  if (text == "posting") return Sending::posting;
  if (text == "idle") return Sending::idle;
  throw SqlError(SqlError::Kind::corrupt, "unknown word in the store: " + text);
}

}  // namespace jitbot::store
