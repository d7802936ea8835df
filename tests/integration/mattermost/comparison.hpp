#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace jitbot::mattermost_stand_in {

using Json = nlohmann::json;

// What a recording calls by one id or time, the stand-in calls by another: one to one, and always the same.
class Comparison {
 public:
  void bind(const std::string& recorded, const std::string& ours);
  // A text of the recording with its ids put into our words.
  std::string ours(std::string text) const;
  Json ours(const Json& recorded) const;
  // Empty: equal but for ids and times, and for counters that depend on all that was ever recorded; else
  // where, and how, they differ. Ids and times not seen before are bound.
  std::string difference(const Json& recorded, const Json& ours, const std::string& where = "");
  void forget_times() { times_.clear(); }

 private:
  std::string texts(const std::string& recorded, const std::string& ours, const std::string& where);
  std::string objects(const Json& recorded, const Json& ours, const std::string& where);
  std::string lists(const Json& recorded, const Json& ours, const std::string& where);
  std::string numbers(const Json& recorded, const Json& ours, const std::string& where);

  std::map<std::string, std::string> ids_;
  std::map<std::string, std::string> back_;
  std::map<std::int64_t, std::int64_t> times_;
};

}  // namespace jitbot::mattermost_stand_in
