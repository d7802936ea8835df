#include "commands/answers.hpp"

#include "bot/cards/phrases.hpp"

#include <fmt/format.h>

namespace jitbot {

namespace {

// What is said where the error itself has no words for people.
std::string_view default_message(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "I did not understand that; /jit help lists what I understand";
    case ErrorKind::not_found:
      return "there is no such thing, or it is not for you to see";
    case ErrorKind::refused:
      return "that is not allowed";
    case ErrorKind::conflict:
      return "something else came first; look again and repeat it if you still want it";
    case ErrorKind::rate_limited:
      return "too much at once; nothing was done, try again in a minute";
    case ErrorKind::unavailable:
      return "I cannot check that now; nothing was done, try again in a minute";
    case ErrorKind::outcome_unknown:
      return "I cannot tell whether that was done; look with /jit mine";
    case ErrorKind::internal:
      return "something went wrong on my side; it is in my log";
  }
  return "something went wrong on my side; it is in my log";
}

}  // namespace

Card error_answer(const Error& error) {
  // The words of an internal error are for the log: they name parts that nobody in chat knows.
  const bool for_people = !error.message.empty() && error.kind != ErrorKind::internal;
  return answer(for_people ? error.message : std::string(default_message(error.kind)));
}

Card already_decided_answer(const SubjectView& view) {
  const Request& request = view.request;
  const Moment when{request.decided_at.value_or(view.now)};
  if (request.state == RequestState::timed_out) {
    return answer(Line{Plain{shown_id(request) + " has timed out at "}, when});
  }
  const std::string what = fmt::format("{} was already {} by ", shown_id(request), to_string(request.state));
  return answer(Line{Plain{what}, person(request.decided_by), Plain{" at "}, when});
}

}  // namespace jitbot
