#include "bot/policy/yaml/parse.hpp"

#include "bot/policy/yaml/characters.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <utility>

namespace jitbot::yaml {

namespace {

const Kind k_yaml{"yaml", "mend the file here; an editor that knows YAML shows where it breaks"};

// What to do about what the parser did not like.
Kind way_out(std::string_view message) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> k_ways = {
      {{"end of map flow not found", "close the { with }, and put a comma between any two of its keys"},
       {"end of sequence flow not found",
        "close the [ with ], and put a comma between any two of its values"},
       {"illegal map value",
        "put a text that holds a colon and a blank into quotes, and what belongs below a key deeper than the "
        "key"},
       {"end of map not found", "begin all keys of one level in the same column"},
       {"end of sequence not found", "begin all items of one list in the same column"}}};
  const auto* way = std::ranges::find(k_ways, message, &std::pair<std::string_view, std::string_view>::first);
  return way == k_ways.end() ? k_yaml : Kind{"yaml", std::string(way->second)};
}

// Where that line begins with a tab, which the parser blames on something else.
std::optional<Position> tab_in_line(std::string_view text, int line) {
  for (int passed = 1; passed < line; ++passed) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos || text[begin] != '\t') return std::nullopt;
  return Position{line, static_cast<int>(begin) + 1};
}

// Leaves the parser from inside an event; the reason has been reported.
struct Stop {};

struct Frame {
  Node node;
  std::string path;
  bool is_key = false;                   // a list or map where a key should be
  std::map<std::string, Position> seen;  // keys so far
  std::optional<Entry> open;             // the key whose value comes next
  bool open_refused = false;             // its value is read and thrown away
};

// yaml-cpp's Node interface hides duplicate keys, anchors and aliases; its events show all of them.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, Problems& problems, const Limits& limits)
      : text_(text), problems_(problems), limits_(limits) {}

  std::optional<Node> take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ == 0) return;
    problems_.add(place(mark), "", "a second document is not allowed; use one file for each");
    throw Stop{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.where = place(mark);
    check_properties(mark, "?", anchor);
    // An empty value has the mark of whatever comes after it: its key is the better place.
    if (!stack_.empty() && stack_.back().open && stack_.back().open->where.line != node.where.line) {
      node.where = stack_.back().open->where;
    }
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    problems_.add(place(mark), here(), "aliases are not allowed; write the value out");
    Node node;
    node.kind = Node::Kind::refused;
    node.where = place(mark);
    add(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_properties(mark, tag, anchor);
    Node node;
    node.kind = Node::Kind::scalar;
    node.where = place(mark);
    node.text = value;
    node.quoted = tag == "!";
    node.offset = static_cast<std::size_t>(std::max(mark.pos, 0));
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_properties(mark, tag == "!" ? "!!" : tag, anchor);
    open(mark, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_properties(mark, tag == "!" ? "!!" : tag, anchor);
    open(mark, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  // Marks count bytes (Stream::AdvanceCurrent); people count characters.
  Position place(const YAML::Mark& mark) const {
    if (mark.is_null() || mark.pos < mark.column) return {};
    const auto end = std::min(static_cast<std::size_t>(mark.pos), text_.size());
    const auto begin = end - std::min(end, static_cast<std::size_t>(mark.column));
    return {mark.line + 1, position_of(text_.substr(begin, end - begin), end - begin).column};
  }

  // The path of the node that begins now.
  std::string here() const {
    if (stack_.empty()) return "";
    const Frame& top = stack_.back();
    if (top.node.kind == Node::Kind::list) return path_of(top.path, top.node.items.size());
    return top.open ? path_of(top.path, top.open->key) : top.path;
  }

  // An untagged plain node has tag "?", a quoted one "!" (SingleDocParser::HandleNode). `! x` looks the same
  // as a quoted one to the parser, so the text decides.
  void check_properties(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor) {
    const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
    const char first = at < text_.size() ? text_[at] : ' ';
    if (anchor != 0) problems_.add(place(mark), here(), "anchors are not allowed; write the value out");
    if ((tag != "?" && tag != "!" && !tag.empty()) || first == '!') {
      problems_.add(place(mark), here(), "tags are not allowed");
    }
  }

  void count_node(Position where) {
    if (++nodes_ <= limits_.nodes) return;
    problems_.add(where, here(), fmt::format("more than {} values in one file", limits_.nodes));
    throw Stop{};
  }

  bool expects_key() const {
    return !stack_.empty() && stack_.back().node.kind == Node::Kind::map && !stack_.back().open &&
           !stack_.back().open_refused;
  }

  void open(const YAML::Mark& mark, Node::Kind kind) {
    const Position where = place(mark);
    count_node(where);
    if (stack_.size() >= limits_.depth) {
      problems_.add(where, here(), fmt::format("nested deeper than {} levels", limits_.depth));
      throw Stop{};
    }
    Frame frame;
    frame.is_key = expects_key();
    frame.path = here();
    frame.node.kind = kind;
    frame.node.where = where;
    stack_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    if (frame.is_key) {
      problems_.add(frame.node.where, here(), "a key must be a word");
      stack_.back().open_refused = true;
      return;
    }
    place_value(std::move(frame.node));
  }

  void add(Node node) {
    count_node(node.where);
    if (expects_key()) {
      take_key(std::move(node));
    } else {
      place_value(std::move(node));
    }
  }

  void take_key(Node node) {
    Frame& top = stack_.back();
    const auto refuse = [&](std::string key, std::string message, Kind kind = {}) {
      problems_.add(node.where, std::move(key), std::move(message), std::move(kind));
      top.open_refused = true;
    };
    if (node.kind == Node::Kind::refused) {
      top.open_refused = true;
    } else if (node.kind != Node::Kind::scalar || node.text.empty()) {
      refuse(top.path, "a key must be a word");
    } else if (node.text == "<<") {
      refuse(top.path, "merge keys are not allowed; write the keys out");
    } else if (const auto first = top.seen.find(node.text); first != top.seen.end()) {
      refuse(path_of(top.path, node.text),
             fmt::format("this key stands twice, first in line {}", first->second.line),
             {.advice = "keep one of them, with all that belongs to both"});
    } else {
      top.seen.emplace(node.text, node.where);
      top.open = Entry{std::move(node.text), node.where, {}};
    }
  }

  void place_value(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& top = stack_.back();
    if (top.node.kind == Node::Kind::list) {
      top.node.items.push_back(std::move(node));
    } else if (top.open_refused) {
      top.open_refused = false;
    } else {
      top.open->value = std::move(node);
      top.node.entries.push_back(std::move(*top.open));
      top.open.reset();
    }
  }

  std::string_view text_;
  Problems& problems_;
  const Limits& limits_;
  std::vector<Frame> stack_;
  std::optional<Node> root_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view k_bom = "\xEF\xBB\xBF";
  if (text.starts_with(k_bom)) text.remove_prefix(k_bom.size());
  return text;
}

std::optional<Node> parse(std::string_view text, Problems& problems, const Limits& limits) {
  if (text.size() > limits.bytes) {
    problems.add({}, "", fmt::format("the file is larger than {} KiB", limits.bytes / 1024));
    return std::nullopt;
  }
  text = without_mark(text);
  if (const auto bad = find_bad_character(text)) {
    problems.add(bad->where, "", bad->message, k_yaml);
    return std::nullopt;
  }
  TreeBuilder builder(text, problems, limits);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    const bool somewhere = !error.mark.is_null() && error.mark.pos >= 0;
    const Position where =
        somewhere ? position_of(text, static_cast<std::size_t>(error.mark.pos)) : Position{};
    if (const auto tab = tab_in_line(text, where.line)) {
      problems.add(*tab, "", "this is not valid YAML: the line begins with a tab",
                   {"yaml", "indent with spaces; YAML takes no tabs there"});
    } else {
      problems.add(where, "", "this is not valid YAML: " + error.msg, way_out(error.msg));
    }
    return std::nullopt;
  }
  auto root = builder.take();
  if (!root)
    problems.add({}, "", "the file is empty", {.advice = "remove it, or write down what belongs into it"});
  return root;
}

}  // namespace jitbot::yaml
