#pragma once

#include <string>
#include <utility>

namespace jitbot {

// A token, password or key. It has no conversion and no formatter: a log line or a message that wants to show
// one does not compile. `reveal()` marks the few places that hand it to the wire.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace jitbot
