#pragma once

#include "bot/app/config.hpp"
#include "bot/app/demo/company.hpp"
#include "bot/app/demo/demo_folder.hpp"
#include "bot/app/demo/guide.hpp"
#include "bot/ports/task.hpp"

#include <tl/expected.hpp>

#include <iosfwd>
#include <string>

namespace jitbot {

struct Trouble {
  int code = 0;  // of the program
  std::string words;
};
using Ready = tl::expected<void, Trouble>;

// Where people meet the bot: the chat of one demo. Belongs to the loop.
class Venue {
 public:
  virtual ~Venue() = default;

  virtual std::string kind() const = 0;  // a folder that one kind has used is of no use to another
  // Whether it can be had. Where not, nothing was left anywhere.
  virtual Task<Ready> open() = 0;
  // Makes it ready for the bot.
  virtual Task<Ready> prepare() = 0;
  virtual DemoChat chat() const = 0;            // once it is prepared
  virtual Environment environment() const = 0;  // that the configuration is read with
  // How to log in to the database, where the chat can show it.
  virtual void show(const DemoDatabase& database, std::uint16_t database_port) = 0;
  virtual std::string guide(const GuideTo& to) const = 0;
  virtual story::Company& company() = 0;

  virtual void give_up() = 0;  // open() and prepare() end soon, with trouble
  // Takes back what can be taken back, and says what was, and what stays. False: something could not be.
  virtual Task<bool> close(std::ostream& out) = 0;
};

}  // namespace jitbot
