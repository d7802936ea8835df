#pragma once

#include "adapters/chat/mattermost/dress.hpp"
#include "adapters/chat/mattermost/rest.hpp"
#include "adapters/chat/mattermost/text_in.hpp"
#include "bot/cards/card.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/task.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace jitbot::mattermost {

// What people and channels are called now, for display. People rename themselves, and a name that became free
// is taken by another: what is known is forgotten after a minute, and never decides who somebody is. Belongs
// to the loop; `clock` and `rest` outlive it.
class NameBook {
 public:
  NameBook(Clock& clock, Rest& rest) : clock_(clock), rest_(rest) {}

  // Of those that can be learned now; the others are left out.
  Task<Names> users(std::set<std::string> ids);
  // The zone of a person's clock; empty: not known.
  Task<std::string> zone_of(std::string user);
  // By the channels as given, "mattermost:4xp9…" or "4xp9…".
  Task<Names> channels(std::set<std::string> given);
  // Who is called so at this moment, asked anew each time: it tells whom somebody meant when he typed a name.
  // Who is not called so by anybody is left out.
  Task<Result<Ids>> ids_of(std::vector<std::string> usernames);

 private:
  struct Known {
    std::string name;  // empty: it could not be learned
    Millis until{0};
    std::string zone = {};  // of a person
  };
  using Page = std::map<std::string, Known>;
  const Known* fresh(const Page& page, const std::string& id) const;
  Task<void> learn_users(std::vector<std::string> ids);
  Task<void> learn_channel(std::string id);

  Clock& clock_;
  Rest& rest_;
  Page users_;
  Page channels_;
};

// Whom and what a card mentions.
struct Mentioned {
  std::set<std::string> users;  // ids, of `workspace` alone
  std::set<std::string> channels;
};
Mentioned mentioned_in(const Card& card, const std::string& workspace);
bool tells_time(const Card& card);

}  // namespace jitbot::mattermost
