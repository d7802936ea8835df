#pragma once

#include <map>
#include <string>

namespace jitbot {

// Why nothing new is granted at the moment: several reasons may hold at once.
class Holds {
 public:
  void set(const std::string& what, std::string why) { reasons_[what] = std::move(why); }
  void clear(const std::string& what) { reasons_.erase(what); }
  std::string why() const { return reasons_.empty() ? std::string() : reasons_.begin()->second; }

 private:
  std::map<std::string, std::string> reasons_;
};

}  // namespace jitbot
