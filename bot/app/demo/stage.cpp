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

std::string button_of(const sandbox::Message& message, const std::string& act) {
  for (const auto& block : message.blocks) {
    if (block.value("type", "") != "actions") continue;
    for (const auto& element : block["elements"]) {
      std::string id = element.value("action_id", "");
      if (id.starts_with(act + ":")) return id;
    }
  }
  return {};
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
                       std::shared_ptr<Session> session, Clock& clock, std::shared_ptr<Timer> woken) {
  std::function<std::string(const Patience&)> job = [connection](const Patience& patience) {
    const auto rows = connection->script("set statement_timeout = 0; select pg_sleep(3600)", patience);
    return rows ? std::string("it slept for an hour") : servers_words(rows.error().message);
  };
  auto said = co_await access::run_blocking(std::move(pool), k_stay_time, std::move(job));
  session->last_words = said ? *said : std::string("still open");
  session->ended = clock.now();
  woken->poke();
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("\"{}\"", fmt::join(parts, "\", \""));
}

}  // namespace

Stage::Stage(const Ports& ports)
    : ports_(ports),
      began_(ports.clock.steady()),
      pool_(std::make_shared<access::WorkerPool>(k_threads)),
      woken_(ports.clock.make_timer()),
      listening_(ports.workspace.on_change([timer = woken_] { timer->poke(); })) {}

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

void Stage::missed(const std::string& what) {
  line("✗", what);
}

Task<bool> Stage::until(std::function<bool()> there, Millis patience) {
  const Millis deadline = ports_.clock.steady() + patience;
  while (!there()) {
    const Millis left = deadline - ports_.clock.steady();
    if (left <= Millis{0}) co_return false;
    co_await woken_->wait(left);
  }
  co_return true;
}

Task<Told> Stage::connected() {
  std::function<bool()> there = [this] {
    return std::ranges::any_of(ports_.workspace.connections(), &sandbox::ConnectionInfo::greeted);
  };
  const bool came = co_await until(std::move(there), k_patience);
  if (!came) co_return fail(ErrorKind::unavailable, "the bot did not connect to the workspace");
  co_return Told();
}

Task<Told> Stage::type(std::string person, std::string channel, std::string command) {
  sandbox::CommandInput input;
  input.user = person;
  input.channel = std::move(channel);
  input.text = command;
  const auto outcome = co_await ports_.workspace.run_command(std::move(input));
  if (outcome.ok()) co_return Told();
  co_return fail(ErrorKind::unavailable, fmt::format("{} typed /jit {}, and the workspace showed: {}", person,
                                                     command, outcome.error));
}

Task<Told> Stage::click(sandbox::ClickInput input, std::string act) {
  const std::string person = input.user;
  const auto outcome = co_await ports_.workspace.click(std::move(input));
  if (outcome.ok()) co_return Told();
  co_return fail(ErrorKind::unavailable,
                 fmt::format("{} pressed {}, and the workspace showed: {}", person, act, outcome.error));
}

Task<Told> Stage::press(std::string person, sandbox::Message on, std::string act) {
  sandbox::ClickInput input;
  input.user = std::move(person);
  input.channel = on.channel;
  input.ts = on.ts;
  input.action_id = button_of(on, act);
  co_return co_await click(std::move(input), std::move(act));
}

Task<Told> Stage::agree(std::string person, sandbox::Message on, std::string resource) {
  if (button_of(on, "confirm").empty()) co_return co_await press(person, on, "approve");
  auto pressed = co_await press(person, on, "confirm");
  if (!pressed) co_return pressed;
  std::function<bool()> there = [this, person] { return !ports_.workspace.open_views(person).empty(); };
  const bool open = co_await until(std::move(there), k_patience);
  if (!open) co_return fail(ErrorKind::unavailable, fmt::format("no form opened for {}", person));
  sandbox::SubmitInput input;
  input.user = person;
  input.values["field:name"] = std::move(resource);
  const auto outcome = co_await ports_.workspace.submit(std::move(input));
  if (outcome.ok()) co_return Told();
  co_return fail(ErrorKind::unavailable,
                 fmt::format("{} sent the form, and the workspace showed: {}", person, outcome.error));
}

Task<Told> Stage::forge(std::string person, sandbox::Message on, std::string act) {
  sandbox::ClickInput input;
  input.user = std::move(person);
  input.channel = on.channel;
  input.ts = on.ts;
  input.action_id = button_of(on, act);
  input.replay = sandbox::Replay::any_version;
  co_return co_await click(std::move(input), std::move(act));
}

std::string Stage::latest(const std::string& person) const {
  const auto messages = ports_.workspace.ephemerals(person);
  return messages.empty() ? std::string() : messages.back().ts;
}

Task<Result<sandbox::Message>> Stage::read(Wanted wanted) {
  auto found = std::make_shared<std::optional<sandbox::Message>>();
  std::function<bool()> there = [this, found, wanted] {
    const auto& workspace = ports_.workspace;
    const auto messages =
        wanted.where == Where::posted ? workspace.messages(wanted.place) : workspace.ephemerals(wanted.place);
    for (auto message = messages.rbegin(); message != messages.rend() && !*found; ++message) {
      if (message->ts > wanted.after && holds_all(message->text, wanted.holds)) *found = *message;
    }
    return found->has_value();
  };
  const bool came = co_await until(std::move(there), k_patience);
  if (came) co_return **found;
  const std::string place =
      wanted.where == Where::posted ? wanted.place : "a private answer to " + wanted.place;
  co_return fail(ErrorKind::unavailable,
                 fmt::format("no message with {} in {}", joined(wanted.holds), place));
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
                        wait_inside(pool_, (*kept)->connection, session, ports_.clock, woken_),
                        boost::asio::detached);
  co_return session;
}

Task<Told> Stage::wait_for_end(std::shared_ptr<Session> session) {
  std::function<bool()> there = [session] { return session->ended.has_value(); };
  const bool ended = co_await until(std::move(there), k_patience);
  if (!ended) co_return fail(ErrorKind::unavailable, "the open session was not ended");
  co_return Told();
}

namespace {

// What a token between '<' and '>' shows.
std::string shown_token(const std::string& token, const sandbox::World& world) {
  const std::string named = token.substr(0, token.find('|'));
  if (named.starts_with("@")) {
    const auto* person = world.find_person(named.substr(1));
    return "@" + (person == nullptr ? named.substr(1) : person->name);
  }
  return named.size() == token.size() ? token : token.substr(named.size() + 1);
}

}  // namespace

std::string spoken(const std::string& text, const sandbox::World& world) {
  std::string out;
  std::string
      time;  // of a date token just shown; the bot writes the same again for those who see another zone
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text[at] == '<' ? text.find('>', at) : std::string::npos;
    const std::string repeated = " (" + time + ")";
    if (end != std::string::npos) {
      const std::string token = text.substr(at + 1, end - at - 1);
      const std::string shown = shown_token(token, world);
      time = token.starts_with("!date") ? shown : "";
      out += shown;
      at = end + 1;
    } else if (!time.empty() && text.compare(at, repeated.size(), repeated) == 0) {
      at += repeated.size();
      time.clear();
    } else {
      if (text[at] != '*' && text[at] != '`') out += text[at];
      ++at;
    }
  }
  return out;
}

}  // namespace jitbot::story
