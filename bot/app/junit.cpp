#include "bot/app/junit.hpp"

#include "bot/model/utf8.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

namespace jitbot::cli {

namespace {

// XML 1.0 has no way to write other characters, not even as references (its production Char).
bool is_char(char32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code <= 0xD7FF) ||
         (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

std::string clean(const std::string& text) {
  constexpr char32_t k_unsayable = 0xFFFD;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = next_code_point(text, at);
    append_code_point(out, is_char(code) ? code : k_unsayable);
  }
  return out;
}

void put(pugi::xml_node& node, const char* name, const std::string& value) {
  node.append_attribute(name).set_value(clean(value).c_str());
}

pugi::xml_node add_case(pugi::xml_node& suite, const std::string& name, const std::string& class_name,
                        const SourceMark& where) {
  auto node = suite.append_child("testcase");
  put(node, "name", name);
  put(node, "classname", class_name);
  put(node, "file", where.file);
  node.append_attribute("line").set_value(where.line);
  return node;
}

void add_outcome(pugi::xml_node& test, const char* kind, const std::string& type, const std::string& message,
                 const std::string& text) {
  auto node = test.append_child(kind);
  put(node, "message", message);
  put(node, "type", type);
  node.append_child(pugi::node_pcdata).set_value(clean(text).c_str());
}

void put_counts(pugi::xml_node& node, std::size_t tests, std::size_t failures, std::size_t errors) {
  node.append_attribute("tests").set_value(static_cast<unsigned long long>(tests));
  node.append_attribute("failures").set_value(static_cast<unsigned long long>(failures));
  node.append_attribute("errors").set_value(static_cast<unsigned long long>(errors));
}

}  // namespace

std::string junit_xml(const std::string& suite_name, const std::vector<TestResult>& results,
                      const std::vector<PolicyProblem>& problems) {
  const auto failures = static_cast<std::size_t>(
      std::ranges::count_if(results, [](const TestResult& result) { return !result.passed(); }));
  const std::size_t tests = results.size() + problems.size();
  pugi::xml_document document;
  auto head = document.append_child(pugi::node_declaration);
  head.append_attribute("version") = "1.0";
  head.append_attribute("encoding") = "UTF-8";
  auto root = document.append_child("testsuites");
  put_counts(root, tests, failures, problems.size());
  auto suite = root.append_child("testsuite");
  put(suite, "name", suite_name);
  put_counts(suite, tests, failures, problems.size());
  for (const PolicyProblem& problem : problems) {
    auto test = add_case(suite, "the policy loads: " + problem.key, suite_name, problem.where);
    add_outcome(test, "error", problem.name.empty() ? "policy" : problem.name, problem.message,
                to_string(problem));
  }
  for (const TestResult& result : results) {
    auto test = add_case(suite, result.name, suite_name, result.where);
    if (result.passed()) continue;
    add_outcome(
        test, "failure", "failed-test", result.failures.front(),
        fmt::format("{}\n\n{}\n", fmt::join(result.failures, "\n"), fmt::join(result.explanation, "\n")));
  }
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace jitbot::cli
