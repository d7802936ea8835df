#pragma once

#include "bot/model/time.hpp"
#include "bot/ports/random.hpp"

#include <string>
#include <string_view>

namespace jitbot::sandbox {

std::string random_id(Random& random, std::string_view prefix,
                      std::size_t length);  // A-Z 0-9 after the prefix
std::string random_hex(Random& random, std::size_t length);
std::string random_uuid(Random& random);
std::string format_ts(long long micros);  // "1605853634.000400"
long long seconds_of(Time time);
std::string http_date(Time time);  // RFC 9110 IMF-fixdate

}  // namespace jitbot::sandbox
