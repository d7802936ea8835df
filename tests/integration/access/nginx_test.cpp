#include "adapters/access/exec/child.hpp"
#include "adapters/access/worker_pool.hpp"
#include "adapters/http/frontdoor.hpp"
#include "adapters/net/http_client.hpp"
#include "tests/integration/access/grants.hpp"
#include "tests/support/free_port.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <csignal>
#include <fstream>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace jitbot::testing {

namespace {

namespace fs = std::filesystem;
using http::Frontdoor;
using http::Health;

Task<Health> no_health() {
  co_return Health{};
}

// A wiki behind nginx: HTTP Basic says who it is, jitbot says whether he may read now.
constexpr auto k_config = R"(
{user}
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      auth_basic "wiki";
      auth_basic_user_file {folder}/people;
      auth_request /jit;
      root {folder}/wiki;
    }}
    location = /jit {{
      internal;
      proxy_pass http://127.0.0.1:{door}/v1/access/wiki/$remote_user?role=reader;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Authorization "Bearer {token}";
    }}
  }}
}}
)";

struct Nginx {
  Nginx(const fs::path& in, std::uint16_t door, const std::string& token) : folder(in / "nginx") {
    fs::create_directories(folder / "wiki");
    std::ofstream(folder / "wiki" / "index.html") << "the wiki";
    std::ofstream(folder / "people") << "alice@example.com:{PLAIN}a\nbob@example.com:{PLAIN}b\n";
    for (int attempt = 0; attempt < 5 && !child; ++attempt) {
      port = free_port();
      std::ofstream(folder / "nginx.conf") << fmt::format(
          k_config, fmt::arg("user", geteuid() == 0 ? "user root;" : ""), fmt::arg("folder", folder.string()),
          fmt::arg("port", port), fmt::arg("door", door), fmt::arg("token", token));
      start();
    }
    REQUIRE(child);
  }
  ~Nginx() {
    child->signal(SIGTERM);
    access::wait_for(child->exit_fd(), POLLIN, access::patience_of(5s));
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  // Until it listens, or until it ended because the port was taken meanwhile.
  void start() {
    access::ChildSpec spec;
    spec.argv = {
        "/usr/sbin/nginx", "-p", folder.string(), "-e", "stderr", "-c", (folder / "nginx.conf").string()};
    spec.env = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
    spec.log_file = (folder / "nginx.log").string();
    auto started = access::Child::start(spec);
    if (!started) FAIL(started.error().message);
    const auto patience = access::patience_of(10s);
    while (patience.left() > 0ms) {
      if (accepts()) {
        child.emplace(std::move(*started));
        return;
      }
      const auto pause = access::shorter(patience, 20ms);
      if (access::wait_for(started->exit_fd(), POLLIN, pause) == access::Wake::ready) return;
    }
  }

  bool accepts() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return connected;
  }

  fs::path folder;
  std::uint16_t port = 0;
  std::optional<access::Child> child;
};

struct Site {
  explicit Site(const std::string& token_of_nginx)
      : grants(loop),
        door(loop.executor(), options(), *grants.store, [this] { return now; }, [] { return no_health(); }) {
    const auto started = door.start();
    if (!started) FAIL(started.error().message);
    nginx.emplace(grants.folder, door.port(), token_of_nginx);
  }
  static http::FrontdoorOptions options() {
    http::FrontdoorOptions made;
    made.lookup_token = Secret("t0ken");
    return made;
  }

  net::HttpResponse get(const std::string& basic) {
    net::HttpRequest request;
    request.url = fmt::format("http://127.0.0.1:{}/index.html", nginx->port);
    if (!basic.empty()) request.headers.push_back({"Authorization", "Basic " + basic});
    auto answer = loop.run(client.send(std::move(request)));
    if (!answer) FAIL(answer.error().message);
    return std::move(*answer);
  }

  EventLoop loop;
  Time now = k_now;
  Grants grants;
  net::HttpClient client;
  Frontdoor door;
  std::optional<Nginx> nginx;
};

constexpr auto k_alice = "YWxpY2VAZXhhbXBsZS5jb206YQ==";  // alice@example.com:a
constexpr auto k_bob = "Ym9iQGV4YW1wbGUuY29tOmI=";        // bob@example.com:b

}  // namespace

TEST_CASE("nginx lets in who has a grant, for as long as it lasts") {
  Site site("t0ken");
  CHECK(site.get(k_alice).status == 403);

  site.grants.put({.id = "AAAA", .end = k_now + 10min});
  const auto page = site.get(k_alice);
  CHECK(page.status == 200);
  CHECK(page.body == "the wiki");
  CHECK(site.get(k_bob).status == 403);
  CHECK(site.get("").status == 401);

  SECTION("until its end, with no call in between") {
    site.now = k_now + 10min - 1ms;
    CHECK(site.get(k_alice).status == 200);
    site.now = k_now + 10min;
    CHECK(site.get(k_alice).status == 403);
  }
  SECTION("or until it is revoked") {
    site.grants.put({.id = "AAAA", .state = GrantState::ending, .end = k_now + 10min});
    CHECK(site.get(k_alice).status == 403);
  }
  SECTION("and nobody while jitbot is away") {
    site.door.stop();
    CHECK(site.get(k_alice).status == 500);
  }
}

TEST_CASE("nginx with a wrong token lets nobody in") {
  Site site("wr0ng");
  site.grants.put({.id = "AAAA", .end = k_now + 10min});
  CHECK(site.get(k_alice).status == 401);
}

}  // namespace jitbot::testing
