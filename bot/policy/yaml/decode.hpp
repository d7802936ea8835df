#pragma once

#include "bot/model/time.hpp"
#include "bot/policy/yaml/tree.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// From a tree to values. Every reader reports what is wrong and what is allowed, and goes on, so that one run
// shows all the problems of a file.
namespace jitbot::yaml {

struct Key {
  // `later`: a word of the format that this version refuses; what stands there may be looked at.
  enum class Use { required, optional, later };
  std::string_view name;
  Use use = Use::optional;
};

// The keys that one kind of map has: the one list that both the decoder and the schema's test go by.
struct KeyTable {
  std::string_view what;    // for messages: "a rule"
  std::string_view schema;  // where the JSON Schema describes it: "#/$defs/rule"
  std::vector<Key> keys;
};

// One value, its path, and where its problems go. Cheap to copy; the tree must outlive it.
class Value {
 public:
  Value(const Node& node, std::string path, Problems& problems)
      : node_(&node), path_(std::move(path)), problems_(&problems) {}

  const Node& node() const { return *node_; }
  const std::string& path() const { return path_; }
  SourceMark mark() const { return problems_->mark(node_->where); }
  bool is_scalar() const { return node_->kind == Node::Kind::scalar; }
  bool is_list() const { return node_->kind == Node::Kind::list; }
  bool is_map() const { return node_->kind == Node::Kind::map; }

  void fail(std::string message, Kind kind = {}) const;
  // About a byte of the decoded text of a scalar: the place is where the file says it.
  void fail_inside(std::size_t byte, std::string message, Kind kind = {}) const;
  // The text for a message; what came from the environment may be a secret and is not shown.
  std::string shown() const;

  std::optional<std::string> text() const;      // any scalar, as written; not empty
  std::optional<std::string> any_text() const;  // may be empty
  std::optional<int> integer(int least, int most) const;
  std::optional<bool> boolean() const;
  std::optional<Millis> duration() const;
  std::optional<std::size_t> choice(std::span<const std::string_view> allowed) const;

  std::vector<Value> list() const;         // a list, also an empty one
  std::vector<Value> one_or_list() const;  // a list, or one scalar as a list of one
  // A map whose keys are names that the author chose.
  std::vector<std::pair<const Entry*, Value>> named() const;

 private:
  friend class MapReader;
  const Node* node_;
  std::string path_;
  Problems* problems_;
};

// A map whose keys are known. Unknown, missing and later keys are reported when it is made.
class MapReader {
 public:
  MapReader(Value value, const KeyTable& table);

  bool readable() const { return value_.is_map(); }
  std::optional<Value> find(std::string_view key) const;
  // Reports the key where it is missing; `what` for the message: "a deny rule".
  void require(std::string_view key, std::string_view what) const;
  const Value& value() const { return value_; }

 private:
  void check_key(const Entry& entry) const;

  Value value_;
  const KeyTable& table_;
};

// "a, b or c"
std::string one_of(std::span<const std::string_view> words);

}  // namespace jitbot::yaml
