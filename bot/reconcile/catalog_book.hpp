#pragma once

#include "bot/record/record.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

// What catalogs said about resources that somebody has, or is to have, access to. Durable, so that a restart
// forgets neither what was missed once nor since when a catalog has been silent.
namespace jitbot {

// Two lists must lack a name, the second begun at least this long after the first was there, with none
// between them that has it.
inline constexpr Millis k_second_list = 5s;

struct Listing {
  std::string catalog;
  Time begun;  // what it lists was there then or later
  std::set<std::string> names;
};

// A live grant on what a catalog lists.
struct WatchedGrant {
  RequestId id;
  std::string resource;
};
// Of each catalog that has any, those that have not begun to end.
using Watched = std::map<std::string, std::vector<WatchedGrant>>;
// `known` remembers the catalog of each grant from one look to the next; empty: it is of none.
Watched watched_grants(Tx& tx, std::map<RequestId, std::string>& known);

// Which of those grants the listing says something new about: their names are missing, or were. Nothing: it
// says nothing new at all.
std::optional<std::vector<RequestId>> news_of(Tx& tx, const Listing& listing,
                                              const std::vector<WatchedGrant>& grants);

// Another list, k_second_list later, will decide about something that is missing for the first time.
enum class Then { as_usual, look_again };
// Notes what is missing and what is back. What two lists lacked ends: its access is taken away and proven
// absent as ever.
Then take_listing(Recorder& record, const Listing& listing, const std::vector<RequestId>& about);

// It could not be read, which changes nothing for anybody's access. Ten minutes of it are told to the
// administrators, once.
void take_silence(Recorder& record, const std::string& catalog, const Error& why);

// Nobody has access to anything that it lists: what was noted means nothing any more.
void forget_catalog(Tx& tx, const std::string& catalog);

}  // namespace jitbot
