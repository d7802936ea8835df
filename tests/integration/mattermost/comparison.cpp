#include "tests/integration/mattermost/comparison.hpp"

#include "tests/support/mattermost/core.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace jitbot::mattermost_stand_in {

namespace {

constexpr std::int64_t k_some_time = 1'500'000'000'000;

// Counts of what happened before the recording, and words made anew each time.
const std::set<std::string>& not_compared() {
  static const std::set<std::string> keys = {"request_id",
                                             "last_viewed_at",
                                             "msg_count",
                                             "msg_count_root",
                                             "mention_count",
                                             "mention_count_root",
                                             "total_msg_count",
                                             "total_msg_count_root",
                                             "last_post_at",
                                             "last_activity_at",
                                             "cookie",
                                             "invite_id",
                                             "server_time",
                                             "last_password_update",
                                             "seq"};
  return keys;
}

bool is_json_text(const std::string& text) {
  return text.size() > 1 && (text.front() == '{' || text.front() == '[') && Json::accept(text);
}

// A signed trigger id, in base64, is made anew each time.
bool is_trigger(const std::string& where, const std::string& text) {
  return where.ends_with("/trigger_id") && text.size() > 150;
}

// A direct channel is named after its two, the lesser id first; ours may stand in the other order.
bool same_pair(const std::string& wanted, const std::string& ours) {
  const std::size_t middle = wanted.find("__");
  if (middle != 26 || wanted.size() != 54 || ours.size() != 54) return false;
  return wanted.substr(28) + "__" + wanted.substr(0, 26) == ours;
}

std::string shortened(const Json& value) {
  std::string text = value.dump();
  if (text.size() > 200) text = text.substr(0, 200) + "…";
  return text;
}

std::string differs(const std::string& where, const Json& recorded, const Json& ours) {
  return where + ": recorded " + shortened(recorded) + ", ours " + shortened(ours);
}

}  // namespace

void Comparison::bind(const std::string& recorded, const std::string& ours) {
  ids_[recorded] = ours;
  back_[ours] = recorded;
}

std::string Comparison::ours(std::string text) const {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto known = ids_.find(text.substr(at, 26));
    result += known == ids_.end() ? text.substr(at, 1) : known->second;
    at += known == ids_.end() ? 1 : 26;
  }
  return result;
}

Json Comparison::ours(const Json& recorded) const {
  return Json::parse(ours(recorded.dump()));
}

std::string Comparison::difference(const Json& recorded, const Json& ours, const std::string& where) {
  if (recorded.is_number() && ours.is_number()) return numbers(recorded, ours, where);
  if (recorded.type() != ours.type()) return differs(where, recorded, ours);
  if (recorded.is_string()) return texts(recorded.get<std::string>(), ours.get<std::string>(), where);
  if (recorded.is_object()) return objects(recorded, ours, where);
  if (recorded.is_array()) return lists(recorded, ours, where);
  return recorded == ours ? std::string() : differs(where, recorded, ours);
}

std::string Comparison::numbers(const Json& recorded, const Json& ours, const std::string& where) {
  const bool times = recorded.is_number_integer() && ours.is_number_integer() &&
                     recorded.get<std::int64_t>() > k_some_time && ours.get<std::int64_t>() > k_some_time;
  if (!times) return recorded == ours ? std::string() : differs(where, recorded, ours);
  // The same time stays the same; two may be one, for the recorded server could do two things in a
  // millisecond.
  const auto [known, fresh] = times_.try_emplace(recorded.get<std::int64_t>(), ours.get<std::int64_t>());
  (void)fresh;
  const bool near = std::abs(known->second - ours.get<std::int64_t>()) <= 3;
  return near ? std::string()
              : differs(where, recorded, ours) + " (was " + std::to_string(known->second) + ")";
}

std::string Comparison::texts(const std::string& recorded, const std::string& ours,
                              const std::string& where) {
  if (recorded == ours && !is_id(recorded)) return {};
  if (is_json_text(recorded) && is_json_text(ours))
    return difference(Json::parse(recorded), Json::parse(ours), where + "/*");
  if (is_trigger(where, recorded) && is_trigger(where, ours)) return {};
  if (is_id(recorded) && is_id(ours)) {
    const auto known = ids_.find(recorded);
    const auto back = back_.find(ours);
    if (known == ids_.end() && back == back_.end()) {
      bind(recorded, ours);
      return {};
    }
    return known != ids_.end() && known->second == ours ? std::string() : differs(where, recorded, ours);
  }
  const std::string wanted = Comparison::ours(recorded);
  return wanted == ours || same_pair(wanted, ours) ? std::string() : differs(where, recorded, ours);
}

std::string Comparison::objects(const Json& recorded, const Json& ours, const std::string& where) {
  // What names posts comes before the posts by their names.
  for (const char* first : {"order", "post_id", "id"}) {
    if (!recorded.contains(first) || !ours.contains(first)) continue;
    const std::string found = difference(recorded[first], ours[first], where + "/" + first);
    if (!found.empty()) return found;
  }
  std::set<std::string> keys;
  for (const auto& [key, value] : recorded.items()) {
    const std::string key_of_ours = is_id(key) ? Comparison::ours(key) : key;
    keys.insert(key_of_ours);
    if (not_compared().contains(key)) continue;
    if (!ours.contains(key_of_ours)) return where + "/" + key + ": recorded alone, " + shortened(value);
    const std::string found = difference(value, ours[key_of_ours], where + "/" + key);
    if (!found.empty()) return found;
  }
  for (const auto& [key, value] : ours.items()) {
    if (!keys.contains(key) && !not_compared().contains(key))
      return where + "/" + key + ": ours alone, " + shortened(value);
  }
  return {};
}

std::string Comparison::lists(const Json& recorded, const Json& ours, const std::string& where) {
  if (recorded.size() != ours.size()) return differs(where, recorded, ours);
  // Of the mentioned the order is not fixed.
  if (where.ends_with("/mentions/*")) {
    const std::string all = ours.dump();
    for (const Json& each : recorded) {
      const std::string id = Comparison::ours(each.get<std::string>());
      if (all.find(id) == std::string::npos) return differs(where, recorded, ours);
    }
    return {};
  }
  for (std::size_t index = 0; index < recorded.size(); ++index) {
    const std::string found = difference(recorded[index], ours[index], where + "/" + std::to_string(index));
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace jitbot::mattermost_stand_in
