#pragma once

#include "bot/app/demo/demo.hpp"

#include <string>

namespace CLI {
class App;
}

namespace jitbot {

// What is typed after `jitbot demo`.
class DemoArguments {
 public:
  void add_to(CLI::App& demo);
  int run();  // once they are parsed

 private:
  cli::DemoOptions options_;
  cli::MattermostDemo mattermost_;
  std::string platform_ = "sandbox";
  std::string manner_;
  bool once_ = false;
  bool by_hand_ = false;
};

}  // namespace jitbot
