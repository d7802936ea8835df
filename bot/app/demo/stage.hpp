#pragma once

#include "adapters/access/worker_pool.hpp"
#include "adapters/chat/sandbox/sandbox.hpp"
#include "bot/app/demo/demo_database.hpp"
#include "bot/ports/clock.hpp"

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::story {

using Told = Result<void>;  // an error: what was expected and was not seen

enum class Where {
  posted,     // in the channel, for everybody there
  privately,  // for one person's eyes
};

struct Wanted {
  Where where = Where::posted;
  std::string place = {};               // "#channel" or "@person"; with `privately` the person
  std::vector<std::string> holds = {};  // what its text must contain, all of it
  std::string after = {};               // a ts: only later messages
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

// What the story acts upon and looks at: people in the workspace, logins at the database from outside.
// Nothing here asks the bot. Waits are woken by changes and end at a deadline. Belongs to the loop's thread.
class Stage {
 public:
  struct Ports {
    Executor executor;
    Clock& clock;
    sandbox::Sandbox& workspace;
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

  // --- people
  Task<Told> type(std::string person, std::string channel, std::string command);
  // Presses the button of that act ("approve") on the message.
  Task<Told> press(std::string person, sandbox::Message on, std::string act);
  // Approves on the message: by its button alone, or where that opens a form, with the resource's name typed.
  Task<Told> agree(std::string person, sandbox::Message on, std::string resource);
  // The same as a press from somebody whose client does not show the message: a forged press.
  Task<Told> forge(std::string person, sandbox::Message on, std::string act);
  Task<Result<sandbox::Message>> read(Wanted wanted);
  std::string latest(const std::string& person) const;  // ts of the last private answer
  Task<Told> connected();                               // the bot is in the workspace

  // --- the database, as people reach it
  // refused: the server's words when it does not let them in, or forbids the statement.
  Task<Result<std::string>> log_in(Query query);
  Task<Result<std::string>> as_superuser(std::string sql);
  Task<Result<std::shared_ptr<Session>>> stay(Query query);
  Task<Told> wait_for_end(std::shared_ptr<Session> session);

 private:
  Task<Told> click(sandbox::ClickInput input, std::string act);
  Task<bool> until(std::function<bool()> there, Millis patience);
  Task<Result<std::string>> ask(Secret url, std::string sql);
  Secret url_of(const std::string& person) const;
  void line(const std::string& mark, const std::string& text);

  Ports ports_;
  Millis began_;
  std::size_t seen_ = 0;
  std::shared_ptr<access::WorkerPool> pool_;
  std::shared_ptr<Timer> woken_;
  std::shared_ptr<void> listening_;
};

// `text` without the marks of Slack's wire: for people's eyes.
std::string spoken(const std::string& text, const sandbox::World& world);

}  // namespace jitbot::story
