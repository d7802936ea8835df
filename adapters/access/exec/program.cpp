#include "adapters/access/exec/program.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

namespace jitbot::access {

namespace {

constexpr auto k_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool runnable(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

bool found_in(const std::string& program, const std::string& directory, std::string_view path) {
  if (program.front() == '/') return runnable(program);
  if (program.find('/') != std::string::npos)
    return runnable(directory.empty() ? program : directory + "/" + program);
  while (!path.empty()) {
    const auto colon = path.find(':');
    if (runnable(fmt::format("{}/{}", path.substr(0, colon), program))) return true;
    path = colon == std::string_view::npos ? std::string_view{} : path.substr(colon + 1);
  }
  return false;
}

}  // namespace

ChildSpec child_spec(const std::map<std::string, Secret>& env, const std::string& directory) {
  ChildSpec spec;
  spec.directory = directory;
  if (env.count("PATH") == 0) spec.env.emplace_back("PATH", k_path);
  if (env.count("LANG") == 0) spec.env.emplace_back("LANG", "C");
  for (const auto& [name, value] : env) spec.env.emplace_back(name, value.reveal());
  return spec;
}

bool is_runnable(const std::string& program, const std::map<std::string, Secret>& env,
                 const std::string& directory) {
  const auto own = env.find("PATH");
  return found_in(program, directory, own == env.end() ? std::string_view(k_path) : own->second.reveal());
}

std::string first_line(const std::string& text) {
  constexpr std::size_t k_longest = 300;
  std::string line;
  for (const char c : text) {
    if (c == '\n' && !line.empty()) break;
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) line.push_back(c);
  }
  if (line.size() > k_longest) {
    line.resize(k_longest);
    // Not in the middle of a UTF-8 character.
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) line.pop_back();
    if (!line.empty() && (static_cast<unsigned char>(line.back()) & 0x80U) != 0) line.pop_back();
    line += "…";
  }
  return line;
}

std::string how_it_ended(const ProcessEnd& end, std::string_view command) {
  std::string said = first_line(end.err);
  if (!said.empty()) said = ": " + said;
  switch (end.how) {
    case ProcessEnd::How::exited:
      return fmt::format("the {} command ended with exit code {}{}", command, end.code, said);
    case ProcessEnd::How::killed:
      return fmt::format("the {} command was killed by signal {}{}", command, end.code, said);
    case ProcessEnd::How::timed_out:
      return fmt::format("the {} command did not end in time and was killed{}", command, said);
  }
  return {};
}

}  // namespace jitbot::access
