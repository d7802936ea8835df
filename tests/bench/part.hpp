#pragma once

#include "tests/bench/figure.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

// The parts of the bench. Each runs in a process of its own, so that its CPU time and its memory are its own.
namespace jitbot::bench {

struct Settings {
  std::filesystem::path folder;  // on the disk that is measured
  // full: what the README tells. tiny: every line of code, no meaning.
  enum class Size { full, brief, tiny } size = Size::full;
  std::chrono::microseconds slower_flush{0};

  int count(int full) const;   // scaled down
  std::string suffix() const;  // ", each flush 2 ms slower"
};

std::vector<Figure> measure_acks(const Settings& settings);
std::vector<Figure> measure_workflows(const Settings& settings);
std::vector<Figure> measure_wire(const Settings& settings);
std::vector<Figure> measure_ends(const Settings& settings);
std::vector<Figure> measure_spread_ends(const Settings& settings);
std::vector<Figure> measure_start(const Settings& settings);
std::vector<Figure> measure_decisions(const Settings& settings);

// The bot of measure_wire, in its own process, until SIGTERM.
int be_the_bot(const std::filesystem::path& folder);

}  // namespace jitbot::bench
