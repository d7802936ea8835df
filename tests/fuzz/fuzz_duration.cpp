// Any text is a duration that reads back as shown, or an error that can be shown.
#include "bot/model/duration.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jitbot;
  const auto duration = parse_duration({reinterpret_cast<const char*>(data), size});
  if (!duration) {
    if (duration.error().message.empty() || duration.error().message.size() > 300) std::abort();
    return 0;
  }
  if (*duration <= Millis{0} || *duration > 3650 * 24h) std::abort();
  const auto again = parse_duration(format_duration(*duration));
  if (!again || *again < *duration || *again - *duration >= 1min) std::abort();
  return 0;
}
