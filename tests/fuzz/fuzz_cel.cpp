// Any text is an expression that has the same answer twice, checked or not, or a mistake at a place within
// it.
#include "bot/policy/cel/eval_line.hpp"
#include "bot/policy/cel/program.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace jitbot::cel;

struct World {
  ObjectType person{"person", {{"email", Type::Kind::string}, {"groups", Type::list(Type::Kind::string)}}};
  Declarations declared{{"who", Type::object(person)},
                        {"n", Type::Kind::integer},
                        {"now", Type::Kind::timestamp},
                        {"m", Type::map(Type::Kind::string, Type::Kind::dyn)}};
  std::vector<Value> values{
      Value::object(person, {Value::string("alice@example.com"), Value::list({Value::string("sre")})}),
      Value::integer(3), Value::timestamp({1'772'000'000, 5}),
      *Value::map({{Value::string("k"), Value::list({Value::real(1.5), Value::null()})}})};
};

std::string said(const tl::expected<Value, Failure>& answer) {
  if (!answer) return "error " + answer.error().text;
  return std::string(type_name(*answer)) + (answer->is(Kind::boolean) && answer->as_boolean() ? " true" : "");
}

void try_expression(const World& world, std::string_view text, Checking checking) {
  const auto program = compile(text, world.declared, checking);
  if (!program) {
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    const bool placed = program.error().line >= 1 && program.error().line <= lines &&
                        program.error().column >= 1 && program.error().column <= text.size() + 1;
    if (!placed || program.error().message.empty()) std::abort();
    return;
  }
  constexpr std::uint64_t k_cost = 20'000;
  const Activation activation{world.values, nullptr};
  const auto once = evaluate(*program, activation, k_cost);
  if (said(once) != said(evaluate(*program, activation, k_cost))) std::abort();
  if (once && (once->failed() || once->is(Kind::unset))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World k_world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_expression(k_world, text, Checking::full);
  try_expression(k_world, text, Checking::skipped);
  if (text.starts_with('{') && answer_line(text).empty()) std::abort();
  return 0;
}
