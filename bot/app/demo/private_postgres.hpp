#pragma once

#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"
#include "bot/model/time.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace jitbot {

struct PrivatePostgresOptions {
  std::filesystem::path parent =
      "/tmp";                 // its folder is made in here; user postgres must be able to reach it
  std::uint16_t port = 0;     // taken where it is free; 0: any
  Millis start_timeout{60s};  // for making the database and starting the server
};

// A PostgreSQL server of our own, from the binaries that Debian installs, in a temporary folder of its own:
// one port on 127.0.0.1, scram-sha-256 for everybody, a generated superuser password. Started as root it runs
// as user postgres. It ends when the thread that started it ends, when stop() is called or this is destroyed;
// the last two remove the folder. Nothing in it survives a power cut (fsync is off): it is for the demo and
// for tests.
class PrivatePostgres {
 public:
  // Blocks until the server answers. unavailable: no binaries, or the server's own last words.
  static Result<std::unique_ptr<PrivatePostgres>> start(PrivatePostgresOptions options);
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  std::uint16_t port() const;
  Secret superuser_url(const std::string& database = "postgres") const;
  // The URL of somebody else at this server.
  Secret url(const std::string& user, const Secret& password, const std::string& database) const;
  // Statements separated by ';', as the superuser, in one transaction unless they say otherwise.
  Result<void> run(const std::string& database, const std::string& script) const;

  int pid() const;  // of the server's main process
  const std::filesystem::path& folder() const;
  void stop();  // ends every session; harmless when repeated

 private:
  struct State;
  explicit PrivatePostgres(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Removes the folders of servers of this user's in `parent` whose owner was killed, so that nobody else
// could: those that name a process, and none of those that they name is alive. How many there were.
std::size_t remove_abandoned_servers(const std::filesystem::path& parent);

// From the operating system's generator: letters and digits, safe in URLs and SQL literals.
Secret generate_password();

}  // namespace jitbot
