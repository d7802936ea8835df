#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace jitbot::cel {

// What is wrong with an expression, and where: lines and columns count from 1, columns in code points.
struct Mistake {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string message;
};
std::string to_string(const Mistake& mistake);  // "2:7: …"

// The same by its byte offset, as the passes know it.
struct Slip {
  std::uint32_t at = 0;
  std::string message;
};
template <class T>
using Parsed = tl::expected<T, Slip>;

inline tl::unexpected<Slip> slip(std::uint32_t at, std::string message) {
  return tl::unexpected<Slip>(Slip{at, std::move(message)});
}
Mistake locate(const Slip& slip, std::string_view source);

}  // namespace jitbot::cel
