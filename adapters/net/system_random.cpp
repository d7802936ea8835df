#include "adapters/net/system_random.hpp"

#include <cerrno>
#include <limits>
#include <sys/random.h>
#include <system_error>

namespace jitbot::net {

namespace {

void fill(char* out, std::size_t count) {
  while (count > 0) {
    const ssize_t got = ::getrandom(out, count, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    out += got;
    count -= static_cast<std::size_t>(got);
  }
}

}  // namespace

std::uint64_t SystemRandom::below(std::uint64_t bound) {
  // The top of the range that is no multiple of the bound would favour small numbers.
  const std::uint64_t rest = (std::numeric_limits<std::uint64_t>::max() % bound + 1) % bound;
  const std::uint64_t last = std::numeric_limits<std::uint64_t>::max() - rest;
  while (true) {
    std::uint64_t number = 0;
    fill(reinterpret_cast<char*>(&number), sizeof number);
    if (number <= last) return number % bound;
  }
}

std::string SystemRandom::bytes(std::size_t count) {
  std::string out(count, '\0');
  fill(out.data(), count);
  return out;
}

}  // namespace jitbot::net
