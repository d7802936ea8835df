#include "bot/app/policy_commit.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <git2.h>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace jitbot {

namespace {

namespace fs = std::filesystem;

template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* it) const { Free(it); }
};
using Repository = std::unique_ptr<git_repository, Freed<git_repository, git_repository_free>>;
using Commit = std::unique_ptr<git_commit, Freed<git_commit, git_commit_free>>;
using Tree = std::unique_ptr<git_tree, Freed<git_tree, git_tree_free>>;
using Entry = std::unique_ptr<git_tree_entry, Freed<git_tree_entry, git_tree_entry_free>>;

std::string last_words() {
  const git_error* error = git_error_last();
  return error == nullptr ? "" : error->message;
}

// The library counts its users; the program is one for as long as it runs.
void set_up() {
  static std::once_flag once;
  std::call_once(once, [] {
    git_libgit2_init();
    // A checkout often belongs to whoever deploys it, not to the bot; only objects are read, and nothing that
    // such a checkout configures is run.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  });
}

Repository open_around(const fs::path& folder) {
  git_repository* opened = nullptr;
  const int code = git_repository_open_ext(&opened, folder.c_str(), 0, nullptr);
  if (code != 0 && code != GIT_ENOTFOUND)
    spdlog::warn("event=policy_commit_unknown folder=\"{}\" detail=\"{}\"", folder.string(), last_words());
  return Repository(opened);
}

Commit head_of(git_repository* repository) {
  git_oid id;
  if (git_reference_name_to_id(&id, repository, "HEAD") != 0) return nullptr;  // nothing was committed yet
  git_commit* commit = nullptr;
  (void)git_commit_lookup(&commit, repository, &id);
  return Commit(commit);
}

// What the commit has in the folder; null: nothing.
Tree tree_at(git_repository* repository, git_commit* commit, const fs::path& below) {
  git_tree* top = nullptr;
  if (git_commit_tree(&top, commit) != 0) return nullptr;
  Tree whole(top);
  if (below == ".") return whole;
  git_tree_entry* entry = nullptr;
  if (git_tree_entry_bypath(&entry, whole.get(), below.generic_string().c_str()) != 0) return nullptr;
  const Entry found(entry);
  git_tree* inner = nullptr;
  if (git_tree_entry_type(found.get()) != GIT_OBJECT_TREE) return nullptr;
  (void)git_tree_lookup(&inner, repository, git_tree_entry_id(found.get()));
  return Tree(inner);
}

bool is_as_committed(git_tree* tree, const std::string& name, const std::string& text) {
  const git_tree_entry* entry = git_tree_entry_byname(tree, name.c_str());
  git_oid id;
  return entry != nullptr && git_tree_entry_type(entry) == GIT_OBJECT_BLOB &&
         git_odb_hash(&id, text.data(), text.size(), GIT_OBJECT_BLOB) == 0 &&
         git_oid_equal(&id, git_tree_entry_id(entry)) != 0;
}

bool is_policy_file(std::string_view name) {
  return name.ends_with(".yaml") && !name.starts_with('.');
}

bool differs(git_tree* tree, const std::vector<PolicyFile>& files) {
  std::set<std::string> read;
  for (const PolicyFile& file : files) {
    const std::string name = fs::path(file.name).filename().string();
    if (!is_as_committed(tree, name, file.text)) return true;
    read.insert(name);
  }
  for (std::size_t i = 0; i < git_tree_entrycount(tree); ++i) {
    const std::string name = git_tree_entry_name(git_tree_entry_byindex(tree, i));
    if (is_policy_file(name) && !read.contains(name)) return true;
  }
  return false;
}

}  // namespace

PolicyCommit commit_of(const fs::path& folder, const std::vector<PolicyFile>& files) {
  set_up();
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error) return {};
  const Repository repository = open_around(real);
  if (!repository || git_repository_workdir(repository.get()) == nullptr) return {};
  const Commit commit = head_of(repository.get());
  if (!commit) return {};
  PolicyCommit found;
  found.id = git_oid_tostr_s(git_commit_id(commit.get()));
  const fs::path top = fs::canonical(git_repository_workdir(repository.get()), error);
  if (error) return {};
  const Tree tree = tree_at(repository.get(), commit.get(), real.lexically_relative(top));
  found.changed = !tree || differs(tree.get(), files);
  return found;
}

}  // namespace jitbot
