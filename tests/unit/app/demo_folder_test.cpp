#include "bot/app/demo/demo_folder.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

namespace jitbot {
namespace {

namespace fs = std::filesystem;

class Somewhere {
 public:
  Somewhere() {
    std::string name = (fs::temp_directory_path() / "jitbot-folder-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Somewhere() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Somewhere(const Somewhere&) = delete;
  Somewhere& operator=(const Somewhere&) = delete;

  fs::path path;
};

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

const DemoPlaces k_places{"http://127.0.0.1:1/api/", Secret("xapp"), Secret("xoxb"), Secret("postgresql://x"),
                          15432};

}  // namespace

TEST_CASE("a folder that a start failed in is taken by the next one") {
  const Somewhere somewhere;
  const fs::path folder = somewhere.path / "data";
  SECTION("it was claimed, and nothing more") {
    {
      auto first = DemoFolder::open(folder);
      REQUIRE(first);
      REQUIRE(first->claim());
      std::ofstream(first->log()) << "what went wrong\n";
    }
    CHECK(DemoFolder::open(folder));
  }
  SECTION("it holds a log alone") {
    fs::create_directories(folder);
    std::ofstream(folder / "jitbot.log") << "what went wrong\n";
    CHECK(DemoFolder::open(folder));
  }
  SECTION("it holds somebody's files") {
    fs::create_directories(folder);
    std::ofstream(folder / "jitbot.log") << "what went wrong\n";
    std::ofstream(folder / "thesis.txt") << "precious\n";
    const auto taken = DemoFolder::open(folder);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().message.find("holds files that no demo wrote") != std::string::npos);
  }
}

TEST_CASE("a folder remembers the port of its database, and what people are told names their account") {
  const Somewhere somewhere;
  {
    auto first = DemoFolder::open(somewhere.path / "data");
    REQUIRE(first);
    CHECK_FALSE(first->last_database_port().has_value());
    REQUIRE(first->write(k_places));
  }
  const auto next = DemoFolder::open(somewhere.path / "data");
  REQUIRE(next);
  CHECK(next->last_database_port() == std::uint16_t{15432});
  const std::string resources = text_of(next->path() / "policy" / "resources.yaml");
  CHECK(resources.find("psql -h 127.0.0.1 -p 15432 -U {{account}} app") != std::string::npos);
  // Claiming what is in use already changes nothing.
  const std::string config = text_of(next->config());
  REQUIRE(next->claim());
  CHECK(text_of(next->config()) == config);
}

}  // namespace jitbot
