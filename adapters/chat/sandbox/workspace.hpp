#pragma once

#include "adapters/chat/sandbox/changes.hpp"
#include "adapters/chat/sandbox/records.hpp"
#include "adapters/chat/sandbox/world.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jitbot::sandbox {

// People, conversations, messages and views: the state, without network. Every change touches `changes`.
class Workspace {
 public:
  Workspace(World world_in, Clock& clock, Random& random);

  World world;
  Changes changes;

  std::string next_ts();  // unique and growing

  // --- conversations
  Channel& dm_of(const std::string& user);  // made on demand
  // A channel by id or name, or "@handle" for that person's direct message; null when there is none.
  Channel* resolve(std::string_view which);
  bool is_member(const Channel& channel, const std::string& user) const;

  // --- messages
  Message& post(Message message);  // gives it its ts; blocks are normalized
  Message* find(const std::string& channel, const std::string& ts);
  const Message* find(const std::string& channel, const std::string& ts) const;
  void edit(Message& message, MessageVersion next);
  void remove(Message& message);
  std::vector<const Message*> in_channel(const std::string& channel) const;  // visible to all, oldest first
  std::vector<const Message*> replies(const std::string& channel, const std::string& root_ts) const;
  const std::vector<Message>& ephemerals() const { return ephemerals_; }

  // --- views
  View make_view(const std::string& user, nlohmann::json content);
  std::vector<View>& stack(const std::string& user) { return stacks_[user]; }
  const std::vector<View>* stack(const std::string& user) const;
  View* find_view(const std::string& id);
  View* find_view_by_external_id(const std::string& external_id);
  void replace_content(View& view, nlohmann::json content);  // values of surviving inputs are kept
  std::map<std::string, View>& homes() { return homes_; }
  const std::map<std::string, View>& homes() const { return homes_; }

  nlohmann::json normalized(nlohmann::json blocks);  // block_id, action_id, emoji and verbatim filled in

 private:
  Clock& clock_;
  Random& random_;
  long long last_micros_ = 0;
  // Each list grows at its end only, so that it is sorted by ts and positions stay.
  std::map<std::string, std::vector<Message>> messages_;
  std::vector<Message> ephemerals_;
  std::map<std::pair<std::string, std::string>, std::vector<std::size_t>>
      threads_;  // channel, root → replies
  std::map<std::string, std::vector<View>> stacks_;
  std::map<std::string, View> homes_;
};

// The state a fresh view starts with: block_id → action_id → value, from the initial_* fields.
nlohmann::json initial_values(const nlohmann::json& blocks);
// The same, where what `held` has stays: an input that keeps its ids and type keeps what was filled in,
// unless its new options do not offer that any more.
nlohmann::json carried_values(const nlohmann::json& blocks, const nlohmann::json& held);
// The state object of one element holding this value ("plain_text_input" → {"type","value"} …). `chosen` is a
// string, an array of strings, or null; nothing for elements without state, and for options not on offer.
// `looked_up` are options on offer beside the element's own.
std::optional<nlohmann::json> state_of(const nlohmann::json& element, const nlohmann::json& chosen,
                                       const nlohmann::json& looked_up);

}  // namespace jitbot::sandbox
