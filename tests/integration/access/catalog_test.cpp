#include "adapters/access/exec/catalog.hpp"

#include "tests/support/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace jitbot::testing {

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

// A folder with one program, `./list`.
struct Lister {
  explicit Lister(const std::string& script) {
    std::string name = (fs::temp_directory_path() / "jitbot-catalog-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    std::ofstream(folder / "list") << "#!/bin/sh\n" << script << "\n";
    fs::permissions(folder / "list", fs::perms::owner_all);
  }
  ~Lister() { fs::remove_all(folder); }
  Lister(const Lister&) = delete;
  Lister& operator=(const Lister&) = delete;

  std::shared_ptr<Catalog> catalog(Millis timeout = 10s) const {
    auto made = make_exec_catalog({.name = "previews",
                                   .list = {"./list", "all"},
                                   .env = {{"API_TOKEN", Secret("s3cret")}},
                                   .directory = folder.string(),
                                   .timeout = timeout});
    REQUIRE(made.has_value());
    return *made;
  }
  Result<Names> listed(Millis timeout = 10s) const {
    EventLoop loop;
    const auto made = catalog(timeout);
    return loop.run(made->list(), 40s);
  }
  fs::path folder;
};

Task<void> ask(std::shared_ptr<Catalog> catalog, std::shared_ptr<std::vector<Result<Names>>> answers) {
  auto answer = co_await catalog->list();
  answers->push_back(std::move(answer));
}

}  // namespace

TEST_CASE("A catalog is what its program prints, one name a line") {
  CHECK(Lister("printf 'preview-1\\n\\n  preview-2 \\r\\npreview-1\\nP.3_x'").listed() ==
        Names{"P.3_x", "preview-1", "preview-2"});
  CHECK(Lister("exit 0").listed() == Names{});
  CHECK(Lister("echo \"$1-$API_TOKEN-${HOME:-none}\"").listed() == Names{"all-s3cret-none"});
}

TEST_CASE("What is not surely a whole list is an error, and never a part of one") {
  struct Case {
    std::string script;
    std::string said;
  };
  const std::vector<Case> cases = {
      {"echo preview-1; echo no such host >&2; exit 3",
       "the list command ended with exit code 3: no such host"},
      {"echo preview-1; kill -9 $$", "the list command was killed by signal 9"},
      {"echo preview-1; echo 'two words'",
       "the list command printed \"two words\", which is no name: letters, digits, '.', '_' and '-', at most "
       "64"},
      {"echo -preview",
       "the list command printed \"-preview\", which is no name: letters, digits, '.', '_' and "
       "'-', at most 64"},
      {"seq 10001", "the list command printed more than 10000 names"},
      {"head -c 1100000 /dev/zero | tr '\\0' '\\n'", "the list command printed more than 1024 KiB"},
  };
  for (const Case& one : cases) {
    INFO(one.script);
    const auto listed = Lister(one.script).listed();
    REQUIRE_FALSE(listed.has_value());
    CHECK(listed.error().kind == ErrorKind::unavailable);
    CHECK(listed.error().message == one.said);
  }
  CHECK(Lister("seq 10000").listed()->size() == 10000);
  const auto late = Lister("echo preview-1; exec tail -f /dev/null").listed(1s);
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().message == "the list command did not end in time and was killed");
  CHECK_FALSE(make_exec_catalog({.name = "x", .list = {}, .env = {}, .directory = {}}).has_value());
}

TEST_CASE("Whoever asks while a list is made is answered by the next, with all who wait") {
  const Lister lister("echo run >> runs; echo preview-$(wc -l < runs)");
  EventLoop loop;
  const auto catalog = lister.catalog();
  auto answers = std::make_shared<std::vector<Result<Names>>>();
  for (int i = 0; i < 20; ++i)
    boost::asio::co_spawn(loop.executor(), ask(catalog, answers), boost::asio::detached);
  const auto last = loop.run(catalog->list(), 40s);
  REQUIRE(answers->size() >= 1);
  CHECK(answers->front() == Names{"preview-1"});
  CHECK(last == Names{"preview-2"});
  CHECK(loop.run(catalog->list(), 40s) == Names{"preview-3"});
  REQUIRE(answers->size() == 20);
  for (std::size_t i = 1; i < answers->size(); ++i) CHECK((*answers)[i] == Names{"preview-2"});
}

TEST_CASE("A catalog is checked by listing it") {
  const auto problems = [](const std::shared_ptr<Catalog>& catalog) {
    EventLoop loop;
    return loop.run(catalog->check(), 40s);
  };
  const Lister good("echo preview-1");
  CHECK(problems(good.catalog()).empty());
  const Lister bad("echo cannot log in >&2; exit 1");
  CHECK(problems(bad.catalog()) ==
        std::vector<std::string>{
            "catalogs.previews.list: the list command ended with exit code 1: cannot log in"});
  fs::remove(bad.folder / "list");
  CHECK(problems(bad.catalog()) ==
        std::vector<std::string>{"catalogs.previews.list: there is no program ./list that may be run"});
}

TEST_CASE("The example lists the folders of a directory") {
  const Lister folders("exit 0");
  for (const char* name : {"preview-7", "preview-42", ".git"}) fs::create_directories(folders.folder / name);
  std::ofstream(folders.folder / "preview-file") << "no folder";
  EventLoop loop;
  auto made = make_exec_catalog({.name = "previews",
                                 .list = {"./list-previews"},
                                 .env = {{"PREVIEW_HOME", Secret(folders.folder.string())}},
                                 .directory = std::string(JITBOT_SOURCE_DIR) + "/deploy/examples"});
  REQUIRE(made.has_value());
  CHECK(loop.run((*made)->list(), 40s) == Names{"preview-42", "preview-7"});
  made = make_exec_catalog({.name = "previews",
                            .list = {"./list-previews"},
                            .env = {{"PREVIEW_HOME", Secret((folders.folder / "nowhere").string())}},
                            .directory = std::string(JITBOT_SOURCE_DIR) + "/deploy/examples"});
  const auto lost = loop.run((*made)->list(), 40s);
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().message.find("nowhere") != std::string::npos);
}

}  // namespace jitbot::testing
