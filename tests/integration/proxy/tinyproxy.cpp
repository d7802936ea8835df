#include "tests/integration/proxy/tinyproxy.hpp"

#include "adapters/access/worker_pool.hpp"
#include "tests/support/free_port.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace jitbot::testing {

namespace {

constexpr auto k_config = R"(
Port {port}
Listen 127.0.0.1
Timeout 60
LogFile "{folder}/log"
LogLevel Connect
MaxClients 50
{directives}
)";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string whole(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

Tinyproxy::Tinyproxy(std::string directives) : directives_(std::move(directives)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "jitbot-proxy-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  for (int attempt = 0; attempt < 5 && !child_; ++attempt) start();
  if (!child_) throw std::runtime_error("tinyproxy does not start: " + whole(folder_ / "output"));
}

Tinyproxy::~Tinyproxy() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Tinyproxy::stop() {
  if (!child_) return;
  child_->signal(SIGTERM);  // it waits for its tunnels; the group is killed below
  access::wait_for(child_->exit_fd(), POLLIN, access::patience_of(500ms));
  child_.reset();
}

// Until it listens, or until it ended because the port was taken meanwhile.
void Tinyproxy::start() {
  port_ = free_port();
  std::ofstream(folder_ / "conf") << fmt::format(k_config, fmt::arg("port", port_),
                                                 fmt::arg("folder", folder_.string()),
                                                 fmt::arg("directives", directives_));
  access::ChildSpec spec;
  spec.argv = {"/usr/bin/tinyproxy", "-d", "-c", (folder_ / "conf").string()};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.log_file = (folder_ / "output").string();
  auto started = access::Child::start(spec);
  if (!started) throw std::runtime_error(started.error().message);
  const auto patience = access::patience_of(10s);
  while (patience.left() > 0ms) {
    if (accepts()) {
      child_.emplace(std::move(*started));
      return;
    }
    const auto pause = access::shorter(patience, 20ms);
    if (access::wait_for(started->exit_fd(), POLLIN, pause) == access::Wake::ready) return;
  }
}

bool Tinyproxy::accepts() const {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const sockaddr_in address = loopback(port_);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

net::Proxies Tinyproxy::proxies(const std::string& user, const std::string& no_proxy) const {
  const std::string value = "http://" + (user.empty() ? "" : user + "@") + where();
  return net::Proxies::from_environment([&](const std::string& name) -> std::optional<std::string> {
    if (name == "http_proxy" || name == "https_proxy") return value;
    if (name == "no_proxy") return no_proxy;
    return std::nullopt;
  });
}

std::string Tinyproxy::log() const {
  return whole(folder_ / "log");
}

std::size_t Tinyproxy::connects_to(const std::string& target) const {
  const std::string wanted = "CONNECT " + target + " HTTP/1.1";
  const std::string text = log();
  std::size_t count = 0;
  for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) ++count;
  return count;
}

}  // namespace jitbot::testing
