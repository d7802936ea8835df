#pragma once

#include "bot/policy/finding.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// YAML as configuration and policy may use it: one document of maps, lists and scalars, each with its place
// in the file. What could make a file mean something else than it looks like is refused, not read.
namespace jitbot::yaml {

struct Position {
  int line = 1;    // from 1
  int column = 1;  // from 1, in characters
};

struct Entry;

struct Node {
  // `refused`: something was wrong here and has been reported already; nobody reports it again.
  enum class Kind { null, scalar, list, map, refused };

  Kind kind = Kind::null;
  std::string text;          // of a scalar
  bool quoted = false;       // a scalar in quotes, or a block scalar
  bool substituted = false;  // part of `text` came from the environment
  Position where;
  std::size_t offset = 0;  // of a scalar: the byte of the file that it begins with, quotes and all
  std::vector<Node> items;
  std::vector<Entry> entries;  // in file order; keys are unique
};

struct Entry {
  std::string key;
  Position where;
  Node value;
};

// "rules[0].max_duration", with names that are no plain words in quotes.
std::string path_of(const std::string& parent, std::string_view key);
std::string path_of(const std::string& parent, std::size_t index);

// Text of a file for an error message: short, on one line, nothing that a terminal or a chat would obey.
std::string quoted(std::string_view text);

// What kind of problem it is, and the way out; what is left empty is as Problems has it.
struct Kind {
  std::string_view name = {};  // of those that live as long as the program
  std::string advice = {};
  Severity severity = Severity::error;
};

// Where problems of one file are gathered.
class Problems {
 public:
  // Problems have neither names nor advice.
  Problems(std::string file, std::vector<PolicyProblem>& all) : file_(std::move(file)), all_(all) {}
  // Each has both: those of `usual` where it says nothing else. `text` is the file's, and outlives this.
  Problems(std::string file, std::vector<PolicyProblem>& all, std::string_view text, Kind usual)
      : file_(std::move(file)), all_(all), text_(text), usual_(std::move(usual)) {}

  void add(Position where, std::string key, std::string message, Kind kind = {});
  SourceMark mark(Position where) const { return {file_, where.line, where.column}; }
  const std::string& file() const { return file_; }
  std::string_view text() const { return text_; }

 private:
  std::string file_;
  std::vector<PolicyProblem>& all_;
  std::string_view text_;
  Kind usual_;
};

}  // namespace jitbot::yaml
