#pragma once

#include "bot/policy/cel/mistake.hpp"
#include "bot/policy/cel/type.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>

// Expressions of the Common Expression Language: compiled once, against declared variables, and evaluated
// often. A program is immutable: any number of threads may evaluate it at once.
namespace jitbot::cel {

struct Code;

class Program {
 public:
  explicit Program(std::shared_ptr<const Code> code) : code_(std::move(code)) {}

  const Type& type() const;            // of the result; dyn where that is not known
  bool reads(std::size_t slot) const;  // whether the variable's value can matter
  // Whether that field of a variable with an object type can: it is named, or the variable is used whole.
  bool reads(std::size_t slot, std::size_t field) const;
  bool names(std::size_t slot, std::size_t field) const;  // whether it is named
  // The texts that are looked for in such a field, a list, where it is read for nothing else: "sre" of
  // `"sre" in requester.groups`. Nothing: all of the list may matter.
  std::optional<std::set<std::string>> sought_in(std::size_t slot, std::size_t field) const;
  const Code& code() const { return *code_; }

 private:
  std::shared_ptr<const Code> code_;
};

// With `skipped`, names and types are looked at when they are met, if they are met at all.
enum class Checking : std::uint8_t { full, skipped };

// Object types named by the declarations outlive the program. No input makes it crash or run long: what is
// nested too deeply or too long is a mistake.
tl::expected<Program, Mistake> compile(std::string_view expression, const Declarations& declared,
                                       Checking checking = Checking::full);

// Delivers what is dear to find out, only when an expression asks for it.
class Source {
 public:
  virtual ~Source() = default;
  // The variable of that slot, which lives until the evaluation ends; null pointer where there is none.
  virtual const Value* variable(std::size_t slot) = 0;
  // One field of a variable with an object type, where it can be had without the rest; unset: it is not set.
  // Null pointer: ask for the variable.
  virtual const Value* field(std::size_t /*slot*/, std::size_t /*field*/) { return nullptr; }
};

// The variables by slot, in the order of the declarations. One that is unset, or beyond the end, is asked of
// the source; without one it is an error to read it. A value may be Value::unknown().
struct Activation {
  std::span<const Value> values;
  Source* source = nullptr;
};

struct Failure {
  enum class Reason : std::uint8_t {
    error,    // no such key, overflow, a bad conversion …
    unknown,  // it depends on a value that is unknown
    cost,     // it would have cost more than it may
  };
  Reason reason = Reason::error;
  std::string text;
};

// One step is about one operator, or some dozen bytes of text looked at.
inline constexpr std::uint64_t k_usual_cost = 1'000'000;

// Always ends, within the cost, with the same answer for the same variables. The value owns all that it
// shows, but for an object's type.
tl::expected<Value, Failure> evaluate(const Program& program, const Activation& activation,
                                      std::uint64_t most_cost = k_usual_cost);

}  // namespace jitbot::cel
