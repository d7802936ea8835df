// Any text is a duration that reads back as shown, or an error that can be shown; and a point of time within
// a day, or an error.
#include "bot/model/duration.hpp"
#include "bot/model/time_words.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jitbot;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto words = parse_time_words(text);
  if (words && (words->time_of_day < 0s || words->time_of_day >= 24h)) std::abort();
  if (!words && words.error().message.empty()) std::abort();
  const auto duration = parse_duration(text);
  if (!duration) {
    if (duration.error().message.empty() || duration.error().message.size() > 300) std::abort();
    return 0;
  }
  if (*duration <= Millis{0} || *duration > 3650 * 24h) std::abort();
  const auto again = parse_duration(format_duration(*duration));
  if (!again || *again < *duration || *again - *duration >= 1min) std::abort();
  return 0;
}
