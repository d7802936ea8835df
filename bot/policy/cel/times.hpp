#pragma once

#include "bot/policy/cel/value.hpp"

// Points and lengths of time as CEL writes and reckons them.
namespace jitbot::cel {

// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, in seconds since 1970.
inline constexpr std::int64_t k_first_second = -62135596800;
inline constexpr std::int64_t k_last_second = 253402300799;
bool in_range(Instant at);

// RFC 3339, an offset or Z required, any number of decimals of which nine count.
std::optional<Instant> parse_timestamp(std::string_view text);
std::string format_timestamp(Instant at);  // in UTC, with as many decimals as needed

// "1h30m", "-1.5s", "0": numbers with units h, m, s, ms, us, ns.
std::optional<Nanos> parse_duration(std::string_view text);
std::string format_duration(Nanos length);  // in seconds: "5400s", "-1.5s"

// Nothing beyond the range of the result. A duration is kept in 64 bits of nanoseconds: some 292 years.
std::optional<Instant> add(Instant at, Nanos length);
std::optional<Nanos> between(Instant from, Instant to);
std::optional<Nanos> nanos_of(std::int64_t seconds, std::int64_t nanos);

}  // namespace jitbot::cel
