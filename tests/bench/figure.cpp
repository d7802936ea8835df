#include "tests/bench/figure.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <ostream>

namespace jitbot::bench {

namespace {

std::string number(double value) {
  const double size = std::abs(value);
  if (size >= 1000) return fmt::format("{:.0f}", value);
  if (size >= 100) return fmt::format("{:.0f}", value);
  if (size >= 10) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

std::string goal_of(const Figure& figure) {
  if (!figure.goal) return "";
  return fmt::format("{} {}", figure.better == Figure::Better::less ? "≤" : "≥", number(*figure.goal));
}

std::string floor_of(const Figure& figure) {
  if (!figure.floor) return "";
  return fmt::format("{} ({})", number(*figure.floor), figure.floor_of);
}

}  // namespace

std::optional<double> Figure::ratio() const {
  if (!floor || *floor <= 0) return std::nullopt;
  return value / *floor;
}

nlohmann::json to_json(const Figure& figure) {
  nlohmann::json json{{"part", figure.part},
                      {"name", figure.name},
                      {"value", figure.value},
                      {"unit", figure.unit},
                      {"better", figure.better == Figure::Better::less ? "less" : "more"}};
  if (figure.goal) json["goal"] = *figure.goal;
  if (figure.floor) json["floor"] = *figure.floor;
  if (!figure.floor_of.empty()) json["floor_of"] = figure.floor_of;
  if (const auto ratio = figure.ratio()) json["ratio"] = *ratio;
  return json;
}

Figure figure_from_json(const nlohmann::json& json) {
  Figure figure;
  json.at("part").get_to(figure.part);
  json.at("name").get_to(figure.name);
  json.at("value").get_to(figure.value);
  json.at("unit").get_to(figure.unit);
  figure.better =
      json.at("better").get<std::string>() == "less" ? Figure::Better::less : Figure::Better::more;
  if (json.contains("goal")) figure.goal = json["goal"].get<double>();
  if (json.contains("floor")) figure.floor = json["floor"].get<double>();
  if (json.contains("floor_of")) json["floor_of"].get_to(figure.floor_of);
  return figure;
}

void print_table(std::ostream& out, const std::vector<Figure>& figures) {
  out << "| | goal | measured | floor | measured / floor |\n|---|---|---|---|---|\n";
  for (const Figure& figure : figures) {
    const auto ratio = figure.ratio();
    out << fmt::format("| {} | {} | {} {} | {} | {} |\n", figure.name, goal_of(figure), number(figure.value),
                       figure.unit, floor_of(figure), ratio ? number(*ratio) : "");
  }
}

}  // namespace jitbot::bench
