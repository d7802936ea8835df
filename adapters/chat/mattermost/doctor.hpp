#pragma once

#include "adapters/chat/mattermost/messenger.hpp"
#include "adapters/chat/mattermost/rest.hpp"
#include "bot/model/finding.hpp"

#include <memory>
#include <string>

namespace jitbot::mattermost {

struct ExaminerOptions {
  std::string url;  // of the site, without the last '/'
  Secret token;
  std::string team;
  Millis attempt = 4s;   // one exchange
  Millis patience = 8s;  // one call with all its tries
};

// What only the server can say of our settings. Asks and changes nothing. Belongs to the loop; clock, random
// and http outlive it.
class Examiner {
 public:
  Examiner(Clock& clock, Random& random, net::HttpClient& http, ExaminerOptions options);

  // Whether the server answers, is well, and how far its clock is from ours; without the token. Only when it
  // does not answer is the first finding a failed one.
  Task<Findings> reach();
  // Whether the token is accepted and is a bot's, and whether the bot is in the team. The other members are
  // of use only when the first finding is a fine one.
  Task<Findings> token();
  // What the server's settings make impossible or unsafe, as far as it shows them to us.
  struct Reliance {
    std::string callbacks_url = {};  // empty: the server does not call us
    enum class Emails {
      name,
      link
    } emails = Emails::name;  // link: they make accounts of two chats one person
  };
  Task<Findings> settings(Reliance reliance);
  // By id or "#name", with its platform or without: there, open, with the bot in it. `used_by`: "rule x".
  Task<Findings> channel(std::string name_or_id, std::string used_by);
  // A group of the policy, by its name there and its source ("mattermost:team/…").
  Task<Findings> group(std::string name, std::string from);

 private:
  Clock& clock_;
  ExaminerOptions options_;
  Rest rest_;
  NameBook names_;
  Messenger messenger_;
  Self self_;
};

}  // namespace jitbot::mattermost
