#include "bot/app/demo/stage.hpp"

#include "adapters/access/postgres/pg_connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace jitbot::story {

using access::Patience;
using access::PgConnection;

namespace {

constexpr unsigned k_threads = 4;  // logins at once; one of them stays
constexpr Millis k_patience{15s};  // for anything that should happen at once
constexpr Millis k_login_time{10s};
constexpr Millis k_stay_time{60s};

bool holds_all(const std::string& text, const std::vector<std::string>& parts) {
  return std::ranges::all_of(
      parts, [&text](const std::string& part) { return text.find(part) != std::string::npos; });
}

bool fits(const Message& message, const Wanted& wanted) {
  const auto is_there = [&message](const std::string& part) {
    return message.text.find(part) != std::string::npos;
  };
  return message.mark > wanted.after && holds_all(message.text, wanted.holds) &&
         (wanted.or_any.empty() || std::ranges::any_of(wanted.or_any, is_there));
}

// libpq says how it got there first: "connection to server at … failed: FATAL: permission denied …".
std::string servers_words(const std::string& message) {
  constexpr std::string_view k_fatal = "FATAL: ";
  const auto at = message.find(k_fatal);
  std::string words = at == std::string::npos ? message : message.substr(at + k_fatal.size());
  const auto detail = words.find(" DETAIL:");
  if (detail != std::string::npos) words.resize(detail);
  const auto first = words.find_first_not_of(' ');
  return first == std::string::npos ? words : words.substr(first);
}

Result<std::string> answer_of(const access::PgResult<access::PgRows>& rows) {
  if (!rows) {
    const bool said_no = rows.error().kind == access::PgFailure::Kind::said_no;
    return fail(said_no ? ErrorKind::refused : ErrorKind::unavailable, servers_words(rows.error().message));
  }
  if (rows->empty() || rows->front().empty()) return std::string();
  return rows->front().front().value_or("");
}

Result<std::string> run_there(const Secret& url, const std::string& sql, const Patience& patience) {
  auto connection = PgConnection::open(url, patience);
  if (!connection) {
    const bool in_time = connection.error().kind != access::PgFailure::Kind::timed_out;
    return fail(in_time ? ErrorKind::refused : ErrorKind::unavailable,
                servers_words(connection.error().message));
  }
  return answer_of(connection->script(sql, patience));
}

struct Kept {
  std::shared_ptr<PgConnection> connection;
  std::string answer;
};

Result<Kept> open_and_keep(const Secret& url, const std::string& sql, const Patience& patience) {
  auto connection = PgConnection::open(url, patience);
  if (!connection) return fail(ErrorKind::refused, servers_words(connection.error().message));
  Kept kept{std::make_shared<PgConnection>(std::move(*connection)), {}};
  auto answer = answer_of(kept.connection->script(sql, patience));
  if (!answer) return tl::unexpected<Error>(answer.error());
  kept.answer = std::move(*answer);
  return kept;
}

// The server speaks up by itself only to a session that waits for it: so it waits in a statement.
Task<void> wait_inside(std::shared_ptr<access::WorkerPool> pool, std::shared_ptr<PgConnection> connection,
                       std::shared_ptr<Session> session, Clock& clock, std::function<void()> wake) {
  std::function<std::string(const Patience&)> job = [connection](const Patience& patience) {
    const auto rows = connection->script("set statement_timeout = 0; select pg_sleep(3600)", patience);
    return rows ? std::string("it slept for an hour") : servers_words(rows.error().message);
  };
  auto said = co_await access::run_blocking(std::move(pool), k_stay_time, std::move(job));
  session->last_words = said ? *said : std::string("still open");
  session->ended = clock.now();
  wake();
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("\"{}\"", fmt::join(parts, "\", \""));
}

}  // namespace

Stage::Stage(const Ports& ports)
    : ports_(ports),
      began_(ports.clock.steady()),
      pool_(std::make_shared<access::WorkerPool>(k_threads)),
      watch_(ports.clock),
      listening_(ports.company.on_change(watch_.trigger())) {}

Stage::~Stage() {
  pool_->close();
}

void Stage::line(const std::string& mark, const std::string& text) {
  const double seconds = static_cast<double>((ports_.clock.steady() - began_).count()) / 1000;
  ports_.out << fmt::format("{:5.1f} s  {} {}", seconds, mark, text) << "\n" << std::flush;
}

void Stage::chapter(const std::string& title) {
  ports_.out << "\n" << title << "\n" << std::flush;
}

void Stage::seen(const std::string& what) {
  ++seen_;
  line("✓", what);
}

void Stage::left_out(const std::string& what) {
  line("–", what);
}

void Stage::missed(const std::string& what) {
  line("✗", what);
}

std::string Stage::latest(const std::string& person) const {
  const auto answers = ports_.company.answers(person);
  return answers.empty() ? std::string() : answers.back().mark;
}

Task<Result<Message>> Stage::read(Wanted wanted) {
  auto found = std::make_shared<std::optional<Message>>();
  std::function<bool()> there = [this, found, wanted] {
    const Company& company = ports_.company;
    const auto messages =
        wanted.where == Where::posted ? company.messages(wanted.place) : company.answers(wanted.place);
    for (auto message = messages.rbegin(); message != messages.rend() && !*found; ++message) {
      if (fits(*message, wanted)) *found = *message;
    }
    return found->has_value();
  };
  const bool came = co_await watch_.until(std::move(there), k_patience);
  if (came) co_return **found;
  const std::string place = wanted.where == Where::posted ? ports_.company.channel_name(wanted.place)
                                                          : "a private answer to " + wanted.place;
  std::vector<std::string> parts = wanted.holds;
  if (!wanted.or_any.empty()) parts.push_back(wanted.or_any.front());
  co_return fail(ErrorKind::unavailable, fmt::format("no message with {} in {}", joined(parts), place));
}

Secret Stage::url_of(const std::string& person) const {
  return ports_.postgres.url(person, ports_.database.passwords.at(person), ports_.database.name);
}

Task<Result<std::string>> Stage::ask(Secret url, std::string sql) {
  std::function<Result<std::string>(const Patience&)> job = [url, sql](const Patience& patience) {
    return run_there(url, sql, patience);
  };
  auto answer = co_await access::run_blocking(pool_, k_login_time, std::move(job));
  if (!answer) co_return fail(ErrorKind::unavailable, "the database did not answer in time");
  co_return std::move(*answer);
}

Task<Result<std::string>> Stage::log_in(Query query) {
  co_return co_await ask(url_of(query.person), std::move(query.sql));
}

Task<Result<std::string>> Stage::as_superuser(std::string sql) {
  co_return co_await ask(ports_.postgres.superuser_url(), std::move(sql));
}

Task<Result<std::shared_ptr<Session>>> Stage::stay(Query query) {
  std::function<Result<Kept>(const Patience&)> job = [url = url_of(query.person),
                                                      sql = query.sql](const Patience& patience) {
    return open_and_keep(url, sql, patience);
  };
  auto kept = co_await access::run_blocking(pool_, k_login_time, std::move(job));
  if (!kept) co_return fail(ErrorKind::unavailable, "the database did not answer in time");
  if (!*kept) co_return tl::unexpected<Error>(kept->error());
  auto session = std::make_shared<Session>();
  session->first_answer = (*kept)->answer;
  boost::asio::co_spawn(ports_.executor,
                        wait_inside(pool_, (*kept)->connection, session, ports_.clock, watch_.trigger()),
                        boost::asio::detached);
  co_return session;
}

Task<Told> Stage::wait_for_end(std::shared_ptr<Session> session) {
  std::function<bool()> there = [session] { return session->ended.has_value(); };
  const bool ended = co_await watch_.until(std::move(there), k_patience);
  if (!ended) co_return fail(ErrorKind::unavailable, "the open session was not ended");
  co_return Told();
}

}  // namespace jitbot::story
