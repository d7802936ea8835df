#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

// Expected failures are values. `message` may be shown to people; `detail` is for the log alone and never
// holds a secret. Kinds are what callers branch on; texts are never compared.
namespace jitbot {

enum class ErrorKind {
  invalid,          // what was said makes no sense: bad grammar, bad configuration, a malformed payload
  not_found,        // it does not exist, or may not be known to exist
  refused,          // it exists and the answer is no: a permission, a limit, the target's own refusal
  conflict,         // the state moved on meanwhile; read again
  rate_limited,     // later; nothing was done
  unavailable,      // could not be reached; certainly nothing was done
  outcome_unknown,  // it may have been done: time-out, 5xx, connection lost after sending
  internal,         // a bug or a broken store
};

std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string detail;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string detail = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(detail)});
}

}  // namespace jitbot
