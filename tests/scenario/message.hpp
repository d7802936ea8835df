#pragma once

#include <string>
#include <vector>

namespace jitbot::scenario {

// Something that can be done with a message: by its button, or as its words say.
struct Offer {
  std::string act;  // "approve", "deny", "done" …
  std::string id;   // of what, "JIT-7K3F"; empty: of whatever the message is about
};

// One message of the bot, as the person reads it who looks at it.
struct Message {
  std::string id;
  std::string channel;  // its id
  std::string thread;   // the id of the message that it answers; empty: none
  std::string text;     // bold as *so*, mentions as @name and #name, times in UTC, buttons as [label]
  std::string raw;      // everything that was sent, unread
  std::string key;      // the bot's own name for it
  std::vector<Offer> offered;
  bool edited = false;

  bool is_about(const std::string& request) const;  // its headline names it; other lines may name others
  bool offers(const std::string& act) const;
  bool offers(const std::string& act, const std::string& request) const;
};

bool contains(const std::string& text, const std::string& part);
void replace_all(std::string& text, const std::string& from, const std::string& to);
// The id in "JIT-7K3F asked …"; empty: none.
std::string id_in(const std::string& text);
// What is typed in place of the button; `rest` is the reason, the name, the length…
std::string typed_for(const std::string& act, const std::string& id, const std::string& rest = {});

}  // namespace jitbot::scenario
