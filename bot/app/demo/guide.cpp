#include "bot/app/demo/guide.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace jitbot {

namespace {

constexpr auto k_guide =
    R"(jitbot demo: chat, bot and database run on this machine only; everything is made up.

  Open     {page}?user=alice     the chat, as alice
           {page}?user=carol     the same chat in a second window, as carol

  People   alice, bob     engineers, who ask
           carol, dave    approvers
           bob, dave      sre, whose word production needs besides
           erin           administrator, reads #jit-admins
           gina, sam      a guest and somebody of another company, who decide nothing

  Try      1. Log in to the database as alice; it refuses:
                {login}
           2. As alice, in any channel of the page:
                /jit request staging 2m INC-7 look at queue
           3. As carol, in #staging-approvals: press Approve.
           4. Log in again; now it works:
                SELECT * FROM queue;
              Stay logged in. A minute before the end alice is warned, at the end the session is ended,
              and alice reads "removed and confirmed absent".
           5. As bob:  /jit request metrics 5m                      nobody has to agree
                       /jit request prod-db 5m INC-9 fix order 2    carol and dave have to

{look})";

constexpr auto k_look =
    R"(  Look     {folder}
             jitbot.yaml, policy/*.yaml    what the bot goes by; to be read
             jitbot.log                    what it does
           {program} audit verify --config {config}
                                           proves the audit log, also while the bot runs

  {shown}
  {afterwards}
  Ctrl-C ends it.
)";

// As this very program can be called again, wherever it lies.
std::string own_program() {
  std::error_code unknown;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return unknown ? "jitbot" : path.string();
}

}  // namespace

std::vector<std::string> demo_people() {
  return {"alice", "bob", "carol", "dave", "erin"};
}

std::string login_line(const DemoDatabase& database, std::uint16_t port, const std::string& person) {
  return fmt::format("PGPASSWORD={} psql -h 127.0.0.1 -p {} -U {} {}", database.passwords.at(person).reveal(),
                     port, person, database.name);
}

std::string page_banner(const DemoDatabase& database, std::uint16_t port) {
  std::string text = "Log in to the database (throw-away passwords of this demo):";
  for (const char* person : {"alice", "bob"}) text += "\n" + login_line(database, port, person);
  return text;
}

std::string look_further(const GuideTo& to, const std::string& shown, const std::string& afterwards) {
  return fmt::format(k_look, fmt::arg("folder", to.folder.path().string()),
                     fmt::arg("config", to.folder.config().string()), fmt::arg("program", own_program()),
                     fmt::arg("shown", shown), fmt::arg("afterwards", afterwards));
}

std::string terminal_guide(const GuideTo& to, const std::string& page_url) {
  const std::string shown =
      "The passwords shown here and on the page are thrown away with this database; never print real ones.";
  const std::string afterwards =
      to.folder.is_temporary()
          ? "Nothing remains when it ends; --data DIR keeps the bot's store, audit log and policy."
          : "The folder is kept, chat and database are made anew at each start: access that was open is then "
            "found "
            "missing\n  and closed as removed; what waited for approval is listed by /jit pending.";
  return fmt::format(k_guide, fmt::arg("page", page_url),
                     fmt::arg("login", login_line(to.database, to.database_port, "alice")),
                     fmt::arg("look", look_further(to, shown, afterwards)));
}

}  // namespace jitbot
