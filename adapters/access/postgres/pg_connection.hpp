#pragma once

#include "adapters/access/worker_pool.hpp"
#include "bot/model/secret.hpp"

#include <tl/expected.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::access {

struct PgFailure {
  enum class Kind {
    said_no,    // the server answered with an error: `sqlstate` says which
    lost,       // no connection, or it broke
    timed_out,  // no answer in time (or we are closing); the connection is unusable
  };
  Kind kind = Kind::lost;
  std::string sqlstate;  // five characters, only with said_no
  std::string message;   // the server's or libpq's own words, one line
};

template <class T>
using PgResult = tl::expected<T, PgFailure>;
using PgRow = std::vector<std::optional<std::string>>;
using PgRows = std::vector<PgRow>;

// One connection to a PostgreSQL server, for one thread at a time. Speaks to libpq without ever blocking in
// it (but for resolving a host name), so every call is over when its patience is. The server is told the same
// limits, so that it gives up what we gave up.
class PgConnection {
 public:
  // `url`: a postgresql:// URL or libpq's key=value form. No message ever holds any part of it but host and
  // port.
  static PgResult<PgConnection> open(const Secret& url, const Patience& patience);
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;
  PgConnection(PgConnection&&) noexcept;
  PgConnection& operator=(PgConnection&&) noexcept;
  ~PgConnection();

  // One statement; `params` are $1, $2 … as text.
  PgResult<PgRows> query(const std::string& sql, const std::vector<std::string>& params,
                         const Patience& patience);
  // Several statements in one message (one implicit transaction unless they say otherwise); the last one's
  // rows.
  PgResult<PgRows> script(const std::string& sql, const Patience& patience);
  // As an SQL identifier, quotes included.
  PgResult<std::string> identifier(const std::string& name);
  int server_version() const;  // 150004 is 15.4

 private:
  struct Impl;
  explicit PgConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jitbot::access
