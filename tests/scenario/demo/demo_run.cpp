#include "tests/scenario/demo/demo_run.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace jitbot::demo_test {

namespace fs = std::filesystem;

namespace {

fs::path fresh_folder() {
  std::string name = (fs::temp_directory_path() / "jitbot-demo-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

constexpr std::chrono::seconds k_until_printed{60};

}  // namespace

mm::World empty_server() {
  mm::World world;
  world.team = "";
  world.users = {{.username = "sysadmin", .kind = mm::Kind::admin}};
  return world;
}

DemoRun::DemoRun(const mm::World& world, mm::Options options)
    : folder_(fresh_folder()), server_(loop_.executor(), clock_, random_, world, std::move(options)) {
  REQUIRE(server_.start());
  url_ = server_.url();
  write_token(server_.token_of("sysadmin"), fs::perms::owner_read | fs::perms::owner_write);
}

DemoRun::~DemoRun() {
  program_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void DemoRun::write_token(const std::string& token, fs::perms mode) {
  std::ofstream(token_file()) << token << "\n";
  fs::permissions(token_file(), mode);
}

void DemoRun::start(std::vector<std::string> words) {
  kill::ProgramSpec spec;
  spec.arguments = {"demo", "--platform", "mattermost"};
  const auto given = [&words](const std::string& option) {
    return std::find(words.begin(), words.end(), option) != words.end();
  };
  if (!given("--url")) spec.arguments.insert(spec.arguments.end(), {"--url", url_});
  if (!given("--token-file"))
    spec.arguments.insert(spec.arguments.end(), {"--token-file", token_file().string()});
  spec.arguments.insert(spec.arguments.end(), words.begin(), words.end());
  spec.env = {{"TMPDIR", folder_.string()}};
  spec.folder = folder_;
  spec.log = folder_ / "printed";
  fs::remove(spec.log);
  program_ = kill::Program::start(loop_.executor(), std::move(spec));
}

int DemoRun::wait(std::chrono::seconds deadline) {
  const bool ended = loop_.run_until([this] { return !program_->running(); }, deadline);
  return ended ? program_->exit_code() : -1;
}

int DemoRun::run(std::vector<std::string> words) {
  start(std::move(words));
  return wait();
}

bool DemoRun::until_printed(const std::string& words) {
  return loop_.run_until([&] { return printed().find(words) != std::string::npos || !program_->running(); },
                         k_until_printed);
}

void DemoRun::interrupt() {
  program_->signal(SIGINT);
}

std::string DemoRun::printed() const {
  std::ifstream in(folder_ / "printed");
  return {std::istreambuf_iterator<char>(in), {}};
}

bool DemoRun::active(const std::string& username) {
  const auto user = server_.as_admin("GET", "/users/username/" + username);
  return user.status == 200 && user.json.at("delete_at") == 0;
}

bool DemoRun::archived(const std::string& channel) {
  return server_.as_admin("GET", "/channels/" + server_.channel_id(channel)).json.at("delete_at") != 0;
}

std::size_t DemoRun::commands() {
  return server_.as_admin("GET", "/commands").json.size();
}

std::size_t DemoRun::tokens_of(const std::string& username) {
  return server_.as_admin("GET", "/users/" + server_.id_of(username) + "/tokens").json.size();
}

}  // namespace jitbot::demo_test
