#pragma once

#include "adapters/access/worker_pool.hpp"
#include "bot/app/demo/company.hpp"
#include "bot/app/demo/demo_database.hpp"
#include "bot/app/demo/watch.hpp"
#include "bot/ports/clock.hpp"

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::story {

enum class Where {
  posted,     // in the channel, for everybody there
  privately,  // for one person's eyes
};

struct Wanted {
  Where where = Where::posted;
  std::string place = {};                // "#channel" or "@person"; with `privately` the person
  std::vector<std::string> holds = {};   // what its text must contain, all of it
  std::vector<std::string> or_any = {};  // and one of these, if there are any
  std::string after = {};                // a mark: only later messages
};

struct Query {
  std::string person;
  std::string sql;  // several statements; the first cell of the last one's rows is the answer
};

// A session that somebody keeps open, and how it ended.
struct Session {
  std::string first_answer;
  std::optional<Time> ended;
  std::string last_words;  // the server's
};

// Where the story is told: the transcript, what people read, logins at the database from outside. Nothing
// here asks the bot. Waits are woken by changes and end at a deadline. Belongs to the loop's thread.
class Stage {
 public:
  struct Ports {
    Executor executor;
    Clock& clock;
    Company& company;
    PrivatePostgres& postgres;
    const DemoDatabase& database;
    std::ostream& out;
  };
  explicit Stage(const Ports& ports);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // --- the transcript
  void chapter(const std::string& title);
  void seen(const std::string& what);  // "✓", with the time since the stage was set
  void missed(const std::string& what);
  std::size_t seen_count() const { return seen_; }
  Time now() const { return ports_.clock.now(); }

  void left_out(const std::string& what);  // "–"

  // --- people
  Company& company() { return ports_.company; }
  Task<Result<Message>> read(Wanted wanted);
  std::string latest(const std::string& person) const;  // mark of the last private answer

  // --- the database, as people reach it
  // refused: the server's words when it does not let them in, or forbids the statement.
  Task<Result<std::string>> log_in(Query query);
  Task<Result<std::string>> as_superuser(std::string sql);
  Task<Result<std::shared_ptr<Session>>> stay(Query query);
  Task<Told> wait_for_end(std::shared_ptr<Session> session);

 private:
  Task<Result<std::string>> ask(Secret url, std::string sql);
  Secret url_of(const std::string& person) const;
  void line(const std::string& mark, const std::string& text);

  Ports ports_;
  Millis began_;
  std::size_t seen_ = 0;
  std::shared_ptr<access::WorkerPool> pool_;
  Watch watch_;
  std::shared_ptr<void> listening_;
};

}  // namespace jitbot::story
