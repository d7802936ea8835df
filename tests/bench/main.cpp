#include "bot/app/logging.hpp"
#include "tests/bench/part.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace jitbot::bench {

namespace {

namespace fs = std::filesystem;
using Measure = std::vector<Figure> (*)(const Settings&);

struct Part {
  std::string name;
  Measure measure = nullptr;
  std::chrono::microseconds slower_flush{0};
};

constexpr std::chrono::microseconds k_slow{2000};
const std::vector<Part> k_parts{
    {"acks", measure_acks, {}},
    {"workflows", measure_workflows, {}},
    {"wire", measure_wire, {}},
    {"ends", measure_ends, {}},
    {"spread", measure_spread_ends, {}},
    {"start", measure_start, {}},
    {"decisions", measure_decisions, {}},
    {"acks-slow", measure_acks, k_slow},
    {"workflows-slow", measure_workflows, k_slow},
    {"ends-slow", measure_ends, k_slow},
    {"spread-slow", measure_spread_ends, k_slow},
};

struct Options {
  std::vector<std::string> parts;
  std::string size = "full";
  std::string folder;
  std::string json;
  bool check = false;
};

std::vector<Figure> read_figures(const fs::path& file) {
  std::vector<Figure> figures;
  const auto json = nlohmann::json::parse(std::ifstream(file));
  for (const auto& one : json) figures.push_back(figure_from_json(one));
  return figures;
}

void write_figures(const fs::path& file, const std::vector<Figure>& figures) {
  auto json = nlohmann::json::array();
  for (const Figure& figure : figures) json.push_back(to_json(figure));
  std::ofstream(file) << json.dump(2) << "\n";
}

// In a process of its own.
std::vector<Figure> run_part(const Part& part, const Options& options) {
  std::string file = (fs::temp_directory_path() / "jitbot-bench-XXXXXX").string();
  const int made = mkstemp(file.data());
  if (made < 0) throw std::runtime_error("no temporary file can be made");
  close(made);
  std::vector<std::string> words{fs::read_symlink("/proc/self/exe").string(),
                                 "--only",
                                 part.name,
                                 "--size",
                                 options.size,
                                 "--folder",
                                 options.folder,
                                 "--json",
                                 file};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, argv.front(), nullptr, nullptr, argv.data(), environ) != 0 ||
      waitpid(child, &status, 0) != child || status != 0) {
    fs::remove(file);
    throw std::runtime_error("part " + part.name + " failed");
  }
  auto figures = read_figures(file);
  fs::remove(file);
  return figures;
}

// What must hold whatever the machine: no time is judged.
void check(const std::vector<Figure>& figures, std::size_t parts) {
  if (figures.size() < parts) throw std::runtime_error("figures are missing");
  std::map<std::string, double> by_name;
  for (const Figure& figure : figures) {
    if (!(figure.value > 0) && figure.unit != "s") throw std::runtime_error(figure.name + ": is nothing");
    if (figure.floor && !(*figure.floor > 0)) throw std::runtime_error(figure.name + ": has no floor");
    if (!by_name.emplace(figure.name, figure.value).second)
      throw std::runtime_error(figure.name + ": is there twice");
  }
  for (const auto& [name, value] : by_name) {
    const auto at = name.find("p50");
    if (at == std::string::npos) continue;
    const auto other = by_name.find(std::string(name).replace(at, 3, "p99"));
    if (other != by_name.end() && other->second < value)
      throw std::runtime_error(name + ": is above its p99");
  }
}

const Part& part_named(const std::string& name) {
  for (const Part& part : k_parts) {
    if (part.name == name) return part;
  }
  throw std::runtime_error("there is no part " + name);
}

int measure_all(const Options& options) {
  std::vector<Figure> all;
  std::size_t parts = 0;
  for (const Part& part : k_parts) {
    const bool wanted =
        options.parts.empty() || std::ranges::find(options.parts, part.name) != options.parts.end();
    if (!wanted) continue;
    ++parts;
    std::cerr << "measuring " << part.name << " …\n";
    const auto figures = run_part(part, options);
    all.insert(all.end(), figures.begin(), figures.end());
  }
  print_table(std::cout, all);
  if (!options.json.empty()) write_figures(options.json, all);
  if (options.check) check(all, parts);
  return 0;
}

Settings settings_of(const Options& options, const Part& part) {
  using Size = Settings::Size;
  const std::map<std::string, Size> sizes{{"full", Size::full}, {"brief", Size::brief}, {"tiny", Size::tiny}};
  return {options.folder, sizes.at(options.size), part.slower_flush};
}

}  // namespace

int Settings::count(int full) const {
  switch (size) {
    case Size::full:
      return full;
    case Size::brief:
      return full / 10;
    case Size::tiny:
      return std::max(full / 2000, 5);
  }
  return full;
}

std::string Settings::suffix() const {
  if (slower_flush.count() == 0) return {};
  return fmt::format(", each flush {} ms slower", slower_flush.count() / 1000);
}

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);  // as our store has it, and here SQLite is used before it
  spdlog::set_level(
      spdlog::level::from_str(std::getenv("JITBOT_TEST_LOG") ? std::getenv("JITBOT_TEST_LOG") : "off"));
  Options options;
  options.folder = fs::temp_directory_path().string();
  std::string only;
  std::string bot;
  CLI::App program{"How fast jitbot is, beside what the machine can do"};
  program.add_option("parts", options.parts,
                     "acks, workflows, wire, ends, spread, start, …-slow; all unless named");
  program.add_option("--size", options.size, "full, brief (a tenth) or tiny (proves that it runs)")
      ->check(CLI::IsMember({"full", "brief", "tiny"}));
  program.add_option("--folder", options.folder, "On the disk to measure; needs a gigabyte");
  program.add_option("--json", options.json, "Write the figures there too");
  program.add_flag("--check", options.check, "Fail where a figure is missing or contradicts another");
  program.add_option("--only", only)->group("");       // one part, in this process
  program.add_option("--be-the-bot", bot)->group("");  // of the part wire
  CLI11_PARSE(program, argc, argv);
  try {
    if (!bot.empty()) return be_the_bot(bot);
    if (only.empty()) return measure_all(options);
    const Part& part = part_named(only);
    write_figures(options.json, part.measure(settings_of(options, part)));
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "jitbot_bench: " << failure.what() << "\n";
    return 1;
  }
}

}  // namespace jitbot::bench

int main(int argc, char** argv) {
  return jitbot::bench::main(argc, argv);
}
