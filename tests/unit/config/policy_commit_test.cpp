#include "bot/app/policy_commit.hpp"

#include "tests/unit/config/folder.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <sys/types.h>
#include <unistd.h>

// Against checkouts that git itself makes.
using namespace jitbot;
using config_sample::Folder;
namespace fs = std::filesystem;

namespace {

const std::string k_rules = "apiVersion: jit/v1\ngroups: {eng: {members: [a@b.example]}}\n";

void git(const fs::path& in, const std::string& words) {
  const std::string command = "cd '" + in.string() +
                              "' && env -i PATH=\"$PATH\" HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git "
                              "-c init.defaultBranch=main -c user.name=eve -c user.email=eve@example.com " +
                              words + " >/dev/null 2>&1";
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe): one thread
}

std::string head_of(const fs::path& in) {
  const std::string command = "cd '" + in.string() + "' && git -c safe.directory='*' rev-parse HEAD";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string id(40, ' ');
  REQUIRE(fread(id.data(), 1, id.size(), pipe) == id.size());
  pclose(pipe);
  return id;
}

PolicyCommit found(const fs::path& folder) {
  const auto policy = load_policy_folder(folder, {});
  REQUIRE(policy);
  return policy->commit;
}

// A checkout whose policy lies in policy/, committed.
fs::path committed(const Folder& folder) {
  folder.write("policy/rules.yaml", k_rules);
  folder.write("README.md", "words\n");
  git(folder.path(), "init");
  git(folder.path(), "add .");
  git(folder.path(), "commit -m first");
  return folder.path() / "policy";
}

}  // namespace

TEST_CASE("a policy folder in no checkout, or in one without a commit, has no commit", "[config][commit]") {
  const Folder folder;
  folder.write("rules.yaml", k_rules);
  CHECK(found(folder.path()) == PolicyCommit{});
  git(folder.path(), "init");
  CHECK(found(folder.path()) == PolicyCommit{});
  CHECK(to_string(PolicyCommit{}).empty());
}

TEST_CASE("the commit of a policy is that of HEAD, whichever way git keeps it", "[config][commit]") {
  const Folder folder;
  fs::path policy = committed(folder);
  std::string head = head_of(folder.path());
  SECTION("a folder below the top") {}
  SECTION("packed references and objects") {
    git(folder.path(), "gc");
    git(folder.path(), "pack-refs --all");
  }
  SECTION("a detached HEAD") {
    git(folder.path(), "checkout --detach");
  }
  SECTION("a worktree") {
    git(folder.path(), "worktree add -b other tree");
    folder.write("tree/policy/rules.yaml", k_rules + "# other\n");
    git(folder.path() / "tree", "commit -a -m second");
    policy = folder.path() / "tree" / "policy";
    head = head_of(folder.path() / "tree");
  }
  SECTION("by way of a symbolic link") {
    fs::create_directory_symlink(policy, folder.path() / "link");
    policy = folder.path() / "link";
  }
  SECTION("a checkout of somebody else's") {
    if (geteuid() != 0) return;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
      REQUIRE(lchown(entry.path().c_str(), 65534, 65534) == 0);
    REQUIRE(lchown(folder.path().c_str(), 65534, 65534) == 0);
  }
  CHECK(found(policy).id == head);
  CHECK_FALSE(found(policy).changed);
  CHECK(to_string(found(policy)) == head.substr(0, 12));
}

TEST_CASE("a policy that is not as it was committed says so", "[config][commit]") {
  const Folder folder;
  const fs::path policy = committed(folder);
  SECTION("a file was changed") {
    folder.write("policy/rules.yaml", k_rules + "# by hand\n");
  }
  SECTION("a file was changed and staged") {
    folder.write("policy/rules.yaml", k_rules + "# by hand\n");
    git(folder.path(), "add .");
  }
  SECTION("a file was added") {
    folder.write("policy/more.yaml", "apiVersion: jit/v1\n");
  }
  SECTION("a file was removed") {
    folder.write("policy/more.yaml", "apiVersion: jit/v1\n");
    git(folder.path(), "add .");
    git(folder.path(), "commit -m more");
    REQUIRE_FALSE(found(policy).changed);
    fs::remove(policy / "more.yaml");
  }
  SECTION("the folder is not in the commit at all") {
    folder.write("untracked/rules.yaml", k_rules);
    CHECK(found(folder.path() / "untracked").changed);
    folder.write("policy/rules.yaml", "apiVersion: jit/v1\n");
  }
  CHECK(found(policy).id == head_of(folder.path()));
  CHECK(found(policy).changed);
  CHECK(to_string(found(policy)) == head_of(folder.path()).substr(0, 12) + " with changes");
}

TEST_CASE("what is no policy may change without the policy changing", "[config][commit]") {
  const Folder folder;
  const fs::path policy = committed(folder);
  folder.write("README.md", "other words\n");
  folder.write("policy/notes.md", "words\n");
  CHECK_FALSE(found(policy).changed);
}

TEST_CASE("a checkout that cannot be read is none", "[config][commit]") {
  const Folder folder;
  const fs::path policy = committed(folder);
  fs::remove_all(folder.path() / ".git" / "objects");
  fs::create_directory(folder.path() / ".git" / "objects");
  CHECK(found(policy).id.empty());
}
