#include "tests/unit/config/folder.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using config_sample::Folder;

namespace {

const std::string k_group = "apiVersion: jit/v1\ngroups: {eng: {members: [a@b.example]}}\n";

std::string said_of(const Folder& folder) {
  const auto policy = load_policy_folder(folder.path(), {});
  std::string all;
  if (policy) return all;
  for (const PolicyProblem& problem : policy.error()) {
    std::string line = to_string(problem);
    const std::string prefix = folder.path().string();
    if (line.starts_with(prefix)) line = "DIR" + line.substr(prefix.size());
    all += line + "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("a policy folder's *.yaml are read, not those of its sub-folders", "[config][folder]") {
  const Folder folder;
  folder.write("people.yaml", k_group);
  folder.write("deeper/other.yaml", "not: a policy\n");
  folder.write("README.md", "words");
  folder.write(".hidden.yaml", "not: a policy\n");
  const auto policy = load_policy_folder(folder.path(), {});
  REQUIRE(policy);
  CHECK(policy->groups.size() == 1);
}

namespace {

const std::string k_way_out =
    " [policy-folder] → a policy is a folder of *.yaml files, at most 500 of at most 1 MiB\n";

}  // namespace

TEST_CASE("a policy folder that is not there, empty or misnamed is an error", "[config][folder]") {
  const Folder empty;
  CHECK(said_of(empty) == "DIR: there is no policy here; put at least one *.yaml file into it" + k_way_out);
  const auto missing = load_policy_folder(empty.path() / "nowhere", {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().front().message == "the policy folder cannot be read: No such file or directory");

  const Folder misnamed;
  misnamed.write("a.yaml", k_group);
  misnamed.write("b.yml", k_group);
  CHECK(said_of(misnamed) == "DIR/b.yml: policy files are named *.yaml; rename it" + k_way_out);

  const Folder odd;
  odd.write("a.yaml", k_group);
  std::filesystem::create_directory(odd.path() / "b.yaml");
  CHECK(said_of(odd) == "DIR/b.yaml: cannot be read: it is not a regular file" + k_way_out);
}

TEST_CASE("problems in a policy folder name the file, the line and the column", "[config][folder]") {
  const Folder folder;
  folder.write("a.yaml", k_group);
  folder.write("b.yaml", k_group);
  CHECK(said_of(folder) == "DIR/b.yaml:2:10: groups.eng: group \"eng\" stands in two files, first in " +
                               (folder.path() / "a.yaml").string() +
                               ":2:10 [duplicate-name] → keep one of them, or rename one\n");
}

TEST_CASE("administrators and auditors must be groups of the policy", "[config][folder]") {
  const Folder folder;
  const Config config = config_sample::load(
      folder,
      config_sample::with("admins: {channel: C0ADMIN, members: [group:egn, group:eng, x@example.com]}") +
          "auditors: {members: [\"group:audit\"]}\n");
  folder.write("p/a.yaml", k_group);
  const auto policy = load_policy_folder(folder.path() / "p", {});
  REQUIRE(policy);
  CHECK(config_sample::lines(check_subjects(config, *policy), folder.path() / "j.yaml") ==
        "j.yaml:3:38: admins.members[0]: the policy has no group \"egn\"; did you mean eng? [unknown-group] "
        "→ write "
        "group:eng\n"
        "j.yaml:5:22: auditors.members[0]: the policy has no group \"audit\" [unknown-group] → add the "
        "group to the policy, or name another\n");
}
