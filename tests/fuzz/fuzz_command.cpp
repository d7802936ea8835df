// Any bytes as the words of /jit, and as the fields of a form: understood, or answered with one clean line.
#include "bot/cards/clean.hpp"
#include "commands/intent.hpp"

#include <cstdlib>
#include <string>

namespace {

// Our words and at most two echoes of 40 characters.
constexpr std::size_t k_longest_answer = 300;

void check(const jitbot::Error& error) {
  if (jitbot::one_line(error.message, k_longest_answer) != error.message) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto intent = jitbot::parse_command(text);
  if (!intent) check(intent.error());

  const jitbot::Submitted form{
      jitbot::FormKind::request, std::nullopt, {{"resource", text}, {"duration", text}, {"reason", text}}};
  const auto asked = jitbot::intent_of(form);
  if (!asked) check(asked.error());
  if (asked.has_value() != jitbot::form_problems(form).empty()) std::abort();
  return 0;
}
