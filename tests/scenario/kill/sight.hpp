#pragma once

#include "adapters/chat/sandbox/records.hpp"

#include <string>
#include <vector>

// What messages of the bot say, read off the wire.
namespace jitbot::kill {

using sandbox::Message;

bool contains(const std::string& text, const std::string& part);
std::string raw_of(const Message& message);
std::string id_of(const Message& message);   // "JIT-7K3F", the first it names
std::string key_of(const Message& message);  // of the metadata: "card/3", "notice/JIT-7K3F/ended"
bool is_card(const Message& message);        // kept up to date; not a notice, not an answer
std::string action_of(const Message& message, const std::string& act);  // of that button; empty: it has none
bool has_buttons(const Message& message);
std::vector<Message> cards_among(const std::vector<Message>& messages);
// How many notices of that ending there are: "JIT-7K3F/ended".
int notices_among(const std::vector<Message>& messages, const std::string& key);

}  // namespace jitbot::kill
