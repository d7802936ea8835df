#include "adapters/access/postgres/pg_connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <map>
#include <poll.h>
#include <utility>

namespace jitbot::access {

namespace {

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeMemory {
  void operator()(char* memory) const { PQfreemem(memory); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

// libpq's messages are lines with indented continuations; people get one line.
std::string one_line(const char* text) {
  std::string line;
  for (const char* c = text == nullptr ? "" : text; *c != '\0'; ++c) {
    const bool space = *c == '\n' || *c == '\r' || *c == '\t' || *c == ' ';
    if (!space) {
      line.push_back(*c);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

tl::unexpected<PgFailure> lost(std::string message) {
  return tl::unexpected<PgFailure>({PgFailure::Kind::lost, {}, std::move(message)});
}

tl::unexpected<PgFailure> no_answer(Wake wake) {
  return tl::unexpected<PgFailure>(
      {PgFailure::Kind::timed_out,
       {},
       wake == Wake::stopped ? "jitbot is stopping" : "no answer from the server in time"});
}

PgFailure said_no(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char* more = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  std::string message = one_line(primary != nullptr ? primary : PQresultErrorMessage(result));
  if (more != nullptr) message += " (" + one_line(more) + ")";
  // A result without a state is libpq's own: the connection broke while it waited.
  if (state == nullptr) return {PgFailure::Kind::lost, {}, std::move(message)};
  // 57P01, 57P02, 57P03: the server ends this connection (shutdown, crash, terminated by an administrator).
  const bool ended = std::string_view(state).substr(0, 3) == "57P";
  return {ended ? PgFailure::Kind::lost : PgFailure::Kind::said_no, ended ? "" : state, std::move(message)};
}

PgRows rows_of(const PGresult* result) {
  PgRows rows;
  const int columns = PQnfields(result);
  for (int r = 0; r < PQntuples(result); ++r) {
    PgRow row;
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c) != 0) {
        row.emplace_back();
      } else {
        row.emplace_back(
            std::string(PQgetvalue(result, r, c), static_cast<std::size_t>(PQgetlength(result, r, c))));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// What was configured, with our limits on top.
std::optional<std::map<std::string, std::string>> connection_settings(const Secret& url, Millis time) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      PQconninfoParse(url.reveal().c_str(), &problem));
  const std::unique_ptr<char, FreeMemory> owned_problem(problem);  // not shown: it may quote the password
  if (!parsed) return std::nullopt;
  std::map<std::string, std::string> settings;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  const auto ms = std::max<Millis::rep>(time.count(), 1);
  settings["application_name"] = "jitbot";
  settings["client_encoding"] = "UTF8";
  settings["connect_timeout"] =
      fmt::format("{}", std::max<Millis::rep>(ms / 1000, 2));  // libpq's own minimum is 2
  settings["tcp_user_timeout"] = fmt::format("{}", ms);
  settings["options"] += fmt::format(
      " -c statement_timeout={0} -c lock_timeout={0} -c idle_in_transaction_session_timeout={0}"
      " -c timezone=UTC -c datestyle=ISO",
      ms);
  return settings;
}

}  // namespace

struct PgConnection::Impl {
  ConnectionHandle connection;

  PgResult<void> connect(const Patience& patience) const;
  PgResult<PgRows> finish(const Patience& patience);
  PgResult<void> flush(const Patience& patience) const;
  tl::unexpected<PgFailure> broken() const { return lost(one_line(PQerrorMessage(connection.get()))); }
};

PgResult<void> PgConnection::Impl::connect(const Patience& patience) const {
  // As PQconnectPoll's documentation asks: the first wait is as if it had returned PGRES_POLLING_WRITING.
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  for (;;) {
    if (PQstatus(connection.get()) == CONNECTION_BAD || status == PGRES_POLLING_FAILED) return broken();
    if (status == PGRES_POLLING_OK) return {};
    const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    const Wake wake = wait_for(PQsocket(connection.get()), events, patience);
    if (wake != Wake::ready) return no_answer(wake);
    status = PQconnectPoll(connection.get());
  }
}

PgResult<void> PgConnection::Impl::flush(const Patience& patience) const {
  for (;;) {
    const int pending = PQflush(connection.get());
    if (pending == 0) return {};
    if (pending < 0) return broken();
    const Wake wake = wait_for(PQsocket(connection.get()), POLLIN | POLLOUT, patience);
    if (wake != Wake::ready) return no_answer(wake);
    if (PQconsumeInput(connection.get()) == 0) return broken();
  }
}

PgResult<PgRows> PgConnection::Impl::finish(const Patience& patience) {
  if (auto sent = flush(patience); !sent) return tl::unexpected<PgFailure>(sent.error());
  PgRows rows;
  std::optional<PgFailure> failure;
  for (;;) {
    while (PQisBusy(connection.get()) != 0) {
      const Wake wake = wait_for(PQsocket(connection.get()), POLLIN, patience);
      if (wake != Wake::ready) return no_answer(wake);
      if (PQconsumeInput(connection.get()) == 0 && PQisBusy(connection.get()) != 0) return broken();
    }
    const ResultHandle result(PQgetResult(connection.get()));
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK) {
      rows = rows_of(result.get());
    } else if (status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) {
      rows.clear();
    } else if (!failure) {
      failure = said_no(result.get());
    }
  }
  if (failure) return tl::unexpected<PgFailure>(std::move(*failure));
  return rows;
}

PgConnection::PgConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PgConnection::PgConnection(PgConnection&&) noexcept = default;
PgConnection& PgConnection::operator=(PgConnection&&) noexcept = default;
PgConnection::~PgConnection() = default;

PgResult<PgConnection> PgConnection::open(const Secret& url, const Patience& patience) {
  const auto settings = connection_settings(url, patience.left());
  if (!settings) return lost("the configured url is neither a postgresql:// URL nor libpq's key=value form");
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : *settings) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  auto impl = std::make_unique<Impl>();
  impl->connection.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (!impl->connection) throw std::bad_alloc();
  PQsetNoticeProcessor(impl->connection.get(), [](void*, const char*) {}, nullptr);
  if (auto connected = impl->connect(patience); !connected)
    return tl::unexpected<PgFailure>(connected.error());
  if (PQsetnonblocking(impl->connection.get(), 1) != 0) return impl->broken();
  return PgConnection(std::move(impl));
}

PgResult<PgRows> PgConnection::query(const std::string& sql, const std::vector<std::string>& params,
                                     const Patience& patience) {
  std::vector<const char*> values;
  for (const auto& param : params) values.push_back(param.c_str());
  if (PQsendQueryParams(impl_->connection.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, 0) == 0) {
    return impl_->broken();
  }
  return impl_->finish(patience);
}

PgResult<PgRows> PgConnection::script(const std::string& sql, const Patience& patience) {
  if (PQsendQuery(impl_->connection.get(), sql.c_str()) == 0) return impl_->broken();
  return impl_->finish(patience);
}

PgResult<std::string> PgConnection::identifier(const std::string& name) {
  const std::unique_ptr<char, FreeMemory> quoted(
      PQescapeIdentifier(impl_->connection.get(), name.data(), name.size()));
  if (!quoted) {
    return tl::unexpected<PgFailure>(
        {PgFailure::Kind::said_no, "22021", one_line(PQerrorMessage(impl_->connection.get()))});
  }
  return std::string(quoted.get());
}

int PgConnection::server_version() const {
  return PQserverVersion(impl_->connection.get());
}

}  // namespace jitbot::access
