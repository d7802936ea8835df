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

DemoPlaces places() {
  DemoPlaces all;
  all.chat.item = "  - slack: {}\n";
  all.chat.secrets = {{"bot_token", Secret("xoxb")}};
  all.chat.approvers = "slack:usergroup/S0APPROVE";
  all.chat.sre = "slack:usergroup/S0SRE0001";
  all.database_url = Secret("postgresql://x");
  all.database_port = 15432;
  return all;
}

const std::string k_kind = "its own workspace";

}  // namespace

TEST_CASE("a folder that a start failed in is taken by the next one") {
  const Somewhere somewhere;
  const fs::path folder = somewhere.path / "data";
  SECTION("it was claimed, and nothing more") {
    {
      auto first = DemoFolder::open(folder);
      REQUIRE(first);
      REQUIRE(first->claim(k_kind));
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
    REQUIRE(first->write(places()));
  }
  const auto next = DemoFolder::open(somewhere.path / "data");
  REQUIRE(next);
  CHECK(next->last_database_port() == std::uint16_t{15432});
  const std::string resources = text_of(next->path() / "policy" / "resources.yaml");
  CHECK(resources.find("psql -h 127.0.0.1 -p 15432 -U {{account}} app") != std::string::npos);
  // Claiming what is in use already changes nothing.
  const std::string config = text_of(next->config());
  REQUIRE(next->claim(k_kind));
  CHECK(text_of(next->config()) == config);
}

TEST_CASE("a folder that one chat's demo used is of no use to another's, whose groups are elsewhere") {
  const Somewhere somewhere;
  {
    auto first = DemoFolder::open(somewhere.path / "data");
    REQUIRE(first);
    REQUIRE(first->claim(k_kind));
  }
  const auto next = DemoFolder::open(somewhere.path / "data");
  REQUIRE(next);
  const auto claimed = next->claim("Mattermost at http://127.0.0.1:8065, team jitbot-demo");
  REQUIRE_FALSE(claimed);
  CHECK(claimed.error().message.find("is that of a demo on its own workspace") != std::string::npos);
}

TEST_CASE("what a chat calls its people, channels and groups stands in configuration and policy") {
  const Somewhere somewhere;
  auto folder = DemoFolder::open(somewhere.path / "data");
  REQUIRE(folder);
  DemoPlaces all = places();
  all.chat.domain = "jitbot-demo.example";
  all.chat.channel_prefix = "demo-";
  all.chat.approvers = "mattermost:channel/4xp9fdt77pncbef59f4k1qe83o";
  REQUIRE(folder->write(all));
  const std::string people = text_of(folder->path() / "policy" / "people.yaml");
  CHECK(people.find("alice@jitbot-demo.example") != std::string::npos);
  CHECK(people.find("{from: \"mattermost:channel/4xp9fdt77pncbef59f4k1qe83o\"}") != std::string::npos);
  CHECK(text_of(folder->path() / "policy" / "rules.yaml").find("\"#demo-prod-approvals\"") !=
        std::string::npos);
  CHECK(text_of(folder->config()).find("channel: \"#demo-jit-admins\"") != std::string::npos);
}

}  // namespace jitbot
