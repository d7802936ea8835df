#pragma once

#include "bot/app/demo/company.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jitbot::town {

// What the demo's people have been shown so far: posts as they are now, and private answers.
class Sights {
 public:
  void take(const nlohmann::json& post);
  void whisper(const std::string& to, const nlohmann::json& post);
  void whisper(const std::string& to, const std::string& words);  // of a dialog, which has no time of its own

  // Of that author, as messages at that place.
  std::vector<story::Message> posts(const std::string& channel, const std::string& author,
                                    const std::string& place) const;
  std::vector<story::Message> whispers(const std::string& to) const;
  const nlohmann::json* post(const std::string& id) const;  // nullptr: nobody was shown it

  std::shared_ptr<void> on_change(std::function<void()> handler);

 private:
  void changed() const;

  std::map<std::string, nlohmann::json> posts_;
  std::map<std::string, std::vector<story::Message>> whispers_;
  std::shared_ptr<std::list<std::function<void()>>> ears_ =
      std::make_shared<std::list<std::function<void()>>>();
};

// All that can be read of a post: text, and of its attachments text, fields and footer.
std::string text_of_post(const nlohmann::json& post);

}  // namespace jitbot::town
