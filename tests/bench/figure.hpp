#pragma once

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::bench {

// One measured number. The claim is its ratio to the floor: what the same machine does at best in the same
// run with nothing of ours in between. A goal is for a quiet machine of two cores.
struct Figure {
  std::string part;  // "acks", "workflows" …
  std::string name;
  double value = 0;
  std::string unit;
  enum class Better { less, more } better = Better::less;
  std::optional<double> goal = {};
  std::optional<double> floor = {};
  std::string floor_of = {};  // what was done for the floor

  std::optional<double> ratio() const;  // value / floor
};

nlohmann::json to_json(const Figure& figure);
Figure figure_from_json(const nlohmann::json& json);

// Markdown, as the README holds it.
void print_table(std::ostream& out, const std::vector<Figure>& figures);

}  // namespace jitbot::bench
