// Looking into a string.
#include "bot/policy/cel/points.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

namespace jitbot::cel {

namespace {

bool texts(const Call& call) {
  return call.args[0].is(Kind::string) && call.args[1].is(Kind::string);
}

Value too_dear() {
  return Value::error_view(k_too_dear);
}

Value out_of_range(std::int64_t index) {
  return Value::error(fmt::format("index out of range: {}", index));
}

}  // namespace

Value text_contains(const Call& call) {
  if (!texts(call)) return no_overload("contains", call.args);
  const std::string_view text = call.args[0].text();
  const std::string_view part = call.args[1].text();
  // The search may begin anew at each byte: what a long repetitive pair costs is bounded before it starts.
  const std::uint64_t worst = cost_of_bytes(text.size()) * (1 + part.size() / 64);
  if (!call.budget.spend(worst)) return too_dear();
  return Value::boolean(text.find(part) != std::string_view::npos);
}

Value text_starts_with(const Call& call) {
  if (!texts(call)) return no_overload("startsWith", call.args);
  if (!call.budget.spend(cost_of_bytes(call.args[1].text().size()))) return too_dear();
  return Value::boolean(call.args[0].text().starts_with(call.args[1].text()));
}

Value text_ends_with(const Call& call) {
  if (!texts(call)) return no_overload("endsWith", call.args);
  if (!call.budget.spend(cost_of_bytes(call.args[1].text().size()))) return too_dear();
  return Value::boolean(call.args[0].text().ends_with(call.args[1].text()));
}

std::shared_ptr<const re2::RE2> compile_pattern(std::string_view pattern) {
  constexpr std::int64_t k_most_memory = 1 << 20;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(k_most_memory);
  return std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

Value text_matches(const Call& call) {
  if (!texts(call)) return no_overload("matches", call.args);
  const std::string_view text = call.args[0].text();
  std::shared_ptr<const re2::RE2> made;
  const re2::RE2* pattern = call.prepared != nullptr ? call.prepared->pattern.get() : nullptr;
  if (pattern == nullptr) {
    // Making one is dear: "x{1000}" is a thousand states.
    constexpr std::uint64_t k_pattern_cost = 200;
    if (!call.budget.spend(k_pattern_cost * (1 + call.args[1].text().size()))) return too_dear();
    made = compile_pattern(call.args[1].text());
    pattern = made.get();
  }
  if (!pattern->ok()) return Value::error(fmt::format("bad regular expression: {}", pattern->error()));
  // Linear in the text, but each of its bytes may meet every state of the pattern.
  const auto states = static_cast<std::uint64_t>(pattern->ProgramSize());
  if (!call.budget.spend((1 + text.size() / 4) * (1 + states / 32))) return too_dear();
  return Value::boolean(re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern));
}

Value text_char_at(const Call& call) {
  if (!call.args[0].is(Kind::string) || !call.args[1].is(Kind::integer))
    return no_overload("charAt", call.args);
  const std::string_view text = call.args[0].text();
  if (!call.budget.spend(cost_of_bytes(text.size()))) return too_dear();
  const auto at = offset_of_point(text, call.args[1].as_integer());
  if (!at) return out_of_range(call.args[1].as_integer());
  return stretch(call.args[0], *at, *at == text.size() ? *at : *at + point_length(text, *at));
}

namespace {

// What both searches for a place need: a text, a part, and where the third argument says to begin.
struct Search {
  std::string_view text;
  std::string_view part;
  std::optional<std::size_t> from;
};

std::optional<Search> search_of(const Call& call, std::string_view name, Value& problem) {
  const bool with_index = call.args.size() == 3;
  if (!texts(call) || (with_index && !call.args[2].is(Kind::integer))) {
    problem = no_overload(name, call.args);
    return std::nullopt;
  }
  Search search{call.args[0].text(), call.args[1].text(), std::nullopt};
  if (!call.budget.spend(cost_of_bytes(search.text.size()) * (1 + search.part.size() / 64))) {
    problem = too_dear();
    return std::nullopt;
  }
  if (!with_index) return search;
  search.from = offset_of_point(search.text, call.args[2].as_integer());
  if (!search.from) {
    problem = out_of_range(call.args[2].as_integer());
    return std::nullopt;
  }
  return search;
}

Value place(std::string_view text, std::size_t found) {
  if (found == std::string_view::npos) return Value::integer(-1);
  return Value::integer(static_cast<std::int64_t>(count_points(text.substr(0, found))));
}

}  // namespace

Value text_index_of(const Call& call) {
  Value problem;
  const auto search = search_of(call, "indexOf", problem);
  if (!search) return problem;
  return place(search->text, search->text.find(search->part, search->from.value_or(0)));
}

Value text_last_index_of(const Call& call) {
  Value problem;
  const auto search = search_of(call, "lastIndexOf", problem);
  if (!search) return problem;
  return place(search->text, search->text.rfind(search->part, search->from.value_or(std::string_view::npos)));
}

}  // namespace jitbot::cel
